"""Evaluations on a terminal: gates first, then the other figures, the ceiling beside each."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from panelsim.model.benchmark import Comparison, EvalReport, GateState, Scorecard
from panelsim.reporting import eval_text as said
from panelsim.reporting.figures import FOOTER, MARKS, STATES, bound_of, in_form, with_interval
from panelsim.reporting.words import one_line

TONES: Mapping[GateState, str] = {
    "holds": "green",
    "amber": "yellow",
    "red": "bold red",
    "not_computed": "bold yellow",
}


MIN_WIDTH = 6
"""Of a column beside the first: numbers are not folded."""


def render_eval_terminal(report: EvalReport, *, width: int = 100, colour: bool = False) -> str:
    """The report at `width` columns; plain text unless `colour`."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for card in report.scorecards:
        for part in _card(card):
            console.print(part)
    if len(report.scorecards) > 1:
        for part in _overview(report.scorecards):
            console.print(part)
    for comparison in report.comparisons:
        for part in _comparison(comparison):
            console.print(part)
    console.print(Text(FOOTER, style="dim"))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _grid(*columns: str) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True, show_edge=False)
    for at, column in enumerate(columns):
        grid.add_column(column, overflow="fold", min_width=MIN_WIDTH if at else None)
    return grid


def _card(card: Scorecard) -> Sequence[RenderableType]:
    head = Text.assemble(
        (card.benchmark.upper(), "bold"), "  ", (said.standing(card), TONES[said.worst(card)])
    )
    grid = _grid("", "Figure", "Found", "Expected", "Ceiling")
    gated = {gate.gate.figure for gate in card.gates}
    for result in sorted(card.gates, key=lambda one: said.ORDER.index(one.state)):
        figure = next((one for one in card.figures if one.name == result.gate.figure), None)
        found = result.found if figure is None or figure.value is None else with_interval(figure)
        label = result.gate.figure if figure is None else figure.label
        form = "number" if figure is None else figure.form
        top = "" if figure is None or figure.ceiling is None else in_form(figure.ceiling.value, figure.form)
        mark = Text(f"{MARKS[result.state]} {STATES[result.state]}", style=TONES[result.state])
        grid.add_row(
            mark, Text(one_line(label)), Text(one_line(found)), Text(bound_of(result.gate, form)), Text(top)
        )
    for figure in card.figures:
        if figure.name not in gated:
            top = "" if figure.ceiling is None else in_form(figure.ceiling.value, figure.form)
            grid.add_row(
                Text("·"),
                Text(one_line(figure.label)),
                Text(one_line(with_interval(figure))),
                Text(""),
                Text(top),
            )
    parts: list[RenderableType] = [
        head,
        Text(one_line(card.question)),
        Text(one_line(said.made_by(card.facts)), style="dim"),
        grid,
    ]
    parts += [Text(f"Ceiling: {one_line(line)}", style="dim") for line in said.ceilings(card)]
    for table in (one for one in card.tables if one.rows):
        parts += [Text(f"\n{one_line(table.title)}", style="bold"), _table(table.columns, table.rows)]
        parts += [Text(one_line(table.note), style="dim")] if table.note else []
    parts += [Text(f"Note: {one_line(note)}", style="dim") for note in card.notes]
    return [*parts, ""]


def _overview(cards: Sequence[Scorecard]) -> Sequence[RenderableType]:
    """All benchmarks at a glance, last, where a terminal ends up."""
    grid = _grid("Benchmark", "Red", "Amber", "Not computed", "Hold", "Model", "What it answers")
    for card in cards:
        counts = Counter(gate.state for gate in card.gates)
        told = [
            Text(str(counts[state] or "–"), style=TONES[state] if counts[state] else "dim")
            for state in said.ORDER
        ]
        model = card.facts.model
        name = f"{model.provider}/{model.name.partition('@')[0]}"
        grid.add_row(
            Text(card.benchmark, style=TONES[said.worst(card)]),
            *told,
            Text(one_line(name)),
            Text(one_line(card.title)),
        )
    return [Text("GATES OF EACH BENCHMARK", style="bold"), grid, ""]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    grid = _grid(*columns)
    for row in rows:
        grid.add_row(*(Text(one_line(cell)) for cell in row))
    return grid


def _comparison(one: Comparison) -> Sequence[RenderableType]:
    head = Text.assemble((one.benchmark.upper(), "bold"), f"  {one.before.run_id} → {one.after.run_id}")
    parts: list[RenderableType] = [head, Text(said.summary(one))]
    if one.changes:
        parts.append(
            _table(
                ("Changed", "Before", "After"),
                [(f"{c.kind} {c.name}", c.before, c.after) for c in one.changes],
            )
        )
    grid = _grid("Figure", "Before", "After", "Shift (90% interval)", "", "Gate")
    for shift in sorted(one.shifts, key=lambda s: s.state != "moved"):
        style = "bold" if shift.state == "moved" else ""
        grid.add_row(
            Text(one_line(shift.label), style=style),
            Text(said.value_of(shift.before, shift), style=style),
            Text(said.value_of(shift.after, shift), style=style),
            Text(said.gap_of(shift), style=style),
            Text(said.state_of(shift), style=style),
            Text(said.gates_of(shift)),
        )
    return [*parts, grid, Text(said.pairing(one), style="dim"), ""]
