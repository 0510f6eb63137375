"""Findings: one thing to mend in a profile, and the checks that ICPs and personas share."""

import re
from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter
from typing import Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, JsonValue

from panelsim.model.base import Frozen

VAGUE = (
    "innovative", "cutting-edge", "world-class", "best-in-class", "forward-thinking", "dynamic",
    "various", "etc", "and so on", "solutions", "synergy", "synergies", "stakeholders", "leverage",
    "optimize", "optimise", "better results", "more efficient", "growing companies", "all sizes",
    "tbd", "todo",
)  # fmt: skip
"""Words that fit any company or buyer, and so describe none."""

_VAGUE = re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in VAGUE)})\b", re.IGNORECASE)

Level: TypeAlias = Literal["error", "warning"]


class Finding(Frozen):
    """One thing to mend in a profile."""

    level: Level
    """An error makes a panel wrong or impossible; a warning makes it weak."""
    where: str
    """The profile and the field: `b2b-saas: firmographics.headcount`."""
    what: str
    """What was found."""
    why: str
    """What goes wrong if it stays."""
    fix: str
    """How to mend it."""


class Need(NamedTuple):
    """A field that a profile should state."""

    why: str
    """What is lost without it."""
    fix: str


def missing(
    name: str, profile: BaseModel, needs: Mapping[str, Need], required: Collection[str]
) -> Iterator[Finding]:
    """A finding for each field of `needs` that is empty; an error if it is `required`.

    A field is a path such as `growth.stages`; with a bar (`countries|regions`) either part will do.
    """
    for field, need in needs.items():
        if not _stated(profile, field):
            level: Level = "error" if field in required else "warning"
            where = f"{name}: {field.partition('|')[0]}"
            yield Finding(level=level, where=where, what="nothing is stated", why=need.why, fix=need.fix)


def _stated(profile: BaseModel, field: str) -> bool:
    path, _, last = field.rpartition(".")
    owner: object = attrgetter(path)(profile) if path else profile
    return any(bool(getattr(owner, name)) for name in last.split("|"))


def vague(name: str, profile: BaseModel) -> Iterator[Finding]:
    """A finding for each text with a word that fits anyone."""
    for place, text in _texts(profile.model_dump(mode="json"), ""):
        found = _VAGUE.search(text)
        if found:
            what = f"{found.group()!r} in {text!r} would fit almost anyone"
            yield Finding(
                level="warning",
                where=f"{name}: {place}",
                what=what,
                why="a simulated buyer answers to what is particular; words for everybody move nobody",
                fix="name a fact or a figure",
            )


def _texts(value: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    """All texts of a profile with their places."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts(item, f"{place}[{at}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{place}.{key}".removeprefix("."))


def overdue(name: str, due: str | None, today: str) -> Iterator[Finding]:
    """A finding if the review date lies before `today`; none if either is not known."""
    if due is not None and today and due < today:
        yield Finding(
            level="warning",
            where=f"{name}: review_due",
            what=f"the review was due on {due}",
            why="markets move: a profile that nobody rereads describes last year's buyers",
            fix="read it again with sales, raise its version and set a new date",
        )


def errors_first(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    """The findings, errors before warnings, each in the order they were found."""
    return tuple(sorted(findings, key=lambda finding: finding.level))
