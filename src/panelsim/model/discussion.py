"""What an analysis says of a discussion: private shifts beside those of a control, and what was aired."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.analysis import Estimate
from panelsim.model.base import Frozen
from panelsim.model.discussion_design import DiscussionControlName

DiscussionWord = Literal["rose", "fell", "converged", "parted", "moved", "held", "cannot_say"]
"""Private ratings rose or fell by more than those of the control; came closer together or went apart without
rising or falling; moved in no common direction; hardly moved; or the run cannot say."""


class MemberShift(Frozen):
    """One member's private ratings before and after the talk, in scale points; absent: missing, not asked."""

    respondent: str
    group: str
    before: float | None
    after: float | None
    retest: float | None
    unrelated: float | None
    others: float | None
    """Mean of the others' private ratings before."""
    shift: Estimate | None
    """After minus before; the interval is the noise that the control shows."""
    has_moved: bool
    """The shift is beyond the control's noise and the rule's smallest move."""
    towards: tuple[str, ...] = ()
    """If it has moved: members to whose first rating it came closer."""
    named: tuple[str, ...] = ()
    """Members whom it named when it spoke."""
    drew: float | None = None
    """By how much the others came closer to its first rating, beyond what they do in the control."""


class GroupShift(Frozen):
    """One group: means and distances between members, in scale points."""

    group: str
    members: int
    complete: int
    """With a rating before, after and in the control."""
    before: float | None
    after: float | None
    net: float | None
    """After minus the rating in the control."""
    distance_before: float | None
    """Mean distance between two members."""
    distance_after: float | None
    distance_control: float | None


class DiscussionControl(Frozen):
    """How far ratings moved with no discussion of the text in between."""

    name: DiscussionControlName
    state: Literal["passed", "failed", "not_computed", "off"]
    """`failed`: they moved as much as after the discussion."""
    moved: Estimate | None
    shift: Estimate | None
    expectation: str
    found: str


class Movement(Frozen):
    """Figures over all members, in scale points unless said otherwise; absent without complete members."""

    against: DiscussionControlName
    """The control that moved more: what the discussion is held against."""
    moved: Estimate
    """Mean absolute move of a private rating over the discussion."""
    noise: Estimate
    """The same over the control."""
    moved_p: float
    """Two-sided sign-flip p of the difference of the two, Holm-corrected with `net_p`."""
    shift: Estimate
    """Mean of after minus before."""
    control_shift: Estimate
    net: Estimate
    """Mean of after minus the rating in the control."""
    net_p: float
    """Two-sided sign-flip p of it, Holm-corrected with `moved_p`."""
    distance_before: Estimate
    """Mean distance between two members of a group."""
    distance_after: Estimate
    distance_control: Estimate
    closer: Estimate
    """Distance in the control minus distance after: above 0, members came closer together."""
    pull: Estimate | None
    """Share of the distance to the others' mean that members closed; absent if nobody stood apart."""
    control_pull: Estimate | None
    net_pull: Estimate | None
    """Pull beyond that of the control: conformity."""
    first_pull: float | None
    """How much closer members came to who spoke first, net of the control, less the same for the others."""
    blocks: str
    """What was flipped as one: `10 members`."""


class AiredObjection(Frozen):
    """An objection that a persona's file expects, and by how many of its members one like it was raised."""

    persona: str
    title: str
    expected: str
    private: int
    public: int
    both: int
    of: Annotated[int, Field(ge=1)]
    """Members of the persona."""


class KeptObjection(Frozen):
    """An objection that a member raised in private and in no turn of its own."""

    respondent: str
    text: str
    call_key: str


class DiscussionQuality(Frozen):
    """The noise beside the signal."""

    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    ratings_asked: int
    ratings_missing: int
    valid_mass: float | None
    """Mean share of the rating token's probability on valid points; absent unless by log-probability."""
    turns: int
    echo: float | None
    """Share of turns of which half or more stands in sentences that another member had said."""


class DiscussionVerdict(Frozen):
    """The answer."""

    word: DiscussionWord
    sentence: str
    reasons: tuple[str, ...]
    next_step: str
    is_void: bool = False
    """True if the control or the quality of the answers forbids a finding."""


class DiscussionAnalysis(Frozen):
    """Everything derived from the transcripts of a discussion."""

    measure: str
    """Empty if nothing was rated."""
    members: tuple[MemberShift, ...]
    groups: tuple[GroupShift, ...]
    movement: Movement | None
    controls: tuple[DiscussionControl, ...]
    expected: tuple[AiredObjection, ...]
    kept: tuple[KeptObjection, ...]
    objections: int
    """Members who raised an objection in private."""
    quality: DiscussionQuality
    verdict: DiscussionVerdict
