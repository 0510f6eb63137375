"""Drawing a panel: respondents from personas, their companies from ICPs, all from one seed.

Each respondent has a random stream of its own, made from the seed and its id. So the same seed gives the
same panel everywhere, a larger panel begins with the smaller one, and a new persona reshuffles nobody.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.panel import DOMAINS, Arm, Decision, Hexaco, Panel, PersonaShare, Respondent
from panelsim.model.persona import Persona
from panelsim.model.sources import NameList, PanelSources
from panelsim.planning.companies import draw_company
from panelsim.planning.naming import NamePool
from panelsim.planning.quotas import apportion
from panelsim.planning.streams import stream
from panelsim.traits.sampling import draw_traits

DECISION_SPREAD = 0.1
"""Standard deviation of each decision parameter around the persona's."""


def draw_panel(sources: PanelSources, n: int, seed: int, *, anti_n: int = 0) -> Panel:
    """`n` target and `anti_n` anti-ICP respondents, by the personas' weights and quotas.

    InputError if the quotas cannot be met, a persona has no ICP in the panel, or an ICP states too little
    to draw a company from it.
    """
    if n < 1 or anti_n < 0:
        raise InputError(
            f"panel {sources.spec.id!r}: {n} + {anti_n} respondents, expected n >= 1, anti_n >= 0"
        )
    spec = sources.spec
    if anti_n and not sources.anti_personas:
        raise InputError(f"panel {spec.id!r}: found no anti-ICP, expected one to draw {anti_n} controls from")
    target = _Arm("target", spec.personas, sources.personas, sources.icps)
    anti = _Arm("anti", spec.anti_personas, sources.anti_personas, sources.anti_icps)
    respondents = _draw_arm(target, n, seed, sources.names) + _draw_arm(anti, anti_n, seed, sources.names)
    return Panel(id=spec.id, seed=seed, respondents=respondents)


class _Arm(NamedTuple):
    """What one arm is drawn from; shares and personas go in pairs."""

    arm: Arm
    shares: Sequence[PersonaShare]
    personas: Sequence[Persona]
    icps: Sequence[ICP]


def _draw_arm(of: _Arm, n: int, seed: int, lists: Sequence[NameList]) -> tuple[Respondent, ...]:
    """The respondents of one arm, the first of every persona before the second of any."""
    if n == 0:
        return ()
    counts = apportion(of.shares, n)
    names = NamePool(lists, of.arm, seed)
    return tuple(
        _draw_respondent(of, position, number, seed, names)
        for number in range(max(counts))
        for position, count in enumerate(counts)
        if number < count
    )


def _draw_respondent(of: _Arm, position: int, number: int, seed: int, names: NamePool) -> Respondent:
    """Respondent `number` of the persona at `position`, both from 0."""
    persona = of.personas[position]
    icp = _home(persona, of.icps, number)
    respondent_id = f"{persona.id}-{number + 1:02d}"
    rng = stream(seed, respondent_id)
    stated = {name: getattr(persona.hexaco, name) or 0.0 for name in DOMAINS}
    traits = draw_traits(Hexaco.model_validate(stated), persona.trait_spread, rng)
    decision = _draw_decision(persona.decision, rng)
    in_market = float(rng.random()) < persona.in_market_share
    return Respondent(
        id=respondent_id,
        persona=persona.id,
        icp=icp.id,
        arm=of.arm,
        role=persona.committee_role,
        name=names.name(persona.locale, position, number),
        title=persona.title,
        company=draw_company(icp, persona, rng),
        traits=traits,
        decision=decision,
        in_market=in_market,
        trigger=_draw_trigger(persona, icp, rng) if in_market else "",
    )


def _home(persona: Persona, icps: Sequence[ICP], number: int) -> ICP:
    """The ICP of the persona's respondent `number`: its ICPs in the panel take turns."""
    homes = [icp for icp in icps if icp.id in persona.icps]
    if not homes:
        known = ", ".join(icp.id for icp in icps)
        raise InputError(f"persona {persona.id!r} belongs to no ICP of the panel, expected one of {known}")
    return homes[number % len(homes)]


def _draw_decision(around: Decision, rng: np.random.Generator) -> Decision:
    deviates = rng.standard_normal(len(Decision.model_fields))
    return Decision.model_validate(
        {
            name: round(min(1.0, max(0.0, level + DECISION_SPREAD * float(deviate))), 2) + 0.0
            for (name, level), deviate in zip(around, deviates, strict=True)
        }
    )


def _draw_trigger(persona: Persona, icp: ICP, rng: np.random.Generator) -> str:
    triggers = persona.triggers or icp.behaviour.triggers
    return triggers[math.floor(float(rng.random()) * len(triggers))] if triggers else ""
