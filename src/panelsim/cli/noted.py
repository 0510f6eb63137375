"""Showing, linting and searching notes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import typer
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.files import list_icps, list_personas, read_note, read_notes, read_persona
from panelsim.files.notes import read_note_file, read_note_files
from panelsim.model.note import Note, Passage
from panelsim.passages.cutting import split
from panelsim.passages.retrieval import Index
from panelsim.planning.lint import Finding
from panelsim.planning.note_lint import lint_note
from panelsim.reporting.words import EXAMPLE, count

NONE = "No notes are at hand. Put them into personas/notes, one file each (docs/notes.md)."


class Search(NamedTuple):
    """Where a search looks, and how far."""

    persona: str
    stimulus: str
    most: int
    folder: Path | None


def show_notes(folder: Path | None, *, as_json: bool) -> None:
    """All notes in a table."""
    notes = read_notes(folder)
    if as_json:
        output.print_json([_facts(note) for note in notes])
    elif not notes:
        typer.echo(NONE)
    else:
        rows = [
            (note.id, _kind(note), note.date, note.source, note.who, _about(note), str(len(split(note))))
            for note in notes
        ]
        output.print_table(("Note", "Kind", "Date", "Source", "Who", "Speaks of", "Passages"), rows)


def show_note(name: str, *, as_json: bool) -> None:
    """A note's head and its passages."""
    note = read_note(name)
    passages = split(note)
    if as_json:
        shown: JsonValue = [_passage(one) for one in passages]
        output.print_json({**_facts(note), "passages": shown})
        return
    typer.echo(f"{note.id}: {_kind(note)}, {note.source}, {note.date}")
    typer.echo(f"{note.who}; speaks of {_about(note)}\n")
    for one in passages:
        typer.echo(f"{one.place}: {one.text}")


def lint_notes(names: Sequence[str]) -> tuple[Finding, ...]:
    """Findings in the notes of those names or files, in all at hand if there are none."""
    files = [read_note_file(name) for name in names] if names else read_note_files()
    personas, icps = list_personas(), list_icps()
    today = datetime.now(UTC).date().isoformat()
    return tuple(
        finding for file in files for finding in lint_note(file.note, file.text, personas, icps, today=today)
    )


def search_notes(query: str, search: Search, *, as_json: bool) -> None:
    """The passages found, best first."""
    notes = read_notes(search.folder)
    if not notes and not as_json:
        place = search.folder or "personas/notes"
        typer.echo(f"There is no note in {place}, expected .md or .txt files: docs/notes.md.")
        return
    if search.persona:
        persona = read_persona(search.persona)
        notes = tuple(
            note for note in notes if any(note.speaks_of(persona.id, icp) for icp in persona.icps or ("",))
        )
    passages = [passage for note in notes for passage in split(note)]
    found = Index(passages).search(query, search.most, search.stimulus)
    if as_json:
        output.print_json([{"score": one.score, **_passage(one.passage)} for one in found])
        return
    for one in found:
        passage = one.passage
        example = f", {EXAMPLE}" if passage.basis == "invented" else ""
        typer.echo(f"{one.score:.2f}  {passage.id} ({passage.source}, {passage.date}{example})")
        typer.echo(f"      {passage.text}")
    searched = f"{count(len(passages), 'passage')} of {count(len(notes), 'note')}"
    if not found:
        typer.echo(f"Nothing in {searched} has to do with it.")
    else:
        typer.echo(f"{len(found)} of {searched}.")


def _facts(note: Note) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = note.model_dump(mode="json", exclude={"text", "speakers"})
    return facts


def _passage(passage: Passage) -> dict[str, JsonValue]:
    return {"id": passage.id, "text": passage.text, "source": passage.source, "date": passage.date}


def _kind(note: Note) -> str:
    kind = note.kind.replace("_", " ")
    return f"{kind} ({EXAMPLE})" if note.basis == "invented" else kind


def _about(note: Note) -> str:
    """Whom a note speaks of, in words."""
    people, places = ", ".join(note.personas), ", ".join(note.icps)
    return f"{people or 'anyone'} in {places}" if places else people
