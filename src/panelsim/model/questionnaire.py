"""Questionnaires: the questions of a survey, as data."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from panelsim.model.base import Frozen, Id

NO_ANSWER = "no answer"
"""The option that stands last where a question offers it, and the name of its share."""
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=600)]
Option: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


class OnlyIf(Frozen):
    """A filter: the question is put only to those whose likeliest answer to an earlier one is among some."""

    question: Id
    """Id of an earlier question."""
    any_of: Annotated[tuple[str, ...], Field(min_length=1)]
    """Options of that question, or points of its scale as `1`, `2`; of a multiple choice any that applies."""


class Reference(Frozen):
    """What people answered, brought by the user."""

    source: str
    """Where it comes from, as in `own customer survey, March 2026`."""
    n: Annotated[int, Field(ge=1)] | None = None
    """People asked; absent: not stated."""
    shares: Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=2)]
    """Share of each option, or of each point from the lowest, in the question's order, no answer left out."""


class QuestionBase(Frozen):
    """What every question has."""

    id: Id
    """Names it in the results."""
    text: Text
    """As respondents read it."""
    only_if: OnlyIf | None = None
    """A filter; absent: it is put to everybody."""


class _Closed(QuestionBase):
    no_answer: bool = False
    """Offer "cannot or would rather not say" as the last option."""
    reference: Reference | None = None
    """What people answered, to be held against; absent: nothing is."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Ids of the answers in the question's own order, without "no answer"."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _matches(self) -> Self:
        if len(set(self.choices)) != len(self.choices):
            raise ValueError(f"question {self.id!r} names an option twice, expected each once")
        shares = () if self.reference is None else self.reference.shares
        if shares and len(shares) != len(self.choices):
            raise ValueError(
                f"question {self.id!r}: the reference has {len(shares)} shares, expected {len(self.choices)}"
            )
        if shares and not isinstance(self, MultipleChoice) and not 0.98 <= sum(shares) <= 1.02:
            raise ValueError(f"question {self.id!r}: the reference sums to {sum(shares):.2f}, expected 1")
        return self


class SingleChoice(_Closed):
    """One of several options; their order is rotated over respondents."""

    type: Literal["single"] = "single"
    """One of the options."""
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=10)]
    """What can be chosen."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The options."""
        return self.options


class MultipleChoice(_Closed):
    """All options that apply.

    By log-probability each option is a yes-or-no question of its own, yes in the first slot for half of the
    respondents; else all are shown at once, rotated.
    """

    type: Literal["multiple"] = "multiple"
    """All that apply."""
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=10)]
    """What can be chosen."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The options."""
        return self.options


class RatingScale(_Closed):
    """One point of a labelled scale; half of the respondents see it from the other end."""

    type: Literal["scale"] = "scale"
    """A labelled scale."""
    labels: Annotated[tuple[Option, ...], Field(min_length=2, max_length=11)]
    """Of each point, from the lowest."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The points, counted from 1."""
        return tuple(str(point) for point in range(1, len(self.labels) + 1))


class NumberQuestion(QuestionBase):
    """A number between two bounds."""

    type: Literal["number"] = "number"
    """A number."""
    low: float
    """Smallest number that counts as an answer."""
    high: float
    """Largest number that counts as an answer."""
    unit: str = ""
    """As in `dollars a month`; empty: a bare number."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"question {self.id!r}: low is {self.low:g}, expected less than high")
        return self


class OpenText(QuestionBase):
    """An answer in words."""

    type: Literal["open"] = "open"
    """Words."""


Closed: TypeAlias = SingleChoice | MultipleChoice | RatingScale
SurveyQuestion: TypeAlias = Annotated[
    SingleChoice | MultipleChoice | RatingScale | NumberQuestion | OpenText, Field(discriminator="type")
]


def label_of(question: Closed, choice: str) -> str:
    """What a respondent reads for a choice."""
    return question.labels[int(choice) - 1] if isinstance(question, RatingScale) else choice
