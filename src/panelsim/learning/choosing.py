"""Choosing criteria: from training deals to the few conditions that order them best."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.learning.columns import Column, part_of
from panelsim.learning.effects import ALPHA, effects_of
from panelsim.learning.evidence import Evidence, corrected, states_of, tested_of, without
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.distance import auc
from panelsim.metrics.inference import wilson
from panelsim.metrics.separation import levels_p, share_difference
from panelsim.model.account import Operator, Predicate
from panelsim.model.icp import ICP
from panelsim.planning.matching import fit_of

MOST_MUST = 3
MOST_BREAKERS = 2
LEAST_GAIN = 0.005
"""Area under the curve that a further condition must add on the training deals."""
BREAKER_RATE = 0.25
"""Deals that a deal-breaker rules out are won at most this much of the overall rate (upper Wilson limit)."""
BREAKER_CASES = 30


class Choice(NamedTuple):
    """A condition that was chosen, and where it goes."""

    place: str
    """`must_have` or `deal_breaker`."""
    predicate: Predicate


class Settled(NamedTuple):
    """What deals speak for."""

    removed: tuple[str, ...]
    """Must-haves of the ICP that mislead: `must_have[1]`."""
    choices: tuple[Choice, ...]
    """Conditions to add, in the order in which they were chosen."""


def choose(evidence: Evidence, training: Flags, rng: np.random.Generator) -> Settled:
    """What the training deals speak for: must-haves to take out, and conditions to add.

    A must-have goes if the deals that meet it are won less often. Columns that separate won from lost each
    offer a must-have and, where hardly any deal was won, a deal-breaker. (Both beyond chance at 5%, Holm over
    all columns and criteria.) One after another the condition is taken that raises the area under the curve
    of the ICP's fit most, as long as it adds .005: at most three must-haves and two deal-breakers, less those
    that the ICP has already and the deals can judge, but at least one of each.
    """
    trained = [part_of(column, training) for column in evidence.columns]
    hits = evidence.won[training]
    found = corrected(effects_of(trained, hits, rng), tested_of(evidence, training, rng))
    removed = tuple(one.criterion for one in found.tested if one.misleads)
    kept = evidence._replace(icp=without(evidence.icp, removed))
    telling = {effect.column for effect in found.effects if effect.separates}
    offers = [choice for one in trained if one.name in telling for choice in _offers(one, hits, rng)]
    return Settled(removed, _taken(kept, [one for one in offers if not _is_stated(one, kept.icp)], training))


def _taken(evidence: Evidence, offered: Sequence[Choice], training: Flags) -> tuple[Choice, ...]:
    """The offers that are taken, greedily by what each adds to the area under the curve."""
    chosen: list[Choice] = []
    left = list(offered)
    best = _area(evidence, (), training)
    room = _room(evidence)
    while left:
        areas = [_area(evidence, (*chosen, each), training) for each in left]
        at = int(np.argmax(areas))
        if areas[at] < best + LEAST_GAIN:
            break
        best, taken = areas[at], left[at]
        chosen.append(taken)
        room[taken.place] -= 1
        left = [each for each in left if room[each.place] > 0 and not _same(each, taken)]
    return tuple(chosen)


def with_choices(icp: ICP, columns: Sequence[Column], choices: Sequence[Choice]) -> ICP:
    """The ICP with the choices added, and their columns declared."""
    used = {choice.predicate.field for choice in choices}
    declared = {one.name: one.field for one in columns if one.name in used and one.name not in icp.fields}
    added = {
        place: tuple(one.predicate for one in choices if one.place == place)
        for place in ("must_have", "deal_breaker")
    }
    return icp.model_copy(
        update={
            "account_fields": {**icp.account_fields, **declared},
            "must_have": icp.must_have + added["must_have"],
            "deal_breaker": icp.deal_breaker + added["deal_breaker"],
        }
    )


def fits(evidence: Evidence, choices: Sequence[Choice]) -> Floats:
    """(deals,): the middle of each deal's fit with the ICP and the choices; .5 if nothing is asked."""
    icp = with_choices(evidence.icp, evidence.columns, choices)
    n = len(evidence.won)
    beside = evidence._replace(icp=icp)
    criteria = beside.criteria()
    if not criteria:
        return np.full(n, 0.5)
    low, high = fit_of(criteria, states_of(criteria, beside), evidence.known)
    return (low + high) / 2


def _area(evidence: Evidence, choices: Sequence[Choice], rows: Flags) -> float:
    scores = fits(evidence, choices)
    return auc(scores[rows & evidence.won], scores[rows & ~evidence.won])


def _room(evidence: Evidence) -> dict[str, int]:
    judged = set(evidence.known)
    must = sum(one.field in judged for one in evidence.icp.must_have)
    breakers = sum(one.field in judged for one in evidence.icp.deal_breaker)
    return {"must_have": max(1, MOST_MUST - must), "deal_breaker": max(1, MOST_BREAKERS - breakers)}


def _is_stated(choice: Choice, icp: ICP) -> bool:
    stated = icp.must_have if choice.place == "must_have" else icp.deal_breaker
    new = choice.predicate
    return any((one.field, one.op, one.value) == (new.field, new.op, new.value) for one in stated)


def _same(one: Choice, other: Choice) -> bool:
    """Whether two choices ask about the same column in the same place."""
    return one.place == other.place and one.predicate.field == other.predicate.field


def _offers(column: Column, hits: Flags, rng: np.random.Generator) -> Iterator[Choice]:
    yield from _number_offers(column, hits) if column.is_number else _text_offers(column, hits, rng)


def _number_offers(column: Column, hits: Flags) -> Iterator[Choice]:
    """The tenth of the training values that parts won from lost best, on the side that is won more often."""
    numbers, won = column.numbers[column.known], hits[column.known]
    cuts = np.unique(np.quantile(numbers, np.linspace(0.1, 0.9, 9), method="higher"))
    parts = [(float(cut), numbers >= cut) for cut in cuts if 0 < (numbers >= cut).sum() < len(numbers)]
    if not parts:
        return
    cut, inside = max(parts, key=lambda part: abs(_difference(part[1], won)) * _weight(part[1]))
    if _difference(inside, won) > 0:
        yield Choice("must_have", Predicate(field=column.name, op="at_least", value=cut))
    else:
        below = float(numbers[~inside].max())
        yield Choice("must_have", Predicate(field=column.name, op="at_most", value=below))
    for low, tail in ((True, numbers < cuts[0]), (False, numbers >= cuts[-1])):
        if _rules_out(tail, won):
            value = float(numbers[tail].max() if low else numbers[tail].min())
            op: Operator = "at_most" if low else "at_least"
            yield Choice(
                "deal_breaker", Predicate.model_validate({"field": column.name, "op": op, "value": value})
            )


def _text_offers(column: Column, hits: Flags, rng: np.random.Generator) -> Iterator[Choice]:
    """The values that are hardly ever won, those won more often than the rest, and those won less often.

    Of offers that do the same the first is taken: ruling out one value is plainer than listing all others.
    """
    codes, won = column.codes[column.known], hits[column.known]
    good: list[str] = []
    bad: list[str] = []
    hopeless: list[str] = []
    for at, level in enumerate(column.levels):
        inside = codes == at
        if not 0 < inside.sum() < len(codes):
            continue
        if levels_p(inside.astype(np.int64), won, rng) <= ALPHA / len(column.levels):
            (good if _difference(inside, won) > 0 else bad).append(level)
        if _rules_out(inside, won):
            hopeless.append(level)
    if column.field.type == "flag":
        for level in good:
            yield Choice("must_have", Predicate(field=column.name, op="is", value=level == "true"))
        return
    if hopeless:
        yield Choice("deal_breaker", Predicate(field=column.name, op="in", value=tuple(hopeless)))
    if good:
        yield Choice("must_have", Predicate(field=column.name, op="in", value=tuple(good)))
    if bad:
        yield Choice("must_have", Predicate(field=column.name, op="not_in", value=tuple(bad)))


def _rules_out(inside: Flags, won: Flags) -> bool:
    """Whether hardly any of the deals inside were won."""
    n = int(inside.sum())
    if n < BREAKER_CASES:
        return False
    return wilson(float(won[inside].sum()), n, 0.95)[1] <= BREAKER_RATE * float(won.mean())


def _difference(inside: Flags, won: Flags) -> float:
    n, others = int(inside.sum()), int((~inside).sum())
    return share_difference(float(won[inside].sum()), n, float(won[~inside].sum()), others).value


def _weight(inside: Flags) -> float:
    """What makes differences of unequal halves comparable: one over their standard error, up to a factor."""
    n, others = int(inside.sum()), int((~inside).sum())
    return float((n * others / (n + others)) ** 0.5)
