"""Reading past A/B results: a table of texts with what people did, into tests."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from panelsim.errors import InputError
from panelsim.files.cells import shown_cell
from panelsim.files.tables import read_table
from panelsim.model.calibration import Outcome, PastResults, PastTest, PastVariant
from panelsim.model.table import Fault, Table

FIELDS: Final = ("test", "text", "impressions", "clicks", "conversions", "date", "channel", "group")
"""What a column may be; a column of the same name is taken unless another one is mapped."""
MAX_TEXT: Final = 2000
"""Characters, as in `Stimulus.text`."""
_WHOLE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.0+)?")


class Wanted(NamedTuple):
    """What of a results file is read."""

    columns: Mapping[str, str] = {}
    """Column by field, for columns of another name."""
    where: Mapping[str, str] = {}
    """Value by column: rows with another value are left out."""
    channel: str = ""
    """The channel to keep; where the file has no such column, the channel of all its tests."""
    outcome: Outcome | None = None
    """Absent: whichever the file has."""
    skip_bad: bool = False


def read_results(path: Path, wanted: Wanted | None = None) -> PastResults:
    """The tests in a CSV, JSON, JSON-lines or Parquet file with one row per text of a test.

    Rows of one test and text are added up; tests with a single text are left out and counted. InputError with
    row and column for whatever is not as expected, unless bad rows are skipped.
    """
    wanted = wanted or Wanted()
    table = read_table(path, skip_bad=wanted.skip_bad)
    return results_in(table, wanted, hashlib.sha256(path.read_bytes()).hexdigest())


def results_in(table: Table, wanted: Wanted, sha256: str) -> PastResults:
    """As `read_results`, of a table that was read from a text with that hash."""
    columns = _columns_of(table, wanted)
    outcome = _outcome_of(table, columns, wanted.outcome)
    read = len(table.rows)
    table = _only(table, wanted.where)
    elsewhere = read - len(table.rows)
    table = table.checked(_faults(table, columns, outcome), skip_bad=wanted.skip_bad)
    channel, rows = _rows_of(table, columns, wanted.channel)
    tests, alone = _tests_of(table, columns, outcome, rows)
    if not tests:
        raise InputError(
            f"{table.name}: no test has two different texts, expected at least two rows with one value in "
            f"column {columns['test']!r}"
        )
    left_out = (
        ("rows with a fault", table.skipped),
        ("rows outside --where", elsewhere),
        ("rows of other channels", len(table.rows) - len(rows)),
        ("tests with a single text", alone),
    )
    return PastResults(
        name=table.name,
        sha256=sha256,
        channel=channel,
        outcome=outcome,
        tests=tests,
        left_out=tuple((why, count) for why, count in left_out if count),
    )


def _only(table: Table, where: Mapping[str, str]) -> Table:
    """The rows that have the wanted value in every column of `where`. InputError if there is none."""
    for column, value in where.items():
        cells = table.column(column)
        kept = [at for at, cell in enumerate(cells) if cell == value]
        if not kept:
            raise InputError(
                f"{table.name}, column {column!r}: no row has {value!r}, expected some for --where"
            )
        table = table._replace(
            columns={name: [column_cells[at] for at in kept] for name, column_cells in table.columns.items()},
            rows=[table.rows[at] for at in kept],
        )
    return table


def _columns_of(table: Table, wanted: Wanted) -> dict[str, str]:
    """Column by field, as mapped or by its own name. InputError if a mapping is wrong or one is missing."""
    for field, column in wanted.columns.items():
        if field not in FIELDS:
            raise InputError(f"--map {column}={field}: found {field!r}, expected one of {', '.join(FIELDS)}")
        table.column(column)
    named = {field: wanted.columns.get(field, field) for field in FIELDS}
    columns = {field: column for field, column in named.items() if column in table.columns}
    for field in ("test", "text", "impressions"):
        if field not in columns:
            known = ", ".join(map(repr, table.columns))
            raise InputError(
                f"{table.name}: there is no column {field!r}; name the one that holds it with "
                f"--map COLUMN={field}, one of {known}"
            )
    return columns


def _outcome_of(table: Table, columns: Mapping[str, str], wanted: Outcome | None) -> Outcome:
    found: list[Outcome] = [name for name in _OUTCOMES if name in columns]
    if wanted is not None:
        if wanted not in found:
            raise InputError(
                f"{table.name}: there is no column {wanted!r}, expected it for --outcome {wanted}"
            )
        return wanted
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{table.name}: holds clicks and conversions; name one with --outcome")
    raise InputError(
        f"{table.name}: there is no column 'clicks' or 'conversions'; name the one that holds it with "
        f"--map COLUMN=clicks, one of {', '.join(map(repr, table.columns))}"
    )


_OUTCOMES: Final[tuple[Outcome, ...]] = ("clicks", "conversions")


def _faults(table: Table, columns: Mapping[str, str], outcome: Outcome) -> Iterator[Fault]:
    for at, row in enumerate(table.rows):
        cell = {field: table.columns[column][at] for field, column in columns.items()}
        for field in ("test", "text"):
            if not cell[field]:
                yield Fault(row, columns[field], "found an empty cell", "a value")
        if len(cell["text"]) > MAX_TEXT:
            what = f"found {len(cell['text']):,} characters"
            yield Fault(row, columns["text"], what, f"at most {MAX_TEXT:,}")
        shown_n, acted = whole(cell["impressions"]), whole(cell[outcome])
        for field, number, least in (("impressions", shown_n, 1), (outcome, acted, 0)):
            if number is None or number < least:
                what = f"found {shown_cell(cell[field])}"
                yield Fault(row, columns[field], what, f"a whole number of at least {least}")
        if shown_n is not None and acted is not None and acted > shown_n >= 1:
            what = f"found {acted:,} {outcome} of {shown_n:,} impressions"
            yield Fault(row, columns[outcome], what, "no more than the impressions")
        if cell.get("date") and not _is_date(cell["date"]):
            yield Fault(row, columns["date"], f"found {shown_cell(cell['date'])}", "a day like 2026-03-31")


def whole(cell: str) -> int | None:
    """The whole number that a cell holds (`1204`, `1,204`, `1204.0`); None if it holds none."""
    return int(float(cell.replace(",", ""))) if _WHOLE.fullmatch(cell) else None


def _is_date(cell: str) -> bool:
    try:
        date.fromisoformat(cell[:10])
    except ValueError:
        return False
    return len(cell) == 10 or cell[10] in " T"


def _rows_of(table: Table, columns: Mapping[str, str], wanted: str) -> tuple[str, Sequence[int]]:
    """The channel, and the places of its rows."""
    everything = range(len(table.rows))
    if "channel" not in columns:
        if not wanted:
            raise InputError(
                f"{table.name}: there is no column 'channel'; say where its tests were run with --channel, "
                "for example --channel 'landing page headline'"
            )
        return wanted, everything
    cells = table.columns[columns["channel"]]
    known = Counter(cell for cell in cells if cell)
    if wanted:
        if wanted not in known:
            raise InputError(
                f"{table.name}, column {columns['channel']!r}: no row has the channel {wanted!r}, expected "
                f"one of {', '.join(map(repr, known)) or 'none'}"
            )
        return wanted, [at for at in everything if cells[at] == wanted]
    if len(known) != 1:
        raise InputError(
            f"{table.name}, column {columns['channel']!r}: found {len(known)} channels"
            f"{' (' + ', '.join(map(repr, list(known)[:8])) + ')' if known else ''}, expected one: a "
            "calibration is of one channel; name it with --channel"
        )
    (channel,) = known
    return channel, [at for at in everything if cells[at] == channel]


def _tests_of(
    table: Table, columns: Mapping[str, str], outcome: Outcome, rows: Sequence[int]
) -> tuple[tuple[PastTest, ...], int]:
    """The tests with two texts or more, in the order of the file, and how many had one."""
    cells = {field: table.columns[column] for field, column in columns.items()}
    places: dict[str, list[int]] = {}
    for at in rows:
        places.setdefault(cells["test"][at], []).append(at)
    tests, alone = [], 0
    for name, at_rows in places.items():
        counts: dict[str, tuple[int, int]] = {}
        for at in at_rows:
            before = counts.get(cells["text"][at], (0, 0))
            now = (whole(cells["impressions"][at]) or 0, whole(cells[outcome][at]) or 0)
            counts[cells["text"][at]] = (before[0] + now[0], before[1] + now[1])
        if len(counts) < 2:
            alone += 1
            continue
        first = at_rows[0]
        tests.append(
            PastTest(
                id=name,
                variants=tuple(
                    PastVariant(text, shown_n, acted) for text, (shown_n, acted) in counts.items()
                ),
                date=cells["date"][first][:10] if "date" in cells else "",
                group=cells["group"][first] if "group" in cells else "",
            )
        )
    return tuple(tests), alone
