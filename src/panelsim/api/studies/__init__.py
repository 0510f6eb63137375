"""What callers ask for: one request model per kind of study, each of which becomes a study of the core."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.api.studies.base import ShownText, StudyRequest
from panelsim.api.studies.questions import HypothesisRequest, SurveyRequest
from panelsim.api.studies.talks import CommitteeRequest, DiscussionRequest, InterviewRequest
from panelsim.api.studies.tests import ConceptTestRequest, MessageTestRequest

__all__ = [
    "AnyRequest",
    "CommitteeRequest",
    "ConceptTestRequest",
    "DiscussionRequest",
    "HypothesisRequest",
    "InterviewRequest",
    "MessageTestRequest",
    "ShownText",
    "StudyRequest",
    "SurveyRequest",
]


class NamedMessageTest(MessageTestRequest):
    """A headline or message test, by its kind."""

    kind: Literal["message_test"] = Field(description="Which kind of study this is.")


class NamedConceptTest(ConceptTestRequest):
    """A test of concepts, by its kind."""

    kind: Literal["concept_test"] = Field(description="Which kind of study this is.")


class NamedCommittee(CommitteeRequest):
    """Proposals before buying committees, by their kind."""

    kind: Literal["committee"] = Field(description="Which kind of study this is.")


class NamedInterview(InterviewRequest):
    """Interviews along a guide, by their kind."""

    kind: Literal["interview"] = Field(description="Which kind of study this is.")


class NamedDiscussion(DiscussionRequest):
    """A discussion in groups, by its kind."""

    kind: Literal["discussion"] = Field(description="Which kind of study this is.")


class NamedHypothesis(HypothesisRequest):
    """A question with two sides, by its kind."""

    kind: Literal["hypothesis"] = Field(description="Which kind of study this is.")


class NamedSurvey(SurveyRequest):
    """A questionnaire, by its kind."""

    kind: Literal["survey"] = Field(description="Which kind of study this is.")


AnyRequest: TypeAlias = Annotated[
    NamedMessageTest
    | NamedConceptTest
    | NamedCommittee
    | NamedInterview
    | NamedDiscussion
    | NamedHypothesis
    | NamedSurvey,
    Field(discriminator="kind"),
]
"""A request of any kind, which it names."""
