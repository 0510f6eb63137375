"""Preferences: what pairs asked in both orders say about content, and what they say about slots.

Arrays hold one respondent per row. `a_first` is the share given to option A when A stood in the first slot,
`a_second` the share given to A when it stood in the second.
"""

import numpy as np

from panelsim.metrics.arrays import Floats

TIE = 1e-9
"""Shares closer to one half than this are a tie."""
PRIOR = 0.5
"""Wins added to each side of each pair, so that one-sided or unconnected data keep finite strengths."""


def win_shares(a_first: Floats, a_second: Floats) -> Floats:
    """The share of A per respondent over both orders: (a_first + a_second) / 2; a tie counts half."""
    shares: Floats = (a_first + a_second) / 2
    return shares


def winners(share_of_a: Floats) -> Floats:
    """1 where A wins, -1 where B wins, 0 for a tie."""
    away = share_of_a - 0.5
    signs: Floats = np.where(np.abs(away) < TIE, 0.0, np.sign(away))
    return signs


def tie_rate(share_of_a: Floats) -> float:
    """Share of answers that prefer neither; rows must not be empty."""
    return float(np.mean(winners(share_of_a) == 0))


def order_consistency(a_first: Floats, a_second: Floats) -> Floats:
    """1 - abs(a_first - a_second): how much of the preference stays with the content when slots are swapped.

    0 if the slot decides everything, 1 if it decides nothing. For plain picks its mean is the position
    consistency of Shi et al. 2024 (arXiv 2406.07791), the share with one winner in both orders; read from
    probabilities it does not call a preference of .52 and one of .48 a contradiction.
    """
    kept: Floats = 1 - np.abs(a_first - a_second)
    return kept


def first_slot_bias(a_first: Floats, a_second: Floats) -> Floats:
    """P(first slot chosen) - .5 per respondent: (a_first + 1 - a_second) / 2 - .5; between -.5 and .5."""
    bias: Floats = (a_first + 1 - a_second) / 2 - 0.5
    return bias


def bradley_terry(wins: Floats, prior: float = PRIOR) -> Floats:
    """Each option's mean win probability against the others, under the Bradley-Terry model.

    `wins[i, j]` is how often (in fractions) i was preferred to j. P(i beats j) = 1 / (1 + exp(s_j - s_i));
    strengths s maximise the likelihood (iterative Luce spectral ranking, Maystre & Grossglauser 2015, by
    choix). `prior` wins are added to both sides of each pair. For two options that is the share of wins.
    """
    size = len(wins)
    smoothed = wins + prior * (1 - np.eye(size))
    np.fill_diagonal(smoothed, 0.0)
    if size == 2:
        share: Floats = smoothed.sum(axis=1) / smoothed.sum()
        return share
    import choix  # brings all of scipy.stats: half a second that two headlines do not need

    strengths = np.asarray(choix.ilsr_pairwise_dense(smoothed, max_iter=1000), dtype=np.float64)
    return win_probabilities(strengths)


def win_probabilities(strengths: Floats) -> Floats:
    """Mean over the other options of 1 / (1 + exp(s_other - s)); sums to half the number of options."""
    size = len(strengths)
    against = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
    np.fill_diagonal(against, 0.0)
    means: Floats = against.sum(axis=1) / (size - 1)
    return means
