"""Evaluations in Markdown: a section for each benchmark, and one for each comparison."""

from panelsim.model.benchmark import Comparison, EvalReport, Figure, GateResult, Scorecard
from panelsim.reporting import eval_text as said
from panelsim.reporting.figures import FOOTER, MARKS, STATES, bound_of, with_interval
from panelsim.reporting.markdown_tables import Lines, escaped, table


def render_eval_markdown(report: EvalReport) -> str:
    """The report as Markdown."""
    lines: Lines = ["# Evaluation", "", FOOTER, ""]
    if len(report.scorecards) > 1:
        rows = [
            [escaped(card.benchmark), said.standing(card), escaped(card.question)]
            for card in report.scorecards
        ]
        lines += [*table(["Benchmark", "Gates", "Question"], rows, 3), ""]
    for card in report.scorecards:
        lines += _card(card)
    for comparison in report.comparisons:
        lines += _comparison(comparison)
    return "\n".join(lines).rstrip() + "\n"


def _card(card: Scorecard) -> Lines:
    lines = [
        f"## {escaped(card.title)}",
        "",
        f"`{card.benchmark}` v{card.version}: **{said.standing(card)}**. {escaped(card.question)}",
        "",
        escaped(said.made_by(card.facts)),
        "",
    ]
    figures = {figure.name: figure for figure in card.figures}
    if card.gates:
        ordered = sorted(card.gates, key=lambda gate: said.ORDER.index(gate.state))
        rows = [_gate(gate, figures.get(gate.gate.figure)) for gate in ordered]
        lines += [*table(["Gate", "Figure", "Found", "Expected", "Why"], rows, 5), ""]
    rows = [
        [escaped(one.label), with_interval(one), escaped(said.ceiling(one)), escaped(said.behind(one))]
        for one in card.figures
    ]
    lines += [
        "### All figures",
        "",
        *table(["Figure", "Found (90% interval)", "Ceiling", "How"], rows, 4),
        "",
    ]
    for one in (filled for filled in card.tables if filled.rows):
        cells = [[_cell(cell) for cell in row] for row in one.rows]
        lines += [f"### {escaped(one.title)}", "", *table([escaped(c) for c in one.columns], cells, 1), ""]
        lines += [escaped(one.note), ""] if one.note else []
    lines += [f"- {escaped(note)}" for note in card.notes]
    return [*lines, "", f"Made with: {escaped(said.sources(card.facts))}", ""]


def _cell(text: str) -> str:
    """A cell of a table; a plain number needs no escape."""
    return text if text.replace(".", "").replace("%", "").isdigit() else escaped(text)


def _gate(result: GateResult, figure: Figure | None) -> list[str]:
    found = escaped(result.found) if figure is None or figure.value is None else with_interval(figure)
    return [
        f"{MARKS[result.state]} {STATES[result.state]}",
        escaped(result.gate.figure if figure is None else figure.label),
        found,
        bound_of(result.gate, "number" if figure is None else figure.form),
        escaped(result.gate.why),
    ]


def _comparison(one: Comparison) -> Lines:
    lines = [
        f"## {escaped(one.benchmark)}: {one.before.run_id} → {one.after.run_id}",
        "",
        said.summary(one),
        "",
    ]
    if one.changes:
        rows = [[f"{c.kind} {escaped(c.name)}", escaped(c.before), escaped(c.after)] for c in one.changes]
        lines += [*table(["Changed", "Before", "After"], rows, 3), ""]
    ordered = sorted(one.shifts, key=lambda shift: shift.state != "moved")
    rows = [
        [escaped(s.label), said.shifted(s), said.state_of(s), "yes" if s.paired else "no", said.gates_of(s)]
        for s in ordered
    ]
    return [*lines, *table(["Figure", "Shift (90% interval)", "", "Paired", "Gate"], rows, 5), ""]
