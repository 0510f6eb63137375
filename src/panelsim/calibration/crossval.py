"""Cross-validation grouped by test: every pair is predicted by a fit that saw no test of its group.

Penalties and scales are chosen inside the training part of each fold, by a second round of folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from panelsim.calibration.pairs import Pairs
from panelsim.calibration.ridge import (
    Folds,
    Gram,
    Penalty,
    Scale,
    fit_ridge,
    fit_scale,
    gram_of,
    noise_weights,
    penalties,
)
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.forecast import normal_p

INNER = 3
"""Parts that the training folds are split into to choose penalty and scale."""


@dataclass(frozen=True)
class Columns:
    """What is known of the texts: surface features first, then the dimensions of their vectors."""

    values: Floats
    """(texts, columns)."""
    surface: int
    """How many columns are surface features."""

    def differences(self, pairs: Pairs) -> Floats:
        """(pairs, columns): the text a of each pair less its text b."""
        gaps: Floats = self.values[pairs.a] - self.values[pairs.b]
        return gaps


class Forecast(NamedTuple):
    """Predictions of gaps in log odds, each by a fit that did not see its group."""

    raw: Floats
    """As fitted, before scaling."""
    mean: Floats
    spread: Floats
    """SD of the true gap around `mean`."""

    def really_p(self) -> Floats:
        """P(a really beats b)."""
        return normal_p(self.mean, self.spread**2)

    def observed_p(self, variance: Floats) -> Floats:
        """P(a shows the higher rate) in a test whose gap has that sampling variance."""
        return normal_p(self.mean, self.spread**2 + variance)


class Fitted(NamedTuple):
    """A fit on some of the folds, with predictions of its own training pairs that it did not see."""

    weights: Floats
    scale: Scale
    inner: Floats
    """(pairs,): predictions of the training pairs by fits on other parts; 0 elsewhere."""


def fit_on(columns: Columns, pairs: Pairs, folds: Folds, training: Sequence[int]) -> Fitted:
    """The fit on the folds `training`, penalty and scale chosen by their own cross-validation."""
    chosen = np.isin(folds.of, training)
    weight = np.zeros(len(pairs))
    weight[chosen] = noise_weights(pairs.gap[chosen], pairs.variance[chosen], pairs.weight[chosen])
    differences = columns.differences(pairs)
    grams = {}
    for fold in training:
        rows = folds.of == fold
        grams[fold] = gram_of(differences[rows], pairs.gap[rows], weight[rows])
    penalty, scale, inner = _choose(columns, pairs, folds.of, differences, grams)
    return Fitted(fit_ridge(_sum(list(grams.values())), columns.surface, penalty), scale, inner)


def parts_of(training: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The folds of `training` in up to INNER parts."""
    parts = tuple(tuple(training[at::INNER]) for at in range(INNER))
    return tuple(part for part in parts if part)


def _choose(
    columns: Columns, pairs: Pairs, fold: Ints, differences: Floats, grams: dict[int, Gram]
) -> tuple[Penalty, Scale, Floats]:
    training = list(grams)
    chosen = np.isin(fold, training)
    best: tuple[Penalty, Scale, Floats] | None = None
    parts = [(part, fold_rows(fold, part), _rest(grams, part)) for part in parts_of(training)]
    for penalty in penalties(columns.surface, columns.values.shape[1]):
        inner = np.zeros(len(pairs))
        for _, rows, rest in parts:
            inner[rows] = differences[rows] @ fit_ridge(rest, columns.surface, penalty)
        scale = fit_scale(inner[chosen], pairs.gap[chosen], pairs.variance[chosen], pairs.weight[chosen])
        if best is None or scale.loss < best[1].loss:
            best = penalty, scale, inner
    if best is None:
        raise ValueError("no penalty to choose from")
    return best


def fold_rows(fold: Ints, folds: Sequence[int]) -> Flags:
    """Which pairs are in one of `folds`."""
    return np.isin(fold, folds)


def _rest(grams: dict[int, Gram], part: Sequence[int]) -> Gram:
    return _sum([gram for fold, gram in grams.items() if fold not in part])


def _sum(grams: Sequence[Gram]) -> Gram:
    total = grams[0]
    for gram in grams[1:]:
        total = total.plus(gram)
    return total


def cross_fit(columns: Columns, pairs: Pairs, folds: Folds) -> tuple[Forecast, tuple[Floats, ...]]:
    """Predictions of every pair by the fit on all other folds, and the inner predictions of each such fit."""
    raw, mean, spread = np.zeros(len(pairs)), np.zeros(len(pairs)), np.ones(len(pairs))
    inner = []
    for fold in range(folds.n):
        fitted = fit_on(columns, pairs, folds, [other for other in range(folds.n) if other != fold])
        rows = folds.of == fold
        raw[rows] = columns.differences(pairs)[rows] @ fitted.weights
        mean[rows] = fitted.scale.slope * raw[rows]
        spread[rows] = fitted.scale.spread
        inner.append(fitted.inner)
    return Forecast(raw, mean, spread), tuple(inner)
