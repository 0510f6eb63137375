"""Variance components of a crossed design: how much of the spread is buyers, texts, wordings or repeats."""

import math
from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import TypeAlias

import numpy as np

from panelsim.metrics.arrays import Floats

Effect: TypeAlias = tuple[int, ...]
"""Axes of the array that an effect runs over: `(0,)` a main effect, `(0, 1)` an interaction."""


def crossed_components(values: Floats) -> dict[Effect, float]:
    """The variance of every effect of a fully crossed random design, one value in each cell, none missing.

    Each axis of `values` is a facet (buyers, texts, wordings, repeats). With one value a cell,
    E[MS_A] = sum over B containing A of var_B times the product of the sizes of facets not in B, so
    var_A = sum over B containing A of (-1)^(|B| - |A|) MS_B, over the product of the sizes of facets not in A
    (Searle, Casella & McCulloch 1992, Variance Components; Brennan 2001, Generalizability Theory). The effect
    of all axes is confounded with error. A negative estimate is 0.
    """
    if values.ndim < 2 or min(values.shape) < 2:
        raise ValueError(f"crossed_components: shape {values.shape}; expected two axes or more of 2 or more")
    squares = _mean_squares(values)
    found = {}
    for effect in squares:
        over = (other for other in squares if set(effect) <= set(other))
        signed = sum((-1) ** (len(other) - len(effect)) * squares[other] for other in over)
        found[effect] = max(0.0, signed / _cells(values, effect))
    return found


def _mean_squares(values: Floats) -> dict[Effect, float]:
    """Mean square of each effect: its squared deviations, times the cells behind each, over its freedom."""
    deviations: dict[Effect, Floats] = {}
    squares = {}
    for effect in _effects(values.ndim):
        rest = tuple(axis for axis in range(values.ndim) if axis not in effect)
        means: Floats = values.mean(axis=rest, keepdims=True) if rest else values
        below = [deviations[inner] for inner in deviations if set(inner) < set(effect)]
        deviations[effect] = means - values.mean() - sum(below, np.zeros(()))
        freedom = math.prod(values.shape[axis] - 1 for axis in effect)
        squares[effect] = _cells(values, effect) * float(np.sum(deviations[effect] ** 2)) / freedom
    return squares


def _effects(axes: int) -> Iterator[Effect]:
    return chain.from_iterable(combinations(range(axes), size) for size in range(1, axes + 1))


def _cells(values: Floats, effect: Effect) -> int:
    return math.prod(size for axis, size in enumerate(values.shape) if axis not in effect)


def component_shares(components: Mapping[Effect, float]) -> dict[Effect, float] | None:
    """Each component over the sum of all; absent if nothing varies."""
    total = sum(components.values())
    return None if total <= 0 else {effect: value / total for effect, value in components.items()}


def dependability(
    stimulus: float, interaction: float, error: float, *, buyers: int, repeats: int = 1
) -> float | None:
    """How well the mean over a panel tells stimuli apart: the generalizability coefficient of their ranking.

    E rho^2 = var_s / (var_s + var_ps / n_p + var_e / (n_p n_r)) (Cronbach et al. 1972; Brennan 2001), with
    the variances of stimuli, of stimuli within buyers, and of repeats. From .80 on a panel is large enough.
    Absent if nothing varies.
    """
    noise = interaction / buyers + error / (buyers * repeats)
    return None if stimulus + noise <= 0 else stimulus / (stimulus + noise)
