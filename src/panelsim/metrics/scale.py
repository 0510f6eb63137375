"""Ratings: what a distribution over the points of a scale says."""

import numpy as np

from panelsim.metrics.arrays import Floats


def pooled(distributions: Floats, weights: Floats) -> Floats:
    """The weighted mean of distributions (rows) point by point; it sums to 1 if each row does."""
    mean: Floats = np.average(distributions, axis=0, weights=weights)
    return mean


def expected_value(distribution: Floats) -> float:
    """Sum of point times probability, points counted from 1."""
    return float(distribution @ np.arange(1, len(distribution) + 1))


def top_two(distribution: Floats) -> float:
    """Probability of the two highest points (top-2-box)."""
    return float(distribution[-2:].sum())


def spread(distribution: Floats) -> float:
    """Standard deviation in scale points: sqrt(sum p (point - mean)^2)."""
    points = np.arange(1, len(distribution) + 1)
    return float(np.sqrt(distribution @ (points - expected_value(distribution)) ** 2))


def endpoint_share(distribution: Floats) -> float:
    """Probability of the lowest and the highest point together: low where answers bunch in the middle."""
    return float(distribution[0] + distribution[-1])
