"""How far private ratings move over a discussion, beside how far they move over a control."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from panelsim.analysis.discussion.hearing import DiscussionHearing
from panelsim.analysis.streams import stream
from panelsim.metrics import bootstrap, inference, shift
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.bootstrap import MIN_CLUSTERS, Bounds, Resamples
from panelsim.model.analysis import Estimate
from panelsim.model.discussion import Movement
from panelsim.model.discussion_design import DiscussionControlName
from panelsim.model.measure import POINTS
from panelsim.model.plan import AFTER, BEFORE
from panelsim.model.study import DiscussionStudy

WIDTH = float(POINTS - 1)
WHOLE_PULL = Bounds(-WIDTH, WIDTH)
"""What is said of a share of a distance where there are too few members for an interval."""


class _Row(NamedTuple):
    member: str
    group: str
    before: float
    after: float
    control: float
    is_first: bool


@dataclass(frozen=True)
class Ratings:
    """The members with a rating before, after and in one control, of groups with two such members or more."""

    members: tuple[str, ...]
    group_names: tuple[str, ...]
    """Of each member."""
    before: Floats
    after: Floats
    control: Floats
    first: tuple[bool, ...]
    """Whether the member opened the first round."""

    @cached_property
    def groups(self) -> Ints:
        """Of each member the place of its group."""
        places = {name: at for at, name in enumerate(dict.fromkeys(self.group_names))}
        return np.array([places[name] for name in self.group_names], dtype=np.int64)

    @cached_property
    def drew(self) -> Floats:
        """By how much the others came closer to each member's first rating, beyond what the control does.

        Mean over the others i of |control_i - before_j| - |after_i - before_j|.
        """
        same = (self.groups[:, None] == self.groups[None, :]) & ~np.eye(len(self.members), dtype=bool)
        closer = np.abs(self.control[:, None] - self.before) - np.abs(self.after[:, None] - self.before)
        drew: Floats = (closer * same).sum(axis=0) / same.sum(axis=0)
        return drew


def ratings_of(hearing: DiscussionHearing, control: DiscussionControlName) -> Ratings:
    """The ratings that a discussion and one of its controls are compared on."""
    rows: list[_Row] = []
    for name, group in hearing.groups.items():
        found = [
            _Row(
                member,
                name,
                hearing.ratings[member, BEFORE],
                hearing.ratings[member, AFTER],
                hearing.ratings[member, control],
                member == group.orders[0][0],
            )
            for member in group.members
            if all((member, when) in hearing.ratings for when in (BEFORE, AFTER, control))
        ]
        rows += found if len(found) > 1 else []
    return Ratings(
        members=tuple(row.member for row in rows),
        group_names=tuple(row.group for row in rows),
        before=np.array([row.before for row in rows], dtype=np.float64),
        after=np.array([row.after for row in rows], dtype=np.float64),
        control=np.array([row.control for row in rows], dtype=np.float64),
        first=tuple(row.is_first for row in rows),
    )


def movement_of(
    study: DiscussionStudy, ratings: Ratings, control: DiscussionControlName, draws: int
) -> Movement | None:
    """All figures over the members; absent if there are none."""
    if not ratings.members:
        return None
    figures = _Figures(study, ratings, control, draws)
    before, after, other, groups = ratings.before, ratings.after, ratings.control, ratings.groups
    moved, noise = np.abs(after - before), np.abs(other - before)
    distances = [shift.member_distance(values, groups) for values in (before, after, other)]
    apart = shift.others_mean(before, groups) - before
    moved_p, net_p = inference.holm([figures.p("moved", moved - noise), figures.p("net", after - other)])
    return Movement(
        against=control,
        moved=figures.mean(moved),
        noise=figures.mean(noise),
        moved_p=bootstrap.rounded(moved_p),
        shift=figures.mean(after - before),
        control_shift=figures.mean(other - before),
        net=figures.mean(after - other),
        net_p=bootstrap.rounded(net_p),
        distance_before=figures.mean(distances[0]),
        distance_after=figures.mean(distances[1]),
        distance_control=figures.mean(distances[2]),
        closer=figures.mean(distances[2] - distances[1]),
        pull=figures.pull(apart, after - before),
        control_pull=figures.pull(apart, other - before),
        net_pull=figures.pull(apart, after - other),
        first_pull=_first_pull(ratings),
        blocks=figures.blocks,
    )


class _Figures:
    """Estimates over members, redrawn within their groups, or with whole groups where there are enough."""

    def __init__(
        self, study: DiscussionStudy, ratings: Ratings, control: DiscussionControlName, draws: int
    ) -> None:
        self._seed, self._control = study.seed, control
        self._confidence = study.rule.confidence
        self._groups = ratings.groups
        made = bootstrap.resamples_of(ratings.group_names, stream(study.seed, "bootstrap/discussion"), draws)
        scheme = made.scheme.replace("persona", "group").replace("respondents", "members")
        self._resamples: Resamples = made._replace(scheme=scheme)
        self._by_group = int(self._groups.max()) + 1 >= MIN_CLUSTERS
        many = int(self._groups.max()) + 1 if self._by_group else len(self._groups)
        self.blocks = f"{many} {'groups' if self._by_group else 'members'}"

    def mean(self, values: Floats) -> Estimate:
        """The mean over members."""
        everybody = np.ones(len(values), dtype=bool)
        bounds = Bounds(min(-WIDTH, float(values.min())), WIDTH)
        found = bootstrap.estimate_mean(
            self._resamples,
            values,
            np.ones(len(values)),
            everybody,
            bounds=bounds,
            confidence=self._confidence,
        )
        if found is None:
            raise RuntimeError("a mean over members has no member")
        return found.model_copy(update={"method": found.method.removeprefix("weighted ")})

    def p(self, use: str, values: Floats) -> float:
        """Two-sided p of the mean, by flipping the signs of members or groups."""
        blocks = values
        if self._by_group:
            blocks = np.bincount(self._groups, weights=values).astype(np.float64)
        rng = stream(self._seed, f"sign_flip/discussion/{use}/{self._control}")
        return inference.sign_flip_p(blocks, rng)

    def pull(self, apart: Floats, moves: Floats) -> Estimate | None:
        """The share of the distance to the others that members closed."""
        value = shift.pull(apart, moves)
        if value is None:
            return None
        sums = self._resamples.sums(np.stack([apart * moves, apart * apart], axis=1))
        usable = sums[:, 1] > 0
        everybody = np.ones(len(apart), dtype=bool)
        return bootstrap.estimate_of(
            value,
            sums[usable, 0] / sums[usable, 1],
            n=len(apart),
            freedom=bootstrap.freedom_of(self._resamples, everybody),
            bounds=WHOLE_PULL,
            confidence=self._confidence,
            method=f"sum d m / sum d^2; {self._resamples.method}",
        )


def _first_pull(ratings: Ratings) -> float | None:
    """What those who opened drew, less what the others drew, in scale points; absent if none opened."""
    first = np.array(ratings.first, dtype=bool)
    if not first.any() or first.all():
        return None
    return bootstrap.rounded(float(ratings.drew[first].mean() - ratings.drew[~first].mean()))
