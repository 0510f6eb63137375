"""Invariance: the slot, the direction of the scale, the wording and the day should change no answer."""

from typing import NamedTuple

import numpy as np
from scipy import special

from panelsim.metrics.arrays import Floats


class SlotTest(NamedTuple):
    """Whether the slot draws the choice."""

    chi_square: float
    p: float
    cramers_v: float
    """0: every slot alike; 1: always one slot."""


def slot_test(chosen: Floats) -> SlotTest:
    """Chi-square of equal shares, and Cramer's V, of how often each slot was `chosen`.

    In a Latin square every option stands in every slot equally often, so without a pull of the slots each of
    k is chosen n / k times: chi^2 = sum (chosen - n/k)^2 / (n/k) with k - 1 degrees of freedom, and
    V = sqrt(chi^2 / (n (k - 1))) (Pearson 1900; Cramer 1946). `chosen` may hold sums of probabilities; then p
    is conservative. V below .1 is small (Cohen 1988).
    """
    n, k = float(chosen.sum()), len(chosen)
    if n <= 0 or k < 2:
        raise ValueError(f"slot_test: {chosen.tolist()!r}; expected choices of at least two slots")
    chi_square = float(np.sum((chosen - n / k) ** 2) / (n / k))
    p = float(special.chdtrc(k - 1, chi_square))
    return SlotTest(chi_square, p, (chi_square / (n * (k - 1))) ** 0.5)


def scale_reversal_shift(plain: Floats, reversed_scale: Floats, *, low: float, high: float) -> float:
    """Mean of |y + y_rev - (high + low)| / (high - low): 0 if a turned scale turns the answer.

    `plain` and `reversed_scale` hold the same respondents' answers, the second as given on the scale whose
    ends were swapped. A respondent who says 4 to both has a shift of .5 on five points.
    """
    return float(np.mean(np.abs(plain + reversed_scale - (high + low))) / (high - low))


def scale_pull(plain: Floats, reversed_scale: Floats, *, low: float, high: float) -> float:
    """Mean of (y + y_rev - (high + low)) / (2 (high - low)): where the scale itself draws answers.

    Above 0: to the point that is printed last, whatever it means; below 0: to the first. Opinions cancel out.
    """
    return float(np.mean(plain + reversed_scale - (high + low)) / (2 * (high - low)))


def mean_shift(ratings: Floats, *, width: float) -> float:
    """Mean absolute distance between columns over the scale's `width`, over all pairs of columns.

    Rows are subjects, columns wordings (or repeats). 0: the wording changes nothing.
    """
    n = ratings.shape[1]
    gaps = [np.abs(ratings[:, i] - ratings[:, j]) for i in range(n) for j in range(i + 1, n)]
    return float(np.mean(gaps)) / width


def flip_rate(winners: Floats) -> float:
    """Share of pairs of columns in which a row's winner changes sides: verdict or winner flip rate.

    `winners` holds 1, -1 or 0 for a tie (`choice.winners`), one row per respondent and pair, one column per
    repeat (or wording). A tie against a winner counts half. 0: never; a coin flips half the time.
    """
    n = winners.shape[1]
    gaps = [np.abs(winners[:, i] - winners[:, j]) / 2 for i in range(n) for j in range(i + 1, n)]
    return float(np.mean(gaps))


def repeat_spread(ratings: Floats, *, width: float) -> float:
    """Mean over subjects (rows) of the SD over repeats (columns), over the scale's `width`."""
    return float(np.mean(np.std(ratings, axis=1, ddof=1))) / width
