"""Reading ICPs and personas critically: what is missing, vague, contradictory or past its date."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias, TypeVar

from pydantic import BaseModel, JsonValue

from panelsim.model.base import Frozen
from panelsim.model.icp import ICP
from panelsim.model.panel import DOMAINS
from panelsim.model.persona import Persona
from panelsim.model.ranges import Range
from panelsim.planning.predicates import can_hold

MOST_CRITERIA = 5
"""Must-haves and deal-breakers together: three and two are the usual advice."""

LEAST_FIRMOGRAPHICS = 3
"""Of five firmographic criteria: fewer leave an ICP too wide."""

SCALE_END = 4.0
"""Where drawn trait levels are cut off, in standard deviations."""

MOST_ICPS = 3
MOST_PERSONAS = 7

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
    fix: str


def lint_icp(
    icp: ICP, others: Sequence[ICP] = (), personas: Sequence[Persona] = (), *, today: str = ""
) -> tuple[Finding, ...]:
    """What to mend in an ICP, errors first. `others` are the ICPs used beside it, itself not among them.

    `today` is a date as YYYY-MM-DD; without it, review dates are not read.
    """
    findings = [
        *_missing(icp.id, icp, _ICP_CHECKS),
        *_vague(icp.id, icp),
        *_criteria(icp),
        *_contradictions(icp),
        *_overlaps(icp, others),
        *_counts(icp, others, personas),
        *_review(icp.id, icp.review_due, today),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level))


def lint_persona(persona: Persona, icps: Sequence[ICP] = (), *, today: str = "") -> tuple[Finding, ...]:
    """What to mend in a persona, errors first. `icps` are those known; `today` as for `lint_icp`."""
    findings = [
        *_missing(persona.id, persona, _PERSONA_CHECKS),
        *_vague(persona.id, persona),
        *_mapping(persona, icps),
        *_spread(persona),
        *_review(persona.id, persona.review_due, today),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level))


_ICP_CHECKS: dict[str, tuple[Callable[[ICP], object], str]] = {
    "firmographics.industries": (lambda icp: icp.firmographics.industries, "name one to four industries"),
    "firmographics.headcount": (
        lambda icp: icp.firmographics.headcount,
        "give a range such as 50-500 employees",
    ),
    "firmographics.revenue": (lambda icp: icp.firmographics.revenue, "give a range such as 10-100 MUSD"),
    "firmographics.countries": (
        lambda icp: icp.firmographics.countries or icp.firmographics.regions,
        "name the countries or regions you sell in",
    ),
    "budget": (lambda icp: icp.budget, "give a range such as 10-60 kUSD/year and what loosens the purse"),
    "technographics.uses": (lambda icp: icp.technographics.uses, "name the tools these companies run"),
    "technographics.incumbents": (lambda icp: icp.technographics.incumbents, "name what you would replace"),
    "growth.stages": (lambda icp: icp.growth.stages, "say how far these companies have grown"),
    "growth.signals": (lambda icp: icp.growth.signals, "name events that show they are ready now"),
    "challenges": (lambda icp: icp.challenges, "name problems you heard from customers"),
    "structure": (lambda icp: icp.structure, "say flat, hierarchical or decentralised"),
    "behaviour.triggers": (lambda icp: icp.behaviour.triggers, "name what sets a purchase going"),
    "behaviour.decision_process": (lambda icp: icp.behaviour.decision_process, "say who decides, and how"),
    "must_have": (lambda icp: icp.must_have, "state up to three conditions that every customer meets"),
    "deal_breaker": (lambda icp: icp.deal_breaker, "state up to two conditions that rule a company out"),
    "review_due": (lambda icp: icp.review_due, "set a date within half a year"),
}
_PERSONA_CHECKS: dict[str, tuple[Callable[[Persona], object], str]] = {
    "icps": (lambda one: one.icps, "start from an ICP: name the one this buyer works in"),
    "responsibilities": (lambda one: one.responsibilities, "name what the buyer answers for"),
    "kpis": (lambda one: one.kpis, "name the figures the buyer is judged by"),
    "goals": (lambda one: one.goals, "name what the buyer wants this year"),
    "pains": (lambda one: one.pains, "name problems in the buyer's own words"),
    "motivations": (lambda one: one.motivations, "name what moves the buyer, with weights"),
    "fears": (lambda one: one.fears, "name what the buyer fears if nothing or the wrong thing is done"),
    "journey.research": (lambda one: one.journey.research, "say how the buyer looks for a solution"),
    "channels": (lambda one: one.channels, "name where the buyer can be reached"),
    "objections": (lambda one: one.objections, "name the first reasons to say no"),
    "triggers": (lambda one: one.triggers, "name what makes the buyer look"),
    "communication_style": (lambda one: one.communication_style, "say how the buyer talks"),
    "provenance": (lambda one: one.provenance, "say which fields are observed, inferred or invented"),
    "review_due": (lambda one: one.review_due, "set a date within half a year"),
}
_NEEDED = ("icps", "firmographics.industries", "firmographics.headcount", "firmographics.countries")
"""Without these no respondent can be drawn."""

Profile = TypeVar("Profile", ICP, Persona)


def _missing(
    name: str, profile: Profile, checks: Mapping[str, tuple[Callable[[Profile], object], str]]
) -> Iterator[Finding]:
    for field, (read, fix) in checks.items():
        if not read(profile):
            level: Level = "error" if field in _NEEDED else "warning"
            yield Finding(level=level, where=f"{name}: {field}", what="nothing is stated", fix=fix)


def _vague(name: str, profile: BaseModel) -> Iterator[Finding]:
    for place, text in _texts(profile.model_dump(mode="json"), ""):
        found = _VAGUE.search(text)
        if found:
            what = f"{found.group()!r} in {text!r} would fit almost anyone"
            yield Finding(level="warning", where=f"{name}: {place}", what=what, fix="name a fact or a figure")


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


def _criteria(icp: ICP) -> Iterator[Finding]:
    conditions = len(icp.must_have) + len(icp.deal_breaker)
    if conditions > MOST_CRITERIA:
        yield Finding(
            level="warning",
            where=f"{icp.id}: must_have, deal_breaker",
            what=f"{conditions} conditions, more than {MOST_CRITERIA}",
            fix="keep three must-haves and two deal-breakers",
        )
    firm = icp.firmographics
    stated = (
        firm.industries,
        firm.headcount,
        firm.revenue,
        firm.market_share,
        firm.countries or firm.regions,
    )
    count = sum(bool(criterion) for criterion in stated)
    if count < LEAST_FIRMOGRAPHICS:
        yield Finding(
            level="warning",
            where=f"{icp.id}: firmographics",
            what=f"{count} of industries, headcount, revenue, market share and place are stated",
            fix=f"state at least {LEAST_FIRMOGRAPHICS}",
        )


def _contradictions(icp: ICP) -> Iterator[Finding]:
    for at, predicate in enumerate(icp.must_have):
        if can_hold(predicate, icp) is False:
            yield Finding(
                level="error",
                where=f"{icp.id}: must_have[{at}]",
                what=f"no company of this ICP has {predicate.field} {predicate.op} {predicate.value}",
                fix="change the condition or the range",
            )
    clash = sorted(set(icp.technographics.uses) & set(icp.technographics.must_not_use))
    if clash:
        yield Finding(
            level="error",
            where=f"{icp.id}: technographics.must_not_use",
            what=f"{', '.join(clash)} is also among the tools in use",
            fix="keep it in one of the two lists",
        )


def _overlaps(icp: ICP, others: Sequence[ICP]) -> Iterator[Finding]:
    for other in others:
        if other.id in (icp.id, icp.parent) or other.parent == icp.id or not _overlap(icp, other):
            continue
        control = other.polarity != icp.polarity
        yield Finding(
            level="error" if control else "warning",
            where=f"{icp.id}: firmographics",
            what=f"industries, headcount and places overlap with {other.id}"
            + (", which is meant as its opposite" if control else ""),
            fix="part the two by industry, headcount or place, or merge them",
        )


def _overlap(one: ICP, other: ICP) -> bool:
    """Whether a company could be in both, as far as industry, headcount and place tell."""
    a, b = one.firmographics, other.firmographics
    shared_industry = {item.name.casefold() for item in a.industries} & {
        item.name.casefold() for item in b.industries
    }
    shared_place = set(a.countries or a.regions) & set(b.countries or b.regions)
    if a.headcount is None or b.headcount is None:
        return False
    return bool(shared_industry and shared_place) and _meet(a.headcount, b.headcount)


def _meet(one: Range, other: Range) -> bool:
    return one.min <= other.max and other.min <= one.max


def _counts(icp: ICP, others: Sequence[ICP], personas: Sequence[Persona]) -> Iterator[Finding]:
    alike = 1 + sum(other.polarity == icp.polarity and other.id != icp.id for other in others)
    if icp.polarity == "positive" and alike > MOST_ICPS:
        yield Finding(
            level="warning",
            where=icp.id,
            what=f"{alike} ICPs are in use, more than {MOST_ICPS}",
            fix="keep the ones that buy and stay",
        )
    inside = sum(icp.id in persona.icps for persona in personas)
    if inside > MOST_PERSONAS:
        yield Finding(
            level="warning",
            where=icp.id,
            what=f"{inside} personas belong to it, more than {MOST_PERSONAS}",
            fix="merge those that decide alike",
        )
    if personas and not inside:
        fix = "add a persona, or name this ICP in one"
        yield Finding(level="warning", where=icp.id, what="no persona belongs to it", fix=fix)


def _mapping(persona: Persona, icps: Sequence[ICP]) -> Iterator[Finding]:
    known = {icp.id: icp for icp in icps}
    for at, name in enumerate(persona.icps):
        icp = known.get(name)
        if icp is None:
            expected = f"use one of {', '.join(known)}" if known else "write that ICP first"
            where = f"{persona.id}: icps[{at}]"
            yield Finding(level="error", where=where, what=f"there is no ICP {name!r}", fix=expected)
            continue
        for predicate in persona.valid_in:
            if can_hold(predicate, icp) is False:
                yield Finding(
                    level="error",
                    where=f"{persona.id}: icps[{at}]",
                    what=f"the persona needs {predicate.field} {predicate.op} {predicate.value}, "
                    f"which no company of {name} has",
                    fix=f"take {name} out of icps, or change valid_in",
                )


def _spread(persona: Persona) -> Iterator[Finding]:
    """Levels so far out that draws are cut off at the end of the scale and no longer average the level."""
    reach = SCALE_END - 2 * persona.trait_spread
    for domain in DOMAINS:
        level = getattr(persona.hexaco, domain) or 0.0
        if abs(level) > max(reach, 0.0) and persona.trait_spread:
            yield Finding(
                level="warning",
                where=f"{persona.id}: trait_spread",
                what=f"{domain} {level:+g} with spread {persona.trait_spread:g} is cut off at {SCALE_END:g}, "
                "which moves its mean",
                fix=f"keep levels within {max(reach, 0.0):g} of 0, or make the spread smaller",
            )


def _review(name: str, due: str | None, today: str) -> Iterator[Finding]:
    if due is not None and today and due < today:
        what = f"the review was due on {due}"
        fix = "read it again with sales, raise its version and set a new date"
        yield Finding(level="warning", where=f"{name}: review_due", what=what, fix=fix)
