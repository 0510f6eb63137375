"""Accounts of a user's own: read from a file, completed by others, matched with an ICP."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.files.tables import read_table
from panelsim.model.icp import ICP
from panelsim.model.table import Fault, Table
from panelsim.planning.accounts import Facts, Source, near_misses, read_facts, sources_of
from panelsim.planning.joining import join, unmatched
from panelsim.planning.matching import Match, match_accounts


class Files(NamedTuple):
    """Which files hold accounts, and how they are read."""

    path: Path
    joins: Sequence[str] = ()
    """Files that complete them, with the key column that both have: `accounts.csv:account`."""
    ids: str = ""
    """A column in which no cell may be empty or appear twice; empty: not checked."""
    skip_bad: bool = False


class Rows(NamedTuple):
    """Accounts that were read."""

    table: Table
    notes: tuple[str, ...]
    """What a reader should know of them: rows left out, rows without a partner."""


class Matched(NamedTuple):
    """Accounts and how they compare with an ICP."""

    table: Table
    match: Match
    sources: Mapping[str, Source]
    """Where each account field was read from."""
    notes: tuple[str, ...]


def read_rows(files: Files) -> Rows:
    """The rows of a file, completed by those it is joined with. InputError as `read_table` and `join`."""
    table = read_table(files.path, skip_bad=files.skip_bad, ids=files.ids)
    notes: list[str] = []
    for given in files.joins:
        name, _, key = given.rpartition(":")
        if not name or not key:
            raise InputError(
                f"--join {given}: expected a file and the key that both have: accounts.csv:account"
            )
        other = read_table(Path(name), skip_bad=files.skip_bad)
        notes += [_left_out(other)] if other.skipped else []
        lost = unmatched(table, other, key)
        notes += [f"{lost}."] if lost else []
        table = join(table, other, key)
    return Rows(table, tuple(notes))


def match_file(icp: ICP, files: Files, columns: Mapping[str, str]) -> Matched:
    """The accounts in `files` compared with the ICP.

    `columns` says which column holds which account field, as `sources_of` reads it. InputError if a file or a
    cell cannot be read, unless bad rows are skipped, or if no column holds a field that the ICP asks about.
    """
    return match_rows(icp, read_rows(files), columns, skip_bad=files.skip_bad)


def match_rows(icp: ICP, rows: Rows, columns: Mapping[str, str], *, skip_bad: bool) -> Matched:
    """As `match_file`, of accounts that were read."""
    table, notes = rows
    sources = sources_of(table, icp, columns)
    table, known = _typed(table, icp, sources, skip_bad=skip_bad)
    match = match_accounts(icp, known, len(table.rows))
    asked = tuple(dict.fromkeys(field for one in match.criteria for field in one.fields))
    near = tuple(near_misses(table, asked, sources))
    hints = [
        f"{field!r} is read from no column; if {column!r} holds it: --map {_quoted(column, field)}"
        for field, column in near
    ]
    if not set(asked) & set(sources):
        hint = (
            "; ".join(hints) or f"say which column holds what, such as --map {_quoted('Employees', asked[0])}"
        )
        raise InputError(f"{table.name}: no column holds {', '.join(asked)}, expected at least one; {hint}")
    left = [_left_out(table)] if table.skipped else []
    return Matched(table, match, sources, (*left, *notes, *hints))


def _typed(
    table: Table, icp: ICP, sources: Mapping[str, Source], *, skip_bad: bool
) -> tuple[Table, Mapping[str, Facts]]:
    """The account fields of the table, without rows whose cells cannot be read if bad rows are skipped."""
    known: dict[str, Facts] = {}
    faults: list[Fault] = []
    for field, source in sources.items():
        known[field], found = read_facts(table, source, field, icp.fields[field])
        faults += found
    if not faults:
        return table, known
    table = table.checked(faults, skip_bad=skip_bad)
    if not table.rows:
        raise InputError(f"{table.name}: no row is good, the first fault is {faults[0].sentence()}")
    again = {field: read_facts(table, source, field, icp.fields[field]) for field, source in sources.items()}
    return table, {field: facts for field, (facts, _) in again.items()}


def _left_out(table: Table) -> str:
    first = table.faults[0].sentence()
    rows = "1 row was" if table.skipped == 1 else f"{table.skipped:,} rows were"
    return f"{rows} left out of {table.name}, the first because of {first}."


def _quoted(column: str, field: str) -> str:
    return f'"{column}={field}"'
