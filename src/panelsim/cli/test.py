"""The command `test`: headlines typed on the command line, shown to a panel."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW

EPILOG = (
    "**Cost**: the default model runs on this machine and costs nothing but time (the first use fetches "
    "1.1 GB). Paid models are estimated first, and on a terminal you are asked. What was answered before is "
    "never paid for again: the same command twice makes no call the second time.\n\n"
    '**Examples**: `panelsim test "Forecasts your CFO believes" "Sell more"` · '
    '`panelsim test "A" "B" --model openai/gpt-4o-mini --n 60 --max-cost-usd 1 --json`'
)


@guarded
def ask_headlines(
    headlines: Annotated[
        list[str], typer.Argument(metavar='"HEADLINE" "HEADLINE"...', help="2 to 8 headlines to compare.")
    ],
    *,
    panel: options.Panel = "sales-trio",
    n: options.Respondents = 24,
    seed: options.Seed = 7,
    measures: Annotated[
        str,
        typer.Option(
            help="What each headline is rated on, separated by commas. The verdict reads relevance, or the "
            "first one named if relevance is not among them.",
            rich_help_panel=HOW,
        ),
    ] = "relevance,clarity,believability",
    meaning: options.Meaning = "",
    channel: Annotated[
        str,
        typer.Option(
            help="Where the reader meets the headline; `preferred`: where each persona looks first.",
            rich_help_panel=HOW,
        ),
    ] = "landing page headline",
    elicit: options.Elicit = None,
    frame: options.Frame = None,
    model: options.Model = "embedded/qwen2.5-1.5b",
    base_url: options.BaseUrl = "",
    temperature: options.Temperature = None,
    max_cost_usd: options.MaxCost = 2.0,
    calibration: options.CalibrationFile = None,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Show headlines to a simulated panel: which one leads, and whether to believe it.

    Every respondent meets each headline alone, then every pair in both orders, beside controls (an exact
    copy, a weak decoy, shuffled words, people outside the ICP). If they fail, the verdict is "cannot say".
    """
    from panelsim.cli.studies import headline_test

    study = headline_test(
        headlines,
        panel,
        measures,
        {
            "n": n,
            "seed": seed,
            "meaning": meaning,
            "channel": channel,
            "elicit": elicit,
            "frame": frame,
            "model": model,
            "base_url": base_url,
            "temperature": temperature,
            "max_cost_usd": max_cost_usd,
        },
    )
    from panelsim.cli.asking import Manner, ask_study
    from panelsim.cli.studies import calibrated_study

    study = calibrated_study(study, calibration)
    ask_study(study, Manner(out, as_json, yes, fresh, database, engine))
