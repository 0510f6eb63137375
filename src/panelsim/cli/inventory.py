"""The command `inventory`: a panel fills in a questionnaire, and what a prompt asserts is read back."""

from typing import Annotated, Literal

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, WHO

InstrumentName = Literal["ipip-hexaco-60", "ipip-hexaco-240", "decision-vignettes"]
FormName = Literal["words", "numbers", "third_person", "vignette"]

EPILOG = (
    "**With --doses** each of that many base respondents is asked at its middle and at four other levels of "
    "every trait, one at a time: 25 profiles each. The table then says how far an assigned level comes back, "
    "and what leaks into other scales. Every item is a call of its own, so this takes thousands; "
    "`--per-scale 4` takes fewer.\n\n"
    "**Examples**: `panelsim inventory sales-trio --n 6` · "
    "`panelsim inventory --doses 2 --per-scale 4 --instrument decision-vignettes --json`"
)


@guarded
def inventory(
    panel: Annotated[
        str,
        typer.Argument(metavar="[PANEL]", help="A panel's name (`panelsim panel list`) or its YAML file."),
    ] = "sales-trio",
    *,
    instrument: Annotated[
        InstrumentName,
        typer.Option(
            help="60 or 240 items on six traits, or 60 situations on six decision parameters.",
            rich_help_panel=HOW,
        ),
    ] = "ipip-hexaco-60",
    form: Annotated[
        FormName | None,
        typer.Option(
            help="How levels are put into the prompt; the best measured form if not given.",
            rich_help_panel=HOW,
        ),
    ] = None,
    doses: Annotated[
        int,
        typer.Option(
            min=0,
            max=60,
            help="Base respondents to give levels by design; 0: a drawn panel.",
            rich_help_panel=WHO,
        ),
    ] = 0,
    per_scale: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=40,
            help="Items of each scale, an even number; all if not given.",
            rich_help_panel=HOW,
        ),
    ] = None,
    n: Annotated[
        int,
        typer.Option("--n", min=1, max=100_000, help="Respondents of a drawn panel.", rich_help_panel=WHO),
    ] = 24,
    seed: options.Seed = 7,
    model: options.Model = "embedded/qwen2.5-1.5b",
    base_url: options.BaseUrl = "",
    max_cost_usd: options.MaxCost = 2.0,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Read traits or decisions back: a panel answers an inventory, each item alone.

    Shows whether what a prompt says of a respondent can be found in its answers, before anything rests on it.
    """
    from panelsim.cli.asking import Manner, ask_study
    from panelsim.cli.studies import read_back

    study = read_back(
        panel,
        doses,
        {
            "instrument": instrument,
            "per_scale": per_scale,
            "n": n,
            "seed": seed,
            "model": model,
            "base_url": base_url,
            "max_cost_usd": max_cost_usd,
        }
        | ({} if form is None else {"form": form}),
    )
    ask_study(study, Manner(out, as_json, yes, fresh, database, engine))
