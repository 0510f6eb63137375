"""The command `discuss`: groups of a panel that talk about a text or along a guide."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, WHO

EPILOG = (
    "**What it is not**: a forecast of what a group of buyers would do. Models go along with what they hear, "
    'and if ratings move as much with no discussion of the text, the verdict is "cannot say".\n\n'
    '**Examples**: `panelsim discuss "Forecasts your CFO believes" --groups 3 --size 4` · '
    "`panelsim discuss --guide buying-journey --rounds 1 --size 3`"
)


@guarded
def discuss(
    text: Annotated[
        str,
        typer.Argument(
            metavar='"TEXT"',
            help="What they talk about: a headline, a message, a concept. May be left out with --guide.",
        ),
    ] = "",
    *,
    panel: options.Panel = "sales-trio",
    groups: Annotated[
        int,
        typer.Option(min=1, max=200, help="Groups; each is a discussion of its own.", rich_help_panel=WHO),
    ] = 2,
    size: Annotated[
        int,
        typer.Option(
            min=3, max=8, help="Members of each; personas are spread over the groups.", rich_help_panel=WHO
        ),
    ] = 5,
    seed: options.Seed = 7,
    rounds: Annotated[
        int,
        typer.Option(
            min=1, max=4, help="Rounds on each question; in each, every member speaks.", rich_help_panel=HOW
        ),
    ] = 2,
    guide: Annotated[
        str,
        typer.Option(
            help="A guide's name or YAML file: what the moderator asks. Two general questions without it.",
            rich_help_panel=HOW,
        ),
    ] = "",
    measure: Annotated[
        str, typer.Option(help="What is rated in private before and after.", rich_help_panel=HOW)
    ] = "relevance",
    channel: Annotated[
        str, typer.Option(help="Where a reader would meet the text.", rich_help_panel=HOW)
    ] = "landing page headline",
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
    """Let simulated buyers talk about a text in groups, and see whether their private ratings moved.

    Everybody reacts and rates in private first, speaks in turn, and rates in private again. The same members
    are rated again with no talk and after an unrelated one, so that a shift is held against noise.
    """
    from panelsim.cli.studies import discussion_of

    study = discussion_of(
        text,
        panel,
        guide,
        {
            "groups": groups,
            "size": size,
            "seed": seed,
            "rounds": rounds,
            "measure": measure,
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
