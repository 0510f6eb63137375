"""Scoring: forecasts of pairs against what was observed, with intervals over groups of tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from panelsim.calibration.pairs import Pairs
from panelsim.metrics import forecast
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.model.calibration import (
    Coverage,
    Figure,
    PredictorName,
    PredictorScore,
    ReliabilityBin,
    Subset,
    SubsetScore,
)

CONFIDENCE = 0.95
DRAWS, AUC_DRAWS = 2000, 400
"""Draws of groups behind an interval of a mean and of an AUC."""
STATED = (0.5, 0.8, 0.9)
"""Coverages that are checked."""
EDGES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1.0)
"""Of the reliability curve's bins, by the probability of the likelier text."""
SUBSETS: tuple[Subset, ...] = ("all", "p<.05", "FDR 5%")
LABELS: dict[PredictorName, str] = {
    "coin": "coin",
    "longer": "the longer text",
    "tfidf": "TF-IDF logistic regression",
    "surface": "surface of the text",
    "text": "surface and sentence vector",
    "panel": "the panel's answers alone",
    "text+panel": "text and the panel's answers",
}
BASELINES: tuple[PredictorName, ...] = ("coin", "longer", "tfidf")
DECIMALS = 6


@dataclass(frozen=True)
class Scorer:
    """Scores forecasts of the same pairs with the same draws of groups."""

    pairs: Pairs
    rows: Flags
    """Which pairs are scored."""
    seed: int

    def score(self, name: PredictorName, p: Floats) -> PredictorScore:
        """A row of the table: `p` is P(a shows the higher rate) of every pair."""
        subsets = tuple(
            self._score_subset(subset, p, chosen)
            for subset in SUBSETS
            if (chosen := self.rows & self.pairs.of(subset)).any()
        )
        return PredictorScore(name=name, label=LABELS[name], is_baseline=name in BASELINES, subsets=subsets)

    def _score_subset(self, subset: Subset, p: Floats, rows: Flags) -> SubsetScore:
        given, won, group = p[rows], self.pairs.won[rows], self._groups(rows)
        drawn = self._drawn(group, DRAWS)
        auc = forecast.auc_of_draws(given, won, group, drawn[:AUC_DRAWS])
        return SubsetScore(
            subset=subset,
            pairs=len(given),
            groups=int(group.max()) + 1,
            accuracy=_mean_figure(forecast.hits(given, won), group, drawn),
            auc=figure_of(forecast.pair_auc(given, won), auc),
            brier=_mean_figure(forecast.brier(given, won), group, drawn),
            log_loss=_mean_figure(forecast.log_loss(given, won), group, drawn),
        )

    def gain(self, baseline: Floats, p: Floats) -> Figure:
        """Log loss with `baseline` minus log loss with `p`, over the same pairs: above 0 if `p` is better."""
        won, group = self.pairs.won[self.rows], self._groups(self.rows)
        gains = forecast.log_loss(baseline[self.rows], won) - forecast.log_loss(p[self.rows], won)
        return _mean_figure(gains, group, self._drawn(group, DRAWS))

    def reliability(self, p: Floats) -> tuple[ReliabilityBin, ...]:
        """How often the likelier text won, by how likely it was said to be; tied forecasts say nothing."""
        rows = self.rows & (p != 0.5)
        likelier = np.maximum(p, 1 - p)
        won = np.where(p > 0.5, self.pairs.won, 1 - self.pairs.won)
        bins = []
        for low, high in pairwise(EDGES):
            inside = rows & (likelier >= low) & ((likelier < high) | (high == 1.0))
            if inside.any():
                group = self._groups(inside)
                bins.append(
                    ReliabilityBin(
                        low=low,
                        high=high,
                        pairs=int(inside.sum()),
                        predicted=round(float(likelier[inside].mean()), DECIMALS),
                        observed=_mean_figure(won[inside], group, self._drawn(group, DRAWS)),
                    )
                )
        return tuple(bins)

    def coverage(self, mean: Floats, spread: Floats) -> tuple[Coverage, ...]:
        """How often the observed gap lay within the central interval of N(mean, spread^2 + noise)."""
        rows = self.rows
        p = forecast.normal_p(
            self.pairs.gap[rows] - mean[rows], spread[rows] ** 2 + self.pairs.variance[rows]
        )
        group = self._groups(rows)
        drawn = self._drawn(group, DRAWS)
        return tuple(
            Coverage(
                stated=stated,
                observed=_mean_figure(np.where(np.abs(2 * p - 1) <= stated, 1.0, 0.0), group, drawn),
            )
            for stated in STATED
        )

    def _groups(self, rows: Flags) -> Ints:
        """The groups of some pairs, counted from 0 without gaps."""
        _, places = np.unique(self.pairs.group[rows], return_inverse=True)
        groups: Ints = places.astype(np.int64)
        return groups

    def _drawn(self, group: Ints, draws: int) -> Floats:
        groups = int(group.max()) + 1
        return forecast.group_draws(groups, draws, np.random.Generator(np.random.PCG64([self.seed, groups])))


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Mean |observed - predicted| over the bins, weighted by pairs (expected calibration error)."""
    total = sum(one.pairs for one in bins)
    return sum(one.pairs * abs(one.observed.value - one.predicted) for one in bins) / total if total else 0.0


def figure_of(value: float, draws: Floats, confidence: float = CONFIDENCE) -> Figure:
    """`value` with the percentile interval of `draws`; the interval always holds the value."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail]) if len(draws) else (value, value)
    return Figure(
        value=round(value, DECIMALS),
        low=round(min(float(low), value), DECIMALS),
        high=round(max(float(high), value), DECIMALS),
    )


def _mean_figure(values: Floats, group: Ints, drawn: Floats) -> Figure:
    return figure_of(float(values.mean()), forecast.mean_of_draws(values, group, drawn))
