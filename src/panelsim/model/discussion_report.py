"""The sections of a discussion's report."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.discussion import (
    AiredObjection,
    DiscussionWord,
    GroupShift,
    KeptObjection,
    MemberShift,
    Movement,
)
from panelsim.model.discussion_design import DiscussionControls, DiscussionRule

Left = Annotated[int, Field(ge=0, exclude_if=lambda count: count == 0)]
"""How many are left out, so that a report stays small; not written where nothing is."""


class DiscussionAnswer(Frozen):
    """What the discussion did to private ratings, or why that cannot be said."""

    kind: Literal["discussion"] = "discussion"
    word: DiscussionWord
    sentence: str
    reasons: tuple[str, ...]
    next_step: str
    is_void: bool
    groups: int
    members: int
    questions: tuple[str, ...]
    """Of the guide; empty without one."""


class MemberRow(Frozen):
    """One member with its shift."""

    name: str
    title: str
    shift: MemberShift
    towards: tuple[str, ...]
    """Names of `shift.towards`."""
    named: tuple[str, ...]


class Shifts(Frozen):
    """Private ratings before and after, member by member and group by group, beside the control."""

    kind: Literal["shifts"] = "shifts"
    measure: str
    points: Annotated[int, Field(ge=2)]
    """Points of the rating scale."""
    confidence: float
    movement: Movement | None
    groups: tuple[GroupShift, ...]
    rows: tuple[MemberRow, ...]
    """The first members."""
    omitted: Left = 0


class KeptRow(Frozen):
    """An objection that stayed private, with who raised it."""

    name: str
    title: str
    kept: KeptObjection


class Aired(Frozen):
    """Objections in private and in the group."""

    kind: Literal["aired"] = "aired"
    expected: tuple[AiredObjection, ...]
    """Those that were raised somewhere."""
    unraised: int
    """Expected ones like which nothing was said."""
    kept: tuple[KeptRow, ...]
    """The first ones."""
    kept_in_all: int
    objections: int
    """Members who raised an objection in private."""


class DiscussionMethod(Frozen):
    """The design of a discussion and its rule, as set before the run."""

    kind: Literal["discussion_method"] = "discussion_method"
    channel: str
    groups: int
    size: int
    rounds: int
    """Over all questions."""
    measure: str
    """Empty if nothing is rated."""
    wordings: int
    controls: DiscussionControls
    rule: DiscussionRule
