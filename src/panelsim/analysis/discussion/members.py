"""Each member and each group of a discussion: who moved, where to, and whom it named."""

import re
from collections.abc import Sequence

import numpy as np
from scipy import special

from panelsim.analysis.discussion.hearing import DiscussionHearing
from panelsim.analysis.discussion.movement import Ratings
from panelsim.metrics import shift
from panelsim.metrics.bootstrap import rounded
from panelsim.model.analysis import Estimate
from panelsim.model.discussion import GroupShift, MemberShift
from panelsim.model.discussion_design import DiscussionRule
from panelsim.model.plan import AFTER, BEFORE

CLOSER = 1e-6
"""Points by which a rating must come closer to another to count."""


def members_of(
    hearing: DiscussionHearing, ratings: Ratings | None, rule: DiscussionRule
) -> tuple[MemberShift, ...]:
    """Every member, group by group."""
    noise = _noise(ratings, rule)
    drew = {} if ratings is None else dict(zip(ratings.members, ratings.drew.tolist(), strict=True))
    names = {one.id: one.name for one in hearing.panel.respondents}
    return tuple(
        _member(hearing, member, group, noise, drew.get(member), rule, names)
        for group in hearing.groups
        for member in hearing.groups[group].members
    )


def _noise(ratings: Ratings | None, rule: DiscussionRule) -> tuple[float, int] | None:
    """Half the width of a member's interval, t times the control's root mean square, and members behind it.

    As the reliable change index (Jacobson & Truax 1991) has it, with a control's drift counted as noise too.
    """
    if ratings is None or len(ratings.members) < 2:
        return None
    n = len(ratings.members)
    spread = float(np.sqrt(np.mean((ratings.control - ratings.before) ** 2)))
    return float(special.stdtrit(n - 1, (1 + rule.confidence) / 2)) * spread, n


def _member(
    hearing: DiscussionHearing,
    member: str,
    group: str,
    noise: tuple[float, int] | None,
    drew: float | None,
    rule: DiscussionRule,
    names: dict[str, str],
) -> MemberShift:
    def rating(of: str, when: str) -> float | None:
        value = hearing.ratings.get((of, when))
        return None if value is None else rounded(value)

    peers = [one for one in hearing.groups[group].members if one != member]
    firsts = {one: value for one in peers if (value := rating(one, BEFORE)) is not None}
    before, after = rating(member, BEFORE), rating(member, AFTER)
    moved = _shift(before, after, noise, rule)
    has_moved = moved is not None and abs(moved.value) >= rule.min_shift and not moved.low <= 0 <= moved.high
    return MemberShift(
        respondent=member,
        group=group,
        before=before,
        after=after,
        retest=rating(member, "retest"),
        unrelated=rating(member, "unrelated"),
        others=rounded(sum(firsts.values()) / len(firsts)) if firsts else None,
        shift=moved,
        has_moved=has_moved,
        towards=_towards(before, after, firsts) if has_moved else (),
        named=_named(hearing, member, peers, names),
        drew=None if drew is None else rounded(drew),
    )


def _shift(
    before: float | None, after: float | None, noise: tuple[float, int] | None, rule: DiscussionRule
) -> Estimate | None:
    if before is None or after is None or noise is None:
        return None
    half, n = noise
    value = after - before
    return Estimate(
        value=rounded(value),
        low=rounded(value - half),
        high=rounded(value + half),
        n=n,
        method="after minus before; Student's t times the root mean square of the control's moves",
        confidence=rule.confidence,
    )


def _towards(before: float | None, after: float | None, firsts: dict[str, float]) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(one for one, stood in firsts.items() if abs(after - stood) < abs(before - stood) - CLOSER)


def _named(
    hearing: DiscussionHearing, member: str, peers: Sequence[str], names: dict[str, str]
) -> tuple[str, ...]:
    """Members whose full name, or first name if no other has it, stands in a turn of `member`."""
    said = " ".join(one.text for one in hearing.own_turns(member))
    firsts = [names[one].split()[0] for one in (member, *peers)]
    found = []
    for one in peers:
        first = names[one].split()[0]
        called = names[one] if firsts.count(first) > 1 else first
        if re.search(rf"\b{re.escape(called)}\b", said):
            found.append(one)
    return tuple(found)


def groups_of(hearing: DiscussionHearing, ratings: Ratings | None) -> tuple[GroupShift, ...]:
    """Every group; figures are of its members with all ratings."""
    return tuple(_group(name, len(group.members), ratings) for name, group in hearing.groups.items())


def _group(name: str, members: int, ratings: Ratings | None) -> GroupShift:
    mine = (
        np.array([name == one for one in ratings.group_names], dtype=bool) if ratings else np.zeros(0, bool)
    )
    if ratings is None or not mine.any():
        return GroupShift(
            group=name, members=members, complete=0, before=None, after=None, net=None,
            distance_before=None, distance_after=None, distance_control=None,
        )  # fmt: skip
    before, after, control = (one[mine] for one in (ratings.before, ratings.after, ratings.control))
    alone = np.zeros(len(before), dtype=np.int64)
    distance = [rounded(float(shift.member_distance(one, alone).mean())) for one in (before, after, control)]
    return GroupShift(
        group=name,
        members=members,
        complete=len(before),
        before=rounded(float(before.mean())),
        after=rounded(float(after.mean())),
        net=rounded(float((after - control).mean())),
        distance_before=distance[0],
        distance_after=distance[1],
        distance_control=distance[2],
    )
