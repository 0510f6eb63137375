"""Matching accounts on the command line: the ranked table, its summary, and the files it is written to."""

from collections.abc import Sequence
from pathlib import Path

import typer

from panelsim.cli import output
from panelsim.errors import InputError
from panelsim.files import read_icp
from panelsim.files.writing import check_folder, write_file
from panelsim.planning.criteria import FAIL, UNKNOWN
from panelsim.reporting.words import count
from panelsim.service.accounts import Files, match_file
from panelsim.service.matched import (
    Shown,
    by_place,
    matched_json,
    matched_lines,
    meaning_of,
    shown_of,
    states_of,
)
from panelsim.service.typed import mapping

MOST_NAMES = 4
"""Criteria that one cell of the table names."""


def match(
    name: str, files: Files, pairs: Sequence[str], top: int, out: Path | None, *, as_json: bool
) -> None:
    """Matches accounts, prints the best and the counts, and writes all of them to `out`."""
    if out is not None and out.suffix.lower() != ".csv":
        raise InputError(f"--out {out}: expected a file that ends in .csv")
    icp = read_icp(name)
    matched = match_file(icp, files, mapping(pairs))
    table = matched.table
    shown = shown_of(matched, files.ids)
    if as_json:
        output.print_json(matched_json(shown, top))
    else:
        _print(shown, top)
    if out is not None:
        check_folder(out.parent)
        write_file(out, matched_lines(table, matched.match))
        output.err().print(f"Written: {out}", markup=False)


def _print(shown: Shown, top: int) -> None:
    match, icp = shown.match, shown.match.icp
    typer.echo(f"{icp.title} ({icp.id} v{icp.version}): {count(len(shown.table.rows), 'account')}.")
    typer.echo(meaning_of(match))
    for note in shown.notes:
        typer.echo(f"Note: {note}")
    if top:
        typer.echo("")
        rows = (_row(shown, at, rank) for rank, at in enumerate(match.order[:top].tolist(), start=1))
        output.print_table(("Rank", "Row", shown.label, "Verdict", "Fit", "Fails", "Not known"), rows)
    typer.echo("")
    criteria = ((one.name, one.says, *map(_count, match.tally(at))) for at, one in enumerate(match.criteria))
    output.print_table(("Criterion", "Asks", "Pass", "Fail", "Unknown"), criteria)
    typer.echo("")
    places = by_place(shown)
    if places:
        rows = ((name, *(f"{count:,}" for count in counts.values())) for name, counts in places)
        output.print_table((shown.place, *match.names), rows)
        typer.echo("")
    typer.echo(", ".join(f"{count:,} {name}" for name, count in match.counts().items()) + ".")


def _row(shown: Shown, at: int, rank: int) -> Sequence[str]:
    match = shown.match
    low, high = float(match.low[at]), float(match.high[at])
    fit = f"{low:.2f}" if high - low < 0.005 else f"{low:.2f}-{high:.2f}"
    return (
        str(rank),
        str(shown.table.rows[at]),
        shown.table.column(shown.label)[at][:40],
        match.names[int(match.verdicts[at])],
        fit,
        _names(states_of(match, at, FAIL)),
        _names(states_of(match, at, UNKNOWN)),
    )


def _names(names: Sequence[str]) -> str:
    short = [name.removeprefix("firmographics.").removeprefix("technographics.") for name in names]
    more = f" +{len(short) - MOST_NAMES}" if len(short) > MOST_NAMES else ""
    return ", ".join(short[:MOST_NAMES]) + more


def _count(count: int) -> str:
    return f"{count:,}"
