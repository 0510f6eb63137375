"""Seats: who can stop a proposal and who can champion it, by authority, role and the company's structure."""

from collections.abc import Mapping, Sequence

from panelsim.errors import InputError
from panelsim.model.committee import Seat
from panelsim.model.icp import Structure
from panelsim.model.panel import Panel, Respondent
from panelsim.model.persona import Authority, Persona
from panelsim.model.sources import PanelSources

UNSTATED: Structure = "hierarchical"
"""The structure of a company whose ICP states none: every formal no counts."""

RANK: Mapping[Authority, int] = {"signs": 4, "approves": 3, "blocks": 2, "influences": 1, "recommends": 0}
"""How much each authority weighs within one function."""


def seats_of(panel: Panel, sources: PanelSources) -> tuple[Seat, ...]:
    """The seats of every company of `panel`, in its order. Raises `InputError` if somebody has none."""
    personas = {one.id: one for one in (*sources.personas, *sources.anti_personas)}
    structures = {one.id: one.structure or UNSTATED for one in (*sources.icps, *sources.anti_icps)}
    committees: dict[str, list[Respondent]] = {}
    for one in panel.respondents:
        if not one.account:
            raise InputError(
                f"panel {panel.id!r}: respondent {one.id!r} sits in no committee, expected an account"
            )
        committees.setdefault(one.account, []).append(one)
    return tuple(
        seat
        for people in committees.values()
        for seat in _committee(people, [personas[one.persona] for one in people], structures[people[0].icp])
    )


def _committee(
    people: Sequence[Respondent], personas: Sequence[Persona], structure: Structure
) -> tuple[Seat, ...]:
    stops = who_can_stop(personas, structure)
    champions = who_may_champion(personas, stops)
    return tuple(
        Seat(
            respondent=one.id,
            account=one.account,
            arm=one.arm,
            persona=persona.id,
            name=one.name,
            title=one.title,
            role=one.role,
            authority=persona.authority,
            structure=structure,
            can_stop=stop,
            may_champion=champion,
            expected=persona.objections,
        )
        for one, persona, stop, champion in zip(people, personas, stops, champions, strict=True)
    )


def who_can_stop(personas: Sequence[Persona], structure: Structure) -> tuple[bool, ...]:
    """Whether a no from each seat of a company stops a proposal by itself.

    Whoever `blocks`, by authority or by role, can stop it anywhere. In a hierarchical company so can those
    who approve and those who sign. In a decentralised one so can, beside them, the highest authority of
    every function. In a flat one nobody else can: the majority decides, and whoever signs follows it.
    """
    blockers = tuple(one.authority == "blocks" or one.committee_role == "blocker" for one in personas)
    if structure == "flat":
        return blockers
    formal = tuple(
        blocks or one.authority in ("approves", "signs")
        for one, blocks in zip(personas, blockers, strict=True)
    )
    if structure == "hierarchical":
        return formal
    top: dict[str, int] = {}
    for one in personas:
        top[_function(one)] = max(top.get(_function(one), 0), RANK[one.authority])
    return tuple(
        already or RANK[one.authority] == top[_function(one)]
        for one, already in zip(personas, formal, strict=True)
    )


def _function(persona: Persona) -> str:
    """The function a seat speaks for; one that states none is its own."""
    return persona.function.casefold() or f"persona {persona.id}"


def who_may_champion(personas: Sequence[Persona], stops: Sequence[bool]) -> tuple[bool, ...]:
    """Whether each seat can carry a proposal through its company.

    Champions by role and those who recommend; without any, all who cannot stop it; without those, everyone.
    """
    named = tuple(one.committee_role == "champion" or one.authority == "recommends" for one in personas)
    if any(named):
        return named
    others = tuple(not stop for stop in stops)
    return others if any(others) else tuple(True for _ in personas)
