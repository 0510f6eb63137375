"""Where the command line writes: the report on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 200
"""Columns of a table that is not written to a terminal."""


def out() -> Console:
    """Standard output."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def err() -> Console:
    """Standard error: progress, estimates and errors."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def print_json(value: JsonValue) -> None:
    """One JSON value on stdout, with nothing around it."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    sys.stdout.write(text.encode("utf-8", "replace").decode() + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A plain table on stdout; cells are shown as they are."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout, highlight=False, width=table_width()).print(table)


def table_width() -> int:
    """Columns that a table may take."""
    return Console(file=sys.stdout).width if sys.stdout.isatty() else PIPED_WIDTH


def dollars(value: float) -> str:
    """`$0.0042`; four digits below a dollar, two above."""
    return f"${value:,.2f}" if value >= 1 else f"${value:.4f}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min` or `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(n_bytes: int | None) -> str:
    """`1.1 GB`, `98 MB`, `2.1 MB`, `64 kB` or `size not known`."""
    if n_bytes is None:
        return "size not known"
    if n_bytes < 1e6:
        return f"{n_bytes / 1e3:.0f} kB"
    if n_bytes < 1e9:
        return f"{n_bytes / 1e6:.{1 if n_bytes < 1e7 else 0}f} MB"
    return f"{n_bytes / 1e9:.1f} GB"
