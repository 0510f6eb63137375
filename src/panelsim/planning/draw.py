"""Drawing a panel: respondents from personas, their companies from ICPs, all from one seed.

Each respondent has a random stream of its own, made from the seed and its id. So the same seed gives the
same panel everywhere, a larger panel begins with the smaller one, and a new persona reshuffles nobody.
"""

import math
from collections.abc import Sequence

import numpy as np

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.panel import Arm, Decision, Panel, PersonaShare, Respondent
from panelsim.model.persona import Persona
from panelsim.model.sources import PanelSources
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
        raise InputError(f"panel {sources.spec.id!r}: {n} + {anti_n} respondents, expected n >= 1, anti_n >= 0")
    pool = NamePool(sources.names, seed)
    spec = sources.spec
    target = _draw_arm("target", spec.personas, sources.personas, sources.icps, n, seed, pool)
    if anti_n and not sources.anti_personas:
        raise InputError(f"panel {spec.id!r} has no anti-ICP, expected one to draw {anti_n} control respondents")
    anti = _draw_arm("anti", spec.anti_personas, sources.anti_personas, sources.anti_icps, anti_n, seed, pool)
    return Panel(id=spec.id, seed=seed, respondents=target + anti)


def _draw_arm(
    arm: Arm,
    shares: Sequence[PersonaShare],
    personas: Sequence[Persona],
    icps: Sequence[ICP],
    n: int,
    seed: int,
    pool: NamePool,
) -> tuple[Respondent, ...]:
    """The respondents of one arm, the first of every persona before the second of any."""
    if n == 0:
        return ()
    counts = apportion(shares, n)
    places = [
        (number, persona)
        for number in range(max(counts))
        for persona, count in zip(personas, counts, strict=True)
        if number < count
    ]
    return tuple(_draw_respondent(arm, persona, number, icps, seed, pool) for number, persona in places)


def _draw_respondent(
    arm: Arm, persona: Persona, number: int, icps: Sequence[ICP], seed: int, pool: NamePool
) -> Respondent:
    homes = [icp for icp in icps if icp.id in persona.icps]
    if not homes:
        known = ", ".join(icp.id for icp in icps)
        raise InputError(f"persona {persona.id!r} belongs to no ICP of the panel, expected one of {known}")
    icp = homes[number % len(homes)]
    respondent_id = f"{persona.id}-{number + 1:02d}"
    rng = stream(seed, respondent_id)
    traits = draw_traits(persona.hexaco, persona.trait_spread, rng)
    decision = _draw_decision(persona.decision, rng)
    in_market = float(rng.random()) < persona.in_market_share
    return Respondent(
        id=respondent_id,
        persona=persona.id,
        icp=icp.id,
        arm=arm,
        role=persona.committee_role,
        name=pool.take(persona, number),
        title=persona.title,
        company=draw_company(icp, persona, rng),
        traits=traits,
        decision=decision,
        in_market=in_market,
        trigger=_draw_trigger(persona, icp, rng) if in_market else "",
    )


def _draw_decision(around: Decision, rng: np.random.Generator) -> Decision:
    deviates = rng.standard_normal(len(Decision.model_fields))
    return Decision.model_validate(
        {
            name: round(min(1.0, max(0.0, level + DECISION_SPREAD * float(deviate))), 2)
            for (name, level), deviate in zip(around, deviates, strict=True)
        }
    )


def _draw_trigger(persona: Persona, icp: ICP, rng: np.random.Generator) -> str:
    triggers = persona.triggers or icp.behaviour.triggers
    return triggers[math.floor(float(rng.random()) * len(triggers))] if triggers else ""
