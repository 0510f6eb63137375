"""Ridge regression of differences in log odds on differences between texts, and the noise around it.

The label's noise is part of the model: an observed gap is the true one plus sampling error of known variance.
Nothing has an intercept, so that exchanging two texts turns the sign: P(a beats b) = 1 - P(b beats a).
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize

from panelsim.metrics.arrays import Floats, Ints

LAMBDAS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Penalties to choose from, as a share of the mean curvature."""
SURFACE_WEIGHTS = (0.5, 1.5)
"""How large a surface feature is beside a dimension of the embedding, to choose from."""
SPREADS = (1e-3, 3.0)
"""Least and greatest SD of true differences around the predicted ones, in log odds."""


class Gram(NamedTuple):
    """Weighted sums over pairs that a ridge fit needs; those of two sets of pairs add up."""

    curvature: Floats
    """X' W X."""
    pull: Floats
    """X' W y."""

    def plus(self, other: "Gram") -> "Gram":
        """The sums over both sets of pairs."""
        return Gram(self.curvature + other.curvature, self.pull + other.pull)


def gram_of(differences: Floats, gap: Floats, weight: Floats) -> Gram:
    """The sums over pairs (rows of `differences`)."""
    weighted = differences * weight[:, None]
    return Gram(weighted.T @ differences, weighted.T @ gap)


class Penalty(NamedTuple):
    """What cross-validation chooses."""

    penalty: float
    surface_weight: float


def penalties(surface: int, columns: int) -> tuple[Penalty, ...]:
    """All to choose from; the weight of the surface matters only beside other columns."""
    weights = SURFACE_WEIGHTS if 0 < surface < columns else (1.0,)
    return tuple(Penalty(penalty, weight) for penalty in LAMBDAS for weight in weights)


def fit_ridge(gram: Gram, surface: int, chosen: Penalty) -> Floats:
    """Weights of the columns: (D C D + l I) u = D r, weights = D u.

    The first `surface` columns are each brought to one size; the others, an embedding, share one scale, so
    that its weak directions are shrunk most: that is the reduction, inside the fold. `l` is the penalty times
    the mean curvature.
    """
    diagonal = np.diag(gram.curvature).copy()
    sizes = diagonal.copy()
    if surface < len(diagonal):
        sizes[surface:] = diagonal[surface:].mean()
    scale = np.divide(1.0, np.sqrt(sizes), out=np.zeros_like(sizes), where=sizes > 0)
    scale[:surface] *= chosen.surface_weight
    scaled = gram.curvature * scale[:, None] * scale[None, :]
    scaled[np.diag_indices_from(scaled)] += chosen.penalty
    weights: Floats = scale * np.asarray(linalg.solve(scaled, scale * gram.pull, assume_a="pos"))
    return weights


class Scale(NamedTuple):
    """How predictions that were not fitted on their pairs relate to the gaps that were observed."""

    slope: float
    """At least 0: predictions that point the wrong way say nothing."""
    spread: float
    """SD of the true gap around slope x prediction."""
    loss: float
    """Weighted mean of minus log likelihood, in nats, up to a constant."""


def fit_scale(predicted: Floats, gap: Floats, variance: Floats, weight: Floats) -> Scale:
    """Maximum likelihood of gap ~ N(slope x predicted, spread^2 + variance), the variance of each pair known.

    This is Platt's scaling (1999) with a probit link and the noise of the label taken out of it.
    """

    def profile(log_spread: float) -> tuple[float, float]:
        total = np.exp(2 * log_spread) + variance
        precision = weight / total
        below = float(precision @ predicted**2)
        slope = max(0.0, float(precision @ (predicted * gap)) / below) if below > 0 else 0.0
        loss = 0.5 * float(weight @ np.log(total) + precision @ (gap - slope * predicted) ** 2)
        return loss / float(weight.sum()), slope

    found = optimize.minimize_scalar(
        lambda at: profile(at)[0], bounds=(np.log(SPREADS[0]), np.log(SPREADS[1])), method="bounded"
    )
    log_spread = float(found.x)
    loss, slope = profile(log_spread)
    return Scale(slope, float(np.exp(log_spread)), loss)


def noise_weights(gap: Floats, variance: Floats, weight: Floats) -> Floats:
    """Weight / (variance + s^2), s the SD of true gaps: a pair counts by how exactly it was measured."""
    spread = fit_scale(np.zeros_like(gap), gap, variance, weight).spread
    weights: Floats = weight / (variance + spread**2)
    return weights


class Folds(NamedTuple):
    """Which fold each pair is in: whole groups, spread at random."""

    of: Ints
    n: int


def folds_of(group: Ints, n: int, rng: np.random.Generator) -> Folds:
    """`n` folds of whole groups (fewer if there are fewer groups), of nearly equal numbers of groups."""
    groups = int(group.max()) + 1
    n = min(n, groups)
    return Folds((rng.permutation(groups) % n)[group], n)
