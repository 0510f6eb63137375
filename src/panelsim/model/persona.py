"""Personas: a kind of buyer inside an ICP, in words, in trait levels and in decision parameters."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

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
    """In words."""
    quote: str = ""
    """What somebody said, word for word; empty: nobody is quoted."""
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
    """In words."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Relative to the persona's other motivations."""

    @model_validator(mode="before")
    @classmethod
    def _text_alone(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value


class Journey(Frozen):
    """How the buyer looks for a solution."""

    research: tuple[Text, ...] = ()
    """How the buyer looks for a solution."""
    trusted_sources: tuple[Text, ...] = ()
    """Whom the buyer believes."""
    influencers: tuple[Text, ...] = ()
    """Who sways them."""


class Demographics(Frozen):
    """Off by default: age and schooling invite stereotypes and seldom change a B2B decision."""

    age_range: str = ""
    """Empty: not used."""
    education: str = ""
    """Empty: not used."""
    career: str = ""
    """Empty: not used."""


class Provenance(Frozen):
    """What some fields of a persona rest on."""

    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of fields of the persona."""
    basis: Basis
    """Whether they were observed, inferred from what was, or invented."""
    source: str = ""
    """Required for observed fields."""
    date: Day | None = None
    """When it was observed or inferred; absent if invented or not noted."""

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.basis == "observed" and not self.source:
            raise ValueError("observed fields have no source, expected who or what was observed")
        return self


def _say_levels(schema: JsonDict) -> None:
    """Says of every level of a schema what it counts: one sentence for thirty fields."""
    properties = schema.get("properties")
    for name, told in properties.items() if isinstance(properties, dict) else ():
        if isinstance(told, dict) and name != "facets":
            level = (
                "a standard score: 0 is the population mean; null: not stated, it follows from the others."
            )
            told["description"] = f"{name.replace('_', ' ').capitalize()} as {level}"


class StatedFacets(Frozen):
    """Facet levels that a persona states; the others follow."""

    model_config = ConfigDict(json_schema_extra=_say_levels)

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

    model_config = ConfigDict(json_schema_extra=_say_levels)

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
    """Names it in panels and studies."""
    name: Text
    """A display name; respondents get names of their own."""
    title: Text
    """The job title."""
    version: Version = 1
    """Raised with every change."""
    status: Status = "draft"
    """Whether it is ready for use: a draft was not read by a person yet."""
    review_due: Day | None = None
    """When the persona is to be read again; absent: never set."""
    icps: tuple[Id, ...] = ()
    """Ids of the ICPs in whose companies the buyer works."""
    valid_in: tuple[Predicate, ...] = ()
    """The persona exists only in companies for which these hold."""
    committee_role: Role
    """The part it plays in a buying committee."""
    authority: Authority
    """What it can decide."""
    function: str = ""
    """The department."""
    responsibilities: tuple[Text, ...] = ()
    """What the buyer answers for."""
    kpis: tuple[Text, ...] = ()
    """Figures that the buyer is judged by."""
    goals: tuple[Text, ...] = ()
    """What the buyer wants this year."""
    pains: tuple[Pain, ...] = ()
    """What troubles the buyer."""
    motivations: tuple[Motivation, ...] = ()
    """What moves the buyer."""
    values: tuple[Text, ...] = ()
    """What the buyer holds dear at work."""
    fears: tuple[Text, ...] = ()
    """What the buyer fears of a purchase, or of none."""
    journey: Journey = Journey()
    channels: tuple[Channel, ...] = ()
    """Where the buyer can be reached, the first one first."""
    objections: tuple[Text, ...] = ()
    """First reasons to say no."""
    triggers: tuple[Text, ...] = ()
    """What makes the buyer look for a solution."""
    in_market_share: Share = 0.5
    """Share of respondents for whom a trigger has occurred."""
    hexaco: StatedHexaco = StatedHexaco()
    trait_spread: Annotated[float, Field(ge=0, le=2)] = 0.5
    """Standard deviation of each domain around the persona's level; facets spread as widely."""
    decision: Decision = Decision()
    communication_style: str = ""
    """How the buyer speaks."""
    locale: Locale = "en-US"
    """Language and spelling the buyer uses."""
    demographics: Demographics | None = None
    """Absent: not used."""
    provenance: tuple[Provenance, ...] = ()
    """What fields rest on; those not named rest on nothing stated."""

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
