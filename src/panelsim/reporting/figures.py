"""Figures of evaluations in words, shared by every format."""

from collections.abc import Mapping

from panelsim.model.benchmark import Figure, FigureForm, Gate, GateState, ShiftState

STATES: Mapping[GateState, str] = {
    "holds": "holds",
    "amber": "amber",
    "red": "red",
    "not_computed": "not computed",
}
MARKS: Mapping[GateState, str] = {"holds": "✓", "amber": "!", "red": "✗", "not_computed": "?"}
SHIFTS: Mapping[ShiftState, str] = {
    "moved": "moved",
    "within_noise": "within noise",
    "differs": "differs, noise not known",
    "not_computed": "not computed",
}
FOOTER = "Simulated, not people. These figures describe a panel played by a language model."


def bound_of(gate: Gate, form: FigureForm = "number") -> str:
    """The bounds in words: `at least 0.65, its low end at least 0.50`."""
    said = [
        (gate.at_least, "at least {}"),
        (gate.at_most, "at most {}"),
        (gate.low_at_least, "its low end at least {}"),
        (gate.high_at_most, "its high end at most {}"),
    ]
    return ", ".join(text.format(in_form(bound, form)) for bound, text in said if bound is not None)


def with_interval(figure: Figure) -> str:
    """`0.42 (0.31 to 0.55)`, or why there is none."""
    if figure.value is None:
        return f"not computed: {figure.reason}"
    value = in_form(figure.value, figure.form)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({in_form(figure.low, figure.form)} to {in_form(figure.high, figure.form)})"


def in_form(value: float, form: FigureForm) -> str:
    """A figure as people write it: `62%`, `+0.04`, `0.81`."""
    if form == "share":
        return f"{value * 100:.0f}%" if abs(value) >= 0.1 or value == 0 else f"{value * 100:.1f}%"
    text = f"{value:+.2f}" if form == "signed" else f"{value:.2f}"
    if float(text) == 0:
        text = "0.00"
    return text.replace("-", "−")
