"""The command `committee`: proposals before the buying committee of one company or several."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, WHO

EPILOG = (
    "**What it is not**: seats do not talk to each other, and nobody is averaged: one firm no of somebody "
    "who can stop the proposal blocks it, whatever the others say. Who can stop it follows from the "
    "personas' `authority` and the ICP's `structure`.\n\n"
    '**Examples**: `panelsim committee "Forecasting for 60 reps, 24,000 dollars a year"` · '
    '`panelsim committee "24,000 a year" "Three months on trial, then 2,500 a month" --companies 8 --json`'
)


@guarded
def committee(
    proposals: Annotated[
        list[str],
        typer.Argument(
            metavar='"PROPOSAL" ["PROPOSAL"...]', help="1 to 8 proposals: a message, an offer, a concept."
        ),
    ],
    *,
    panel: options.Panel = "sales-committee",
    companies: Annotated[
        int,
        typer.Option(
            "--companies",
            min=1,
            max=1_000,
            help="Companies, each with a seat for every persona of the panel; half as many from outside the "
            "ICP, at least one, are added as a control.",
            rich_help_panel=WHO,
        ),
    ] = 1,
    seed: options.Seed = 7,
    channel: Annotated[
        str, typer.Option(help="How the proposal reaches the committee.", rich_help_panel=HOW)
    ] = "sales proposal",
    elicit: options.Elicit = None,
    frame: options.Frame = None,
    model: options.Model = "embedded/qwen2.5-1.5b",
    base_url: options.BaseUrl = "",
    temperature: options.Temperature = None,
    max_cost_usd: options.MaxCost = 2.0,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Put proposals before a simulated buying committee: who champions, who blocks, what the signer needs.

    Each seat of a company judges alone, its stance in both orders of the options, beside controls (an exact
    copy, a decoy to refuse, a company outside the ICP). If they fail, the verdict is "cannot say".
    """
    from panelsim.cli.studies import committee_study

    study = committee_study(
        proposals,
        panel,
        {
            "n": companies,
            "seed": seed,
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

    ask_study(study, Manner(out, as_json, yes, fresh, database, engine))
