"""Forecasts of who wins a pair, against who won: losses, AUC over both orientations, draws of groups."""

import numpy as np
from scipy import special

from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.distance import auc

EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1 in log losses."""


DECIMALS = 12
"""Forecasts that differ by less are tied: 1 - (1 - p) is not p in floating point."""


def hits(p: Floats, won: Floats) -> Floats:
    """1 where the likelier text won, 0 where it lost, one half for p = .5 and for a tie."""
    agreed: Floats = 0.5 + 0.5 * np.sign(p - 0.5) * np.sign(won - 0.5)
    return agreed


def brier(p: Floats, won: Floats) -> Floats:
    """(p - y)^2 of each forecast (Brier 1950); a coin has .25."""
    loss: Floats = (p - won) ** 2
    return loss


def log_loss(p: Floats, won: Floats) -> Floats:
    """-y ln p - (1 - y) ln(1 - p) of each forecast (Good 1952), p kept within [1e-6, 1 - 1e-6]."""
    kept = np.clip(p, EDGE, 1 - EDGE)
    loss: Floats = -(won * np.log(kept) + (1 - won) * np.log1p(-kept))
    return loss


def normal_p(mean: Floats, variance: Floats) -> Floats:
    """P(N(mean, variance) > 0): the probit of a gap that is known up to normal noise."""
    p: Floats = np.asarray(special.ndtr(mean / np.sqrt(variance)), dtype=np.float64)
    return p


def pair_auc(p: Floats, won: Floats) -> float:
    """AUC of forecasts of pairs, each pair taken in both orientations, so that the order of texts is nothing.

    P(p of a winner > p of a loser), ties half; tied outcomes are left out; .5 without any.
    """
    winners = winner_p(p, won)
    return auc(winners, np.round(1 - winners, DECIMALS)) if len(winners) else 0.5


def winner_p(p: Floats, won: Floats) -> Floats:
    """The probability that was given to the text that won, without tied pairs."""
    decided = won != 0.5
    given: Floats = np.round(np.where(won > 0.5, p, 1 - p)[decided], DECIMALS)
    return given


def group_draws(groups: int, draws: int, rng: np.random.Generator) -> Floats:
    """(draws, groups): how often each group is drawn when as many are drawn again, with replacement."""
    drawn: Floats = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64)
    return drawn


def mean_of_draws(values: Floats, group: Ints, drawn: Floats) -> Floats:
    """The mean of `values` in each draw of groups; `group` is the place of each value's group."""
    sums = np.bincount(group, values, drawn.shape[1])
    sizes = np.bincount(group, minlength=drawn.shape[1]).astype(np.float64)
    below = drawn @ sizes
    means: Floats = (drawn @ sums)[below > 0] / below[below > 0]
    return means


def auc_of_draws(p: Floats, won: Floats, group: Ints, drawn: Floats) -> Floats:
    """`pair_auc` in each draw of groups, a pair counting as often as its group is drawn."""
    winners = winner_p(p, won)
    if len(winners) == 0:
        return np.full(len(drawn), 0.5)
    places = group[won != 0.5]
    losers = np.round(1 - winners, DECIMALS)
    _, ranks = np.unique(np.concatenate([winners, losers]), return_inverse=True)
    of_winners, of_losers = ranks[: len(winners)], ranks[len(winners) :]
    found = []
    for counts in drawn:
        weights = counts[places]
        total = float(weights.sum())
        if total == 0:
            continue
        losing = np.bincount(of_losers, weights, ranks.max() + 1)
        below = np.cumsum(losing) - losing / 2
        found.append(float(weights @ below[of_winners]) / total**2)
    return np.asarray(found)
