"""The command `hypothesis`: a question with two sides, put to a panel."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, WHO

EPILOG = (
    '**The answer** is the share for a over b, "neither" counting half, with its simulation interval; '
    "*supports* and *leans* follow a rule that is fixed before the run. Two controls run beside it: "
    "positions that say the same must come out as a tie, and one that is plainly right must win.\n\n"
    '**Examples**: `panelsim hypothesis "Would a sales leader put cost or speed first?" --a "Cost first" '
    '--b "Speed first"` · `panelsim hypothesis "..." --wording "..." --a "..." --b "..." --n 60 --json`'
)


@guarded
def ask_hypothesis(
    question: Annotated[str, typer.Argument(metavar='"QUESTION"', help="The question as a reader meets it.")],
    *,
    a: Annotated[str, typer.Option("--a", help="One position.", rich_help_panel=HOW)],
    b: Annotated[str, typer.Option("--b", help="The other position.", rich_help_panel=HOW)],
    wording: Annotated[
        list[str] | None,
        typer.Option("--wording", help="The same question in other words; up to twice.", rich_help_panel=HOW),
    ] = None,
    neither: Annotated[
        str, typer.Option(help="The way out, last in both orders.", rich_help_panel=HOW)
    ] = "Neither, or cannot say",
    panel: options.Panel = "sales-trio",
    n: Annotated[int, typer.Option("--n", min=2, max=100_000, help="Respondents.", rich_help_panel=WHO)] = 24,
    seed: options.Seed = 7,
    elicit: options.LetterElicit = None,
    frame: options.Frame = None,
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
    """Ask a simulated panel which of two positions it takes, and whether to believe it.

    Every respondent is asked in every wording and in both orders of the positions, with a way out that stands
    last. If a control fails or the slot decides, the verdict is "cannot say".
    """
    from panelsim.cli.studies import two_sided

    study = two_sided(
        [question, *(wording or [])],
        panel,
        {
            "a": a,
            "b": b,
            "neither": neither,
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
