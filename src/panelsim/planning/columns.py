"""The columns of a panel while it is drawn: filled persona by persona, turned into rows at the end."""

from array import array
from collections.abc import Iterable

import numpy as np

from panelsim.model.panel import DOMAINS, FACETS, Decision, Respondent
from panelsim.model.rows import Coded, Column, Rows, Value
from panelsim.planning.facts import Floats, Listed, Whole

SCALE = 100
"""Levels have two decimal places."""


class _Growing:
    """A column that is filled in parts; each new value goes to the end of its table."""

    def __init__(self, size: int) -> None:
        self.places: dict[Value, int] = {}
        self.codes = np.zeros(size, dtype=np.int64)

    def put(self, rows: Whole, part: Listed) -> None:
        places = [self.places.setdefault(value, len(self.places)) for value in part.values]
        self.codes[rows] = np.array(places, dtype=np.int64)[part.codes]

    def column(self) -> Coded:
        """Only values that occur."""
        used = np.bincount(self.codes, minlength=len(self.places)) > 0
        values = [value for value, is_used in zip(self.places, used.tolist(), strict=True) if is_used]
        return coded(values, (np.cumsum(used) - 1)[self.codes])


class PanelColumns:
    """The columns of `size` respondents."""

    def __init__(self, size: int, *, has_facets: bool) -> None:
        self.filled = 0
        """Rows of the arms that are drawn."""
        self._size = size
        self._ids = np.full(size, "", dtype=np.object_)
        self._listed: dict[str, _Growing] = {}
        self._domains = np.zeros((size, len(DOMAINS)))
        self._decision = np.zeros((size, len(Decision.model_fields)))
        self._facets = np.zeros((size, len(FACETS))) if has_facets else None
        self._with_facets = np.zeros(size, dtype=np.int64)

    def put_ids(self, rows: Whole, persona: str) -> None:
        """`persona-01` and so on."""
        self._ids[rows] = [f"{persona}-{number:02d}" for number in range(1, len(rows) + 1)]

    def put(self, name: str, rows: Whole, part: Listed) -> None:
        """Values of the column `name` in those rows."""
        if name not in self._listed:
            self._listed[name] = _Growing(self._size)
        self._listed[name].put(rows, part)

    def put_all(self, name: str, rows: Whole, value: Value) -> None:
        """The same value in all those rows."""
        self.put(name, rows, Listed((value,), np.zeros(len(rows), dtype=np.int64)))

    def put_domains(self, rows: Whole, levels: Floats) -> None:
        """Domain levels, one column a domain."""
        self._domains[rows] = levels

    def put_decision(self, rows: Whole, levels: Floats) -> None:
        """Decision parameters, one column each."""
        self._decision[rows] = levels

    def put_facets(self, rows: Whole, levels: Floats) -> None:
        """Facet levels, one column a facet; those rows then have facets."""
        if self._facets is not None:
            self._facets[rows] = levels
            self._with_facets[rows] = 1

    def rows(self) -> Rows[Respondent]:
        """The respondents."""
        columns: dict[str, Column] = {"id": tuple(self._ids.tolist())}
        columns |= {name: growing.column() for name, growing in self._listed.items()}
        columns |= _levels("traits", DOMAINS, self._domains)
        is_there = (False, True) if self._with_facets.any() else (False,)
        columns["traits.facets"] = coded(is_there, self._with_facets)
        if self._facets is not None:
            columns |= _levels("traits.facets", FACETS, self._facets)
        columns |= _levels("decision", Decision.model_fields, self._decision)
        nobody = np.zeros(self._size, dtype=np.int64)
        columns["weight"] = coded((1.0,), nobody)
        columns["account"] = coded(("",), nobody)
        columns["twin"] = coded((False,), nobody)
        return Rows(Respondent, columns)


def coded(values: Iterable[Value], codes: Whole) -> Coded:
    """A column from a table and whole numbers."""
    table = tuple(values)
    narrow = codes.astype(np.uint16) if len(table) <= 1 << 16 else codes.astype(np.uint32)
    return Coded(table, array("H" if narrow.dtype == np.uint16 else "I", narrow.tobytes()))


def _levels(part: str, names: Iterable[str], levels: Floats) -> dict[str, Column]:
    """Levels to two decimal places, the table running from the least to the greatest."""
    whole = np.rint(levels * SCALE).astype(np.int64)
    columns: dict[str, Column] = {}
    for at, name in enumerate(names):
        low, high = int(whole[:, at].min()), int(whole[:, at].max())
        table = (level / SCALE for level in range(low, high + 1))
        columns[f"{part}.{name}"] = coded(table, whole[:, at] - low)
    return columns
