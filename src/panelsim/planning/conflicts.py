"""Conditions of an ICP that contradict its ranges or each other."""

from collections.abc import Iterator, Sequence

from panelsim.model.account import Predicate
from panelsim.model.icp import ICP
from panelsim.planning.findings import Finding
from panelsim.planning.predicates import can_hold, must_hold


def contradictions_in(icp: ICP) -> Iterator[Finding]:
    """Conditions that the ICP's own ranges and lists make impossible or empty."""
    for at, predicate in enumerate(icp.must_have):
        if can_hold(predicate, icp) is False:
            yield Finding(
                level="error",
                where=f"{icp.id}: must_have[{at}]",
                what=f"no company of this ICP has {predicate.words()}",
                why="no account can ever fit, and no respondent can be drawn",
                fix="change the condition or the range",
            )
    for at, predicate in enumerate(icp.deal_breaker):
        if must_hold(predicate, icp):
            yield Finding(
                level="error",
                where=f"{icp.id}: deal_breaker[{at}]",
                what=f"every company of this ICP has {predicate.words()}",
                why="every account that fits is ruled out",
                fix="change the condition or the range",
            )
    both = clash(icp.technographics.uses + icp.technographics.incumbents, icp.technographics.must_not_use)
    if both:
        yield Finding(
            level="error",
            where=f"{icp.id}: technographics.must_not_use",
            what=f"{', '.join(both)} is also among the tools in use",
            why="what makes a company fit would rule it out",
            fix="keep it in one of the two lists",
        )


def clash(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """The texts of `other` that are in `one` too; capitals do not matter."""
    known = {text.casefold() for text in one}
    return sorted(text for text in other if text.casefold() in known)


def conflicts_in(icp: ICP) -> Iterator[Finding]:
    """Pairs of conditions of which one leaves nothing of the other."""
    for at, one in enumerate(icp.must_have):
        for later, other in enumerate(icp.must_have[at + 1 :], start=at + 1):
            if _exclude(one, other):
                yield Finding(
                    level="error",
                    where=f"{icp.id}: must_have[{later}]",
                    what=f"{other.words()} and must_have[{at}], {one.words()}, are never both true",
                    why="no account can ever fit",
                    fix="keep one of the two, or widen one",
                )
        for later, other in enumerate(icp.deal_breaker):
            if (one.field, one.op, one.value) == (other.field, other.op, other.value):
                yield Finding(
                    level="error",
                    where=f"{icp.id}: deal_breaker[{later}]",
                    what=f"{other.words()} is also must_have[{at}]",
                    why="what an account needs would rule it out",
                    fix="keep it in one of the two lists",
                )


def _exclude(one: Predicate, other: Predicate) -> bool:
    """Whether two conditions on one field can never both hold, for numbers and for stated texts."""
    if one.field != other.field:
        return False
    spans = [_span(one), _span(other)]
    if spans[0] is not None and spans[1] is not None:
        return max(span[0] for span in spans if span) > min(span[1] for span in spans if span)
    named = [_named(one), _named(other)]
    return bool(named[0] and named[1]) and not named[0] & named[1]


def _span(predicate: Predicate) -> tuple[float, float] | None:
    """The numbers that fulfil the condition, if they are one stretch."""
    value, infinity = predicate.value, float("inf")
    match predicate.op:
        case "at_least" if isinstance(value, float):
            return value, infinity
        case "at_most" if isinstance(value, float):
            return -infinity, value
        case "is" if isinstance(value, float):
            return value, value
        case "between" if isinstance(value, tuple):
            low, high = value
            return (low, high) if isinstance(low, float) and isinstance(high, float) else None
        case _:
            return None


def _named(predicate: Predicate) -> frozenset[str]:
    """The texts of which a text field must hold one; empty if the condition names none."""
    if predicate.op not in ("is", "in"):
        return frozenset()
    texts = predicate.value if isinstance(predicate.value, tuple) else (predicate.value,)
    return frozenset(text.casefold() for text in texts if isinstance(text, str))
