"""The forms of a table as text: CSV, a JSON array of objects, JSON lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import JsonValue

from panelsim.errors import InputError
from panelsim.files.cells import shown_cell
from panelsim.model.table import Fault, Table

DELIMITERS = ",;\t"
JOINED_BY = "; "
"""Between the texts of a list."""
BLANKS = " \t\r\v\f\x1c\x1d\x1e\x1f"
"""ASCII that `str.strip` takes off, less the newline."""
LONGEST: Final = 2**31 - 1
"""Cells of any length are read, so that a long one is a fault of its row and not of the whole file."""


def read_csv(data: bytes, name: str) -> Table:
    """A table whose first row names the columns; the separator is the one that gives most of them."""
    text = decoded(data, name)
    csv.field_size_limit(LONGEST)
    read = _read_records(text, _delimiter(text))
    header = next((at for at, cells in enumerate(read.records) if cells), None)
    if header is None:
        raise InputError(f"{name}: the file is empty, expected a row of column names and rows below it")
    names = _names(read.records[header], name)
    rows: Sequence[int] = range(header + 2, len(read.records) + 1)
    good = read.records[header + 1 :]
    faults = list(read.faults)
    if not {len(names)}.issuperset(map(len, good)):
        faults += [
            _ragged(row, cells, names)
            for row, cells in zip(rows, good, strict=True)
            if _is_ragged(cells, names)
        ]
        rows = [row for row, cells in zip(rows, good, strict=True) if len(cells) == len(names)]
        good = [cells for cells in good if len(cells) == len(names)]
    columns = [_stripped(cells, spans_lines='"' in text) for cells in zip(*good, strict=True)] or [
        [] for _ in names
    ]
    return Table(name, dict(zip(names, columns, strict=True)), rows, tuple(faults), len(faults))


def read_json(data: bytes, name: str) -> Table:
    """A table from an array of objects, a row each; a field that an object lacks is an empty cell."""
    value = _parsed(decoded(data, name), name)
    if not isinstance(value, list):
        raise InputError(f"{name}: found {_kind(value)}, expected an array of objects, a row each")
    return _from_records(enumerate(value, start=1), name)


def read_lines(data: bytes, name: str) -> Table:
    """A table from one object a line; empty lines are no rows."""
    faults: list[Fault] = []
    values: list[tuple[int, JsonValue]] = []
    for row, line in enumerate(decoded(data, name).split("\n"), start=1):
        if line.strip():
            try:
                values.append((row, json.loads(line, object_pairs_hook=_object)))
            except (ValueError, RecursionError) as error:
                faults.append(Fault(row, "", f"not JSON ({_reason(error)})", "one object a line"))
    table = _from_records(values, name)
    return table._replace(faults=table.faults + tuple(faults), skipped=table.skipped + len(faults))


def decoded(data: bytes, name: str) -> str:
    """The bytes as text. Bytes that are no UTF-8 are kept as lone surrogates, for `cell_faults` to find."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(
            f"{name}: the file is UTF-16, expected UTF-8: "
            f"convert it with: iconv -f UTF-16 -t UTF-8 {name} > utf8-{name.rpartition('/')[2]}"
        )
    return data.decode("utf-8-sig", errors="surrogateescape")


def cell_of(value: JsonValue) -> str | None:
    """A JSON value as the text of a cell; None if it has parts of its own."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int() | float():
            return str(value)
        case list():
            texts = [cell_of(item) for item in value if not isinstance(item, list)]
            known = [text for text in texts if text is not None]
            return JOINED_BY.join(known) if len(known) == len(value) else None
        case _:
            return None


def _is_ragged(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a record is neither a row nor an empty line."""
    return len(cells) not in (0, len(names))


def _ragged(row: int, cells: Sequence[str], names: Sequence[str]) -> Fault:
    found = f"found {len(cells)} cell{'' if len(cells) == 1 else 's'}"
    return Fault(row, "", found, f"{len(names)}, one for each column")


def _stripped(cells: Sequence[str], *, spans_lines: bool) -> Sequence[str]:
    """The cells without the blanks around them; a quick look first, as most columns have none."""
    text = "\n".join(cells)
    blank = spans_lines or not text.isascii() or text[:1] in BLANKS or text[-1:] in BLANKS
    found = [mark for mark in BLANKS if mark in text]
    if blank or any(f"{mark}\n" in text or f"\n{mark}" in text for mark in found):
        return list(map(str.strip, cells))
    return list(cells)


class _Read(NamedTuple):
    records: Sequence[list[str]]
    """Every record of the file; an unreadable or empty one has no cells."""
    faults: Sequence[Fault]


def _read_records(text: str, delimiter: str) -> _Read:
    try:
        return _Read(list(_reader(text, delimiter)), ())
    except csv.Error:
        return _read_slowly(_reader(text, delimiter))


def _read_slowly(reader: Iterator[list[str]]) -> _Read:
    """The records one by one, with a fault for each that cannot be read."""
    records: list[list[str]] = []
    faults: list[Fault] = []
    while True:
        try:
            records.append(next(reader))
        except StopIteration:
            return _Read(records, faults)
        except csv.Error as error:
            records.append([])
            expected = "quotes around whole cells, each closed, and doubled inside"
            faults.append(Fault(len(records), "", f"not CSV ({error})", expected))


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _delimiter(text: str) -> str:
    first = next((line for line in text.split("\n", 20) if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _names(cells: Sequence[str], name: str) -> Sequence[str]:
    names = [cell.strip() for cell in cells]
    for at, column in enumerate(names):
        if not column:
            raise InputError(
                f"{name}: column {at + 1} of {len(names)} has no name, expected one for each column"
            )
        if column in names[:at]:
            first = names.index(column) + 1
            raise InputError(
                f"{name}: the name {column!r} stands over columns {first} and {at + 1}, "
                "expected each name once"
            )
    return names


def _from_records(values: Iterable[tuple[int, JsonValue]], name: str) -> Table:
    rows: list[int] = []
    records: list[Mapping[str, str]] = []
    faults: list[Fault] = []
    for row, value in values:
        record = _record(row, value)
        if isinstance(record, Fault):
            faults.append(record)
        else:
            rows.append(row)
            records.append(record)
    names = dict.fromkeys(key for record in records for key in record)
    columns = {column: [record.get(column, "") for record in records] for column in names}
    return Table(name, columns, rows, tuple(faults), len(faults))


def _record(row: int, value: JsonValue) -> Mapping[str, str] | Fault:
    if not isinstance(value, dict):
        return Fault(row, "", f"found {_kind(value)}, {shown_cell(str(value))}", "an object with fields")
    record: dict[str, str] = {}
    for key, part in value.items():
        cell = cell_of(part)
        if cell is None:
            return Fault(
                row, key, f"found {_kind(part)} with parts of its own", "a text, a number or a list of texts"
            )
        if not key.strip() or key.strip() in record:
            return Fault(row, key, "found a field without a name of its own", "each name once")
        record[key.strip()] = cell
    return record


def _parsed(text: str, name: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not JSON ({_reason(error)}), expected an array of objects") from error
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, character {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the field {twice!r} appears twice in one object")
    return fields


def _kind(value: JsonValue) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "nothing"}
    return kinds.get(type(value), "a number")
