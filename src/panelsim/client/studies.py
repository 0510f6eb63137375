"""Operations that start studies, one kind each, and what they would take."""

from typing import TypeAlias, Unpack

from panelsim.client import answers, requests
from panelsim.client.calls import post
from panelsim.client.faces import Operation, Resource, S
from panelsim.client.wire import Call

AnyStudy: TypeAlias = (
    requests.NamedMessageTest
    | requests.NamedConceptTest
    | requests.NamedInterview
    | requests.NamedDiscussion
    | requests.NamedCommittee
    | requests.NamedHypothesis
    | requests.NamedSurvey
)
"""What a study asks for, with its `kind`."""


class Estimates(Resource[S]):
    """What a study will take."""

    @Operation
    def create(self, wanted: AnyStudy) -> Call[answers.Estimate]:
        """Estimates a study, given with its `kind`. Free: nothing is asked and nothing is kept."""
        return post("/v1/estimates", answers.Estimate, wanted, is_safe=True)


class MessageTests(Resource[S]):
    """Headline and message tests."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.MessageTestRequest]
    ) -> Call[answers.RunView]:
        """Starts a test; returns at once, or after `wait` seconds (60 at most) if it has not ended before."""
        return post("/v1/message-tests", answers.RunView, wanted, key=idempotency_key, wait=wait)


class ConceptTests(Resource[S]):
    """Ideas rated as surveys rate them."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.ConceptTestRequest]
    ) -> Call[answers.RunView]:
        """Starts a concept test; see `MessageTests.create`."""
        return post("/v1/concept-tests", answers.RunView, wanted, key=idempotency_key, wait=wait)


class Interviews(Resource[S]):
    """Interviews along a guide."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.InterviewRequest]
    ) -> Call[answers.RunView]:
        """Starts interviews; see `MessageTests.create`."""
        return post("/v1/interviews", answers.RunView, wanted, key=idempotency_key, wait=wait)


class Discussions(Resource[S]):
    """Groups of a panel that talk."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.DiscussionRequest]
    ) -> Call[answers.RunView]:
        """Starts discussions; see `MessageTests.create`."""
        return post("/v1/discussions", answers.RunView, wanted, key=idempotency_key, wait=wait)


class Committees(Resource[S]):
    """Proposals before buying committees."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.CommitteeRequest]
    ) -> Call[answers.RunView]:
        """Puts proposals before committees; see `MessageTests.create`."""
        return post("/v1/committees", answers.RunView, wanted, key=idempotency_key, wait=wait)


class Hypotheses(Resource[S]):
    """Statements that a panel agrees with or not."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.HypothesisRequest]
    ) -> Call[answers.RunView]:
        """Tests hypotheses; see `MessageTests.create`."""
        return post("/v1/hypotheses", answers.RunView, wanted, key=idempotency_key, wait=wait)


class Surveys(Resource[S]):
    """Questionnaires."""

    @Operation
    def create(
        self, *, wait: float = 0, idempotency_key: str = "", **wanted: Unpack[requests.SurveyRequest]
    ) -> Call[answers.RunView]:
        """Starts a survey; see `MessageTests.create`."""
        return post("/v1/surveys", answers.RunView, wanted, key=idempotency_key, wait=wait)
