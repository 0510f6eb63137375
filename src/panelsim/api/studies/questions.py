"""Requests for closed questions: hypotheses and questionnaires."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.api.studies.base import StudyRequest, Words, check_unique, valid_study
from panelsim.model.questionnaire import SurveyQuestion
from panelsim.model.study import (
    Frame,
    HypothesisControls,
    HypothesisRule,
    HypothesisStudy,
    Study,
    SurveyRule,
    SurveyStudy,
)

Wording = Annotated[Words, Field(min_length=1, max_length=600)]
ReadFrom = Literal["logprob", "direct"] | None


class HypothesisRequest(StudyRequest):
    """A question with two sides."""

    kind: Literal["hypothesis"] = "hypothesis"
    wordings: Annotated[tuple[Wording, ...], Field(min_length=1, max_length=3)] = Field(
        description="The question, in one to three wordings.",
        examples=[["Would a sales leader put cost or speed first?"]],
    )
    a: Annotated[Words, Field(min_length=1, max_length=200)] = Field(
        description="One position.", examples=["Cost"]
    )
    b: Annotated[Words, Field(min_length=1, max_length=200)] = Field(
        description="The other position.", examples=["Speed"]
    )
    n: int = Field(24, ge=2, le=10_000, description="Respondents.", examples=[24])
    controls: HypothesisControls = Field(
        HypothesisControls(), description="Which control questions run beside it."
    )
    decision_rule: HypothesisRule = Field(HypothesisRule(), description="Thresholds, fixed before the run.")
    elicit: ReadFrom = Field(None, description="How sides are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How it is put; null: what suits the model.")

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        same = {
            name: getattr(self, name) for name in ("wordings", "a", "b", "n", "controls", "elicit", "frame")
        }
        own = {"rule": self.decision_rule}
        return valid_study(HypothesisStudy, self.common() | same | own, self.wordings[0])


class SurveyRequest(StudyRequest):
    """A questionnaire."""

    kind: Literal["survey"] = "survey"
    questions: Annotated[tuple[SurveyQuestion, ...], Field(min_length=1, max_length=40)] = Field(
        description="Single and multiple choices, scales, numbers and open questions, in order.",
        examples=[
            [{"id": "q1", "type": "single", "text": "Which matters more?", "options": ["Cost", "Speed"]}]
        ],
    )
    about: Annotated[str, Field(max_length=1000)] = Field(
        "", description="What the questionnaire is about, told to every respondent.", examples=[""]
    )
    n: int = Field(24, ge=2, le=10_000, description="Respondents.", examples=[24])
    decision_rule: SurveyRule = Field(SurveyRule(), description="Thresholds, fixed before the run.")
    elicit: ReadFrom = Field(None, description="How answers are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How questions are put; null: what suits the model.")

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        check_unique([one.id for one in self.questions], "questions")
        same = {name: getattr(self, name) for name in ("questions", "about", "n", "elicit", "frame")}
        own = {"rule": self.decision_rule}
        return valid_study(SurveyStudy, self.common() | same | own, self.about or self.questions[0].text)
