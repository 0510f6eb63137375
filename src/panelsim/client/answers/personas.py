"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import JsonValue

from panelsim.client.answers.icps import Predicate
from panelsim.client.wire import Answer


class Pain(Answer):
    """A problem the buyer has, with a real quote if there is one; YAML may write the text alone."""

    text: str
    """In words."""
    quote: str = ""
    """What somebody said, word for word; empty: nobody is quoted."""
    source: str = ""
    """Who said it, where; required with a quote."""
    date: str | None = None
    """When it was said; absent: not noted."""


class Motivation(Answer):
    """What moves the buyer; YAML may write the text alone."""

    text: str
    """In words."""
    weight: float = 1.0
    """Relative to the persona's other motivations."""


class Journey(Answer):
    """How the buyer looks for a solution."""

    research: tuple[str, ...] | None = None
    """How the buyer looks for a solution."""
    trusted_sources: tuple[str, ...] | None = None
    """Whom the buyer believes."""
    influencers: tuple[str, ...] | None = None
    """Who sways them."""


class StatedFacets(Answer):
    """Facet levels that a persona states; the others follow."""

    sincerity: float | None = None
    """Sincerity as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    fairness: float | None = None
    """Fairness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    greed_avoidance: float | None = None
    """Greed avoidance as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    modesty: float | None = None
    """Modesty as a standard score: 0 is the population mean; null: not stated, it follows from the others."""
    fearfulness: float | None = None
    """Fearfulness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    anxiety: float | None = None
    """Anxiety as a standard score: 0 is the population mean; null: not stated, it follows from the others."""
    dependence: float | None = None
    """Dependence as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    sentimentality: float | None = None
    """Sentimentality as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    expressiveness: float | None = None
    """Expressiveness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    social_boldness: float | None = None
    """Social boldness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    sociability: float | None = None
    """Sociability as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    liveliness: float | None = None
    """Liveliness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    forgiveness: float | None = None
    """Forgiveness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    gentleness: float | None = None
    """Gentleness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    flexibility: float | None = None
    """Flexibility as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    patience: float | None = None
    """Patience as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    organization: float | None = None
    """Organization as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    diligence: float | None = None
    """Diligence as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    perfectionism: float | None = None
    """Perfectionism as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    prudence: float | None = None
    """Prudence as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    aesthetic_appreciation: float | None = None
    """Aesthetic appreciation as a standard score: 0 is the population mean; null: not stated, it follows from
    the others."""
    inquisitiveness: float | None = None
    """Inquisitiveness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    creativity: float | None = None
    """Creativity as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    unconventionality: float | None = None
    """Unconventionality as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""


class StatedHexaco(Answer):
    """Trait levels that a persona states: domains, facets or both, as standard scores.

    A domain that is not stated follows from its stated facets and is 0 without any; a facet that is not
    stated follows from the domains and the stated facets. `traits.levels` says how.
    """

    honesty_humility: float | None = None
    """Honesty humility as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    emotionality: float | None = None
    """Emotionality as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    extraversion: float | None = None
    """Extraversion as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    agreeableness: float | None = None
    """Agreeableness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    conscientiousness: float | None = None
    """Conscientiousness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    openness: float | None = None
    """Openness as a standard score: 0 is the population mean; null: not stated, it follows from the
    others."""
    facets: StatedFacets | None = None


class Decision(Answer):
    """How a buyer decides, each from 0 (none) to 1 (as strong as it gets).

    Traits give a persona its voice; these parameters give it its decisions.
    """

    risk_tolerance: float = 0.5
    """How gladly the buyer takes a risk."""
    price_sensitivity: float = 0.5
    """How much the price counts."""
    proof_demanded: float = 0.5
    """How much proof a claim needs."""
    status_quo_pull: float = 0.5
    """How strongly the buyer stays with what is there."""
    loss_aversion: float = 0.5
    """How much more a loss counts than a gain."""
    authority: float = 0.5
    """How far the buyer can decide alone: 0 none, 1 signs without asking."""


class Demographics(Answer):
    """Off by default: age and schooling invite stereotypes and seldom change a B2B decision."""

    age_range: str = ""
    """Empty: not used."""
    education: str = ""
    """Empty: not used."""
    career: str = ""
    """Empty: not used."""


class Provenance(Answer):
    """What some fields of a persona rest on."""

    fields: tuple[str, ...]
    """Names of fields of the persona."""
    basis: str
    """Whether they were observed, inferred from what was, or invented."""
    source: str = ""
    """Required for observed fields."""
    date: str | None = None
    """When it was observed or inferred; absent if invented or not noted."""


class Persona(Answer):
    """A kind of buyer inside one or more ICPs."""

    id: str
    """Names it in panels and studies."""
    name: str
    """A display name; respondents get names of their own."""
    title: str
    """The job title."""
    version: int = 1
    """Raised with every change."""
    status: str = "draft"
    """Whether it is ready for use: a draft was not read by a person yet."""
    review_due: str | None = None
    """When the persona is to be read again; absent: never set."""
    icps: tuple[str, ...] | None = None
    """Ids of the ICPs in whose companies the buyer works."""
    valid_in: tuple[Predicate, ...] | None = None
    """The persona exists only in companies for which these hold."""
    committee_role: str
    """The part it plays in a buying committee."""
    authority: str
    """What it can decide."""
    function: str = ""
    """The department."""
    responsibilities: tuple[str, ...] | None = None
    """What the buyer answers for."""
    kpis: tuple[str, ...] | None = None
    """Figures that the buyer is judged by."""
    goals: tuple[str, ...] | None = None
    """What the buyer wants this year."""
    pains: tuple[Pain, ...] | None = None
    """What troubles the buyer."""
    motivations: tuple[Motivation, ...] | None = None
    """What moves the buyer."""
    values: tuple[str, ...] | None = None
    """What the buyer holds dear at work."""
    fears: tuple[str, ...] | None = None
    """What the buyer fears of a purchase, or of none."""
    journey: Journey | None = None
    channels: tuple[str, ...] | None = None
    """Where the buyer can be reached, the first one first."""
    objections: tuple[str, ...] | None = None
    """First reasons to say no."""
    triggers: tuple[str, ...] | None = None
    """What makes the buyer look for a solution."""
    in_market_share: float = 0.5
    """Share of respondents for whom a trigger has occurred."""
    hexaco: StatedHexaco | None = None
    trait_spread: float = 0.5
    """Standard deviation of each domain around the persona's level; facets spread as widely."""
    decision: Decision | None = None
    communication_style: str = ""
    """How the buyer speaks."""
    locale: str = "en-US"
    """Language and spelling the buyer uses."""
    demographics: Demographics | None = None
    """Absent: not used."""
    provenance: tuple[Provenance, ...] | None = None
    """What fields rest on; those not named rest on nothing stated."""


class PersonaView(Answer):
    """A persona in full."""

    id: str
    """Names it in studies and in other profiles."""
    object: str
    """What this is."""
    title: str
    """In words."""
    source: str
    """`own`: your account's; `shipped`: the server's. An own one stands in for a shipped one of the same id,
    also where shipped profiles name it."""
    version: int
    """1 when it is made, one more with each change; of shipped ones, what their file says."""
    content: str
    """Hash of its meaning: equal if and only if nothing that matters differs."""
    created_at: str | None
    """When this version was made, UTC; null for shipped ones."""
    fault: str
    """Why it can no longer be read, as when a parent was changed; empty if it can."""
    given: JsonValue
    """The fields as they were given: change these and PUT them."""
    profile: Persona | None
    """As panelsim reads it; null if it can no longer be read."""
