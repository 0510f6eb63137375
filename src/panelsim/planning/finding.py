"""Findings: what a lint has to say of a profile."""

from typing import Literal, TypeAlias

from panelsim.model.base import Frozen

Level: TypeAlias = Literal["error", "warning"]


class Finding(Frozen):
    """One thing to mend in a profile."""

    level: Level
    """An error makes a panel wrong or impossible; a warning makes it weak."""
    where: str
    """The profile and the field: `b2b-saas: firmographics.headcount`."""
    what: str
    fix: str
