"""Personas behind the OpenAI protocol: any client of it can pick one and talk."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sse_starlette import EventSourceResponse, ServerSentEvent
from typing_extensions import override

from panelsim.api.caller import Caller, Reader, Writer
from panelsim.api.context import LAST_WORDS_S, Api, ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.openai_form import (
    ChatCompletion,
    ListedModel,
    ModelList,
    OpenAIError,
    chunks_of,
    completion_of,
    openai_error,
    openai_response,
)
from panelsim.api.openai_request import ChatRequest
from panelsim.api.problems import COMMON, KINDS, ApiError, Code, refusal_of, request_id_of
from panelsim.errors import PanelsimError
from panelsim.service.apart import Payer
from panelsim.service.sources import PERSONA
from panelsim.service.talking import Wanted, converse, new_exchange

PROMPT_S = 5.0
"""How long a stream waits with its status for the answer; then it begins, and a failure is told in it."""
PING_S = 15
"""Between two signs of life while the answer is awaited."""
DEFAULT_TOKENS = 200


class OpenAIRoute(APIRoute):
    """A route whose refusals have the shape that OpenAI clients read."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, with its refusals shaped."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except (ApiError, PanelsimError, RequestValidationError) as error:
                return openai_response(request, refusal_of(error))

        return handle


router = APIRouter(tags=["chat"], route_class=OpenAIRoute)


def openai_problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The documentation of the refusals of a route, in OpenAI's shape."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        told = f"`{code}`: {kind.title}. {kind.advice}"
        before = found.get(kind.status)
        if before is None:
            found[kind.status] = {"model": OpenAIError, "description": told}
        else:
            before["description"] += f"  \n{told}"
    return found


STREAM: dict[str, Any] = {
    "description": "The answer; with `stream`, server-sent events whose last one is `[DONE]`.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
REFUSALS: tuple[Code, ...] = (
    *COMMON,
    "not_found",
    "malformed_body",
    "body_too_large",
    "spend_cap_reached",
    "provider_failed",
    "idempotency_key_reused",
    "idempotency_key_in_use",
)


async def _chat(
    request: Request,
    api: ApiDep,
    caller: Writer,
    wanted: ChatRequest,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """One answer of a respondent drawn from the persona, in the words and voice of an interview.

    Messages of the roles `system` and `developer` are told to it as the interviewer's note on the situation;
    they do not change who it is. The same request gets the same answer; another `seed`, another one. A stream
    begins when the answer is whole and tells it word by word.
    """

    async def make(exchange: str) -> Answered:
        await run_in_threadpool(_check_known, wanted.model, api, caller)
        order = _order(wanted)
        payer = Payer(caller.account, caller.cap)
        kept = await converse(order, exchange, api.starter, api.desk, payer)
        return 200, completion_of(kept).model_dump_json()

    asked = once(request, api, caller, idempotency_key, new_exchange(), make)
    if not wanted.stream:
        return await asked
    return await _streamed(request, api, wanted, asked)


for _path, _operation in (
    ("/v1/chat/completions", "create_chat_completion"),
    ("/openai/v1/chat/completions", "create_openai_chat_completion"),
):
    router.add_api_route(
        _path,
        _chat,
        methods=["POST"],
        summary="Talk with a persona",
        operation_id=_operation,
        response_model=ChatCompletion,
        responses={200: STREAM, **openai_problems(*REFUSALS)},
    )


@router.get(
    "/openai/v1/models",
    summary="List personas as OpenAI clients list models",
    operation_id="list_openai_models",
    responses=openai_problems(*COMMON),
)
def list_openai_models(api: ApiDep, caller: Reader) -> ModelList:
    """Every persona that can be talked with, by the id that `model` takes."""
    return ModelList(data=tuple(ListedModel(id=f"{PERSONA}{name}") for name in _personas(api, caller)))


@router.get(
    "/openai/v1/models/{model}",
    summary="One persona as OpenAI clients look a model up",
    operation_id="get_openai_model",
    responses=openai_problems(*COMMON, "not_found"),
)
def get_openai_model(
    api: ApiDep,
    caller: Reader,
    model: str = Path(max_length=100, description="`persona:ID`.", examples=["persona:vp-sales"]),
) -> ListedModel:
    """404 if there is no such persona."""
    _check_known(model, api, caller)
    return ListedModel(id=model)


def _check_known(model: str, api: Api, caller: Caller) -> None:
    known = _personas(api, caller)
    if not model.startswith(PERSONA) or model.removeprefix(PERSONA) not in known:
        there = ", ".join(f"{PERSONA}{name}" for name in known)
        raise ApiError(
            "not_found", f"no model {model!r} is here, expected one of {there}", param="body.model"
        )


def _personas(api: Api, caller: Caller) -> tuple[str, ...]:
    return api.starter.shelf(caller.account).names("persona")


def _order(wanted: ChatRequest) -> Wanted:
    behind = wanted.panelsim
    most = wanted.max_completion_tokens or wanted.max_tokens or DEFAULT_TOKENS
    turns = wanted.turns()
    if not turns:
        raise ApiError(
            "invalid_request",
            "messages: nobody asks anything, expected a message of the role user with some text",
            param="body.messages",
        )
    return Wanted(
        persona=wanted.persona,
        turns=turns,
        note=wanted.note,
        model=behind.model,
        seed=behind.seed,
        place=behind.respondent,
        sample_seed=behind.seed if wanted.seed is None else wanted.seed,
        temperature=wanted.temperature,
        top_p=1.0 if wanted.top_p is None else wanted.top_p,
        max_tokens=most,
        stop=wanted.stops,
        notes=behind.notes,
        max_cost_usd=behind.max_cost_usd,
        conversation=behind.conversation,
        metadata=wanted.metadata or {},
    )


async def _streamed(
    request: Request, api: Api, wanted: ChatRequest, asked: Coroutine[Any, Any, Response]
) -> Response:
    """A stream that begins once the answer is whole, or after a few seconds without it."""
    task = api.in_background(asked)
    done, _ = await asyncio.wait({task}, timeout=PROMPT_S)
    if done:
        task.result()  # a refusal gets its own status
    events = _events(request, task, wanted)
    return EventSourceResponse(events, ping=PING_S, sep="\n", shutdown_grace_period=LAST_WORDS_S)


async def _events(
    request: Request, task: "asyncio.Task[Response]", wanted: ChatRequest
) -> AsyncIterator[ServerSentEvent]:
    try:
        response = await asyncio.shield(task)
    except (ApiError, PanelsimError) as error:
        told = openai_error(refusal_of(error), request_id_of(request))
        yield ServerSentEvent(data=told.model_dump_json())
        return
    whole = ChatCompletion.model_validate_json(bytes(response.body))
    options = wanted.stream_options
    include_usage = options is not None and options.include_usage
    for chunk in chunks_of(whole, include_usage=include_usage):
        yield ServerSentEvent(data=json.dumps(chunk, ensure_ascii=False))
    yield ServerSentEvent(data="[DONE]")
