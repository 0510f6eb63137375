"""The buyer as prompts see one: a respondent's draws joined with the persona's words."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from panelsim.model.base import Frozen
from panelsim.model.icp import ICP
from panelsim.model.note import Ground
from panelsim.model.panel import Panel, Respondent
from panelsim.model.persona import Persona
from panelsim.traits.words import DecisionWords, TraitWords, describe_decision, describe_traits

NO_ICP = ICP(id="none", title="not known")
"""Stands in where the ICP is not at hand: it says nothing."""
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
    funding_stage: str
    growth_rate: float | None
    """Percent a year; absent if the ICP states no range."""
    budget_kusd: float | None
    """Thousands of US dollars a year for a solution; absent if the ICP states no range."""
    willingness: str
    """What loosens or tightens the purse."""
    initiative: str
    """What the company means to do this year; empty if the ICP names nothing."""
    decision_process: str
    locale: str
    """Language and country of the buyer, `en-GB`."""
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
    persona: str = ""
    icp: str = ""
    notes: tuple[Ground, ...] = ()
    """Passages that stand on the card beside one question; empty for a persona without notes."""


def _turned(texts: tuple[str, ...], by: int) -> tuple[str, ...]:
    """`texts` with its start moved by `by`, so that respondents of one persona stress different points."""
    start = by % len(texts) if texts else 0
    return texts[start:] + texts[:start]


def _demographics(persona: Persona) -> tuple[str, ...]:
    stated = persona.demographics
    return () if stated is None else tuple(text for _, text in stated if text)


def build_buyer(
    respondent: Respondent,
    persona: Persona,
    traits: TraitWords,
    decision: DecisionWords,
    *,
    icp: ICP | None = None,
    turn: int = 0,
) -> Buyer:
    """The buyer behind `respondent`; `turn` is its place within the persona and rotates goals and pains.

    What the persona does not say of its pains is taken over from the ICP, which also says how the company
    buys; without it these stay empty.
    """
    company, icp = respondent.company, icp or NO_ICP
    pains = tuple(pain.text for pain in persona.pains) or icp.behaviour.pains
    initiatives = _turned(icp.initiatives, turn)
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
        funding_stage=company.funding_stage,
        growth_rate=company.growth_rate,
        budget_kusd=company.budget_kusd,
        willingness="" if icp.budget is None else icp.budget.willingness,
        initiative=initiatives[0] if initiatives else "",
        decision_process=icp.behaviour.decision_process,
        locale=persona.locale,
        responsibilities=persona.responsibilities,
        kpis=persona.kpis,
        goals=_turned(persona.goals, turn),
        pains=_turned(pains, turn),
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
        persona=respondent.persona,
        icp=respondent.icp,
    )


class Buyers(Mapping[str, Buyer]):
    """The buyers of a panel by respondent id, built when they are asked for; the last ones are kept."""

    def __init__(
        self,
        panel: Panel,
        personas: Mapping[str, Persona],
        traits: TraitWords,
        decision: DecisionWords,
        icps: Iterable[ICP] = (),
    ) -> None:
        self._personas = personas
        self._icps = {icp.id: icp for icp in icps}
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
        persona, icp = self._personas[respondent.persona], self._icps.get(respondent.icp)
        return build_buyer(respondent, persona, *self._words, icp=icp, turn=turn)
