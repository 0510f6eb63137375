"""ICPs: the company we sell to, or with negative polarity the company we do not."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from panelsim.model.base import Frozen
from panelsim.model.ranges import GrowthRate, Headcount, Percent, Revenue, Spend
from panelsim.model.study import Id

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""One short statement."""

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
"""A date as YYYY-MM-DD."""

Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[A-Z]{2}$")]
"""Language and country: `en-US`, `en-IN`."""

Version = Annotated[int, Field(ge=1)]
Status = Literal["draft", "active", "retired"]
Polarity = Literal["positive", "negative"]
GrowthStage = Literal["startup", "scale-up", "established", "mature", "declining"]
FundingStage = Literal[
    "bootstrapped", "seed", "series-a", "series-b", "series-c-plus", "private-equity", "public"
]
Structure = Literal["flat", "hierarchical", "decentralised"]

NumberField = Literal["headcount", "revenue_musd", "growth_rate", "sales_team"]
"""Account fields that hold a number: employees, MUSD a year, percent a year, people in sales."""

TextField = Literal[
    "industry", "region", "country", "growth_stage", "funding_stage", "structure", "incumbent"
]
"""Account fields that hold one text."""

ListField = Literal["stack", "signals"]
"""Account fields that hold several texts."""

Operator = Literal["is", "is_not", "at_least", "at_most", "in", "not_in", "includes", "excludes"]

_OPERATORS = {
    **dict.fromkeys(get_args(NumberField), ("is", "is_not", "at_least", "at_most")),
    **dict.fromkeys(get_args(TextField), ("is", "is_not", "in", "not_in")),
    **dict.fromkeys(get_args(ListField), ("includes", "excludes")),
}


class Predicate(Frozen):
    """A condition on an account: field, operator, value. Capitals in texts do not matter."""

    field: NumberField | TextField | ListField
    op: Operator
    value: Annotated[float, Field(strict=True)] | Text | Annotated[tuple[Text, ...], Field(min_length=1)]
    """A number for number fields, a list for `in` and `not_in`, else one text."""
    note: str = ""
    """Why it matters."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        allowed = _OPERATORS[self.field]
        if self.op not in allowed:
            raise ValueError(f"operator {self.op!r} on {self.field!r}, expected one of {', '.join(allowed)}")
        expected, fits = "one text", isinstance(self.value, str)
        if self.field in get_args(NumberField):
            expected, fits = "a number", isinstance(self.value, float | int)
        elif self.op in ("in", "not_in"):
            expected, fits = "a list of texts", isinstance(self.value, tuple)
        if not fits:
            raise ValueError(f"{self.field!r} {self.op} {self.value!r}, expected {expected}")
        return self


class SourceNote(Frozen):
    """Where a statement comes from."""

    source: Text
    date: Day | None = None
    """When it was learned; absent if not noted."""
    note: str = ""


class Industry(Frozen):
    """An industry by name; YAML may write the name alone."""

    name: Text
    code: str = ""
    """A classification code with its system (`NAICS 513210`); empty if none was given."""

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class Firmographics(Frozen):
    """What kind of company it is."""

    industries: tuple[Industry, ...] = ()
    headcount: Headcount | None = None
    """Absent: not stated; then no respondent can be drawn."""
    revenue: Revenue | None = None
    market_share: Percent | None = None
    sales_team: Headcount | None = None
    """People in sales; absent: not stated."""
    regions: tuple[Text, ...] = ()
    countries: tuple[Text, ...] = ()
    locale: Locale = "en-US"
    """Language and spelling its people use."""


class Budget(Frozen):
    """What the company can and will spend on a solution like ours."""

    range: Spend
    willingness: str = ""
    """What loosens or tightens the purse, in words."""


class Technographics(Frozen):
    """The tools a company runs."""

    uses: tuple[Text, ...] = ()
    must_not_use: tuple[Text, ...] = ()
    incumbents: tuple[Text, ...] = ()
    """Tools that we would replace; one is drawn for each respondent."""


class Growth(Frozen):
    """How the company grows, and what shows that it does."""

    rate: GrowthRate | None = None
    stages: tuple[GrowthStage, ...] = ()
    funding: tuple[FundingStage, ...] = ()
    signals: tuple[Text, ...] = ()
    """Hiring, funded, expanding: usable as "why now"."""


class Behaviour(Frozen):
    """How companies of this kind come to buy."""

    pains: tuple[Text, ...] = ()
    triggers: tuple[Text, ...] = ()
    decision_process: str = ""


class ICP(Frozen):
    """An ideal customer profile, or with negative polarity an anti-ICP."""

    id: Id
    title: Text
    version: Version = 1
    status: Status = "draft"
    polarity: Polarity = "positive"
    parent: str = ""
    """The ICP that a micro-ICP narrows; empty if it stands alone."""
    review_due: Day | None = None
    """When the profile is to be read again; absent: never set."""
    sources: tuple[SourceNote, ...] = ()
    firmographics: Firmographics = Firmographics()
    budget: Budget | None = None
    technographics: Technographics = Technographics()
    growth: Growth = Growth()
    challenges: tuple[Text, ...] = ()
    initiatives: tuple[Text, ...] = ()
    structure: Structure | None = None
    """Who can say no; absent: not stated."""
    behaviour: Behaviour = Behaviour()
    must_have: tuple[Predicate, ...] = ()
    deal_breaker: tuple[Predicate, ...] = ()
