"""The command `survey`: a questionnaire from a file, put to a panel."""

from pathlib import Path
from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import WHO

EPILOG = (
    "**The file** is YAML with a list of `questions`: `type: single` or `multiple` with `options`, `scale` "
    "with `labels` (or `points`, `low`, `high`), `number` with `low` and `high`, `open`. Closed ones may "
    "have `no_answer: true` and a `reference` with the answers of people, all an `only_if`. See "
    "docs/studies.md.\n\n"
    "**Position**: options are rotated and scales turned over respondents. Where the slot draws the answer, "
    "whatever stands in it, that question cannot be read.\n\n"
    "**Examples**: `panelsim init mine && panelsim survey mine/survey.yaml` · "
    "`panelsim survey crm.yaml --panel my.yaml --n 60 --json`"
)


@guarded
def ask_survey(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file with the questions.")],
    *,
    panel: Annotated[
        str | None,
        typer.Option(
            help="A panel's name (`panelsim panel list`) or its YAML file; the file's own if not given.",
            rich_help_panel=WHO,
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "--n", min=1, max=100_000, help="Respondents; 24 unless the file says more.", rich_help_panel=WHO
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**31 - 1,
            help="The same seed draws the same panel and the same plan; 7 unless the file says another.",
            rich_help_panel=WHO,
        ),
    ] = None,
    elicit: options.LetterElicit = None,
    frame: options.Frame = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="PROVIDER/NAME; embedded/qwen2.5-1.5b unless the file says another.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="Endpoint of an OpenAI-compatible server.", rich_help_panel=options.MODEL),
    ] = None,
    max_cost_usd: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Hard cap in US dollars: no call is sent that could pass it; 2 unless the file says more.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Put a questionnaire to a simulated panel: distributions, position effects, and what cannot be read.

    Every question is a call of its own that knows no other answer. Given answers of people, the report says
    how far the panel's lie from them.
    """
    from panelsim.cli.studies import survey_at

    study = survey_at(
        file,
        panel,
        {
            "n": n,
            "seed": seed,
            "elicit": elicit,
            "frame": frame,
            "model": model,
            "base_url": base_url,
            "max_cost_usd": max_cost_usd,
        },
    )
    from panelsim.cli.asking import Manner, ask_study

    ask_study(study, Manner(out, as_json, yes, fresh, database, engine))
