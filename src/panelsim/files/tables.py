"""Reading the tables that a user brings, strictly: CSV, JSON, JSON lines and Parquet into columns of text.

Nothing is guessed. A cell that a spreadsheet would run, a row of another length, a byte that is no UTF-8 are
faults with row and column. Faults of rows can be skipped and are counted; faults of the file cannot.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from panelsim.errors import InputError
from panelsim.files.cells import cell_faults, shown_cell
from panelsim.files.profiles import shown
from panelsim.files.table_forms import read_csv, read_json, read_lines
from panelsim.files.table_parquet import read_parquet
from panelsim.model.table import Fault, Table

MAX_BYTES: Final = 500_000_000
MAX_ROWS: Final = 2_000_000
MAX_COLUMNS: Final = 1_000

FORMS: Mapping[str, Callable[[bytes, str], Table]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".json": read_json,
    ".jsonl": read_lines,
    ".ndjson": read_lines,
}
"""How a file is read, by the end of its name; `.parquet` beside them."""


def read_table(path: Path, *, skip_bad: bool = False, ids: str = "") -> Table:
    """The table in a file: CSV (parted by comma, semicolon or tab), JSON, JSON lines or Parquet.

    `ids` names a column in which no cell may be empty or appear twice; of two alike the first is good. Faulty
    rows raise InputError with row and column; with `skip_bad` they are left out and counted in the table.
    InputError in both cases if the file cannot be read as a whole: missing, too large, of an unknown form,
    without column names, with one name over two columns, or without a single good row.
    """
    return _checked(_read(path, shown(path)), skip_bad=skip_bad, ids=ids)


def parse_table(
    data: bytes, form: str, name: str, *, skip_bad: bool = False, ids: str = "", most_rows: int = MAX_ROWS
) -> Table:
    """As `read_table`, of a text that is no file; `form` is an end of `FORMS`, `name` what errors call it."""
    return _checked(FORMS[form](data, name), skip_bad=skip_bad, ids=ids, most_rows=most_rows)


def _checked(table: Table, *, skip_bad: bool, ids: str, most_rows: int = MAX_ROWS) -> Table:
    table = _within_limits(table, most_rows)
    faults = [*cell_faults(table), *(_id_faults(table, ids) if ids else ())]
    if not skip_bad:
        return _with_rows(table.checked([*table.faults, *faults], skip_bad=False))
    return _with_rows(table.checked(faults, skip_bad=True))


def _read(path: Path, name: str) -> Table:
    if path.is_dir():
        raise InputError(f"{name}: found a folder, expected a file with a table")
    form = path.suffix.lower()
    if form not in FORMS and form != ".parquet":
        known = ", ".join((*FORMS, ".parquet"))
        ending = f"that ends in {form!r}" if form else "without an ending"
        raise InputError(f"{name}: found a file {ending}, expected one of {known}")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{name}: the file has {size:,} bytes, expected at most {MAX_BYTES:,}")
        if form == ".parquet" and path.is_file():
            return read_parquet(path, name)
        return FORMS[form](path.read_bytes(), name)
    except OSError as error:
        raise InputError(f"{name}: the file cannot be read: {error.strerror}") from error


def _within_limits(table: Table, most_rows: int) -> Table:
    for found, most, what in (
        (len(table.columns), MAX_COLUMNS, "columns"),
        (len(table.rows), most_rows, "rows"),
    ):
        if found > most:
            raise InputError(f"{table.name}: found {found:,} {what}, expected at most {most:,}")
    return table


def _with_rows(table: Table) -> Table:
    if table.rows:
        return table
    if table.faults:
        left, first = f"no row is good ({table.skipped:,} left out)", table.faults[0].sentence()
        raise InputError(f"{table.name}: {left}, the first because of {first}")
    raise InputError(f"{table.name}: there is no row, expected at least one below the column names")


def _id_faults(table: Table, ids: str) -> Iterator[Fault]:
    cells = table.column(ids)
    if "" not in (distinct := set(cells)) and len(distinct) == len(cells):
        return
    seen: dict[str, int] = {}
    for row, cell in zip(table.rows, cells, strict=True):
        if not cell:
            yield Fault(row, ids, "found an empty cell", "an id")
        elif cell in seen:
            yield Fault(row, ids, f"found {shown_cell(cell)}, which row {seen[cell]} has too", "each id once")
        else:
            seen[cell] = row
