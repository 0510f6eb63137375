"""The buyer as prompts see one: a respondent's draws joined with the persona's words."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from panelsim.model.base import Frozen
from panelsim.model.panel import Panel, Respondent
from panelsim.model.persona import Persona
from panelsim.traits.words import DecisionWords, TraitWords, describe_decision, describe_traits

KEPT = 2048
"""Buyers: more than are interviewed at the same time."""


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
    quotes: tuple[str, ...]
    """What real buyers said of these problems, in their words."""
    objections: tuple[str, ...]
    fears: tuple[str, ...]
    values: tuple[str, ...]
    motivations: tuple[str, ...]
    """The weightiest first."""
    research: tuple[str, ...]
    trusted_sources: tuple[str, ...]
    influencers: tuple[str, ...]
    channels: tuple[str, ...]
    trigger: str
    in_market: bool
    communication_style: str
    demographics: tuple[str, ...]
    """Age, schooling and career as the persona states them; empty unless it does."""
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


def _demographics(persona: Persona) -> tuple[str, ...]:
    stated = persona.demographics
    return () if stated is None else tuple(text for _, text in stated if text)


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
        region=company.place,
        growth_stage=company.growth_stage,
        stack=company.stack,
        incumbent=company.incumbent,
        signal=company.signal,
        challenge=company.challenge,
        responsibilities=persona.responsibilities,
        kpis=persona.kpis,
        goals=_turned(persona.goals, turn),
        pains=_turned(tuple(pain.text for pain in persona.pains), turn),
        quotes=_turned(tuple(pain.quote for pain in persona.pains if pain.quote), turn),
        objections=_turned(persona.objections, turn),
        fears=persona.fears,
        values=persona.values,
        motivations=tuple(one.text for one in sorted(persona.motivations, key=lambda one: -one.weight)),
        research=persona.journey.research,
        trusted_sources=persona.journey.trusted_sources,
        influencers=persona.journey.influencers,
        channels=tuple(channel.replace("_", " ") for channel in persona.channels),
        trigger=respondent.trigger,
        in_market=respondent.in_market,
        communication_style=persona.communication_style,
        demographics=_demographics(persona),
        authority=persona.authority,
        committee_role=respondent.role,
        traits=describe_traits(respondent.traits, traits),
        decision=describe_decision(respondent.decision, decision),
    )


class Buyers(Mapping[str, Buyer]):
    """The buyers of a panel by respondent id, built when they are asked for; the last ones are kept."""

    def __init__(
        self,
        panel: Panel,
        personas: Mapping[str, Persona],
        traits: TraitWords,
        decision: DecisionWords,
    ) -> None:
        self._personas = personas
        self._words = (traits, decision)
        self._people = panel.respondents
        self._places: dict[str, tuple[int, int]] = {}
        """Of each respondent its place in the panel and within its persona."""
        seen: dict[str, int] = {}
        originals = panel.originals
        for place, (name, persona) in enumerate(zip(panel.ids, panel.personas, strict=True)):
            if name in originals:
                # a twin stresses what its original stresses
                self._places[name] = (place, self._places[originals[name]][1])
                continue
            turn = seen.get(persona, 0)
            seen[persona] = turn + 1
            self._places[name] = (place, turn)
        self._recent = lru_cache(maxsize=KEPT)(self._build)

    def __getitem__(self, respondent_id: str) -> Buyer:
        return self._recent(respondent_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _build(self, respondent_id: str) -> Buyer:
        place, turn = self._places[respondent_id]
        respondent = self._people[place]
        return build_buyer(respondent, self._personas[respondent.persona], *self._words, turn=turn)
