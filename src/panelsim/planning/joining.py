"""Joining tables: rows of one table completed by the row of another that has the same key."""

from collections import Counter
from difflib import get_close_matches

from panelsim.errors import InputError
from panelsim.model.table import Table

MOST_NAMED = 3
"""Keys without a partner that are named."""


def join(table: Table, other: Table, key: str) -> Table:
    """`table` with the columns of `other`, from the row whose `key` is the same; else empty cells.

    Keys are compared as they are written. A column that both have gets the other file's name before its own.
    InputError if `key` is missing from one of the two, or a key stands in two rows of `other`.
    """
    keys, others = table.column(key), other.column(key)
    places: dict[str, int] = {}
    for at, one in enumerate(others):
        if one in places:
            rows = f"rows {other.rows[places[one]]} and {other.rows[at]}"
            raise InputError(f"{other.name}, column {key!r}: {one!r} is in {rows}, expected each key once")
        places[one] = at
    stem = other.name.rpartition("/")[2].rpartition(".")[0]
    columns = dict(table.columns)
    for name, cells in other.columns.items():
        if name != key:
            called = f"{stem}.{name}" if name in columns else name
            columns[called] = [cells[places[one]] if one in places else "" for one in keys]
    return table._replace(columns=columns)


def unmatched(table: Table, other: Table, key: str) -> str:
    """How many rows have no partner, with the most frequent keys and the ones they may be meant as."""
    known = set(other.column(key))
    lost = Counter(one for one in table.column(key) if one and one not in known)
    empty = sum(not one for one in table.column(key))
    if not lost and not empty:
        return ""
    named = [f"{one!r} ({count:,} rows{_meant(one, known)})" for one, count in lost.most_common(MOST_NAMED)]
    named += [f"{len(lost) - MOST_NAMED} other values"] if len(lost) > MOST_NAMED else []
    parts = [f"no row of {other.name} has {key} {', '.join(named)}"] if named else []
    parts += [f"{empty:,} rows have no {key} to join {other.name} by"] if empty else []
    return "; ".join(parts)


def _meant(found: str, known: set[str]) -> str:
    close = get_close_matches(found, known, n=1, cutoff=0.8)
    return f", did you mean {close[0]!r}?" if close else ""
