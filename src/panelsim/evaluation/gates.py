"""Gates: whether a figure keeps its bound, and whether a miss is beyond the noise."""

from panelsim.model.benchmark import Figure, Gate, GateResult, GateState
from panelsim.reporting.figures import bound_of, with_interval


def judge(gate: Gate, figure: Figure | None) -> GateResult:
    """The gate with what was found.

    `holds` if every bound is kept. A miss is `red` if the whole interval lies beyond a bound, or if there is
    no interval; else `amber`: a larger evaluation could go either way. A figure that is absent, or has no
    interval where a bound asks for one, is `not_computed`, which is no pass.
    """
    if figure is None:
        return GateResult(gate=gate, state="not_computed", found=f"there is no figure {gate.figure!r}")
    if figure.value is None:
        return GateResult(gate=gate, state="not_computed", found=f"not computed: {figure.reason}")
    if (gate.low_at_least is not None or gate.high_at_most is not None) and figure.low is None:
        return GateResult(gate=gate, state="not_computed", found="it has no interval to judge")
    return GateResult(gate=gate, state=_state(gate, figure, figure.value), found=found(gate, figure))


def _state(gate: Gate, figure: Figure, value: float) -> GateState:
    low = value if figure.low is None else figure.low
    high = value if figure.high is None else figure.high
    kept = (
        (gate.at_least is None or value >= gate.at_least)
        and (gate.at_most is None or value <= gate.at_most)
        and (gate.low_at_least is None or low >= gate.low_at_least)
        and (gate.high_at_most is None or high <= gate.high_at_most)
    )
    if kept:
        return "holds"
    floors = [bound for bound in (gate.at_least, gate.low_at_least) if bound is not None]
    roofs = [bound for bound in (gate.at_most, gate.high_at_most) if bound is not None]
    beyond = any(high < bound for bound in floors) or any(low > bound for bound in roofs)
    return "red" if beyond or figure.low is None else "amber"


def found(gate: Gate, figure: Figure) -> str:
    """`0.42 (0.31 to 0.55), expected at least 0.65`."""
    return f"{with_interval(figure)}, expected {bound_of(gate, figure.form)}"
