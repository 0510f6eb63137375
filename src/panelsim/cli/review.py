"""The command `review`: which profiles are to be read again."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

EPILOG = "Exits with 1 if anything is overdue, 0 if not. A profile that is retired is never due."


@guarded
def review(
    *,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day to judge by, YYYY-MM-DD; today.")] = "",
    within: Annotated[int, typer.Option(min=0, max=3660, help="Days ahead that count as near.")] = 30,
    everything: Annotated[bool, typer.Option("--all", help="Show those that are due later, too.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """List the ICPs, personas and panels past or near their review date, and those that have none."""
    from panelsim.cli.reviewing import show_reviews

    show_reviews(on, within, everything=everything, as_json=as_json)
