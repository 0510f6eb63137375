"""How a discussion is held: its rounds, its controls, and the rule for its verdict, set before the run."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.base import Frozen

FEWEST_MEMBERS, MOST_MEMBERS = 3, 8
MOST_ROUNDS = 6
"""Rounds of a group over all questions of its guide: what is heard must fit into a small model's prompt."""

DiscussionControlName = Literal["retest", "unrelated"]
"""`retest`: the same members rated again with nothing in between; `unrelated`: after overhearing a group
that talks about something else."""


class DiscussionControls(Frozen):
    """Which controls the shift is held against. Without any, no shift can be told from noise."""

    retest: bool = True
    """The same members rated again with nothing in between."""
    unrelated: bool = True
    """The same members rated after overhearing a group that talks about something else."""

    @property
    def names(self) -> tuple[DiscussionControlName, ...]:
        """Those that are on."""
        return (*(("retest",) if self.retest else ()), *(("unrelated",) if self.unrelated else ()))


class DiscussionRule(Frozen):
    """Thresholds of a discussion's verdict, fixed before the run and printed in the report."""

    min_shift: Annotated[float, Field(gt=0)] = 0.25
    """Smallest move of a private rating that counts, in scale points."""
    min_pull: Annotated[float, Field(gt=0, le=1)] = 0.10
    """Smallest share of the distance to the others, beyond that of the control, that counts as conformity."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Permutation p below which a shift is told from that of the control."""
    max_missing: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: Annotated[float, Field(ge=0, le=1)] = 0.50
    """Mean share of the rating token's probability on valid points, below which the run cannot say."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    """Coverage of the simulation intervals."""
