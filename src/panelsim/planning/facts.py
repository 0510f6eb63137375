"""Drawn companies as columns, and predicates over them."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from panelsim.model.account import Predicate
from panelsim.model.rows import Value
from panelsim.planning.predicates import holds

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

_COMPARE: Mapping[str, Callable[[Floats, float], Flags]] = {
    "at_least": np.greater_equal,
    "at_most": np.less_equal,
    "is": np.equal,
    "is_not": np.not_equal,
}

WHOLE_NUMBERS = frozenset({"headcount", "sales_team"})


class Listed(NamedTuple):
    """A column: a table of values, and for each row its place in the table."""

    values: tuple[Value, ...]
    codes: Whole

    def chosen(self, places: Whole) -> "Listed":
        """Some of the rows."""
        return Listed(self.values, self.codes[places])


class Facts(NamedTuple):
    """Companies drawn from one ICP."""

    numbers: Mapping[str, Floats | None]
    """None: the ICP does not state it."""
    texts: Mapping[str, Listed]
    tools: tuple[str, ...]
    stack: Whole
    """For each company the places of its tools in `tools`."""

    @property
    def size(self) -> int:
        """How many companies."""
        return len(self.stack)

    def chosen(self, places: Whole) -> "Facts":
        """Some of the companies."""
        numbers = {name: None if column is None else column[places] for name, column in self.numbers.items()}
        texts = {name: column.chosen(places) for name, column in self.texts.items()}
        return Facts(numbers, texts, self.tools, self.stack[places])

    @classmethod
    def joined(cls, parts: Sequence["Facts"]) -> "Facts":
        """Companies of one ICP that were drawn in parts."""
        first = parts[0]
        numbers: dict[str, Floats | None] = {}
        for name in first.numbers:
            columns = [column for part in parts if (column := part.numbers[name]) is not None]
            numbers[name] = np.concatenate(columns) if columns else None
        texts = {
            name: Listed(column.values, np.concatenate([part.texts[name].codes for part in parts]))
            for name, column in first.texts.items()
        }
        return cls(numbers, texts, first.tools, np.concatenate([part.stack for part in parts]))

    def held(self, predicate: Predicate) -> Flags | None:
        """For each company whether the predicate is true of it; None if its field is not known."""
        field = predicate.field
        if field == "stack":
            return self._stack_held(predicate) if self.tools else None
        if field in self.numbers:
            column, value = self.numbers[field], predicate.value
            if column is None or not isinstance(value, float | int):
                return None
            return _COMPARE[predicate.op](column, value)
        listed = self.texts["signal" if field == "signals" else field]
        if listed.values == ("",):
            return None
        facts = [(str(value),) if field == "signals" else str(value) for value in listed.values]
        return np.array([holds(predicate, {field: fact}) is True for fact in facts])[listed.codes]

    def _stack_held(self, predicate: Predicate) -> Flags:
        named = [holds(predicate, {"stack": (tool,)}) is True for tool in self.tools]
        # "includes" holds if it does for one tool, "excludes" if it does for each
        found = np.array(named)[self.stack]
        return np.asarray(found.any(axis=1) if predicate.op == "includes" else found.all(axis=1))

    def columns(self) -> Mapping[str, Listed]:
        """The columns by the fields of `CompanyFacts`."""
        place = "region" if self.texts["region"].values != ("",) else "country"
        return {
            **self.texts,
            "region": self.texts[place],
            **{name: _tabled(name, column, self.size) for name, column in self.numbers.items()},
            "stack": self._stacks(),
        }

    def _stacks(self) -> Listed:
        size = len(self.tools) + 1
        keys = np.zeros(self.size, dtype=np.int64)
        for at in range(self.stack.shape[1]):
            keys = keys * size + self.stack[:, at]
        _, firsts, codes = np.unique(keys, return_index=True, return_inverse=True)
        stacks = tuple(tuple(self.tools[at] for at in self.stack[row]) for row in firsts.tolist())
        return Listed(stacks, codes.astype(np.int64))


def _tabled(name: str, column: Floats | None, size: int) -> Listed:
    if column is None:
        return Listed((None,), np.zeros(size, dtype=np.int64))
    values, codes = np.unique(column, return_inverse=True)
    read = int if name in WHOLE_NUMBERS else _short
    return Listed(tuple(read(value) for value in values.tolist()), codes.astype(np.int64))


def _short(value: float) -> float:
    """The number without the last digits that arithmetic leaves."""
    return round(value, 9) + 0.0
