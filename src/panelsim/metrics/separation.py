"""How far something separates two groups: differences of shares, odds ratios, areas under the curve."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special, stats

from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.inference import wilson

DRAWS = 9999


class Between(NamedTuple):
    """A figure and its interval."""

    value: float
    low: float
    high: float


def share_difference(one: float, n_one: int, other: float, n_other: int, confidence: float = 0.95) -> Between:
    """p1 - p2 with Newcombe's hybrid score interval (Newcombe 1998, Statistics in Medicine 17, method 10).

    d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to d + sqrt((u1 - p1)^2 + (p2 - l2)^2), l and u Wilson's limits of
    each share. `one` of `n_one` and `other` of `n_other`; both n at least 1.
    """
    p1, p2 = one / n_one, other / n_other
    (l1, u1), (l2, u2) = wilson(one, n_one, confidence), wilson(other, n_other, confidence)
    below = ((p1 - l1) ** 2 + (u2 - p2) ** 2) ** 0.5
    above = ((u1 - p1) ** 2 + (p2 - l2) ** 2) ** 0.5
    return Between(p1 - p2, max(-1.0, p1 - p2 - below), min(1.0, p1 - p2 + above))


def odds_ratio(one: float, n_one: int, other: float, n_other: int, confidence: float = 0.95) -> Between:
    """(a + .5)(d + .5) / (b + .5)(c + .5) with a lognormal interval (Haldane 1956; Gart 1966, Biometrika 53).

    a, b: hits and misses of the first group; c, d: of the second. log OR +- z sqrt(sum of 1 / (cell + .5)).
    """
    cells = [one + 0.5, n_one - one + 0.5, other + 0.5, n_other - other + 0.5]
    log_or = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    spread = float(special.ndtri((1 + confidence) / 2)) * sum(1 / cell for cell in cells) ** 0.5
    return Between(float(np.exp(log_or)), float(np.exp(log_or - spread)), float(np.exp(log_or + spread)))


def rank_sum_p(one: Floats, other: Floats) -> float:
    """Two-sided p of Mann & Whitney 1947, normal approximation with ties; 1 if empty or all tied."""
    if len(one) == 0 or len(other) == 0 or np.ptp(np.concatenate([one, other])) == 0:
        return 1.0
    return float(stats.mannwhitneyu(one, other, method="asymptotic").pvalue)


def levels_p(codes: Ints, hits: Flags, rng: np.random.Generator) -> float:
    """P of independence of a level (`codes`, 0 up) and an outcome, by Pearson's chi-square.

    From its distribution if no expected count is below 1 and at most a fifth are below 5 (Cochran 1954). Else
    two levels by Fisher's exact test, more by DRAWS tables drawn with the same margins (multivariate
    hypergeometric), p = (b + 1) / (m + 1) as Phipson & Smyth 2010.
    """
    sizes = np.bincount(codes)
    sizes, found = sizes[sizes > 0], np.bincount(codes, weights=hits)[sizes > 0]
    n, total = int(sizes.sum()), int(found.sum())
    if len(sizes) < 2 or total in (0, n):
        return 1.0
    share = total / n
    chi = np.sum((found - sizes * share) ** 2 / (sizes * share * (1 - share)))
    expected = np.concatenate([sizes * share, sizes * (1 - share)])
    if expected.min() >= 1 and np.mean(expected < 5) <= 0.2:
        return float(special.chdtrc(len(sizes) - 1, chi))
    if len(sizes) == 2:
        return float(stats.fisher_exact([found, sizes - found]).pvalue)
    drawn = rng.multivariate_hypergeometric(sizes, total, size=DRAWS, method="marginals")
    null = np.sum((drawn - sizes * share) ** 2 / (sizes * share * (1 - share)), axis=1)
    return float((np.sum(null >= chi * (1 - 1e-12)) + 1) / (DRAWS + 1))


class Placements(NamedTuple):
    """For each score, the share of the other group that it is above, ties half."""

    of_hits: Floats
    of_misses: Floats

    @property
    def auc(self) -> float:
        """The area under the curve: mean placement of the hits."""
        return float(self.of_hits.mean())


def placements_of(scores: Floats, hits: Flags) -> Placements:
    """The placement values of DeLong, DeLong & Clarke-Pearson 1988 (Biometrics 44), by ranks.

    V(x) = (rank among all - rank among the own group) / size of the other group; both groups must be there.
    """
    positive, negative = scores[hits], scores[~hits]
    ranks = np.asarray(stats.rankdata(np.concatenate([positive, negative])), dtype=np.float64)
    above = (ranks[: len(positive)] - stats.rankdata(positive)) / len(negative)
    below = 1 - (ranks[len(positive) :] - stats.rankdata(negative)) / len(positive)
    return Placements(np.asarray(above), np.asarray(below))


def fold_auc(folds: Sequence[Placements], confidence: float = 0.95) -> Between:
    """Mean of the folds' areas; their DeLong variances, s2(hits) / n + s2(misses) / m, add up as V^-2 sum.

    The interval speaks of held-out cases, given what was learned in each fold.
    """
    return _mean_of([(each.auc, each.of_hits, each.of_misses) for each in folds], confidence, (0.0, 1.0))


def fold_auc_difference(
    ones: Sequence[Placements], others: Sequence[Placements], confidence: float = 0.95
) -> Between:
    """Mean over folds of one area less another on the same cases; by the differences of paired placements."""
    parts = [
        (one.auc - other.auc, one.of_hits - other.of_hits, one.of_misses - other.of_misses)
        for one, other in zip(ones, others, strict=True)
    ]
    return _mean_of(parts, confidence, (-1.0, 1.0))


def _mean_of(
    parts: Sequence[tuple[float, Floats, Floats]], confidence: float, bounds: tuple[float, float]
) -> Between:
    value = float(np.mean([part[0] for part in parts]))
    variance = sum(_variance(hits) + _variance(misses) for _, hits, misses in parts) / len(parts) ** 2
    spread = float(special.ndtri((1 + confidence) / 2)) * variance**0.5
    return Between(value, max(bounds[0], value - spread), min(bounds[1], value + spread))


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0


def hits_in_top(scores: Floats, hits: Flags, n: int) -> float:
    """Expected hits among the `n` highest scores; a tie at the edge counts by its share of hits."""
    edge = np.sort(scores)[len(scores) - n]
    above, tied = scores > edge, scores == edge
    return float(hits[above].sum() + (n - above.sum()) * hits[tied].mean())
