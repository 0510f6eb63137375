"""Starting runs: one route for each kind of study, all with one envelope."""

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from panelsim.api.asked import study_of
from panelsim.api.caller import Caller, Writer
from panelsim.api.context import Api, ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.problems import COMMON, Code, problems
from panelsim.api.receivers import check_callback
from panelsim.api.studies import (
    CommitteeRequest,
    ConceptTestRequest,
    DiscussionRequest,
    HypothesisRequest,
    InterviewRequest,
    MessageTestRequest,
    StudyRequest,
    SurveyRequest,
)
from panelsim.api.views import RunView, view_of
from panelsim.api.waiting import until_ended
from panelsim.service.starting import Wanted, new_run_id

router = APIRouter(tags=["studies"])

REFUSALS: tuple[Code, ...] = (
    *COMMON,
    "malformed_body",
    "body_too_large",
    "spend_cap_reached",
    "idempotency_key_reused",
    "idempotency_key_in_use",
)

Wait = Annotated[
    float,
    Query(
        ge=0,
        le=60,
        description="Seconds to hold the request until the run has ended: for small tests and for callers "
        "that cannot poll. If it has not ended by then, the answer is the same as without.",
        examples=[30],
    ),
]


async def start(
    request: Request,
    api: Api,
    caller: Caller,
    wanted: StudyRequest,
    key: str | None,
    wait: float,
) -> Response:
    """Starts the run of a request once, and holds the answer until it has ended if that is wanted."""

    def make(run_id: str) -> Answered:
        if wanted.callback_url:
            check_callback(api, wanted.callback_url)
        run = api.starter.start(
            Wanted(
                study_of(api, caller.account, wanted),
                caller.account,
                wanted.callback_url,
                wanted.metadata,
                caller.cap,
            ),
            run_id,
        )
        head = api.workspace.store.head(run.id)
        view = view_of(api, head, api.workspace.store.request_of(run.id))
        return 202, view.model_dump_json()

    response = await once(request, api, caller, key, new_run_id(), make)
    response.headers["Location"] = api.link(f"/v1/runs/{_id_in(response)}")
    response.headers["Retry-After"] = "2"
    if not wait:
        return response
    view = await until_ended(api, caller.account, _id_in(response), wait)
    status = 200 if view.has_ended else 202
    headers = {
        name: response.headers[name]
        for name in ("Location", "Idempotency-Replayed")
        if name in response.headers
    }
    return Response(view.model_dump_json(), status, headers, "application/json")


def _id_in(response: Response) -> str:
    return RunView.model_validate_json(bytes(response.body)).id


class Kind(NamedTuple):
    """The route that starts one kind of study."""

    path: str
    name: str
    """Of the operation."""
    title: str
    what: str
    wanted: type[StudyRequest]


KINDS: tuple[Kind, ...] = (
    Kind(
        "/v1/message-tests",
        "create_message_test",
        "Test headlines or messages",
        "Shows each text alone and in pairs, in both orders, beside controls; says which leads, if one does.",
        MessageTestRequest,
    ),
    Kind(
        "/v1/interviews",
        "create_interview",
        "Interview respondents",
        "Asks respondents along a guide, with probes where an answer stays vague.",
        InterviewRequest,
    ),
    Kind(
        "/v1/committees",
        "create_committee",
        "Put proposals before buying committees",
        "Asks every seat of each company alone, and says what its committee would do.",
        CommitteeRequest,
    ),
    Kind(
        "/v1/discussions",
        "create_discussion",
        "Let groups discuss",
        "Rates in private, lets groups talk, rates again, and holds the shift against a control.",
        DiscussionRequest,
    ),
    Kind(
        "/v1/hypotheses",
        "create_hypothesis",
        "Ask a question with two sides",
        "Puts both sides in both orders and several wordings; says which one the panel takes, if one.",
        HypothesisRequest,
    ),
    Kind(
        "/v1/surveys",
        "create_survey",
        "Field a questionnaire",
        "Asks up to 40 questions, options rotated; each distribution with its interval and position effect.",
        SurveyRequest,
    ),
    Kind(
        "/v1/concept-tests",
        "create_concept_test",
        "Test product concepts",
        "Rates each concept on purchase intent and more, beside controls; says which leads, if one does.",
        ConceptTestRequest,
    ),
)
"""One line for each kind of study that can be started."""


def _add(kind: Kind) -> None:
    async def create(
        request: Request,
        api: ApiDep,
        caller: Writer,
        wanted: StudyRequest,
        idempotency_key: IdempotencyKey = None,
        wait: Wait = 0,
    ) -> Response:
        return await start(request, api, caller, wanted, idempotency_key, wait)

    create.__annotations__["wanted"] = kind.wanted
    answers: dict[int | str, dict[str, Any]] = {
        200: {"model": RunView, "description": "With `wait`: the run has ended."},
        202: {"model": RunView, "description": "The run is queued; `Location` says where to look."},
    }
    router.add_api_route(
        kind.path,
        create,
        methods=["POST"],
        status_code=202,
        summary=kind.title,
        description=kind.what,
        operation_id=kind.name,
        response_model=RunView,
        responses=answers | problems(*REFUSALS),
    )


for _kind in KINDS:
    _add(_kind)
