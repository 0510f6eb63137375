"""Showing the persona matrix in a terminal, or writing it."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, assert_never

import typer

from panelsim import __version__
from panelsim.cli import output
from panelsim.files import list_icps, list_personas, read_icp, read_panel_spec, read_persona
from panelsim.model.icp import ICP, Polarity
from panelsim.model.matrix import Column, LastResult, Matrix, Row
from panelsim.model.persona import Persona
from panelsim.planning.matrix import build_matrix
from panelsim.reporting.matrix import (
    ROLES,
    block,
    cell_at,
    homeless,
    render_matrix_csv,
    render_matrix_html,
    result_in_words,
    rule_in_words,
)
from panelsim.service.profiles import store_if_any
from panelsim.service.results import last_results
from panelsim.service.workspace import open_workspace
from panelsim.settings import read_settings

EXIT_BROKEN = 1
NARROWEST = 26
"""Columns of text that one ICP needs beside another."""
FIRST = 26
"""Columns that the persona's name may take."""


def show_matrix(
    panel: str, form: Literal["table", "csv", "html", "json"], out: Path | None, *, results: bool
) -> None:
    """Shows or writes the matrix; exits with 1 if a mapping breaks a rule."""
    personas, icps = _profiles(panel)
    found = _results(personas) if results else {}
    matrix = build_matrix(personas, icps, found)
    match form:
        case "table":
            if out is None:
                _print(matrix)
            else:
                raise typer.BadParameter("--out needs --format csv, html or json")
        case "csv":
            _write(render_matrix_csv(matrix), out)
        case "html":
            _write(render_matrix_html(matrix, datetime.now(UTC).date().isoformat(), __version__), out)
        case "json":
            _write(matrix.model_dump_json(indent=1) + "\n", out)
        case _:
            assert_never(form)
    for sentence in matrix.broken:
        output.err().print(f"Error: {sentence}", markup=False)
    if matrix.broken:
        raise typer.Exit(EXIT_BROKEN)


def _profiles(panel: str) -> tuple[Sequence[Persona], Sequence[ICP]]:
    if not panel:
        return [read_persona(name) for name in list_personas()], [read_icp(name) for name in list_icps()]
    sources = read_panel_spec(panel)
    return sources.personas + sources.anti_personas, sources.icps + sources.anti_icps


def _results(personas: Sequence[Persona]) -> dict[tuple[str, str], LastResult]:
    """What is in the store; a store that is not there yet is not made."""
    settings = read_settings()
    with store_if_any(settings) as store:
        if store is None:
            return {}
    with open_workspace(settings) as workspace:
        return last_results(((one.id, icp) for one in personas for icp in one.icps), workspace)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    from panelsim.cli.stored import write_to

    write_to(out, (text,))


def _print(matrix: Matrix) -> None:
    titles: tuple[tuple[Polarity, str], ...] = (("positive", "ICP"), ("negative", "Anti-ICP"))
    for polarity, title in titles:
        columns, rows = block(matrix, polarity)
        for part in _parts(columns):
            inside = [row for row in rows if any(cell_at(row, column.id) for column in part)]
            _print_part(title, part, inside)
    if alone := homeless(matrix):
        typer.echo(f"In none of these ICPs: {', '.join(row.persona for row in alone)}")


def _parts(columns: Sequence[Column]) -> list[Sequence[Column]]:
    """The columns in groups that fit beside each other."""
    at_once = max(1, (output.table_width() - FIRST) // NARROWEST)
    return [columns[at : at + at_once] for at in range(0, len(columns), at_once)]


def _print_part(title: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    if not rows:
        return
    output.print_table(
        (f"Persona \\ {title}", *(column.id for column in columns)),
        [(row.persona, *(_text(row, column.id) for column in columns)) for row in rows],
    )
    typer.echo("")


def _text(row: Row, icp: str) -> str:
    cell = cell_at(row, icp)
    if cell is None:
        return "–"
    lines = (f"{ROLES[row.role]}, {row.authority}", rule_in_words(cell), result_in_words(cell.last))
    return "\n".join(line for line in lines if line)
