"""Many values of one kind held as columns: a sequence whose items are built when they are asked for.

A hundred thousand respondents as objects take a second to build and 300 MB to keep; as columns they take a
tenth of both. A field of a field is a column of its own, named by its path: `company.industry`.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import Generic, NamedTuple, TypeAlias, TypeVar, get_args, overload

from pydantic.fields import FieldInfo

from panelsim.model.base import Many

KEPT = 2048
"""Rows that are kept by their id: more than are worked on at the same time."""

Row = TypeVar("Row", bound=Many)

Value: TypeAlias = str | int | float | bool | tuple[str, ...] | None


class Coded(Sequence[Value]):
    """A column of few different values: a table of them, and for each row its place in the table."""

    __slots__ = ("codes", "values")

    def __init__(self, values: Sequence[Value], codes: Iterable[int]) -> None:
        self.values = tuple(values)
        self.codes = array("H" if len(self.values) <= 1 << 16 else "I", codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Value]:
        return map(self.values.__getitem__, self.codes)

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Value, ...]: ...
    def __getitem__(self, place: int | slice) -> Value | tuple[Value, ...]:
        """One value, or a tuple of some."""
        if isinstance(place, slice):
            return tuple(map(self.values.__getitem__, self.codes[place]))
        return self.values[self.codes[place]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coded) and (self.values, self.codes) == (other.values, other.codes)

    __hash__ = None  # type: ignore[assignment]


Column: TypeAlias = Sequence[Value]
"""A `Coded` or a tuple."""


class Field(NamedTuple):
    """A field of a kind; `part` is the kind of value it holds if that is one with columns of its own."""

    name: str
    info: FieldInfo
    part: type[Many] | None
    is_optional: bool


@cache
def fields_of(kind: type[Many]) -> tuple[Field, ...]:
    """The fields of a kind, in order."""
    found = []
    for name, info in kind.model_fields.items():
        kinds = get_args(info.annotation) or (info.annotation,)
        part = next((one for one in kinds if isinstance(one, type) and issubclass(one, Many)), None)
        found.append(Field(name, info, part, type(None) in kinds))
    return tuple(found)


@cache
def column_names(kind: type[Many]) -> tuple[str, ...]:
    """The paths of the columns that values of `kind` have; one of an optional part says if it is there."""
    names: list[str] = []
    for field in fields_of(kind):
        if field.part is None or field.is_optional:
            names.append(field.name)
        if field.part is not None:
            names += [f"{field.name}.{inner}" for inner in column_names(field.part)]
    return tuple(names)


class Rows(Sequence[Row], Generic[Row]):
    """Values of one kind as columns. It equals a tuple of the same values and has its hash.

    An optional part that no row has (its own column has no True) needs no columns.
    """

    __slots__ = ("_columns", "_kind", "_part", "_size")

    def __init__(self, kind: type[Row], columns: Mapping[str, Column]) -> None:
        """`columns` by path, all of one length and of values that are valid for their fields."""
        self._kind = kind
        self._columns = dict(columns)
        self._size = len(next(iter(columns.values())))
        for name in column_names(kind):
            column = self._columns.get(name)
            if column is None and not _is_inside_absent(kind, name, self._columns):
                raise ValueError(f"the column {name!r} is missing")
            if column is not None and len(column) != self._size:
                raise ValueError(f"the column {name!r} has {len(column)} values, expected {self._size}")
        self._part = _Part(kind, self._columns, "", is_optional=False)

    def column(self, name: str) -> Column:
        """One column by its path."""
        return self._columns[name]

    @property
    def columns(self) -> Mapping[str, Column]:
        """All columns by path."""
        return self._columns

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Row]:
        return iter(self._part)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        """One value, or a tuple of some."""
        if isinstance(place, slice):
            return tuple(self._part[at] for at in range(*place.indices(self._size)))
        at = place + self._size if place < 0 else place
        if not 0 <= at < self._size:
            raise IndexError(f"row {place} of {self._size}")
        return self._part[at]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rows) and self._kind is other._kind and self._columns == other._columns:
            return True
        if not isinstance(other, Rows | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"<{self._size} rows of {self._kind.__name__}>"


def _is_inside_absent(kind: type[Many], name: str, columns: Mapping[str, Column]) -> bool:
    """Whether a column belongs to an optional part that no row has."""
    parts = name.split(".")
    above = (".".join(parts[:depth]) for depth in range(1, len(parts)))
    return any(path in column_names(kind) and path in columns and _is_absent(columns[path]) for path in above)


def _is_absent(are_there: Column) -> bool:
    """Whether no row has the part whose own column this is; a table holds only what occurs."""
    return not any(are_there.values if isinstance(are_there, Coded) else are_there)


class _Part(Generic[Row]):
    """Values of one kind in columns: where each field comes from, a column or a part of its own."""

    __slots__ = ("_are_there", "_kind", "_lookups", "_names", "_sources")

    def __init__(
        self, kind: type[Row], columns: Mapping[str, Column], path: str, *, is_optional: bool
    ) -> None:
        fields = fields_of(kind)
        prefix = f"{path}." if path else ""
        self._kind = kind
        self._are_there = columns[path] if is_optional else None
        self._names = tuple(field.name for field in fields)
        self._sources = tuple(_source(field, columns, f"{prefix}{field.name}") for field in fields)
        # a column's own [] takes as long as all the rest of building a row
        self._lookups = tuple(
            (name, source.values, source.codes) if isinstance(source, Coded) else (name, source, None)
            for name, source in zip(self._names, self._sources, strict=True)
        )

    def __iter__(self) -> Iterator[Row]:
        names, made = self._names, self._kind.made
        for values in zip(*self._sources, strict=True):
            yield made(dict(zip(names, values, strict=True)))

    def __getitem__(self, place: int) -> Row:
        return self._kind.made(
            {
                name: values[place] if codes is None else values[codes[place]]
                for name, values, codes in self._lookups
            }
        )


class _Optional(_Part[Row]):
    """A part that some rows have; the columns hold something for the others too."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Row | None]:  # type: ignore[override]
        for is_there, part in zip(self._are_there or (), super().__iter__(), strict=True):
            yield part if is_there else None

    def __getitem__(self, place: int) -> Row | None:  # type: ignore[override]
        return super().__getitem__(place) if self._are_there and self._are_there[place] else None


def _source(field: Field, columns: Mapping[str, Column], path: str) -> Column | _Part[Many]:
    if field.part is None:
        return columns[path]
    if field.is_optional and _is_absent(columns[path]):
        return Coded((None,), array("H", bytes(2 * len(columns[path]))))
    kind = _Optional if field.is_optional else _Part
    return kind(field.part, columns, path, is_optional=field.is_optional)


def column_of(rows: Sequence[Many], name: str) -> Sequence[Value]:
    """One field of all rows, or a field of a field (`company.industry`), however they are held."""
    match rows:
        case Rows():
            return rows.column(name)
        case Some():
            column = column_of(rows.whole, name)
            return tuple(column[place] for place in rows.places)
        case _:
            return tuple(map(attrgetter(name), rows))


class Some(Sequence[Row], Generic[Row]):
    """Rows at some places of a whole."""

    __slots__ = ("places", "whole")

    def __init__(self, whole: Sequence[Row], places: Sequence[int]) -> None:
        self.whole, self.places = whole, places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        """One of them, or a tuple of some."""
        if isinstance(place, slice):
            return tuple(self.whole[at] for at in self.places[place])
        return self.whole[self.places[place]]


class ById(Mapping[str, Row], Generic[Row]):
    """Rows by their id; those that were asked for last are kept."""

    def __init__(self, rows: Sequence[Row], places: Mapping[str, int]) -> None:
        self._rows, self._places = rows, places
        self._recent = lru_cache(maxsize=KEPT)(self._build)

    def __getitem__(self, name: str) -> Row:
        return self._recent(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def _build(self, name: str) -> Row:
        return self._rows[self._places[name]]
