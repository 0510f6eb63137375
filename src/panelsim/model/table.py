"""Tables that a user brings: columns of text cells with their row numbers, and what is wrong with a row."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from panelsim.errors import FieldFault, InputError, WrongFields

MOST_TOLD = 5
"""Faults that one error places; the others are counted."""
MOST_KEPT = 100
"""Faults that an error carries for programs."""


class Fault(NamedTuple):
    """One thing wrong with a table."""

    row: int | None
    """The row as a spreadsheet numbers it; absent if the whole column or file is meant."""
    column: str
    """Empty if the whole row or file is meant."""
    what: str
    """What was found."""
    expected: str

    def place(self) -> str:
        """`row 17, column 'Employees'`; empty if the whole file is meant."""
        row = "" if self.row is None else f"row {self.row}"
        column = f"column {self.column!r}" if self.column else ""
        return ", ".join(part for part in (row, column) if part)

    def sentence(self) -> str:
        """`row 17, column 'Employees': found 'many', expected a number`."""
        place = self.place()
        return f"{place}{': ' if place else ''}{self.what}, expected {self.expected}"


class Table(NamedTuple):
    """The good rows of a file: cells as text, without the blanks around them. An empty cell is no value."""

    name: str
    """The file, as errors name it."""
    columns: Mapping[str, Sequence[str]]
    """Cells from the first row to the last, by column name, in the order of the file."""
    rows: Sequence[int]
    """The number of each row: the header of a CSV is row 1; JSON and Parquet count records from 1."""
    faults: tuple[Fault, ...] = ()
    """Why rows were left out; empty unless bad rows are skipped."""
    skipped: int = 0
    """Rows left out."""

    def column(self, name: str) -> Sequence[str]:
        """The cells of a column. InputError with a near name, or all names, if there is no such column."""
        if name not in self.columns:
            folded = {column.casefold(): column for column in self.columns}
            close = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
            listed = f"expected one of {', '.join(self.columns)}"
            known = f"did you mean {folded[close[0]]!r}?" if close else listed
            raise InputError(f"{self.name}: there is no column {name!r}, {known}")
        return self.columns[name]

    def without(self, faults: Iterable[Fault]) -> "Table":
        """The table less the rows of `faults`, which are added to its own."""
        found = tuple(faults)
        bad = {fault.row for fault in found}
        kept = [at for at, row in enumerate(self.rows) if row not in bad]
        return self._replace(
            columns={name: [cells[at] for at in kept] for name, cells in self.columns.items()},
            rows=[self.rows[at] for at in kept],
            faults=self.faults + found,
            skipped=self.skipped + len(self.rows) - len(kept),
        )

    def checked(self, faults: Iterable[Fault], *, skip_bad: bool) -> "Table":
        """The table if there are no `faults`, without their rows if `skip_bad`, else InputError.

        A fault of a whole column or file cannot be skipped.
        """
        found = sorted(faults, key=lambda fault: fault.row or 0)
        if not found:
            return self
        if not skip_bad or any(fault.row is None for fault in found):
            told = [
                FieldFault(one.place(), f"{one.what}, expected {one.expected}") for one in found[:MOST_KEPT]
            ]
            raise WrongFields(faults_sentence(self.name, found), told)
        return self.without(found)


def faults_sentence(name: str, faults: Sequence[Fault]) -> str:
    """The first fault, the places of the next ones, and how to go on without those rows."""
    first, *others = faults
    said = f"{name}{', ' if first.place() else ': '}{first.sentence()}"
    if others:
        places = [fault.place() or fault.what for fault in others[: MOST_TOLD - 1]]
        more = ["..."] if len(others) >= MOST_TOLD else []
        said += f" (and {len(others):,} more: {'; '.join([*places, *more])})"
    if any(fault.row is None for fault in faults):
        return said
    return f"{said}. Mend the file, or leave such rows out with --skip-bad"
