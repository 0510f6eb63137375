"""Reviews: which profiles are past their date, near it, or were never given one."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from panelsim.model.base import Frozen
from panelsim.model.fingerprint import content_hash, kind_of
from panelsim.model.icp import ICP
from panelsim.model.panel import PanelSpec
from panelsim.model.persona import Persona

Dated: TypeAlias = ICP | Persona | PanelSpec
State: TypeAlias = Literal["overdue", "never", "soon", "later", "retired"]

ORDER: tuple[State, ...] = ("overdue", "never", "soon", "later", "retired")
"""The most pressing first. `never`: no date is set."""


class Due(Frozen):
    """When one profile is to be read again."""

    kind: Literal["icp", "persona", "panel"]
    id: str
    version: int
    status: str
    """As the profile states it; panels state none."""
    review_due: str | None
    state: State
    content: str
    """The content hash."""


def reviews(profiles: Sequence[Dated], on: str, soon: str) -> tuple[Due, ...]:
    """Every profile with its state on the day `on`, the most pressing first; due up to `soon` is near.

    Days are YYYY-MM-DD, which sort as they follow each other.
    """
    found = [_due(profile, on, soon) for profile in profiles]
    return tuple(
        sorted(found, key=lambda due: (ORDER.index(due.state), due.review_due or "", due.kind, due.id))
    )


def _due(profile: Dated, on: str, soon: str) -> Due:
    status = "" if isinstance(profile, PanelSpec) else profile.status
    kind = kind_of(profile)
    if kind == "guide":
        raise TypeError("guides have no review date")
    return Due(
        kind=kind,
        id=profile.id,
        version=profile.version,
        status=status,
        review_due=profile.review_due,
        state=_state(profile.review_due, status, on, soon),
        content=content_hash(profile),
    )


def _state(due: str | None, status: str, on: str, soon: str) -> State:
    if status == "retired":
        return "retired"
    if due is None:
        return "never"
    if due < on:
        return "overdue"
    return "soon" if due <= soon else "later"
