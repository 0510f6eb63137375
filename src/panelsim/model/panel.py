"""Panels: the concrete buyers drawn from personas, with their company facts and traits."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from panelsim.model.base import Frozen, Many
from panelsim.model.icp import Day
from panelsim.model.rows import ById, column_of
from panelsim.model.rows_json import RowsOf

Arm = Literal["target", "anti"]
"""`target` respondents fit the ICP; `anti` respondents come from an anti-ICP and serve as a control."""

CommitteeRole = Literal["champion", "economic", "technical", "user", "sponsor", "procurement", "blocker"]


Level = Annotated[float, Field(ge=-4, le=4)]
"""A standard score: 0 is the population mean, 1 one standard deviation above it."""

FacetLevel = Annotated[float, Field(ge=-12, le=12)]
"""A standard score of a facet. With the widest spread around a far level, facets must go this far to add up
to their domain."""


class Facets(Many):
    """Levels of the 24 facets of the IPIP-HEXACO, four to a domain, as standard scores."""

    sincerity: FacetLevel
    fairness: FacetLevel
    greed_avoidance: FacetLevel
    modesty: FacetLevel
    fearfulness: FacetLevel
    anxiety: FacetLevel
    dependence: FacetLevel
    sentimentality: FacetLevel
    expressiveness: FacetLevel
    social_boldness: FacetLevel
    sociability: FacetLevel
    liveliness: FacetLevel
    forgiveness: FacetLevel
    gentleness: FacetLevel
    flexibility: FacetLevel
    patience: FacetLevel
    organization: FacetLevel
    diligence: FacetLevel
    perfectionism: FacetLevel
    prudence: FacetLevel
    aesthetic_appreciation: FacetLevel
    inquisitiveness: FacetLevel
    creativity: FacetLevel
    unconventionality: FacetLevel


class Hexaco(Many):
    """Trait levels of one respondent as standard scores."""

    honesty_humility: Level = 0.0
    emotionality: Level = 0.0
    extraversion: Level = 0.0
    agreeableness: Level = 0.0
    conscientiousness: Level = 0.0
    openness: Level = 0.0
    facets: Facets | None = None
    """Absent if neither the persona nor the panel asks for facets; else each domain is the standardised sum
    of its four."""

    @property
    def domains(self) -> dict[str, float]:
        """The six domain levels by name, in the order of `DOMAINS`."""
        return {name: level for name, level in self if isinstance(level, float)}


DOMAINS = tuple(name for name in Hexaco.model_fields if name != "facets")
"""Honesty-Humility, Emotionality, eXtraversion, Agreeableness, Conscientiousness, Openness."""

FACETS = tuple(Facets.model_fields)
"""In the order of the domains, four each."""

FACETS_OF = {domain: FACETS[4 * at : 4 * at + 4] for at, domain in enumerate(DOMAINS)}
"""The four facets of each domain."""


Share = Annotated[float, Field(ge=0, le=1)]


class Decision(Many):
    """How a buyer decides, each from 0 (none) to 1 (as strong as it gets).

    Traits give a persona its voice; these parameters give it its decisions.
    """

    risk_tolerance: Share = 0.5
    """How gladly the buyer takes a risk."""
    price_sensitivity: Share = 0.5
    """How much the price counts."""
    proof_demanded: Share = 0.5
    """How much proof a claim needs."""
    status_quo_pull: Share = 0.5
    """How strongly the buyer stays with what is there."""
    loss_aversion: Share = 0.5
    """How much more a loss counts than a gain."""
    authority: Share = 0.5
    """How far the buyer can decide alone: 0 none, 1 signs without asking."""


class CompanyFacts(Many):
    """The respondent's company, drawn from the ranges of an ICP."""

    industry: str
    headcount: Annotated[int, Field(ge=1)]
    revenue_musd: Annotated[float, Field(ge=0)] | None = None
    """Yearly revenue in millions of US dollars; absent if the ICP states no range."""
    region: str
    """A part of the world; the country where the ICP states no region, or several beside countries."""
    country: str = ""
    """Empty if the ICP states no countries."""
    growth_stage: str = ""
    funding_stage: str = ""
    growth_rate: float | None = None
    """Yearly growth of revenue in percent; absent if the ICP states no range."""
    market_share: Annotated[float, Field(ge=0, le=100)] | None = None
    """In percent; absent if the ICP states no range."""
    sales_team: Annotated[int, Field(ge=0)] | None = None
    """People in sales; absent if the ICP states no range."""
    structure: str = ""
    """Who can say no; empty if the ICP does not say."""
    budget_kusd: Annotated[float, Field(ge=0)] | None = None
    """What it can spend on a solution in thousands of US dollars a year; absent if the ICP states no range in
    that currency."""
    stack: tuple[str, ...] = ()
    """Tools in use."""
    incumbent: str = ""
    """The tool a newcomer would replace; empty if there is none."""
    signal: str = ""
    """One growth signal (hiring, funded, expanding), if any."""
    challenge: str = ""

    @property
    def place(self) -> str:
        """Where it is: its country, or its region if no country is known."""
        return self.country or self.region


Treatment = Literal["on", "off", "shuffled"]
"""How a respondent of an ablation carries traits: its own, none, or those of another respondent."""


class Twin(Many):
    """What makes a respondent the copy of another one: everything is the same but the traits."""

    of: str
    """Id of the original, which stands before its twins in the panel."""
    treatment: Treatment
    traits_of: str = ""
    """Id of the respondent whose traits it carries; empty if it carries none."""


class Respondent(Many):
    """One concrete buyer."""

    id: str
    """Unique in the panel: `vp-sales-03`."""
    persona: str
    icp: str
    arm: Arm = "target"
    role: CommitteeRole
    name: str
    title: str
    company: CompanyFacts
    traits: Hexaco
    decision: Decision
    in_market: bool
    """True if a buying trigger has occurred for this respondent."""
    trigger: str = ""
    """The trigger that occurred; empty when not in market."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    account: Annotated[str, Field(exclude_if=lambda account: account == "")] = ""
    """The company in whose committee the respondent sits: `c1`. Not written outside committees."""
    twin: Twin | None = None
    """Absent: nobody's copy."""


class Panel(Frozen):
    """The respondents of a study, in drawing order, with the seed that gives them again."""

    id: str
    seed: int
    respondents: Annotated[Sequence[Respondent], RowsOf(Respondent)]
    """At least one. A drawn panel holds them as columns (`model.rows`) and builds one when it is asked for;
    who needs a field of all reads its column."""

    @property
    def ids(self) -> Sequence[str]:
        """The id of every respondent."""
        return self._texts("id")

    @property
    def personas(self) -> Sequence[str]:
        """The persona of every respondent."""
        return self._texts("persona")

    @property
    def arms(self) -> Sequence[Arm]:
        """The arm of every respondent."""
        return tuple("anti" if arm == "anti" else "target" for arm in self._texts("arm"))

    @property
    def originals(self) -> Mapping[str, str]:
        """For each twin the id of its original; only ablations have twins."""
        if not any(column_of(self.respondents, "twin")):
            return {}
        return {one.id: one.twin.of for one in self.respondents if one.twin is not None}

    def people(self, arm: Arm | None = None) -> Mapping[str, Respondent]:
        """The respondents by id, or those of one arm."""
        places = enumerate(zip(self.ids, self.arms, strict=True))
        return ById(self.respondents, {name: at for at, (name, its) in places if arm in (None, its)})

    def _texts(self, field: str) -> Sequence[str]:
        return tuple(map(str, column_of(self.respondents, field)))


class PersonaShare(Frozen):
    """How much of a panel one persona makes up; YAML may write the persona alone."""

    persona: Annotated[str, Field(min_length=1)]
    """Id of a persona, or path of its file."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Relative to the panel's other personas."""
    min: Annotated[int, Field(ge=0)] | None = None
    """Fewest respondents; absent: no quota."""
    max: Annotated[int, Field(ge=0)] | None = None
    """Most respondents; absent: no quota."""
    min_share: Share | None = None
    """Smallest share of the panel; absent: no quota."""
    max_share: Share | None = None
    """Largest share of the panel; absent: no quota."""

    @model_validator(mode="before")
    @classmethod
    def _persona_alone(cls, value: object) -> object:
        return {"persona": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}, expected min <= max")
        if self.min_share is not None and self.max_share is not None and self.min_share > self.max_share:
            raise ValueError(f"min_share {self.min_share} is above max_share {self.max_share}")
        return self


class PanelSpec(Frozen):
    """What a panel is drawn from."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    """Names it in studies."""
    title: str = ""
    """In words."""
    version: Annotated[int, Field(ge=1)] = 1
    """Raised with every change."""
    icps: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids of ICPs, or paths of their files."""
    personas: Annotated[tuple[PersonaShare, ...], Field(min_length=1)]
    """Who is asked, and in which shares."""
    anti_icps: tuple[str, ...] = ()
    """ICPs of negative polarity, from which the control arm is drawn; empty: no such arm."""
    anti_personas: tuple[PersonaShare, ...] = ()
    """Who is asked in the control arm."""
    n: Annotated[int, Field(ge=1, le=100_000)] = 24
    """Respondents if the study does not say."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    """Draws the same respondents again if the study does not say."""
    facets: bool = False
    """Whether every respondent carries the 24 facets; those of a persona that states a facet always do."""
    review_due: Annotated[Day | None, Field(exclude_if=lambda date: date is None)] = None
    """When the panel is to be read again; absent: never set."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.anti_icps) != bool(self.anti_personas):
            raise ValueError("anti_icps and anti_personas go together, found only one of them")
        return self
