"""The panel's part: its answers about both texts of a pair, as columns beside the text's prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from panelsim.calibration.crossval import Forecast, parts_of
from panelsim.calibration.pairs import Pairs
from panelsim.calibration.ridge import Folds, Penalty, Scale, fit_ridge, fit_scale, gram_of, noise_weights
from panelsim.metrics.arrays import Flags, Floats

SMALL_PENALTY = Penalty(0.01, 1.0)
"""The columns are few, so they are hardly shrunk."""


@dataclass(frozen=True)
class PanelColumns:
    """What the panel said of each pair: text a minus text b, so that exchanging them turns the sign."""

    names: tuple[str, ...]
    values: Floats
    """(pairs, names): a mean rating of a less that of b; for `preference` a's win share less one half."""
    answered: Flags
    """(pairs,): whether every column is there."""


class Stacked(NamedTuple):
    """Weights of a few columns, and the scale of what they predict."""

    weights: Floats
    scale: Scale


def fit_stacked(columns: Floats, pairs: Pairs, rows: Flags, parts: Sequence[Flags]) -> Stacked:
    """The fit on `rows`; the scale comes from predictions of each of `parts` by a fit on the others."""
    held_out = np.zeros(len(pairs))
    for part in parts:
        held_out[part] = columns[part] @ _weights(columns, pairs, rows & ~part)
    scale = fit_scale(held_out[rows], pairs.gap[rows], pairs.variance[rows], pairs.weight[rows])
    return Stacked(_weights(columns, pairs, rows), scale)


def _weights(columns: Floats, pairs: Pairs, rows: Flags) -> Floats:
    if not rows.any():
        return np.zeros(columns.shape[1])
    weight = noise_weights(pairs.gap[rows], pairs.variance[rows], pairs.weight[rows])
    gram = gram_of(columns[rows], pairs.gap[rows], weight)
    return fit_ridge(gram, columns.shape[1], SMALL_PENALTY)


def cross_fit_stacked(
    panel: PanelColumns,
    pairs: Pairs,
    folds: Folds,
    text: Forecast | None,
    inner: Sequence[Floats],
) -> Forecast:
    """Predictions of every answered pair by a fit on the answers in all other folds.

    With `text` its prediction is one more column: in training the `inner` one of each fold, which did not see
    the pair either.
    """
    mean, spread = np.zeros(len(pairs)), np.ones(len(pairs))
    for fold in range(folds.n):
        training = [other for other in range(folds.n) if other != fold]
        seen = np.isin(folds.of, training) & panel.answered
        rows = (folds.of == fold) & panel.answered
        if not seen.any() or not rows.any():
            continue
        columns = panel.values
        if text is not None:
            columns = np.column_stack([np.where(seen, inner[fold], text.raw), panel.values])
        parts = [np.isin(folds.of, part) & panel.answered for part in parts_of(training)]
        fitted = fit_stacked(columns, pairs, seen, parts)
        mean[rows] = fitted.scale.slope * (columns[rows] @ fitted.weights)
        spread[rows] = fitted.scale.spread
    return Forecast(mean, mean, spread)
