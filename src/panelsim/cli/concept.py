"""The command `concept`: product or service concepts, shown to a panel."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW

EPILOG = (
    "**A concept** is `NAME: DESCRIPTION` of up to 5,000 characters, or a .md or .txt file whose first line "
    "is the name. Say what it is, for whom, and what it costs: without a price, value for money is a "
    "guess.\n\n"
    "**One concept alone** is rated and held against a deliberately weak offer and its own shuffled words; "
    "no other concept is compared. The share of the two highest points is no purchase rate.\n\n"
    '**Examples**: `panelsim concept "Forecast Guard: Reads the CRM each night and marks deals that slip. '
    '24,000 dollars a year."` · `panelsim concept guard.md coach.md --n 60 --json`'
)


@guarded
def ask_concepts(
    concepts: Annotated[
        list[str], typer.Argument(metavar='"CONCEPT" ["CONCEPT"...]', help="1 to 8 concepts: texts or files.")
    ],
    *,
    panel: options.Panel = "sales-trio",
    n: options.Respondents = 24,
    seed: options.Seed = 7,
    measures: Annotated[
        str,
        typer.Option(
            help="What each concept is rated on, separated by commas. The verdict on ratings reads "
            "purchase_intent, or the first one named if it is not among them.",
            rich_help_panel=HOW,
        ),
    ] = "purchase_intent,relevance,uniqueness,believability,value_for_money",
    meaning: options.Meaning = "",
    channel: Annotated[
        str, typer.Option(help="How the concept reaches the buyer.", rich_help_panel=HOW)
    ] = "product concept",
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
    """Show product concepts to a simulated panel: who would buy which, and whether to believe it.

    Every respondent meets each concept alone and rates purchase intent, relevance, uniqueness, believability
    and value for money; then every pair in both orders, beside the controls of a headline test.
    """
    from panelsim.cli.studies import concept_test

    study = concept_test(
        concepts,
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

    ask_study(study, Manner(out, as_json, yes, fresh, database, engine))
