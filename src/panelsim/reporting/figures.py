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
    value, low, high = ends_of(figure)
    return f"{value} ({low} to {high})" if low else value


def ends_of(figure: Figure) -> tuple[str, str, str]:
    """The value and both ends of its interval, which are empty without one.

    With as many digits as tell both ends apart, at most four: a Brier score of `0.2507 (0.2502 to 0.2513)`
    misses a bound of .25, which `0.25 (0.25 to 0.25)` does not show.
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return "" if figure.value is None else in_form(figure.value, figure.form), "", ""
    apart = figure.high - figure.low
    digits = next((n for n in (2, 3, 4) if apart >= 10.0**-n), 4) if apart > 0 else 2
    value, low, high = (in_form(one, figure.form, digits) for one in (figure.value, figure.low, figure.high))
    return value, low, high


def in_form(value: float, form: FigureForm, digits: int = 2) -> str:
    """A figure as people write it: `62%`, `+0.04`, `0.81`; a number with that many digits after its point."""
    if form == "share":
        return f"{value * 100:.0f}%" if abs(value) >= 0.1 or value == 0 else f"{value * 100:.1f}%"
    text = f"{value:+.{digits}f}" if form == "signed" else f"{value:.{digits}f}"
    if float(text) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", "−")
