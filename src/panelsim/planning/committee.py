"""Planning a committee study: companies drawn with a seat for each persona, and what each seat is asked.

A seat is a persona's place in a company: one each, or as many as its quota `min` asks for; weights say how
often a persona is met in a panel and count for nothing here. All seats of a company share its facts, which
are drawn once so that every persona can exist in it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.panel import Arm, CompanyFacts, Panel, PersonaShare, Respondent
from panelsim.model.persona import Persona
from panelsim.model.plan import CommitteeAssignment, Plan
from panelsim.model.sources import PanelSources
from panelsim.model.study import CommitteeStudy, Stimulus
from panelsim.planning.companies import draw_companies
from panelsim.planning.draw import draw_panel
from panelsim.planning.stimuli import NOBODY, check_texts, control_stream, decoy_of, duplicate_of
from panelsim.planning.streams import stream

LETTERS: dict[Arm, str] = {"target": "c", "anti": "x"}
"""How the companies of an arm are called: c1, c2; x1 for those outside the ICP."""


def draw_committees(sources: PanelSources, companies: int, seed: int, *, anti: int = 0) -> Panel:
    """`companies` committees of the target arm and `anti` outside the ICP, company by company.

    Respondents are called `c1-cfo`, the second holder of a seat `c1-cfo-2`. Raises `InputError` if no
    company fits all of its personas.
    """
    spec = sources.spec
    arms = [_Arm("target", spec.personas, sources.personas, sources.icps, companies)]
    if anti:
        if not sources.anti_personas:
            raise InputError(
                f"panel {spec.id!r}: found no anti-ICP, expected one to draw {anti} controls from"
            )
        arms.append(_Arm("anti", spec.anti_personas, sources.anti_personas, sources.anti_icps, anti))
    drawn = tuple(one for arm in arms for one in _draw_arm(arm, sources, seed))
    return Panel(id=spec.id, seed=seed, respondents=drawn)


class _Arm(NamedTuple):
    """What the committees of one arm are drawn from; shares and personas go in pairs."""

    arm: Arm
    shares: Sequence[PersonaShare]
    personas: Sequence[Persona]
    icps: Sequence[ICP]
    companies: int


class _Table(NamedTuple):
    """Who sits in the companies of one ICP."""

    icp: ICP
    holders: tuple[tuple[Persona, int], ...]
    """Personas with the seats that each holds."""


def _draw_arm(of: _Arm, sources: PanelSources, seed: int) -> Iterator[Respondent]:
    """The arm's committees in the order of their companies, whose ICPs take turns."""
    tables = [table for icp in of.icps if (table := _table(of, icp)).holders]
    turns = [range(at, of.companies, len(tables)) for at in range(len(tables))]
    committees: dict[int, tuple[Respondent, ...]] = {}
    for at, (table, places) in enumerate(zip(tables, turns, strict=True)):
        if not places:
            continue
        drawn = _draw_people(table, len(places), sources, seed + at)
        facts = _draw_facts(table, len(places), stream(seed, of.arm, table.icp.id, "accounts"))
        for place, people, company in zip(places, drawn, facts, strict=True):
            account = f"{LETTERS[of.arm]}{place + 1}"
            committees[place] = tuple(_seated(people, of.arm, account, company))
    for place in range(of.companies):
        yield from committees[place]


def _table(of: _Arm, icp: ICP) -> _Table:
    """The personas of the arm that work in `icp`; one whose quota allows nobody holds no seat."""
    seats = [
        (persona, 0 if share.max == 0 else max(1, share.min or 1))
        for share, persona in zip(of.shares, of.personas, strict=True)
        if icp.id in persona.icps
    ]
    return _Table(icp, tuple((persona, held) for persona, held in seats if held))


def _draw_people(
    table: _Table, companies: int, sources: PanelSources, seed: int
) -> Iterator[tuple[tuple[Respondent, ...], ...]]:
    """For each company its people by persona, each with the facts of a company of its own yet."""
    shares = tuple(
        PersonaShare(persona=persona.id, min=held * companies, max=held * companies)
        for persona, held in table.holders
    )
    spec = sources.spec.model_copy(
        update={"icps": (table.icp.id,), "personas": shares, "anti_icps": (), "anti_personas": ()}
    )
    personas = tuple(persona for persona, _ in table.holders)
    alone = PanelSources(spec=spec, icps=(table.icp,), personas=personas, names=sources.names)
    total = sum(held for _, held in table.holders) * companies
    by_persona: dict[str, list[Respondent]] = {}
    for one in draw_panel(alone, total, seed).respondents:
        by_persona.setdefault(one.persona, []).append(one)
    for at in range(companies):
        yield tuple(
            tuple(by_persona[persona.id][at * held : (at + 1) * held]) for persona, held in table.holders
        )


def _draw_facts(table: _Table, companies: int, rng: np.random.Generator) -> Iterator[CompanyFacts]:
    """Companies in which every persona of the table can exist."""
    columns = draw_companies(table.icp, [persona for persona, _ in table.holders], companies, rng)
    for at in range(companies):
        yield CompanyFacts.model_validate(
            {name: column.values[int(column.codes[at])] for name, column in columns.items()}
        )


def _seated(
    people: Sequence[Sequence[Respondent]], arm: Arm, account: str, company: CompanyFacts
) -> Iterator[Respondent]:
    """The people of one company in their seats, with its facts."""
    for holders in people:
        for number, one in enumerate(holders, start=1):
            name = f"{account}-{one.persona}" + (f"-{number}" if number > 1 else "")
            yield one.model_copy(update={"id": name, "account": account, "arm": arm, "company": company})


def plan_committee(study: CommitteeStudy, panel: Panel, decoys: tuple[str, ...] = ()) -> Plan:
    """The plan of `study` on `panel`: each seat judges each proposal in a session of its own.

    Controls follow the proposals and are not asked for words; the anti-ICP arm judges the proposals alone.
    """
    check_texts(study.id, study.proposals, "proposal")
    stimuli = study.proposals + _controls(study, decoys)
    accounts = {account: at for at, account in enumerate(dict.fromkeys(p.account for p in panel.respondents))}
    places: dict[tuple[Arm, int], int] = {}
    sheet_of = tuple(
        places.setdefault((one.arm, accounts[one.account] % study.design.wordings), len(places))
        for one in panel.respondents
    )
    sheets = tuple(tuple(_sheet(study, stimuli, arm, turn)) for arm, turn in places)
    people = tuple(one.id for one in panel.respondents)
    return Plan(stimuli=stimuli, people=people, sheets=sheets, sheet_of=sheet_of)


def _controls(study: CommitteeStudy, decoys: tuple[str, ...]) -> tuple[Stimulus, ...]:
    controls: list[Stimulus] = []
    if study.controls.duplicate:
        controls.append(duplicate_of(study.proposals[0]))
    if study.controls.decoy:
        controls.append(decoy_of(study.proposals, decoys, control_stream(study.seed)))
    return tuple(controls)


def _sheet(
    study: CommitteeStudy, stimuli: Sequence[Stimulus], arm: Arm, turn: int
) -> Iterator[CommitteeAssignment]:
    """What a seat of the company at place `turn` is asked."""
    design = study.design
    for replicate in range(design.replicates):
        for stimulus in stimuli:
            is_proposal = stimulus.role == "variant"
            if arm == "anti" and not is_proposal:
                continue
            shift = 1 if stimulus.role == "duplicate" else 0
            yield CommitteeAssignment(
                respondent=NOBODY,
                stimulus=stimulus.id,
                words=design.words and is_proposal and arm == "target" and replicate == 0,
                wording=(turn + replicate + shift) % design.wordings,
                # a copy asked like its original would be one call with one answer, and prove nothing
                replicate=replicate + shift * design.replicates,
            )
