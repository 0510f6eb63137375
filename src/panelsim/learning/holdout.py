"""What was learned, tried on deals that were not learned from: area under the curve and lift."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy import stats

from panelsim.learning.choosing import Choice, choose, fits
from panelsim.learning.columns import Column
from panelsim.learning.evidence import Evidence, without
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.separation import (
    Between,
    Placements,
    fold_auc,
    fold_auc_difference,
    hits_in_top,
    placements_of,
    share_difference,
)

FOLDS = 5
TOP = 3
"""The part of the held-out deals that is called first: one in three."""

Rival: TypeAlias = Callable[[Floats, Flags, Floats], Floats]
"""Another way to score deals: from training features and outcomes, and held-out features, to their scores."""


class Lift(NamedTuple):
    """How much more often the best-scored third was won than the rest."""

    n_top: int
    rate_top: float
    rate_rest: float
    difference: Between


class Held(NamedTuple):
    """How a score does on deals that it was not learned from."""

    auc: Between
    lift: Lift


class Trial(NamedTuple):
    """The proposed ICP, the ICP as it is, and a rival, each on the same held-out deals."""

    proposed: Held
    now: Held
    rival: Held | None
    """Absent if no rival was given."""
    rival_ahead: Between | None
    """The rival's area less the proposed ICP's."""
    chosen: tuple[tuple[Choice, ...], ...]
    """What was chosen in each fold, without its held-out deals."""


def try_out(evidence: Evidence, rival: Rival | None, seed: int) -> Trial:
    """Chooses in each of FOLDS folds on the other four, and scores the fold.

    Folds are drawn once from `seed`, won and lost deals apart. Conditions, thresholds, values told apart by
    their win rates and every p-value are of the training folds alone. The area is the mean over folds, its
    interval from DeLong's variance of each; the lift compares the best third of each fold with the rest.
    """
    folds = folds_of(evidence.won, seed)
    proposed, rivals = np.zeros(len(folds)), np.zeros(len(folds))
    chosen: list[tuple[Choice, ...]] = []
    features = design_of(evidence.columns)
    for fold in range(FOLDS):
        held = folds == fold
        settled = choose(evidence, ~held, np.random.default_rng([seed, fold]))
        chosen.append(settled.choices)
        kept = evidence._replace(icp=without(evidence.icp, settled.removed))
        proposed[held] = fits(kept, settled.choices)[held]
        if rival is not None:
            rivals[held] = rival(features[~held], evidence.won[~held], features[held])
    now = fits(evidence, ())
    placed = _placements(proposed, evidence.won, folds)
    if rival is None:
        return Trial(
            _held(proposed, evidence.won, folds), _held(now, evidence.won, folds), None, None, tuple(chosen)
        )
    ahead = fold_auc_difference(_placements(rivals, evidence.won, folds), placed)
    return Trial(
        _held(proposed, evidence.won, folds),
        _held(now, evidence.won, folds),
        _held(rivals, evidence.won, folds),
        ahead,
        tuple(chosen),
    )


def folds_of(won: Flags, seed: int) -> Ints:
    """(deals,): the fold of each, drawn from `seed`; won and lost deals are spread evenly."""
    rng = np.random.default_rng(seed)
    folds = np.zeros(len(won), dtype=np.int64)
    for group in (won, ~won):
        folds[group] = rng.permutation(np.arange(int(group.sum())) % FOLDS)
    return folds


def design_of(columns: Sequence[Column]) -> Floats:
    """(deals, features): the columns as numbers for a rival.

    A number less its median, over its spread, 0 where it is not known; a text as one feature a value; and for
    each column whether it is known.
    """
    parts: list[Floats] = []
    for column in columns:
        if column.is_number:
            known = column.numbers[column.known]
            spread = float(known.std()) or 1.0
            scaled = np.where(column.known, (column.numbers - float(np.median(known))) / spread, 0.0)
            parts.append(scaled[:, None])
        else:
            parts.append((column.codes[:, None] == np.arange(len(column.levels) + 1)).astype(np.float64))
        parts.append(column.known[:, None].astype(np.float64))
    return np.concatenate(parts, axis=1) if parts else np.zeros((0, 0))


def _placements(scores: Floats, won: Flags, folds: Ints) -> list[Placements]:
    return [placements_of(scores[folds == fold], won[folds == fold]) for fold in range(FOLDS)]


def _held(scores: Floats, won: Flags, folds: Ints) -> Held:
    n_top, top, n_rest, rest = 0, 0.0, 0, 0.0
    for fold in range(FOLDS):
        held = folds == fold
        n = int(held.sum()) // TOP
        hits = hits_in_top(np.asarray(stats.rankdata(scores[held])), won[held], n)
        n_top, top = n_top + n, top + hits
        n_rest, rest = n_rest + int(held.sum()) - n, rest + float(won[held].sum()) - hits
    lift = Lift(n_top, top / n_top, rest / n_rest, share_difference(top, n_top, rest, n_rest))
    return Held(fold_auc(_placements(scores, won, folds)), lift)
