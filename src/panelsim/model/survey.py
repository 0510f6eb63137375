"""What an analysis says of a survey, question by question, as data."""

from typing import Literal

from panelsim.model.analysis import Estimate
from panelsim.model.base import Frozen
from panelsim.model.questionnaire import SurveyQuestion


class OptionShare(Frozen):
    """One answer to a closed question."""

    option: str
    """`no answer` for that option."""
    share: Estimate
    """Mean probability over respondents."""


class PositionEffect(Frozen):
    """How far the place of an answer, and not what it says, draws answers."""

    kind: Literal["slots", "pull"]
    """`slots`: Cramer's V of the chosen slot over rotated orders; `pull`: towards the first slot of two
    directions, in shares of the range, -.5 to .5."""
    value: float
    p: float | None = None
    """Of the slots' chi-square; absent for a pull."""
    low: float | None = None
    high: float | None = None
    """Interval of a pull."""
    holds: bool
    """Whether the rule lets it pass."""


class QuestionCut(Frozen):
    """One persona's answers."""

    persona: str
    n: int
    shares: tuple[float, ...]
    """Of the choices in the question's order; empty unless it is closed."""
    mean: float | None = None
    """Of a scale or a number."""


class ReferenceDistances(Frozen):
    """How far the panel's answers are from people's, without "no answer"."""

    source: str
    n: int | None
    shares: tuple[float, ...]
    ks_similarity: float | None
    """1 - max |F - G|; of a scale."""
    wasserstein: float | None
    """Sum |F - G| / (K - 1); of a scale."""
    jensen_shannon: float | None
    """In bits, 0 to 1; absent for a multiple choice, whose shares are no distribution."""
    mean_gap: float
    """Mean absolute difference of the shares."""


QuestionState = Literal["stands", "cannot_say"]


class QuestionResult(Frozen):
    """What the panel answered to one question."""

    question: SurveyQuestion
    state: QuestionState
    reasons: tuple[str, ...]
    """Why it cannot say."""
    asked: int
    skipped: int
    """Respondents to whom it was not put because of its filter."""
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    shares: tuple[OptionShare, ...] = ()
    mean: Estimate | None = None
    """Of a scale, in points, or of a number."""
    sd: float | None = None
    """Of single answers, in the same unit."""
    median: float | None = None
    """Of a number."""
    position: PositionEffect | None = None
    valid_mass: float | None = None
    cuts: tuple[QuestionCut, ...] = ()
    reference: ReferenceDistances | None = None


SurveyWord = Literal["stands", "stands_in_part", "cannot_say"]


class OpenAnswer(Frozen):
    """Words of one respondent to an open question."""

    question: str
    respondent: str
    text: str
    call_key: str


class SurveyAnalysis(Frozen):
    """Everything derived from the transcripts of a survey."""

    word: SurveyWord
    results: tuple[QuestionResult, ...]
    said: tuple[OpenAnswer, ...]
    """The first answers to each open question, of different personas first."""
    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    valid_mass: float | None
