"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

from typing import Literal, Required

from panelsim.client.requests.studies import (
    CommitteeRequest,
    ConceptTestRequest,
    DiscussionRequest,
    HypothesisRequest,
    InterviewRequest,
    MessageTestRequest,
    SurveyRequest,
)


class NamedMessageTest(MessageTestRequest, total=False):
    """A headline or message test, by its kind."""

    kind: Required[Literal["message_test"]]
    """Which kind of study this is."""


class NamedConceptTest(ConceptTestRequest, total=False):
    """A test of concepts, by its kind."""

    kind: Required[Literal["concept_test"]]
    """Which kind of study this is."""


class NamedCommittee(CommitteeRequest, total=False):
    """Proposals before buying committees, by their kind."""

    kind: Required[Literal["committee"]]
    """Which kind of study this is."""


class NamedInterview(InterviewRequest, total=False):
    """Interviews along a guide, by their kind."""

    kind: Required[Literal["interview"]]
    """Which kind of study this is."""


class NamedDiscussion(DiscussionRequest, total=False):
    """A discussion in groups, by its kind."""

    kind: Required[Literal["discussion"]]
    """Which kind of study this is."""


class NamedHypothesis(HypothesisRequest, total=False):
    """A question with two sides, by its kind."""

    kind: Required[Literal["hypothesis"]]
    """Which kind of study this is."""


class NamedSurvey(SurveyRequest, total=False):
    """A questionnaire, by its kind."""

    kind: Required[Literal["survey"]]
    """Which kind of study this is."""
