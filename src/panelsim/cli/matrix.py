"""The command `matrix`: personas by ICPs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from panelsim.cli.edge import guarded

EPILOG = "Exits with 1 if a persona is mapped to an ICP in which it cannot exist, 0 if not. Asks nothing."

Form = Literal["table", "csv", "html", "json"]


@guarded
def matrix(
    *,
    panel: Annotated[
        str, typer.Option(help="Only the personas and ICPs of this panel, by name or YAML file.")
    ] = "",
    form: Annotated[Form, typer.Option("--format", "-f", help="How to show it.")] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write; stdout if not given.")] = None,
    results: Annotated[
        bool, typer.Option("--results/--no-results", help="Look up what the last message test said.")
    ] = True,
) -> None:
    """Show which persona decides in which ICP: role, authority, rule, and what its last test said."""
    from panelsim.cli.showing_matrix import show_matrix

    show_matrix(panel, form, out, results=results)
