"""The command `calibrate`: what past A/B tests say of texts and panels."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, RESULT, WHO

EPILOG = (
    "**The file** has one row per text of a test, with columns test, text, impressions and clicks (or "
    "conversions), and optionally date, channel and group (tests that belong together, such as one story). "
    "Columns of other names are mapped. CSV, JSON, JSON lines or Parquet.\n\n"
    "**A badge** needs 50 independent tests, a log loss below that of the best naive baseline by more than "
    "its interval, and exchanged outcomes that cannot be predicted. Without one, later reports give no "
    "probability.\n\n"
    "**Cost**: texts are read on this machine (the first use fetches 32 MB). Asking a panel costs what its "
    "model costs, estimated first and capped; answers that are kept are free.\n\n"
    '**Examples**: `panelsim calibrate past.csv --channel "landing page headline"` · '
    '`panelsim calibrate past.csv --map "Experiment=test" --map "Headline=text" --map "Views=impressions"` · '
    "`panelsim calibrate past.csv --panel sales-trio --model openai/gpt-4o-mini --max-cost-usd 5` · "
    '`panelsim test "A" "B" --calibration panelsim-calibration/calibration.json`'
)
FILE = "The results file"


@guarded
def calibrate(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="Past A/B results, a row per text.")],
    *,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="A column and what it holds: test, text, impressions, clicks, conversions, date, channel or "
            "group.",
            rich_help_panel=FILE,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=VALUE",
            help="Keep only rows with that value.",
            rich_help_panel=FILE,
        ),
    ] = None,
    channel: Annotated[
        str,
        typer.Option(
            help="Where the texts were read: one of the file's channels, or that of all its tests.",
            rich_help_panel=FILE,
        ),
    ] = "",
    outcome: Annotated[
        Literal["clicks", "conversions"] | None,
        typer.Option(help="What counts as success, if the file has both.", rich_help_panel=FILE),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out and count them.", rich_help_panel=FILE)
    ] = False,
    vectors: Annotated[
        bool,
        typer.Option(
            "--vectors/--no-vectors",
            help="Read texts with the embedded sentence model, or by their surface alone.",
            rich_help_panel=HOW,
        ),
    ] = True,
    panel: Annotated[
        str, typer.Option(help="A panel to ask about every past test.", rich_help_panel=WHO)
    ] = "",
    n: Annotated[
        int, typer.Option("--n", min=2, max=1000, help="Respondents of the panel.", rich_help_panel=WHO)
    ] = 12,
    panel_tests: Annotated[
        int,
        typer.Option(
            min=0,
            help="Ask the panel about so many tests, spread over the file; 0: all.",
            rich_help_panel=WHO,
        ),
    ] = 0,
    stored_only: Annotated[
        bool,
        typer.Option(
            "--stored-only", help="Take only answers of the panel that are kept already.", rich_help_panel=WHO
        ),
    ] = False,
    measures: Annotated[
        str, typer.Option(help="What the panel rates each text on.", rich_help_panel=HOW)
    ] = "relevance,clarity,believability",
    pairs: Annotated[
        bool,
        typer.Option(
            "--pairs/--no-pairs",
            help="Also show the panel every pair in both orders.",
            rich_help_panel=HOW,
        ),
    ] = True,
    elicit: options.Elicit = None,
    frame: options.Frame = None,
    seed: options.Seed = 7,
    model: Annotated[
        str,
        typer.Option(
            help="PROVIDER/NAME of the model that speaks for the panel; embedded/qwen2.5-1.5b if a panel is "
            "named.",
            rich_help_panel=options.MODEL,
        ),
    ] = "",
    base_url: options.BaseUrl = "",
    max_cost_usd: options.MaxCost = 2.0,
    yes: options.Yes = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for calibration.json and its page; ./panelsim-calibration if not given.",
            rich_help_panel=RESULT,
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Learn from past A/B tests with people which text wins, and how far to trust it.

    Every predictor is scored on tests it has not seen, beside naive ones: a coin, the longer text, TF-IDF
    logistic regression. With --panel the panel is asked about the same tests, and its part is shown with and
    without.
    """
    from panelsim.cli.calibrating import Request, calibrate_file

    calibrate_file(
        Request(
            results=results,
            columns=tuple(columns or ()),
            where=tuple(where or ()),
            channel=channel,
            outcome=outcome,
            skip_bad=skip_bad,
            vectors=vectors,
            panel=panel,
            n=n,
            panel_tests=panel_tests,
            stored_only=stored_only,
            measures=measures,
            pairs=pairs,
            elicit=elicit,
            frame=frame,
            seed=seed,
            model=model,
            base_url=base_url,
            max_cost_usd=max_cost_usd,
            yes=yes,
            out=out,
            as_json=as_json,
        )
    )
