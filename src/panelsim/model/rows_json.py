"""Rows as JSON: an object of columns; values that come one by one as a list of objects."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from pydantic import GetCoreSchemaHandler, JsonValue, create_model
from pydantic_core import CoreSchema, core_schema

from panelsim.model.base import Many
from panelsim.model.rows import Coded, Column, Row, Rows, Value, column_names, fields_of


class RowsOf:
    """Annotates a field that holds values of `kind`: as `Rows`, or as a tuple if they come one by one.

    In JSON, rows are an object of columns and a tuple is a list of objects.
    """

    def __init__(self, kind: type[Many]) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic reads and writes the field."""

        def read(value: object) -> Sequence[Many]:
            if isinstance(value, Rows):
                return value
            rows: Sequence[Many]
            if isinstance(value, Mapping):
                rows = _read(self.kind, value)
            elif isinstance(value, list | tuple):
                rows = tuple(self.kind.model_validate(one) for one in value)
            else:
                what = f"found {value!r}, expected a list of {self.kind.__name__.lower()}s, or columns"
                raise ValueError(what)  # noqa: TRY004  pydantic reports only this one
            if not rows:
                raise ValueError(f"found no {self.kind.__name__.lower()}, expected at least one")
            return rows

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(_written)
        )


def _written(rows: Sequence[Many]) -> JsonValue:
    if isinstance(rows, Rows):
        return {name: _written_column(column) for name, column in rows.columns.items()}
    return [row.model_dump(mode="json") for row in rows]


def _written_column(column: Column) -> JsonValue:
    if isinstance(column, Coded):
        codes: list[JsonValue] = [*column.codes]
        return {"values": _written_column(column.values), "codes": codes}
    return [list(one) if isinstance(one, tuple) else one for one in column]


def _read(kind: type[Row], found: Mapping[object, object]) -> Rows[Row]:
    """Rows from columns as JSON has them. ValueError if they are not those of `kind`."""
    known = column_names(kind)
    strange = [name for name in found if name not in known]
    if strange:
        raise ValueError(f"unknown column {strange[0]!r}, expected columns such as {known[0]!r}")
    return Rows(kind, {str(name): _read_column(kind, str(name), column) for name, column in found.items()})


def _read_column(kind: type[Many], name: str, found: object) -> Column:
    read = _reader(kind, name)
    if not isinstance(found, Mapping):
        return read(found)
    values = read(found.get("values"))
    try:
        column = Coded(values, found["codes"])
    except KeyError:
        raise ValueError(f"the column {name!r} has no codes, expected one for each row") from None
    except (TypeError, OverflowError) as error:
        raise ValueError(
            f"the column {name!r} has codes that are no whole numbers from 0: {error}"
        ) from error
    if len(column) and max(column.codes) >= len(values):
        raise ValueError(f"the column {name!r} has codes beyond its {len(values)} values")
    return column


Reader: TypeAlias = Callable[[object], tuple[Value, ...]]


@cache
def _reader(kind: type[Many], name: str) -> Reader:
    """What reads the values of a column as its field would; each different value is checked once."""
    head, _, rest = name.partition(".")
    field = next(field for field in fields_of(kind) if field.name == head)
    if rest and field.part is not None:
        return _reader(field.part, rest)
    kept = field.info.annotation
    model = create_model(
        "Column", value=bool if kept is None or field.part is not None else (kept, field.info)
    )

    def read(found: object) -> tuple[Value, ...]:
        if not isinstance(found, list | tuple):
            what = f"the column {name!r} has no values, expected a list of them"
            raise ValueError(what)  # noqa: TRY004  pydantic reports only this one
        given = [tuple(map(str, one)) if isinstance(one, list) else one for one in found]
        if any(isinstance(one, dict) for one in given):
            raise ValueError(f"the column {name!r} holds objects, expected texts, numbers or lists of texts")
        checked = {one: dict(model.model_validate({"value": one}))["value"] for one in set(given)}
        return tuple(checked[one] for one in given)

    return read
