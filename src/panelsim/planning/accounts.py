"""Accounts as columns of facts: which column of a table holds which account field, and what its cells say.

Every distinct cell of a column is read once, and accounts point to it: that makes many accounts cheap.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from panelsim.errors import InputError
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.model.account import AccountField, unknown_field
from panelsim.model.icp import ICP
from panelsim.model.ranges import Revenue, Spend
from panelsim.model.table import Fault, Table
from panelsim.planning.predicates import Fact

LEAST = {
    "headcount": 0.0, "revenue_musd": 0.0, "sales_team": 0.0, "budget": 0.0, "market_share": 0.0,
    "growth_rate": -100.0, "problem_fit": 1.0, "success_potential": 1.0,
}  # fmt: skip
MOST = {"market_share": 100.0, "problem_fit": 5.0, "success_potential": 5.0}

YES, NO = ("true", "yes", "y", "1"), ("false", "no", "n", "0")

_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d+)?(?: ?%)?")


class Source(NamedTuple):
    """Where an account field is read from."""

    column: str
    factor: float = 1.0
    """What one of the column's unit is worth in the field's."""


class Facts(NamedTuple):
    """One field of all accounts."""

    values: Sequence[Fact | None]
    """The distinct facts; None is not known."""
    codes: Ints
    """(accounts,): the place of each account's fact among `values`."""

    def numbers(self) -> Floats:
        """(accounts,): the field as numbers, 0 where it is not known."""
        each = [value if isinstance(value, float) else 0.0 for value in self.values]
        return np.asarray(each, dtype=np.float64)[self.codes]

    def known(self) -> Flags:
        """(accounts,): where the field is known."""
        return np.asarray([value is not None for value in self.values], dtype=np.bool_)[self.codes]


def sources_of(table: Table, icp: ICP, given: Mapping[str, str]) -> Mapping[str, Source]:
    """Where each account field is read from: `given` columns first, then the ICP's, then columns so named.

    A target is a field, or a field with the unit of the column behind it (`revenue_musd:USD`). A column that
    only the ICP names may be missing. InputError for an unknown column, field or unit of `given`, and for a
    field that is meant to come from two columns.
    """
    for column, target in given.items():
        if column not in table.columns:
            raise InputError(
                f"--map {column}={target}: {table.name} has no such column{_near(column, table)}"
            )
    wanted = {**{c: t for c, t in icp.columns.items() if c in table.columns}, **given}
    found: dict[str, Source] = {}
    for column, target in wanted.items():
        field, factor = _target(column, target, icp)
        if field in found:
            raise InputError(f"{field!r} comes from two columns, {found[field].column!r} and {column!r}")
        found[field] = Source(column, factor)
    for column in table.columns:
        if column not in wanted:
            field = next((name for name in icp.fields if _plain(name) == _plain(column)), "")
            if field and field not in found:
                found[field] = Source(column)
    return found


def near_misses(
    table: Table, fields: Iterable[str], sources: Mapping[str, Source]
) -> Iterator[tuple[str, str]]:
    """Fields that are read from no column, each with the unused column that is named most like it."""
    used = {source.column for source in sources.values()}
    free = {_plain(column): column for column in table.columns if column not in used}
    for field in fields:
        if field not in sources:
            close = get_close_matches(_plain(field), list(free), n=1, cutoff=0.75)
            if close:
                yield field, free[close[0]]


def read_facts(
    table: Table, source: Source, name: str, field: AccountField
) -> tuple[Facts, tuple[Fault, ...]]:
    """The field `name` of all accounts, and the faults of cells that do not hold what it should."""
    cells = table.column(source.column)
    distinct = dict.fromkeys(cells)
    places = {cell: at for at, cell in enumerate(distinct)}
    codes = np.fromiter(map(places.__getitem__, cells), dtype=np.int64, count=len(cells))
    values: list[Fact | None] = []
    expectations: dict[int, str] = {}
    for at, cell in enumerate(distinct):
        value, expected = _fact(cell, name, field, source.factor)
        values.append(value)
        if expected:
            expectations[at] = expected
    return Facts(values, codes), tuple(_faults(table, source.column, codes, expectations))


def texts_in(cell: str) -> tuple[str, ...]:
    """The texts of a list cell: parted by semicolon, bar or line; by comma if none of those is there."""
    marks = r"[;|\n]" if re.search(r"[;|\n]", cell) else ","
    return tuple(text for part in re.split(marks, cell) if (text := part.strip()))


def number_in(cell: str) -> float | None:
    """The number a cell holds (`1,200.5`, `15 %`, `-3e4`); None if it holds none."""
    if cell.isascii() and cell.replace(".", "", 1).isdecimal():  # most cells, and quickly
        return float(cell) if len(cell) < 300 else None
    if _NUMBER.fullmatch(cell) is None:
        return None
    value = float(cell.rstrip("% ").replace(",", ""))
    return value if abs(value) < 1e300 else None


def _fact(cell: str, name: str, field: AccountField, factor: float) -> tuple[Fact | None, str]:
    """What a cell says, and what was expected if it says nothing that can be read."""
    if not cell:
        return None, ""
    match field.type:
        case "number":
            return _number(cell, name, field, factor)
        case "list":
            return texts_in(cell) or None, ""
        case "flag":
            word = cell.casefold()
            return (word in YES, "") if word in YES + NO else (None, "yes or no, true or false, 1 or 0")
        case _:
            return cell, ""


def _number(cell: str, name: str, field: AccountField, factor: float) -> tuple[float | None, str]:
    value = number_in(cell)
    if value is None:
        unit = f" of {field.unit}" if field.unit else ""
        return None, f"a number{unit} such as 1200 or 1,200.5, or an empty cell"
    value *= factor
    if value < LEAST.get(name, value):
        return None, f"at least {LEAST[name]:g} {field.unit}"
    if value > MOST.get(name, value):
        return None, f"at most {MOST[name]:g} {field.unit}"
    return value, ""


def _faults(table: Table, column: str, codes: Ints, expectations: Mapping[int, str]) -> Iterator[Fault]:
    if expectations:
        cells = table.column(column)
        for at in np.flatnonzero(np.isin(codes, list(expectations))).tolist():
            cell = cells[at] if len(cells[at]) <= 30 else f"{cells[at][:30]}..."
            yield Fault(table.rows[at], column, f"found {cell!r}", expectations[int(codes[at])])


def _target(column: str, target: str, icp: ICP) -> tuple[str, float]:
    if target in icp.fields:
        return target, 1.0
    field, _, unit = target.rpartition(":")
    if field not in icp.fields:
        raise InputError(f"{column!r}: {unknown_field(target, icp.account_fields)}")
    scale = None
    if field == "revenue_musd":
        scale = Revenue.scale_of(unit)
    elif field == "budget":
        scale = Spend.scale_of(unit)
        if scale is not None and icp.budget is not None and scale.unit != icp.budget.range.unit:
            raise InputError(
                f"{column!r}: found the unit {unit!r}, expected the currency of the ICP's budget, "
                f"{icp.budget.range.unit}"
            )
    else:
        raise InputError(
            f"{column!r}: {field!r} takes no unit, expected one only for revenue_musd and budget"
        )
    if scale is None:
        known = "USD, kUSD, MUSD or BUSD" if field == "revenue_musd" else "one such as USD/year or kEUR/month"
        raise InputError(f"{column!r}: found the unit {unit!r} for {field!r}, expected {known}")
    return field, scale.factor


def _near(column: str, table: Table) -> str:
    close = get_close_matches(column, list(table.columns), n=1, cutoff=0.6)
    known = ", ".join(map(repr, table.columns))
    return f", did you mean {close[0]!r}?" if close else f", expected one of {known}"


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()
