"""The group `notes`: what was said and written about buyers, and what of it a question would be given."""

from pathlib import Path
from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

app = typer.Typer(no_args_is_help=True, help="Grounding notes: list, show, lint, search.")

Folder = Annotated[
    Path | None,
    typer.Option("--notes", metavar="DIR", help="A folder of notes; personas/notes if not given."),
]


@app.command("list")
@guarded
def list_notes(*, notes: Folder = None, as_json: options.AsJson = False) -> None:
    """List the notes at hand, with source, date and whom they speak of."""
    from panelsim.cli import noted

    noted.show_notes(notes, as_json=as_json)


@app.command("show")
@guarded
def show_note(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A note's name, or its file.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Show a note in the passages it is cut into, as they would be given with a question."""
    from panelsim.cli import noted

    noted.show_note(name, as_json=as_json)


@app.command("lint", epilog="Exits with 1 if there is anything to mend, 0 if not.")
@guarded
def lint_notes(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|FILE]...", help="Names or files of notes; all if none."),
    ] = None,
    *,
    as_json: options.AsJson = False,
) -> None:
    """Say where notes hold personal data, speak of nobody, or cannot be found by any question."""
    from panelsim.cli import findings, noted

    findings.tell(noted.lint_notes(names or []), as_json=as_json)


@app.command("search")
@guarded
def search_notes(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A question, or some words.")],
    *,
    persona: Annotated[
        str, typer.Option(help="Only notes that speak of this persona, in any of its ICPs.")
    ] = "",
    stimulus: Annotated[
        str, typer.Option(help="A headline that passages must have to do with, as in a message test.")
    ] = "",
    most: Annotated[int, typer.Option(min=1, max=100, help="Passages to show.")] = 5,
    notes: Folder = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the passages that a question would be given, best first, with their scores from 0 to 1."""
    from panelsim.cli import noted

    noted.search_notes(query, noted.Search(persona, stimulus, most, notes), as_json=as_json)
