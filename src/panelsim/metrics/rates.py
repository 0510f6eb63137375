"""Counts of an A/B test: log odds, the noise in their difference, tests of equal rates, false discoveries."""

from typing import NamedTuple

import numpy as np
from scipy import special

from panelsim.metrics.arrays import Floats


def log_odds(acted: Floats, shown: Floats) -> Floats:
    """log((c + 1/2) / (n - c + 1/2)): finite for no click and for all (Haldane 1956; Anscombe 1956)."""
    odds: Floats = np.log((acted + 0.5) / (shown - acted + 0.5))
    return odds


def gap_variance(acted_a: Floats, shown_a: Floats, acted_b: Floats, shown_b: Floats) -> Floats:
    """Sampling variance of a difference in log odds, (1/n_a + 1/n_b) / (r (1 - r)) at the pooled rate r.

    The pooled rate says how much was seen and nothing about who won, so that the variance may be used where
    the winner must not be known; r = (c_a + c_b + 1/2) / (n_a + n_b + 1) keeps it finite.
    """
    pooled = (acted_a + acted_b + 0.5) / (shown_a + shown_b + 1)
    variance: Floats = (1 / shown_a + 1 / shown_b) / (pooled * (1 - pooled))
    return variance


class TwoProportions(NamedTuple):
    """Tests of equal rates, one per pair."""

    z: Floats
    """Above 0 if a's rate is the higher one."""
    p: Floats
    """Two-sided."""


def two_proportions(acted_a: Floats, shown_a: Floats, acted_b: Floats, shown_b: Floats) -> TwoProportions:
    """The z and two-sided p of equal rates: z = (r_a - r_b) / sqrt(r (1 - r) (1/n_a + 1/n_b)), r pooled.

    Nobody or everybody acted: z = 0, p = 1 (Fleiss, Levin & Paik 2003, chapter 3, without continuity
    correction).
    """
    pooled = (acted_a + acted_b) / (shown_a + shown_b)
    error = np.sqrt(pooled * (1 - pooled) * (1 / shown_a + 1 / shown_b))
    gap = acted_a / shown_a - acted_b / shown_b
    z: Floats = np.divide(gap, error, out=np.zeros_like(gap), where=error > 0)
    p: Floats = 2 * np.asarray(special.ndtr(-np.abs(z)), dtype=np.float64)
    return TwoProportions(z, p)


def false_discovery_q(ps: Floats) -> Floats:
    """q-values: min over larger ranks of m p_(i) / i (Benjamini & Hochberg 1995, JRSS B 57), capped at 1."""
    order = np.argsort(-ps, kind="stable")
    ranks = len(ps) - np.arange(len(ps))
    stepped = np.minimum.accumulate(ps[order] * len(ps) / ranks)
    q = np.empty(len(ps))
    q[order] = np.minimum(stepped, 1.0)
    return q
