"""Inventories: how far the items of a scale hang together, and how answers lean whatever is asked."""

import math
from typing import NamedTuple

import numpy as np

from panelsim.metrics.arrays import Floats

NOTHING = 1e-12


def cronbach_alpha(answers: Floats) -> float | None:
    """Cronbach's alpha of respondents (rows) by items (columns), answers turned by key, none missing.

    alpha = k / (k - 1) (1 - sum of item variances / variance of the sum) (Cronbach 1951, Psychometrika 16).
    Absent for fewer than two respondents or items, and where all sums are equal.
    """
    n, k = answers.shape
    if n < 2 or k < 2:
        return None
    total = float(np.var(answers.sum(axis=1), ddof=1))
    if total < NOTHING:
        return None
    items = float(np.var(answers, axis=0, ddof=1).sum())
    return float(k / (k - 1) * (1 - items / total))


def acquiescence(positive: Floats, negative: Floats, midpoint: float) -> Floats:
    """How far answers lean towards yes, whatever the key: (x + x_reversed) / 2 - midpoint.

    Both arrays hold answers as given, to items keyed up and to items keyed down. 0: no lean; with answers of
    1 to 5, 2 is agreeing with everything (Suhr et al. 2023, arXiv 2311.05297).
    """
    lean: Floats = (positive + negative) / 2 - midpoint
    return lean


def subset_sd(sd: float, item_variance: float, items: int, chosen_variance: float, chosen: int) -> float:
    """Standard deviation of the mean of `chosen` items of a scale with `items` items.

    The mean covariance of two items follows from the whole scale, c = (K^2 sd^2 - sum var) / (K (K - 1));
    with it var_k = (sum of chosen var + k (k - 1) c) / k^2. Exact for the whole scale; for a part it holds as
    far as its items covary like the average pair.
    """
    if items < 2:
        raise ValueError(f"subset_sd: a scale of {items} items; expected at least 2")
    covariance = (items**2 * sd**2 - item_variance) / (items * (items - 1))
    return math.sqrt((chosen_variance + chosen * (chosen - 1) * covariance) / chosen**2)


def first_component_share(scores: Floats) -> float | None:
    """Share of the variance of respondents' (rows) standardised scales (columns) on their first component.

    1 / k if the scales are unrelated, 1 if one axis decides them all: a model that only tells nice from
    unpleasant. The largest eigenvalue of the correlation matrix over k. Absent if a scale does not vary.
    """
    n, k = scores.shape
    if n < 3 or k < 2 or np.any(scores.std(axis=0) < NOTHING):
        return None
    return float(np.linalg.eigvalsh(np.corrcoef(scores, rowvar=False))[-1] / k)


class Validity(NamedTuple):
    """How two ways of measuring the same scales agree."""

    convergent: float
    """Mean r of a scale with itself, measured the other way."""
    discriminant: float
    """Mean amount of r of a scale with another one, measured the other way."""

    @property
    def gap(self) -> float:
        """Convergent minus discriminant: 0 if everything goes with everything."""
        return self.convergent - self.discriminant


def convergent_discriminant(one: Floats, other: Floats) -> Validity | None:
    """Two methods (respondents, scales): mean monotrait r, and mean |r| of different traits, across methods.

    The heteromethod block of the multitrait-multimethod matrix (Campbell & Fiske 1959, Psychological Bulletin
    56). Absent for fewer than three respondents or two scales, and where a scale does not vary.
    """
    n, k = one.shape
    if n < 3 or k < 2 or min(one.std(axis=0).min(), other.std(axis=0).min()) < NOTHING:
        return None
    across = np.corrcoef(one, other, rowvar=False)[:k, k:]
    same = np.eye(k, dtype=np.bool_)
    return Validity(float(across[same].mean()), float(np.abs(across[~same]).mean()))
