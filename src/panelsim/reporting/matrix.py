"""The persona matrix as CSV and as a page."""

import csv
import io
from collections.abc import Mapping, Sequence

from panelsim.model.icp import Polarity
from panelsim.model.matrix import Cell, Column, LastResult, Matrix, Row
from panelsim.model.panel import CommitteeRole
from panelsim.reporting.csv import guarded
from panelsim.reporting.html import ENVIRONMENT
from panelsim.reporting.words import VERDICTS

ROLES: Mapping[CommitteeRole, str] = {
    "champion": "champion",
    "economic": "economic buyer",
    "technical": "technical buyer",
    "user": "user",
    "sponsor": "executive sponsor",
    "procurement": "procurement",
    "blocker": "blocker",
}
NOT_TESTED = "not tested"
BLOCKS: tuple[tuple[Polarity, str, str], ...] = (
    ("positive", "ICPs", "Companies we sell to."),
    ("negative", "Anti-ICPs", "Companies we do not sell to; their people are the control of a test."),
)
"""Of the page: polarity, heading, note."""
COLUMNS = (
    "persona", "persona_version", "title", "status", "role", "authority", "icp", "polarity", "rule", "fit",
    "last_run", "last_date", "asked_as_control", "verdict", "leading_text", "leading_with_this_persona",
    "simulated",
)  # fmt: skip
"""Of the CSV: one row per persona and ICP that it names."""


def block(matrix: Matrix, polarity: Polarity) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """The ICPs of one polarity, and the personas that belong to any of them."""
    columns = tuple(column for column in matrix.columns if column.polarity == polarity)
    inside = {column.id for column in columns}
    return columns, tuple(row for row in matrix.rows if any(cell.icp in inside for cell in row.cells))


def homeless(matrix: Matrix) -> tuple[Row, ...]:
    """Personas that belong to none of the ICPs shown."""
    return tuple(row for row in matrix.rows if not row.cells)


def cell_at(row: Row, icp: str) -> Cell | None:
    """The persona's cell in an ICP; None if it does not belong there."""
    return next((cell for cell in row.cells if cell.icp == icp), None)


def rule_in_words(cell: Cell) -> str:
    """`only if headcount at most 30`, and whether that holds."""
    if not cell.rule:
        return ""
    said = {"holds": "", "unsaid": " (the ICP does not say)", "broken": " (broken)"}[cell.fit]
    return f"only if {cell.rule}{said}"


def result_in_words(last: LastResult | None) -> str:
    """`Lean: “Forecasts your CFO believes”, 2026-11-25`; `not tested`."""
    if last is None:
        return NOT_TESTED
    if last.word is None:
        return f"run {last.run_id} cannot be read: {last.problem}"
    led = f": “{last.leader}”" if last.leader else ""
    own = f"; here “{last.own_leader}” leads" if last.own_leader and last.own_leader != last.leader else ""
    control = " (asked as a control)" if last.as_control else ""
    return f"{VERDICTS[last.word]}{led}{own}, {last.date}{control}"


def render_matrix_csv(matrix: Matrix) -> str:
    """One row per persona and ICP that it names; text that a spreadsheet would run is disarmed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    polarity = {column.id: column.polarity for column in matrix.columns}
    for row in matrix.rows:
        for cell in row.cells:
            writer.writerow([guarded(text) for text in _fields(row, cell, polarity[cell.icp])])
    return out.getvalue()


def _fields(row: Row, cell: Cell, polarity: str) -> Sequence[str]:
    last = cell.last
    said = (
        (last.run_id, last.date, str(last.as_control).lower(), last.word or "", last.leader, last.own_leader)
        if last
        else ("", "", "", "", "", "")
    )
    who = (row.persona, str(row.version), row.title, row.status, row.role, row.authority)
    return (*who, cell.icp, polarity, cell.rule, cell.fit, *said, "true")


def render_matrix_html(matrix: Matrix, date: str, version: str) -> str:
    """The matrix as one page without script or network; `date` is the day it shows, YYYY-MM-DD."""
    blocks = [(name, note, *block(matrix, polarity)) for polarity, name, note in BLOCKS]
    template = ENVIRONMENT.get_template("matrix.html")
    return template.render(
        matrix=matrix,
        blocks=[one for one in blocks if one[2] and one[3]],
        homeless=homeless(matrix),
        date=date,
        version=version,
        roles=ROLES,
        cell_at=cell_at,
        rule_in_words=rule_in_words,
    )
