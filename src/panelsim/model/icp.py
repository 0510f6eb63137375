"""ICPs: the company we sell to, or with negative polarity the company we do not."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from panelsim.model.account import FIELDS, AccountField, FieldName, Predicate, Text, fault_in, unknown_field
from panelsim.model.base import Frozen, Id
from panelsim.model.ranges import Churn, GrowthRate, Headcount, Percent, Promoters, Revenue, Spend, Worth

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


class SourceNote(Frozen):
    """Where a statement comes from."""

    source: Text
    """Who or what was asked or read."""
    date: Day | None = None
    """When it was learned; absent if not noted."""
    note: str = ""
    """What was learned there."""


class Industry(Frozen):
    """An industry by name; YAML may write the name alone."""

    name: Text
    """In words."""
    code: str = ""
    """A classification code with its system (`NAICS 513210`); empty if none was given."""

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class Firmographics(Frozen):
    """What kind of company it is."""

    industries: tuple[Industry, ...] = ()
    """Industries it may be in."""
    headcount: Headcount | None = None
    """Absent: not stated; then no respondent can be drawn."""
    revenue: Revenue | None = None
    """A year; absent: not stated."""
    market_share: Percent | None = None
    """Absent: not stated."""
    sales_team: Headcount | None = None
    """People in sales; absent: not stated."""
    regions: tuple[Text, ...] = ()
    """Parts of the world."""
    countries: tuple[Text, ...] = ()
    """Countries it may be in."""
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
    """Tools it runs."""
    must_not_use: tuple[Text, ...] = ()
    """Tools that rule it out."""
    incumbents: tuple[Text, ...] = ()
    """Tools that we would replace; one is drawn for each respondent."""


class Growth(Frozen):
    """How the company grows, and what shows that it does."""

    rate: GrowthRate | None = None
    """A year; absent: not stated."""
    stages: tuple[GrowthStage, ...] = ()
    """Stages it may be in."""
    funding: tuple[FundingStage, ...] = ()
    """How it may be paid for."""
    signals: tuple[Text, ...] = ()
    """Hiring, funded, expanding: usable as "why now"."""


class Behaviour(Frozen):
    """How companies of this kind come to buy."""

    pains: tuple[Text, ...] = ()
    """What hurts."""
    triggers: tuple[Text, ...] = ()
    """What makes it look for a solution."""
    decision_process: str = ""
    """How it decides, in words."""


class ScoredNote(Frozen):
    """A judgement from 1 (hardly) to 5 (fully), with its reason."""

    score: Annotated[float, Field(ge=1, le=5)]
    """From 1 (hardly) to 5 (fully)."""
    note: Text
    """The reason."""


class Outcomes(Frozen):
    """What became of real customers of this kind. Never estimated: each figure needs a source."""

    lifetime_value: Worth | None = None
    """What a customer brings in all; absent: not known."""
    churn: Churn | None = None
    """Customers lost a year."""
    advocacy: Promoters | None = None
    """How customers recommend us; absent: not known."""
    customers: Annotated[int, Field(ge=1)]
    """Customers behind the figures."""
    source: Text
    """Where the figures come from."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.lifetime_value is None and self.churn is None and self.advocacy is None:
            raise ValueError("no outcome is stated, expected lifetime_value, churn or advocacy")
        return self


class ICP(Frozen):
    """An ideal customer profile, or with negative polarity an anti-ICP."""

    id: Id
    """Names it in personas, panels and studies."""
    title: Text
    """In words."""
    version: Version = 1
    """Raised with every change."""
    status: Status = "draft"
    """Whether it is ready for use: a draft was not read by a person yet."""
    polarity: Polarity = "positive"
    """`negative`: companies we do not sell to, for controls."""
    parent: str = ""
    """The ICP that a micro-ICP narrows; empty if it stands alone."""
    review_due: Day | None = None
    """When the profile is to be read again; absent: never set."""
    sources: tuple[SourceNote, ...] = ()
    """Where its statements come from."""
    firmographics: Firmographics = Firmographics()
    budget: Budget | None = None
    """Absent: not stated."""
    technographics: Technographics = Technographics()
    growth: Growth = Growth()
    challenges: tuple[Text, ...] = ()
    """What such companies struggle with."""
    initiatives: tuple[Text, ...] = ()
    """What such companies are working on."""
    structure: Structure | None = None
    """Who can say no; absent: not stated."""
    behaviour: Behaviour = Behaviour()
    must_have: tuple[Predicate, ...] = ()
    """Conditions that an account must meet."""
    deal_breaker: tuple[Predicate, ...] = ()
    """Conditions that rule an account out."""
    problem_fit: ScoredNote | None = None
    """How well we solve a problem that such companies have; absent: not judged."""
    success_potential: ScoredNote | None = None
    """How sure such companies are to succeed with us; absent: not judged."""
    outcomes: Outcomes | None = None
    """Absent: no real customers were looked at."""
    account_fields: Mapping[FieldName, AccountField] = Field(default_factory=dict)
    """Fields of the CRM that predicates use beside the built-in ones, by name."""
    columns: Mapping[FieldName, FieldName] = Field(default_factory=dict)
    """Columns of the CRM's export to account fields: `Employees: headcount`, `Revenue: revenue_musd:USD`."""

    @property
    def fields(self) -> Mapping[str, AccountField]:
        """Every account field that predicates of this ICP may use."""
        return {**FIELDS, **self.account_fields}

    @model_validator(mode="after")
    def _declared(self) -> Self:
        for name in self.account_fields:
            if name in FIELDS:
                raise ValueError(f"account_fields: {name!r} is built in, expected another name")
        for column, target in self.columns.items():
            if target not in self.fields and target.rpartition(":")[0] not in self.fields:
                raise ValueError(f"columns: {column!r}: {unknown_field(target, self.account_fields)}")
        for place, conditions in (("must_have", self.must_have), ("deal_breaker", self.deal_breaker)):
            for at, predicate in enumerate(conditions):
                fault = self._fault(predicate)
                if fault:
                    raise ValueError(f"{place}[{at}]: {fault}")
        return self

    def _fault(self, predicate: Predicate) -> str:
        field = self.fields.get(predicate.field)
        if field is not None:
            return fault_in(predicate, field.type)
        hint = f"a column of your own needs a line under account_fields: `{predicate.field}: {{type: text}}`"
        return f"{unknown_field(predicate.field, self.account_fields)}; {hint}"
