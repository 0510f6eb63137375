"""Personas: a kind of buyer inside an ICP, in words, in trait levels and in decision parameters."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, field_validator, model_validator

from panelsim.model.account import FIELDS, Predicate, Text, unknown_field
from panelsim.model.base import Frozen, Id
from panelsim.model.icp import Day, Locale, Status, Version
from panelsim.model.panel import CommitteeRole, Decision, Hexaco, Level, Share

Authority = Literal["recommends", "influences", "approves", "signs", "blocks"]
Channel = Literal[
    "email", "phone", "linkedin", "search", "website", "webinar", "podcast", "newsletter",
    "event", "community", "review_site", "peer_referral", "sales_meeting", "chat",
]  # fmt: skip
Basis = Literal["observed", "inferred", "invented"]

ROLE_ALIASES: dict[str, CommitteeRole] = {
    "champion": "champion",
    "economic buyer": "economic",
    "financial approver": "economic",
    "technical buyer": "technical",
    "technical user": "technical",
    "end user": "user",
    "executive sponsor": "sponsor",
}
"""Other names of committee roles that a file may use."""


def _role(value: object) -> object:
    if not isinstance(value, str):
        return value
    return ROLE_ALIASES.get(value.strip().lower().replace("_", " ").replace("-", " "), value)


Role: TypeAlias = Annotated[CommitteeRole, BeforeValidator(_role)]


class Pain(Frozen):
    """A problem the buyer has, with a real quote if there is one; YAML may write the text alone."""

    text: Text
    quote: str = ""
    source: str = ""
    """Who said it, where; required with a quote."""
    date: Annotated[Day | None, Field(exclude_if=lambda date: date is None)] = None
    """When it was said; absent: not noted."""

    @model_validator(mode="before")
    @classmethod
    def _text_alone(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.quote and not self.source:
            raise ValueError("a quote has no source, expected who said it and where")
        return self


class Motivation(Frozen):
    """What moves the buyer; YAML may write the text alone."""

    text: Text
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Relative to the persona's other motivations."""

    @model_validator(mode="before")
    @classmethod
    def _text_alone(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value


class Journey(Frozen):
    """How the buyer looks for a solution."""

    research: tuple[Text, ...] = ()
    trusted_sources: tuple[Text, ...] = ()
    influencers: tuple[Text, ...] = ()
    """Who sways them."""


class Demographics(Frozen):
    """Off by default: age and schooling invite stereotypes and seldom change a B2B decision."""

    age_range: str = ""
    education: str = ""
    career: str = ""


class Provenance(Frozen):
    """What some fields of a persona rest on."""

    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    basis: Basis
    source: str = ""
    """Required for observed fields."""
    date: Day | None = None
    """When it was observed or inferred; absent if invented or not noted."""

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.basis == "observed" and not self.source:
            raise ValueError("observed fields have no source, expected who or what was observed")
        return self


class StatedFacets(Frozen):
    """Facet levels that a persona states; the others follow."""

    sincerity: Level | None = None
    fairness: Level | None = None
    greed_avoidance: Level | None = None
    modesty: Level | None = None
    fearfulness: Level | None = None
    anxiety: Level | None = None
    dependence: Level | None = None
    sentimentality: Level | None = None
    expressiveness: Level | None = None
    social_boldness: Level | None = None
    sociability: Level | None = None
    liveliness: Level | None = None
    forgiveness: Level | None = None
    gentleness: Level | None = None
    flexibility: Level | None = None
    patience: Level | None = None
    organization: Level | None = None
    diligence: Level | None = None
    perfectionism: Level | None = None
    prudence: Level | None = None
    aesthetic_appreciation: Level | None = None
    inquisitiveness: Level | None = None
    creativity: Level | None = None
    unconventionality: Level | None = None


class StatedHexaco(Frozen):
    """Trait levels that a persona states: domains, facets or both, as standard scores.

    A domain that is not stated follows from its stated facets and is 0 without any; a facet that is not
    stated follows from the domains and the stated facets. `traits.levels` says how.
    """

    honesty_humility: Level | None = None
    emotionality: Level | None = None
    extraversion: Level | None = None
    agreeableness: Level | None = None
    conscientiousness: Level | None = None
    openness: Level | None = None
    facets: StatedFacets = StatedFacets()

    @model_validator(mode="before")
    @classmethod
    def _levels(cls, value: object) -> object:
        """A respondent's levels may be stated as they are."""
        return value.model_dump(exclude_none=True) if isinstance(value, Hexaco) else value

    @property
    def states_facets(self) -> bool:
        """Whether any facet is stated."""
        return self.facets != StatedFacets()


class Persona(Frozen):
    """A kind of buyer inside one or more ICPs."""

    id: Id
    name: Text
    """A display name; respondents get names of their own."""
    title: Text
    version: Version = 1
    status: Status = "draft"
    review_due: Day | None = None
    icps: tuple[Id, ...] = ()
    valid_in: tuple[Predicate, ...] = ()
    """The persona exists only in companies for which these hold."""
    committee_role: Role
    authority: Authority
    function: str = ""
    responsibilities: tuple[Text, ...] = ()
    kpis: tuple[Text, ...] = ()
    goals: tuple[Text, ...] = ()
    pains: tuple[Pain, ...] = ()
    motivations: tuple[Motivation, ...] = ()
    values: tuple[Text, ...] = ()
    fears: tuple[Text, ...] = ()
    journey: Journey = Journey()
    channels: tuple[Channel, ...] = ()
    objections: tuple[Text, ...] = ()
    triggers: tuple[Text, ...] = ()
    in_market_share: Share = 0.5
    """Share of respondents for whom a trigger has occurred."""
    hexaco: StatedHexaco = StatedHexaco()
    trait_spread: Annotated[float, Field(ge=0, le=2)] = 0.5
    """Standard deviation of each domain around the persona's level; facets spread as widely."""
    decision: Decision = Decision()
    communication_style: str = ""
    locale: Locale = "en-US"
    demographics: Demographics | None = None
    """Absent: not used."""
    provenance: tuple[Provenance, ...] = ()

    @field_validator("valid_in")
    @classmethod
    def _built_in(cls, value: tuple[Predicate, ...]) -> tuple[Predicate, ...]:
        for at, predicate in enumerate(value):
            if predicate.field not in FIELDS:
                raise ValueError(f"valid_in[{at}]: {unknown_field(predicate.field)}")
        return value

    @field_validator("provenance")
    @classmethod
    def _known_fields(cls, value: tuple[Provenance, ...]) -> tuple[Provenance, ...]:
        for name in (name for entry in value for name in entry.fields):
            if name not in cls.model_fields:
                raise ValueError(f"provenance of unknown field {name!r}, expected fields of a persona")
        return value
