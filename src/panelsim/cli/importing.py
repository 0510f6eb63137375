"""Showing what became of an export of contacts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.planning.contacts import Columns, Group, Import
from panelsim.service.importing import Drafted, import_contacts

MOST_FAULTS = 10
"""Rows left out that are told one by one."""


def show_import(
    path: Path, icp: str, folder: Path, mapped: Sequence[str], *, least: int, skip_bad: bool, as_json: bool
) -> None:
    """Imports the contacts in a file and says what was read, dropped and written."""
    date = datetime.now(UTC).date().isoformat()
    done = import_contacts(path, icp, folder, date, mapped=mapped, least=least, skip_bad=skip_bad)
    if as_json:
        output.print_json(_json(done))
        return
    read = done.read
    typer.echo(
        f"{read.contacts:,} contacts read{f', {done.skipped:,} rows left out' if done.skipped else ''}."
    )
    for fault in done.faults[:MOST_FAULTS]:
        typer.echo(f"  left out: {fault.sentence()}")
    if len(done.faults) > MOST_FAULTS:
        typer.echo(f"  and {len(done.faults) - MOST_FAULTS:,} more")
    _show_columns(read)
    typer.echo("")
    output.print_table(
        ("Draft", "Contacts", "Role", "Authority", "Rests on", "Filled from columns", "File"),
        [_row(group, done) for group in read.groups],
    )
    typer.echo("")
    _show_rest(read)
    typer.echo(
        "Drafts: fill in what you know, then check them with: panelsim persona lint "
        + " ".join(str(file) for file in done.files.values())
    )


def _show_columns(read: Import) -> None:
    columns = read.columns
    dropped = [*columns.by_name, *(f"{name} ({kind} in its cells)" for name, kind in columns.by_content)]
    typer.echo(f"Personal data dropped: {', '.join(dropped) or 'no column'} ({read.dropped:,} cells).")
    if read.redacted:
        said = ", ".join(f"{n:,} {kind}" for kind, n in sorted(read.redacted.items()))
        typer.echo(f"Taken out of texts that are kept: {said}. Read them: names of others cannot be known.")
    typer.echo(f"Read: {', '.join(f'{column} ({use})' for use, column in columns.uses.items())}.")
    if columns.unused:
        typer.echo(f"Not used: {', '.join(columns.unused)}.")


def _row(group: Group, done: Drafted) -> tuple[str, ...]:
    standing = group.told or group.standing
    return (
        group.id,
        f"{group.contacts:,}",
        standing.role,
        standing.authority,
        "their buying roles" if group.told else "a guess from their titles",
        ", ".join(f"{field} ({len(texts)})" for field, texts in group.statements.items()) or "-",
        str(done.files[group.id]),
    )


def _show_rest(read: Import) -> None:
    if read.small:
        said = ", ".join(f"{group.id} ({group.contacts})" for group in read.small)
        typer.echo(f"Too few to be anybody but themselves, not written: {said}.")
    if read.unplaced:
        titles = ", ".join(f"{title!r} ({n})" for title, n in read.unplaced_titles)
        typer.echo(
            f"{read.unplaced:,} contacts of no known function{f', such as {titles}' if titles else ''}; "
            "words are added in personas/imports/contacts.yaml."
        )


def _json(done: Drafted) -> JsonValue:
    read = done.read
    return {
        "contacts": read.contacts,
        "rows_left_out": done.skipped,
        "faults": [fault.sentence() for fault in done.faults],
        "columns": _columns_json(read.columns),
        "cells_dropped": read.dropped,
        "redacted": dict(read.redacted.items()),
        "drafts": [_group_json(group, str(done.files[group.id])) for group in read.groups],
        "too_small": [_group_json(group, None) for group in read.small],
        "unplaced": read.unplaced,
    }


def _columns_json(columns: Columns) -> JsonValue:
    return {
        "read": dict(columns.uses),
        "dropped_by_name": list(columns.by_name),
        "dropped_by_content": dict(columns.by_content),
        "not_used": list(columns.unused),
    }


def _group_json(group: Group, file: str | None) -> JsonValue:
    standing = group.told or group.standing
    return {
        "id": group.id,
        "contacts": group.contacts,
        "role": standing.role,
        "authority": standing.authority,
        "file": file,
    }
