"""Answers and responses: what a respondent said to one question, parsed, or Missing with a reason."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen

MissingReason = Literal["refused", "unreadable", "cut_off", "no_logprobs", "low_mass", "failed"]


class Missing(Frozen):
    """No answer, and why; counted in every denominator."""

    kind: Literal["missing"] = "missing"
    reason: MissingReason
    raw: str = ""
    """What was said, or the provider's error for `failed`."""


class TextAnswer(Frozen):
    """An answer in the respondent's own words."""

    kind: Literal["text"] = "text"
    text: str


class RatingAnswer(Frozen):
    """A distribution over the points of a scale."""

    kind: Literal["rating"] = "rating"
    distribution: Annotated[tuple[float, ...], Field(min_length=2)]
    """Probability of point 1, 2, ..., k; sums to 1."""
    valid_mass: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Share of the answer token's probability that lay on valid points (1 where it was not measured)."""

    @property
    def value(self) -> float:
        """The expected scale point, 1..k: sum of point times probability."""
        return sum(point * share for point, share in enumerate(self.distribution, start=1))


class ChoiceAnswer(Frozen):
    """A choice between the options that were shown, decoded from slots to options."""

    kind: Literal["choice"] = "choice"
    options: Annotated[tuple[str, ...], Field(min_length=2)]
    """Option ids in the order of the slots in which they were shown."""
    shares: tuple[float, ...]
    """Probability of each option, same order; 1 and 0 for a plain pick; equal shares for a tie."""
    valid_mass: Annotated[float, Field(ge=0, le=1)] = 1.0

    def share_of(self, option: str) -> float:
        """Probability given to `option`."""
        return self.shares[self.options.index(option)]


class ChoicesAnswer(Frozen):
    """Which of several options apply, each by itself."""

    kind: Literal["choices"] = "choices"
    options: Annotated[tuple[str, ...], Field(min_length=2)]
    """Option ids in the order of the slots in which they were shown."""
    shares: tuple[float, ...]
    """Probability that each applies, same order; they need not sum to 1."""
    valid_mass: Annotated[float, Field(ge=0, le=1)] = 1.0

    def share_of(self, option: str) -> float:
        """Probability that `option` applies."""
        return self.shares[self.options.index(option)]


class NumberAnswer(Frozen):
    """A number."""

    kind: Literal["number"] = "number"
    value: Annotated[float, Field(allow_inf_nan=False)]


Answer: TypeAlias = Annotated[
    TextAnswer | RatingAnswer | ChoiceAnswer | ChoicesAnswer | NumberAnswer, Field(discriminator="kind")
]
AnswerOrMissing: TypeAlias = Annotated[
    TextAnswer | RatingAnswer | ChoiceAnswer | ChoicesAnswer | NumberAnswer | Missing,
    Field(discriminator="kind"),
]


class Response(Frozen):
    """One parsed answer of one respondent, with what was shown in which slot."""

    respondent: str
    question: str
    """Question id: `reaction`, `comprehension`, a measure (`relevance`) or `preference`."""
    shown: tuple[str, ...]
    """Stimulus ids in the order of their slots; empty in an interview."""
    answer: AnswerOrMissing
    call_keys: tuple[str, ...]
    """Keys of the calls behind the answer: asked, re-asked, embedded."""
    wording: Annotated[int, Field(ge=0)] = 0
    replicate: Annotated[int, Field(ge=0)] = 0
