"""What can be learned from: closed deals, and the columns of a table that may tell won from lost."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.errors import InputError
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.model.account import AccountField
from panelsim.model.icp import ICP
from panelsim.model.table import Table
from panelsim.planning.accounts import YES, Source, number_in

MOST_LEVELS = 40
"""Values of one text column that are told apart, the most frequent ones."""
LEAST_LEVEL = 20
"""Deals that a value needs to be told apart."""
ID_SHARE = 0.5
"""A text column with more distinct values than this share of its rows holds ids or free text."""
DENSE = 100
"""Different whole numbers from a span of fewer than this many times their count are a numbering."""
DENSE_CASES = 200
"""With fewer rows than this, headcounts can all differ too."""
LEAST_CASES = 20
"""Won deals, and lost ones, without which nothing can be learned."""

_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( .*)?|\d{4}/\d{1,2}/\d{1,2}( .*)?"
)


class Outcome(NamedTuple):
    """How a table says which deals were won."""

    column: str
    won: tuple[str, ...]
    """Cells that mean won."""
    lost: tuple[str, ...] = ()
    """Cells that mean lost; empty: the column's one other value."""


class Deals(NamedTuple):
    """The closed deals of a table."""

    table: Table
    won: Flags
    """(deals,): won, else lost."""
    open: int
    """Rows that are neither, left out."""


class Column(NamedTuple):
    """A column that may tell won from lost."""

    name: str
    """The account field: one of the ICP's if the column holds it, else the column's own name."""
    source: str
    """The column as the table names it."""
    field: AccountField
    known: Flags
    """(deals,): where a cell is filled."""
    numbers: Floats
    """(deals,): the cells of a number column, 0 where not known; empty for a text column."""
    levels: tuple[str, ...]
    """The values of a text column that are told apart, most frequent first; the others are pooled."""
    codes: Ints
    """(deals,): place among `levels`; len(levels) for the pooled ones, -1 if not known; empty for numbers."""

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return self.field.type == "number"


class Excluded(NamedTuple):
    """A column that is not learned from."""

    name: str
    reason: str


def deals_of(table: Table, outcome: Outcome) -> Deals:
    """The won and the lost deals. InputError if it is not plain which are lost, or too few are either."""
    cells = table.column(outcome.column)
    counts = Counter(cells)
    shown = ", ".join(f"{cell or 'empty'} ({count:,})" for cell, count in counts.most_common(8))
    for given in (*outcome.won, *outcome.lost):
        if given not in counts:
            raise InputError(f"{table.name}, column {outcome.column!r}: no row has {given!r}, found {shown}")
    lost = outcome.lost or tuple(cell for cell in counts if cell and cell not in outcome.won)
    if len(lost) != 1 and not outcome.lost:
        raise InputError(
            f"{table.name}, column {outcome.column!r}: found {shown}; expected --lost to say which of them "
            "mean lost: all others are open deals and left out"
        )
    both = sorted(set(outcome.won) & set(lost))
    if both:
        raise InputError(f"{both[0]!r} means both won and lost, expected one of the two")
    closed = [at for at, cell in enumerate(cells) if cell in outcome.won or cell in lost]
    won = np.asarray([cells[at] in outcome.won for at in closed], dtype=np.bool_)
    for count, what in ((int(won.sum()), "won"), (int((~won).sum()), "lost")):
        if count < LEAST_CASES:
            raise InputError(
                f"{table.name}: {count} {what} deals, expected at least {LEAST_CASES} to learn anything from"
            )
    kept = {name: [column[at] for at in closed] for name, column in table.columns.items()}
    rows = [table.rows[at] for at in closed]
    return Deals(table._replace(columns=kept, rows=rows), won, len(cells) - len(closed))


def columns_of(
    deals: Deals, icp: ICP, sources: Mapping[str, Source], without: Mapping[str, str]
) -> tuple[tuple[Column, ...], tuple[Excluded, ...]]:
    """The columns that can be learned from, and the others with the reason; `without` names some and why.

    A column that holds a field of the ICP (`sources`) is learned from in that field's unit, under its name.
    """
    fields = {source.column: (name, source.factor) for name, source in sources.items()}
    usable: list[Column] = []
    excluded: list[Excluded] = []
    for name, cells in deals.table.columns.items():
        field, factor = fields.get(name, ("", 1.0))
        declared = icp.fields.get(field)
        reason = without.get(name) or _unusable(cells)
        if not reason and declared is not None and declared.type == "list":
            reason = "a list of several texts, which is not tried"
        if reason:
            excluded.append(Excluded(name, reason))
        else:
            usable.append(_column(name, cells, field or name, declared, factor))
    return tuple(usable), tuple(excluded)


def presence_of(deals: Deals, name: str) -> Flags:
    """(deals,): where a column is filled."""
    return np.asarray([bool(cell) for cell in deals.table.column(name)], dtype=np.bool_)


def _unusable(cells: Sequence[str]) -> str:
    """Why a column cannot be learned from; empty if it can."""
    filled = [cell for cell in cells if cell]
    distinct = set(filled)
    if len(distinct) < 2:
        return "no row has a value" if not distinct else f"every filled row says {filled[0][:40]!r}"
    if all(_DATE.fullmatch(cell) for cell in distinct):
        return "dates say when, not who"
    numbers = [number_in(cell) for cell in distinct]
    if all(number is not None for number in numbers):
        return "an id: whole numbers, another one in each row" if _is_numbering(filled) else ""
    if len(distinct) > ID_SHARE * len(filled):
        return f"an id or free text: {len(distinct):,} values in {len(filled):,} filled rows"
    return ""


def _is_numbering(filled: Sequence[str]) -> bool:
    """Whether the cells are different whole numbers that rise or fall by rows, or lie close together."""
    numbers = np.asarray([number_in(cell) or 0.0 for cell in filled], dtype=np.float64)
    if (
        len(numbers) < LEAST_CASES
        or len(np.unique(numbers)) < len(numbers)
        or np.any(numbers != np.floor(numbers))
    ):
        return False
    steps = np.diff(numbers)
    return bool(np.all(steps > 0) or np.all(steps < 0) or _is_dense(numbers))


def _is_dense(numbers: Floats) -> bool:
    return len(numbers) >= DENSE_CASES and float(np.ptp(numbers)) < DENSE * len(numbers)


def _column(
    source: str, cells: Sequence[str], name: str, declared: AccountField | None, factor: float
) -> Column:
    """The column as `declared`, else as numbers if it holds more than two of them, else as texts."""
    known = np.asarray([bool(cell) for cell in cells], dtype=np.bool_)
    none = np.zeros(0, dtype=np.int64)
    if declared is None:
        distinct = {cell for cell in cells if cell}
        numeric = len(distinct) > 2 and all(number_in(cell) is not None for cell in distinct)
        declared = AccountField(type="number" if numeric else "text")
    if declared.type == "number":
        numbers = np.asarray([(number_in(cell) or 0.0) * factor for cell in cells], dtype=np.float64)
        return Column(name, source, declared, known, numbers, (), none)
    if declared.type == "flag":
        cells = [cell and str(cell.casefold() in YES).lower() for cell in cells]
    counts = Counter(cell for cell in cells if cell)
    levels = tuple(level for level, count in counts.most_common(MOST_LEVELS) if count >= LEAST_LEVEL)
    places = {level: at for at, level in enumerate(levels)} | {"": -1}
    codes = np.asarray([places.get(cell, len(levels)) for cell in cells], dtype=np.int64)
    return Column(name, source, declared, known, np.zeros(0), levels, codes)


def part_of(column: Column, rows: Flags) -> Column:
    """The column for some of the deals."""
    return column._replace(
        known=column.known[rows],
        numbers=column.numbers[rows] if column.is_number else column.numbers,
        codes=column.codes if column.is_number else column.codes[rows],
    )
