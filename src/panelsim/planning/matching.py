"""Matching accounts with an ICP: the state of every criterion, the fit, the verdict and the ranking."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from panelsim.errors import InputError
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.model.icp import ICP
from panelsim.planning.criteria import FAIL, PASS, UNKNOWN, Criterion, Known, criteria_of

MUST_WEIGHT = 2
"""A must-have counts as much as two criteria of the profile."""
FIT_FROM = 0.5
"""An account fits if at least half of what is asked is known to be met."""

Verdict = Literal["fits", "may fit", "misses", "ruled out"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""Best first."""

AntiVerdict = Literal["clear", "may be one", "to avoid"]
ANTI_VERDICTS: tuple[AntiVerdict, ...] = get_args(AntiVerdict)
"""The same for an ICP of negative polarity, turned round: best is who is least like it."""


class Match(NamedTuple):
    """How accounts compare with an ICP; arrays follow the order of the accounts."""

    icp: ICP
    criteria: Sequence[Criterion]
    states: NDArray[np.int8]
    """(criteria, accounts): PASS, FAIL or UNKNOWN."""
    low: Floats
    """(accounts,): the fit if everything unknown went against the account, 0 to 1."""
    high: Floats
    """(accounts,): the fit if everything unknown spoke for it."""
    verdicts: Ints
    """(accounts,): the place of the verdict among `names`."""
    names: tuple[str, ...]
    """The verdicts, best first."""
    order: Ints
    """(accounts,): the accounts, best first: by verdict, then by the middle of the fit, then as they came."""

    def counts(self) -> dict[str, int]:
        """How many accounts have each verdict."""
        found = np.bincount(self.verdicts, minlength=len(self.names))
        return dict(zip(self.names, found.tolist(), strict=True))

    def tally(self, at: int) -> tuple[int, int, int]:
        """How many accounts pass criterion `at`, fail it, and are unknown."""
        states = self.states[at]
        return int((states == PASS).sum()), int((states == FAIL).sum()), int((states == UNKNOWN).sum())


def match_accounts(icp: ICP, known: Known, n: int) -> Match:
    """How each of `n` accounts compares with the ICP. InputError if the ICP asks nothing of an account.

    fit = 0 if a deal-breaker applies (a condition under deal_breaker, or a tool under must_not_use), else

        fit = sum of w * met / sum of w,   w = 2 for a must-have, 1 for each criterion of the profile,

    where met is 1 or 0, or (score - 1) / 4 for the two scored notes. What is not known is not guessed: `low`
    counts it as not met (an open deal-breaker as applying), `high` as met. The verdict:

        ruled out   a deal-breaker applies
        misses      a must-have is not met, or `high` is below .5
        fits        every deal-breaker and must-have is known and met, and `low` is at least .5
        may fit     all others

    For an ICP of negative polarity this says how alike an account is to those we do not sell to, so it is
    turned round: fit = 1 - likeness; who fits is `to avoid`, who may fit `may be one`, all others `clear`.
    """
    criteria = criteria_of(icp)
    if not criteria:
        raise InputError(f"icp {icp.id!r} asks nothing of an account, expected ranges, lists or conditions")
    states = np.stack([criterion.judge(known, n) for criterion in criteria])
    low, high = fit_of(criteria, states, known)
    verdicts = _verdicts(criteria, states, low, high)
    names: tuple[str, ...] = VERDICTS
    if icp.polarity == "negative":
        low, high = 1 - high, 1 - low
        verdicts = np.asarray([2, 1, 0, 0], dtype=np.int64)[verdicts]
        names = ANTI_VERDICTS
    order = np.lexsort((-(low + high), verdicts))
    return Match(icp, criteria, states, low, high, verdicts, names, order.astype(np.int64))


def fit_of(criteria: Sequence[Criterion], states: NDArray[np.int8], known: Known) -> tuple[Floats, Floats]:
    """The lowest and the highest fit of each account, as `match_accounts` defines it."""
    n = states.shape[1]
    low, high, total = np.zeros(n), np.zeros(n), 0
    for criterion, state in zip(criteria, states, strict=True):
        if criterion.part == "deal_breaker":
            continue
        weight = MUST_WEIGHT if criterion.part == "must_have" else 1
        met = (state == PASS).astype(np.float64) if criterion.grade is None else criterion.grade(known, n)
        low += weight * met
        high += weight * np.where(state == UNKNOWN, 1.0, met)
        total += weight
    if total:
        low, high = low / total, high / total
    else:
        low, high = np.ones(n), np.ones(n)
    breakers = states[[criterion.part == "deal_breaker" for criterion in criteria]]
    applies: Flags = (breakers == FAIL).any(axis=0)
    open_: Flags = (breakers == UNKNOWN).any(axis=0)
    return np.where(applies | open_, 0.0, low), np.where(applies, 0.0, high)


def _verdicts(criteria: Sequence[Criterion], states: NDArray[np.int8], low: Floats, high: Floats) -> Ints:
    """The place of each account's verdict among VERDICTS."""
    breakers = states[[criterion.part == "deal_breaker" for criterion in criteria]]
    musts = states[[criterion.part == "must_have" for criterion in criteria]]
    ruled_out = (breakers == FAIL).any(axis=0)
    misses = (musts == FAIL).any(axis=0) | (high < FIT_FROM)
    fits = (breakers == PASS).all(axis=0) & (musts == PASS).all(axis=0) & (low >= FIT_FROM)
    return np.select([ruled_out, misses, fits], [3, 2, 0], default=1).astype(np.int64)
