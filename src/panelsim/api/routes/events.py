"""Events of a run, as server-sent events."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from panelsim.api.caller import Reader
from panelsim.api.context import LAST_WORDS_S, ApiDep
from panelsim.api.events import EVENTS
from panelsim.api.problems import COMMON, problems
from panelsim.api.routes.runs import RunId
from panelsim.api.streams import Streams
from panelsim.api.waiting import head_of
from panelsim.model.progress import ENDED

router = APIRouter(tags=["runs"])

HEARTBEAT_S = 15
SLOWEST_READER_S = 60.0
"""A reader that takes nothing for so long is cut off."""
MOST_SEQ = 2**53

EXAMPLE = """\
id: 3
event: run.state
data: {"run_id":"20261128-101500-4b5c6d7e8f","at":"2026-11-28T10:15:01Z","state":"running"}

id: 4
event: run.progress
data: {"sessions":36,"running":8,"done":20,"failed":0,"calls":500,"answered":310,"missing":2,...}

: heartbeat
"""
CONTENT: dict[str, Any] = {
    "text/event-stream": {
        "schema": {
            "description": "The `data` of each event: `run.state`, `run.progress` or `run.ended`.",
            "oneOf": [{"$ref": f"#/components/schemas/{event.__name__}"} for event in EVENTS],
        },
        "example": EXAMPLE,
    }
}

After = Annotated[
    int,
    Query(ge=0, le=MOST_SEQ, description="The id after which to begin; 0: the beginning.", examples=[0]),
]
LastId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=MOST_SEQ,
        description="The id of the last event that was received, as clients send it that reconnect; it goes "
        "before `after`.",
        examples=[4],
    ),
]


class _Stream(EventSourceResponse):
    """Events, sent until they end or nobody takes them any more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends; a reader that takes nothing is cut off, which is no fault of the service."""
        with suppress(SendTimeoutError):
            await super().__call__(scope, receive, send)


@router.get(
    "/v1/runs/{run_id}/events",
    summary="Follow a run",
    operation_id="stream_run_events",
    response_class=EventSourceResponse,
    responses={
        200: {"description": "Events, until the run has ended.", "content": CONTENT},
        204: {"description": "The run has ended and `run.ended` was received: nothing more will come."},
        **problems(*COMMON, "not_found"),
    },
)
async def stream_run_events(
    request: Request,
    api: ApiDep,
    caller: Reader,
    run_id: RunId,
    after: After = 0,
    last_event_id: LastId = None,
) -> Response:
    """Server-sent events: `run.state`, `run.progress`, and `run.ended`, after which the stream ends.

    What the store keeps has an id, and a stream that begins after an id misses nothing that came later, also
    if the service was restarted in between; it tells the present state too. Progress that is added up from
    the parts of a large run, and the state `paused`, have no id. A comment comes every 15 seconds. A stream
    ends after an hour at most: reconnect with the last id.
    """
    streams: Streams = request.app.state.streams
    streams.check_room(caller.account)
    store = api.workspace.store
    head = await run_in_threadpool(head_of, api, caller.account, run_id)
    last = await run_in_threadpool(store.last_event, run_id)
    place = min(last, after if last_event_id is None else last_event_id)
    if head.state in ENDED and 0 < last <= place:
        return Response(status_code=204)
    return _Stream(
        streams.stream(head, place),
        ping=HEARTBEAT_S,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat"),
        send_timeout=SLOWEST_READER_S,
        shutdown_grace_period=LAST_WORDS_S,
    )
