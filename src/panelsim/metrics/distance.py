"""Distances between two distributions over the same points, and between two sets of scores."""

import numpy as np

from panelsim.metrics.arrays import Floats


def ks_similarity(p: Floats, q: Floats) -> float:
    """1 - max |F - G| of the cumulated distributions (Kolmogorov-Smirnov); 1 is equal."""
    return 1 - float(np.max(np.abs(np.cumsum(p) - np.cumsum(q))))


def ordinal_wasserstein(p: Floats, q: Floats) -> float:
    """Sum |F - G| / (K - 1): mass times distance moved over the scale's width; 0 equal, 1 opposite ends."""
    return float(np.abs(np.cumsum(p) - np.cumsum(q))[:-1].sum()) / (len(p) - 1)


def jensen_shannon(p: Floats, q: Floats) -> float:
    """H(M) - (H(P) + H(Q)) / 2 in bits, M the mean of both (Lin 1991); 0 is equal, 1 disjoint."""
    return max(0.0, _bits((p + q) / 2) - (_bits(p) + _bits(q)) / 2)


def _bits(p: Floats) -> float:
    kept = p[p > 0]
    return -float(np.sum(kept * np.log2(kept)))


def auc(positive: Floats, negative: Floats) -> float:
    """P(a positive scores above a negative), ties half: U / (n+ n-) (Mann & Whitney 1947); .5 is chance."""
    if len(positive) == 0 or len(negative) == 0:
        raise ValueError(
            f"auc: {len(positive)} positive and {len(negative)} negative scores; expected one of each"
        )
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float(np.sum(below + not_above)) / 2 / (len(positive) * len(negative))
