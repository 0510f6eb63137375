"""What each column says of the outcome: an effect, a p-value, and whether it knows too much."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.learning.columns import Column, Deals, Excluded, presence_of
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.distance import auc
from panelsim.metrics.inference import holm
from panelsim.metrics.separation import Between, levels_p, odds_ratio, rank_sum_p, share_difference

CONFIDENCE = 0.95
ALPHA = 1 - CONFIDENCE
FOLDS = 5

TELLING_PRESENCE = 0.5
"""A column filled this much more often for one outcome was filled after it."""
DOUBTFUL_PRESENCE = 0.25
"""From here on it is worth asking when a column is filled."""
ONE_SIDED = 0.95
"""A column filled in few rows, nearly all of one outcome."""
TELLING_AUC = 0.95
"""A single column that orders deals this well knows the outcome."""
PURER = 10
"""Values are decided if their error is a tenth of what guessing the more frequent outcome makes."""
PURE_SHARE = 0.25
"""Share of the filled rows that decided values must cover to be suspicious."""


class Contrast(NamedTuple):
    """Two groups of deals by one column, and how often each was won."""

    group: str
    """Which deals: `at least 12`, `Google`. The others are all deals where the column is known."""
    n: int
    won: int
    n_others: int
    won_others: int
    difference: Between
    """Win rate of the group less that of the others."""
    odds: Between


class Effect(NamedTuple):
    """What one column says of the outcome."""

    column: str
    known: int
    auc: float
    """How well the column alone orders deals, .5 to 1; values are scored by the win rate in other folds."""
    contrast: Contrast
    p: float
    p_holm: float
    """Corrected over all columns tried."""
    test: str

    @property
    def separates(self) -> bool:
        """Whether won and lost differ beyond chance, after correction."""
        return self.p_holm <= ALPHA


class Suspect(NamedTuple):
    """A column that seems to be filled only once the outcome is known."""

    column: str
    why: str
    certain: bool
    """Left out unless allowed; else only worth a question."""


def effects_of(columns: Sequence[Column], won: Flags, rng: np.random.Generator) -> tuple[Effect, ...]:
    """The effect of each column, the smallest p first.

    p: Mann-Whitney for numbers, chi-square over values for texts, on the deals where the column is known.
    Holm's correction runs over every column tried, whatever came out: whoever edits an ICP by the result must
    not be misled by even one of them, which is what Holm bounds (at 5%) and a false discovery rate does not.

    The contrast of a number is the half at or above its median, set before the outcome is looked at. Of a
    text it is the value that differs most from all others; its interval is widened for the number of values
    (Bonferroni), because the largest of many differences looks large by chance.
    """
    if not columns:
        return ()
    ps = [_p(column, won, rng) for column in columns]
    corrected = holm(ps)
    effects = [
        Effect(
            column.name,
            int(column.known.sum()),
            auc_alone(column, won),
            contrast_of(column, won),
            p,
            p_holm,
            "Mann-Whitney" if column.is_number else "chi-square",
        )
        for column, p, p_holm in zip(columns, ps, corrected, strict=True)
    ]
    return tuple(sorted(effects, key=lambda effect: (effect.p, effect.column)))


def suspects_of(deals: Deals, columns: Sequence[Column], excluded: Sequence[Excluded]) -> Iterator[Suspect]:
    """The columns that know too much: by when they are filled, how well they order, or values that decide.

    Columns that cannot be learned from are looked at too, as they may be leaks by being filled.
    """
    looked = {column.source: column for column in columns}
    named = {one.name for one in excluded if "--leaks" in one.reason or "outcome" in one.reason}
    for name in deals.table.columns:
        if name in named:
            continue
        why, certain = _told_by_presence(presence_of(deals, name), deals.won)
        column = looked.get(name)
        if column is not None and not certain:
            told = _told_by_value(column, deals.won)
            why, certain = (told, True) if told else (why, certain)
        if why:
            yield Suspect(name, why, certain)


def auc_alone(column: Column, won: Flags) -> float:
    """How well the column alone orders the deals where it is known, .5 to 1.

    A number by its size, in the better direction. A text by the win rate of its value in the other folds
    (rows by turns), so that many values do not look good by chance; below .5 counts as .5.
    """
    hits = won[column.known]
    if hits.all() or not hits.any():
        return 0.5
    if column.is_number:
        area = auc(column.numbers[column.known][hits], column.numbers[column.known][~hits])
        return max(area, 1 - area)
    scores = _rates_elsewhere(column.codes[column.known], hits)
    return max(0.5, auc(scores[hits], scores[~hits]))


def contrast_of(column: Column, won: Flags) -> Contrast:
    """The split of a number at its median, or of a text at the value that differs most from the others."""
    hits = won[column.known]
    if column.is_number:
        numbers = column.numbers[column.known]
        middle = float(np.median(numbers))
        inside = numbers >= middle
        if inside.all():
            inside, name = numbers > middle, f"more than {middle:g}"
        else:
            name = f"at least {middle:g}"
        return contrast_between(name, inside, hits, CONFIDENCE)
    codes = column.codes[column.known]
    tried = [at for at in range(len(column.levels)) if 0 < (codes == at).sum() < len(codes)]
    if not tried:
        return contrast_between("values of few rows each", codes == len(column.levels), hits, CONFIDENCE)
    best = max(tried, key=lambda at: _z(codes == at, hits))
    return contrast_between(column.levels[best], codes == best, hits, 1 - ALPHA / len(tried))


def contrast_between(name: str, inside: Flags, hits: Flags, confidence: float) -> Contrast:
    """The deals inside against all others; both shares and their difference with intervals."""
    n, won, others = int(inside.sum()), int(hits[inside].sum()), int((~inside).sum())
    won_others = int(hits[~inside].sum())
    if n == 0 or others == 0:
        nothing = Between(0.0, -1.0, 1.0)
        return Contrast(name, n, won, others, won_others, nothing, Between(1.0, 0.0, float("inf")))
    difference = share_difference(won, n, won_others, others, confidence)
    return Contrast(
        name, n, won, others, won_others, difference, odds_ratio(won, n, won_others, others, confidence)
    )


def _z(inside: Flags, hits: Flags) -> float:
    """How many standard errors the win rate inside lies from that outside, by the pooled rate."""
    n, others, share = int(inside.sum()), int((~inside).sum()), float(hits.mean())
    if min(n, others) == 0 or share in (0.0, 1.0):
        return 0.0
    error = (share * (1 - share) * (1 / n + 1 / others)) ** 0.5
    return float(abs(hits[inside].mean() - hits[~inside].mean()) / error)


def _p(column: Column, won: Flags, rng: np.random.Generator) -> float:
    hits = won[column.known]
    if column.is_number:
        numbers = column.numbers[column.known]
        return rank_sum_p(numbers[hits], numbers[~hits])
    return levels_p(column.codes[column.known], hits, rng)


def _rates_elsewhere(codes: Ints, hits: Flags) -> Floats:
    """The win rate of each deal's value in the other folds; the overall rate if it is not there."""
    fold, n_levels = np.arange(len(codes)) % FOLDS, int(codes.max()) + 1
    scores = np.full(len(codes), float(hits.mean()))
    for each in range(FOLDS):
        other = fold != each
        sizes = np.bincount(codes[other], minlength=n_levels)
        found = np.bincount(codes[other], weights=hits[other], minlength=n_levels)
        rates = np.where(sizes > 0, found / np.maximum(sizes, 1), float(hits.mean()))
        scores[~other] = rates[codes[~other]]
    return scores


def _told_by_presence(filled: Flags, won: Flags) -> tuple[str, bool]:
    """Why being filled tells the outcome, and whether that is certain; empty if it does not."""
    if filled.all() or not filled.any():
        return "", False
    of_won, of_lost, base = float(filled[won].mean()), float(filled[~won].mean()), float(won.mean())
    rate, count = float(won[filled].mean()), int(filled.sum())
    gap = f"it is filled for {of_won:.0%} of won and {of_lost:.0%} of lost deals"
    if abs(of_won - of_lost) >= TELLING_PRESENCE:
        return f"{gap}, so it is filled after the outcome", True
    one_sided = max(rate, 1 - rate) >= ONE_SIDED and abs(rate - base) >= (1 - ONE_SIDED) * 2
    if one_sided and count >= 20:
        side = "won" if rate > 0.5 else "lost"
        return f"where it is filled ({count:,} rows) {max(rate, 1 - rate):.0%} were {side}", True
    if abs(of_won - of_lost) >= DOUBTFUL_PRESENCE:
        return f"{gap}: ask whether it is filled before the outcome is known", False
    return "", False


def _told_by_value(column: Column, won: Flags) -> str:
    area = auc_alone(column, won)
    if area >= TELLING_AUC:
        return f"alone it orders deals with an area of {area:.3f}, which no field known beforehand does"
    if column.is_number:
        return ""
    hits, codes = won[column.known], column.codes[column.known]
    base = float(hits.mean())
    decided = 0
    for at in range(len(column.levels)):
        inside = codes == at
        if inside.any():
            rate = float(hits[inside].mean())
            decided += int(inside.sum()) if rate >= 1 - (1 - base) / PURER or rate <= base / PURER else 0
    share = decided / max(1, len(codes))
    if share >= PURE_SHARE:
        return f"its values decide {share:.0%} of the rows that have one: nearly all of each won, or lost"
    return ""
