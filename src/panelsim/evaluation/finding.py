"""Findings: a figure with its interval, by drawing again the units that it was measured on."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.bootstrap import interval_of, rounded
from panelsim.model.benchmark import Figure, FigureForm, Table

DRAWS = 1000
CONFIDENCE = 0.90
SEED = 20
"""Of the draws: two runs on the same units draw the same ones, so that figures can be compared in pairs."""

Statistic: TypeAlias = Callable[[Ints], float | None]
"""The figure over the units at these places, some perhaps several times; None if it has none."""


class Finding(NamedTuple):
    """A figure, and what it came to in each draw."""

    figure: Figure
    units: tuple[str, ...] = ()
    """Names of what was drawn again; empty for a figure without an interval."""
    draws: Floats = np.empty(0)
    """The figure in each draw, NaN where it had none."""


class Findings(NamedTuple):
    """What a scorer found, gates not judged yet."""

    figures: tuple[Finding, ...]
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


def redrawn(n: int, draws: int = DRAWS) -> Ints:
    """(draws, n) places: `n` units drawn again with replacement, the same each time."""
    return np.random.default_rng([SEED, n]).integers(0, n, size=(draws, n))


def measured(
    name: str,
    label: str,
    units: Sequence[str],
    statistic: Statistic,
    *,
    unit: str,
    method: str,
    form: FigureForm = "number",
    draws: int = DRAWS,
) -> Finding:
    """The figure over all `units` with the interval of a cluster bootstrap over them.

    Expanded percentile interval (Hesterberg 2015), as in reports. Draws in which the figure does not exist
    are left out; with more than one in ten of them there is no interval. Absent if it has no value at all.
    """
    n = len(units)
    if n < 2:
        return absent(name, label, f"{n} {unit}; a figure with an interval needs two or more", form=form)
    value = statistic(np.arange(n))
    if value is None:
        return absent(name, label, "nothing differs, or nothing was answered", form=form)
    found = [statistic(places) for places in redrawn(n, draws)]
    drawn = np.array([np.nan if one is None else one for one in found])
    there = drawn[~np.isnan(drawn)]
    low: float | None = None
    high: float | None = None
    if len(there) >= 0.9 * len(drawn):
        low, high = interval_of(there, n - 1, CONFIDENCE)
        low, high = rounded(min(low, value)), rounded(max(high, value))
    figure = Figure(
        name=name,
        label=label,
        form=form,
        value=rounded(value),
        low=low,
        high=high,
        confidence=CONFIDENCE,
        n=n,
        unit=unit,
        method=f"{method}; bootstrap over {n} {unit}, {draws} draws",
    )
    return Finding(figure, tuple(units), drawn)


def given(
    name: str,
    label: str,
    value: float,
    *,
    n: int,
    unit: str,
    method: str,
    form: FigureForm = "number",
    bounds: tuple[float, float] | None = None,
) -> Finding:
    """A figure whose interval, if any, is computed in another way."""
    low, high = bounds or (None, None)
    figure = Figure(
        name=name,
        label=label,
        form=form,
        value=rounded(value),
        low=None if low is None else rounded(low),
        high=None if high is None else rounded(high),
        confidence=CONFIDENCE,
        n=n,
        unit=unit,
        method=method,
    )
    return Finding(figure)


def absent(name: str, label: str, reason: str, *, form: FigureForm = "number") -> Finding:
    """A figure that could not be computed, and why."""
    return Finding(Figure(name=name, label=label, form=form, value=None, reason=reason))
