"""Shifts of ratings within groups: how far members stand apart, and how much of it they close."""

import numpy as np

from panelsim.metrics.arrays import Floats, Ints


def others_mean(values: Floats, groups: Ints) -> Floats:
    """For each member the mean of the others of its group: (sum - x_i) / (n - 1). Groups of two or more."""
    sums = np.bincount(groups, weights=values)[groups]
    sizes = np.bincount(groups)[groups]
    means: Floats = (sums - values) / (sizes - 1)
    return means


def member_distance(values: Floats, groups: Ints) -> Floats:
    """For each member its mean distance to the others of its group: sum |x_i - x_j| / (n - 1).

    Its mean over a group is Gini's mean difference (Gini 1912). Groups of two or more.
    """
    same = groups[:, None] == groups[None, :]
    gaps = np.abs(values[:, None] - values[None, :]) * same
    distances: Floats = gaps.sum(axis=1) / (same.sum(axis=1) - 1)
    return distances


def pull(apart: Floats, moves: Floats) -> float | None:
    """Share of the distance to the others that members close: sum d m / sum d^2; absent if nobody is apart.

    d is the others' mean minus a member's own rating before, m the member's move. Within a group d sums to 0,
    so a move that all members share leaves no trace: it is the slope of moves on distances with a level of
    its own for every group. 0: nobody moves towards the others; 1: everybody ends where the others stood.
    """
    below = float(apart @ apart)
    return None if below == 0 else float(apart @ moves) / below
