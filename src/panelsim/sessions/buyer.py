"""The buyer as prompts see one: a respondent's draws joined with the persona's words."""

from collections.abc import Mapping

from panelsim.model.base import Frozen
from panelsim.model.panel import Respondent
from panelsim.model.persona import Persona
from panelsim.traits.words import DecisionWords, TraitWords, describe_decision, describe_traits


class Buyer(Frozen):
    """What a prompt may say of a respondent; texts and tuples of texts only."""

    id: str
    name: str
    title: str
    function: str
    industry: str
    headcount: int
    region: str
    growth_stage: str
    stack: tuple[str, ...]
    incumbent: str
    signal: str
    challenge: str
    responsibilities: tuple[str, ...]
    kpis: tuple[str, ...]
    goals: tuple[str, ...]
    pains: tuple[str, ...]
    objections: tuple[str, ...]
    fears: tuple[str, ...]
    values: tuple[str, ...]
    motivations: tuple[str, ...]
    trusted_sources: tuple[str, ...]
    trigger: str
    in_market: bool
    communication_style: str
    authority: str
    committee_role: str
    traits: tuple[str, ...]
    """Phrases for the most extreme traits, most extreme first."""
    decision: tuple[str, ...]
    """Phrases for the most extreme decision parameters, most extreme first."""


def _turned(texts: tuple[str, ...], by: int) -> tuple[str, ...]:
    """`texts` with its start moved by `by`, so that respondents of one persona stress different points."""
    start = by % len(texts) if texts else 0
    return texts[start:] + texts[:start]


def build_buyer(
    respondent: Respondent, persona: Persona, traits: TraitWords, decision: DecisionWords, *, turn: int = 0
) -> Buyer:
    """The buyer behind `respondent`; `turn` is its place within the persona and rotates goals and pains."""
    company = respondent.company
    return Buyer(
        id=respondent.id,
        name=respondent.name,
        title=respondent.title,
        function=persona.function,
        industry=company.industry,
        headcount=company.headcount,
        region=company.region,
        growth_stage=company.growth_stage,
        stack=company.stack,
        incumbent=company.incumbent,
        signal=company.signal,
        challenge=company.challenge,
        responsibilities=persona.responsibilities,
        kpis=persona.kpis,
        goals=_turned(persona.goals, turn),
        pains=_turned(tuple(pain.text for pain in persona.pains), turn),
        objections=_turned(persona.objections, turn),
        fears=persona.fears,
        values=persona.values,
        motivations=tuple(motivation.text for motivation in persona.motivations),
        trusted_sources=persona.journey.trusted_sources,
        trigger=respondent.trigger,
        in_market=respondent.in_market,
        communication_style=persona.communication_style,
        authority=persona.authority,
        committee_role=respondent.role,
        traits=describe_traits(respondent.traits, traits),
        decision=describe_decision(respondent.decision, decision),
    )


def build_buyers(
    respondents: tuple[Respondent, ...],
    personas: Mapping[str, Persona],
    traits: TraitWords,
    decision: DecisionWords,
) -> dict[str, Buyer]:
    """Every respondent's buyer, by respondent id."""
    seen: dict[str, int] = {}
    buyers: dict[str, Buyer] = {}
    for respondent in respondents:
        turn = seen.get(respondent.persona, 0)
        seen[respondent.persona] = turn + 1
        persona = personas[respondent.persona]
        buyers[respondent.id] = build_buyer(respondent, persona, traits, decision, turn=turn)
    return buyers
