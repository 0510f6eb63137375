"""What makes a cell of a table unfit to read: formulas, bytes that are no text, excessive length."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from panelsim.model.table import Fault, Table

MAX_CELL: Final = 10_000
"""Characters."""
SHOWN: Final = 30
"""Characters of a cell that an error repeats."""

_STARTS = frozenset("=+-@")
_NUMBER_LIKE = re.compile(r"[+-][\s\d.,()/%-]*(?:[eE][+-]?\d+)?")
"""A sign before what can only be a number, a phone number or nothing (`-5`, `+1 555-0100`, `-`)."""


def cell_faults(table: Table) -> Iterator[Fault]:
    """The faults of a table's cells, column by column."""
    for column, cells in table.columns.items():
        for at in _suspects(cells):
            fault = _fault(table.rows[at], column, cells[at])
            if fault is not None:
                yield fault


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run the cell: it starts with = or @, or with + or - before no number."""
    return cell[:1] in _STARTS and _NUMBER_LIKE.fullmatch(cell) is None


def shown_cell(cell: str) -> str:
    """The start of a cell in quotes, as errors repeat it."""
    return repr(cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}...")


def is_text(text: str) -> bool:
    """Whether the text came from UTF-8 without a NUL; undecodable bytes are kept as lone surrogates."""
    return "\0" not in text and _is_decoded(text)


def _is_decoded(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _suspects(cells: Sequence[str]) -> Sequence[int]:
    """The places of cells that may be at fault: a quick look at a whole column, as most have none."""
    text = "\0".join(cells)
    if text.count("\0") >= len(cells) or _is_long(text) or not _is_decoded(text):
        return range(len(cells))
    if text[:1] in _STARTS or any(f"\0{start}" in text for start in _STARTS):
        return [at for at, cell in enumerate(cells) if cell[:1] in _STARTS]
    return ()


def _is_long(text: str) -> bool:
    """Whether one of the cells, parted by NUL, is longer than MAX_CELL."""
    start = 0
    while start + MAX_CELL < len(text):
        end = text.rfind("\0", start, start + MAX_CELL + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _fault(row: int, column: str, cell: str) -> Fault | None:
    if len(cell) > MAX_CELL:
        what = f"found {len(cell):,} characters, starting {shown_cell(cell)}"
        return Fault(
            row, column, what, f"at most {MAX_CELL:,} (a quote that is never closed runs on like that)"
        )
    if not is_text(cell):
        return Fault(row, column, *_no_text(cell))
    if is_formula(cell):
        what = f"found {shown_cell(cell)}, which a spreadsheet would run as a formula"
        return Fault(row, column, what, "a plain value; text may start with an apostrophe")
    return None


def _no_text(cell: str) -> tuple[str, str]:
    if "\0" in cell:
        return "found a NUL byte", "text"
    byte = next(ord(char) - 0xDC00 for char in cell if 0xDC80 <= ord(char) <= 0xDCFF)
    readable = "".join(char if not 0xDC80 <= ord(char) <= 0xDCFF else "?" for char in cell)
    return (
        f"found the byte 0x{byte:02x} in {shown_cell(readable)}, which is not UTF-8",
        'UTF-8: save the sheet as "CSV UTF-8", or convert it with: iconv -f WINDOWS-1252 -t UTF-8',
    )
