"""How figures are put into sentences."""

from panelsim.model.analysis import Estimate


def points(estimate: Estimate) -> str:
    """`+0.42 points [+0.10, +0.71]`."""
    return f"{_signed(estimate.value)} points [{_signed(estimate.low)}, {_signed(estimate.high)}]"


def _signed(value: float) -> str:
    """Two decimals with a sign, and no `-0.00`."""
    return f"{round(value, 2) + 0.0:+.2f}"


def percent(share: float) -> str:
    """`57%`."""
    return f"{100 * share:.0f}%"


def share(estimate: Estimate) -> str:
    """`57% [51%, 63%]`."""
    return f"{percent(estimate.value)} [{percent(estimate.low)}, {percent(estimate.high)}]"


def chance(p: float) -> str:
    """`p = 0.031`, or `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def listed(names: tuple[str, ...]) -> str:
    """`'a', 'b' and 'c'`."""
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
