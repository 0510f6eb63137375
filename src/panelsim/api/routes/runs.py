"""Runs: listed, looked at, summed up, reported, cancelled, resumed."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from panelsim import __version__
from panelsim.api.announcing import tell_end
from panelsim.api.caller import Reader, Writer
from panelsim.api.context import Api, ApiDep
from panelsim.api.flat import summary_of
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, problems
from panelsim.api.views import RunView, Summary, view_of
from panelsim.api.waiting import POLL_S, ended_head_of, head_of, look
from panelsim.model.base import Frozen
from panelsim.model.progress import ENDED, RunState
from panelsim.model.study import StudyKind
from panelsim.reporting.formats import FormatName
from panelsim.service.control import cancel, pause
from panelsim.service.reports import pieces_of, table_of
from panelsim.service.run import recall
from panelsim.service.usage import saved_estimate
from panelsim.store import Run, RunHead

router = APIRouter(tags=["runs"])

RunId = Annotated[
    str,
    Path(min_length=1, max_length=100, description="Of the run.", examples=["20261128-101500-4b5c6d7e8f"]),
]
Format = Literal["json", "html", "md", "csv", "transcripts", "text"]

FORMS: dict[Format, tuple[FormatName, str]] = {
    "json": ("json", "application/json"),
    "html": ("html", "text/html; charset=utf-8"),
    "md": ("markdown", "text/markdown; charset=utf-8"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "transcripts": ("transcripts", "application/jsonl"),
    "text": ("terminal", "text/plain; charset=utf-8"),
}
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
)
"""A report brings its own style and pictures and needs nothing else."""


@router.get(
    "/v1/runs",
    summary="List runs",
    operation_id="list_runs",
    responses=problems(*COMMON),
)
def list_runs(
    api: ApiDep,
    caller: Reader,
    limit: Limit = 20,
    cursor: CursorText = "",
    state: Annotated[RunState | None, Query(description="Only runs in this state.")] = None,
    kind: Annotated[StudyKind | None, Query(description="Only runs of this kind of study.")] = None,
) -> Page[RunView]:
    """The account's runs, newest first."""
    place = place_of(cursor, 2)
    store = api.workspace.store
    before = None if place is None else (place[0], place[1])
    heads = store.heads_of(caller.account, limit + 1, before=before, state=state or "", kind=kind or "")
    shown = heads[:limit]
    requests = store.requests_of(tuple(head.id for head in shown))
    views = [view_of(api, head, requests.get(head.id)) for head in shown]
    last = [] if not shown else [shown[-1].created_at.isoformat(), shown[-1].id]
    return page_of(views if len(heads) <= limit else [*views, views[-1]], limit, last)


@router.get(
    "/v1/runs/{run_id}",
    summary="Look at a run",
    operation_id="get_run",
    responses=problems(*COMMON, "not_found"),
)
def get_run(api: ApiDep, caller: Reader, run_id: RunId, response: Response) -> RunView:
    """How a run is. `Retry-After` says when to look again while it has not ended."""
    view = look(api, caller.account, run_id)
    if not view.has_ended:
        response.headers["Retry-After"] = str(POLL_S)
    return view


@router.get(
    "/v1/runs/{run_id}/summary",
    summary="What a run comes to, flat",
    operation_id="get_run_summary",
    responses=problems(*COMMON, "not_found", "run_not_ended"),
)
def get_run_summary(api: ApiDep, caller: Reader, run_id: RunId) -> Summary:
    """Words and numbers only, for tools that cannot look into nested answers."""
    return summary_of(api, ended_head_of(api, caller.account, run_id))


@router.get(
    "/v1/runs/{run_id}/report",
    summary="The report of a run",
    operation_id="get_run_report",
    response_class=Response,
    responses={
        200: {
            "description": "The report.",
            "headers": {
                "ETag": {"schema": {"type": "string"}, "description": "Changes when the report does."}
            },
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/html": {"schema": {"type": "string"}},
                "text/markdown": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
                "application/jsonl": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
            },
        },
        304: {"description": "The report is the one whose ETag was given."},
        **problems(*COMMON, "not_found", "run_not_ended", "not_acceptable"),
    },
)
def get_run_report(
    api: ApiDep,
    caller: Reader,
    run_id: RunId,
    form: Annotated[
        Format,
        Query(
            alias="format",
            description="`csv` is the table of answers, `transcripts` all that was said, one session a line.",
        ),
    ] = "json",
    partial: Annotated[
        bool, Query(description="Report what was said so far of a run that has not ended.")
    ] = False,
    if_none_match: Annotated[str | None, Header(description="The ETag you have.")] = None,
) -> Response:
    """The report in one of several formats. Once the run has ended it changes only with panelsim."""
    head = head_of(api, caller.account, run_id) if partial else ended_head_of(api, caller.account, run_id)
    run = api.workspace.store.run(run_id)
    name, media = _form_of(run, form)
    tag = _tag(api, head, form) if head.state in ENDED else ""
    headers = {"Cache-Control": "private, no-cache"}
    if tag:
        headers["ETag"] = tag
    if tag and if_none_match is not None and _matches(if_none_match, tag):
        return Response(None, 304, headers)
    if form == "html":
        headers["Content-Security-Policy"] = PAGE_POLICY
    if form in ("csv", "transcripts"):
        ending = "csv" if form == "csv" else "jsonl"
        headers["Content-Disposition"] = f'attachment; filename="{run_id}.{ending}"'
    outcome = recall(run, api.workspace)
    pieces = pieces_of(outcome, name, api.workspace.draw)
    return StreamingResponse(_encoded(pieces), 200, headers, media)


class Estimated(Frozen):
    """The estimate that was made when a run was started, beside what it took."""

    likely_usd: float = Field(description="US dollars that were expected.", examples=[0.07])
    high_usd: float = Field(description="US dollars at most.", examples=[0.12])
    actual_usd: float = Field(description="US dollars so far.", examples=[0.068])


@router.get(
    "/v1/runs/{run_id}/estimate",
    summary="What was expected of a run",
    operation_id="get_run_estimate",
    responses=problems(*COMMON, "not_found"),
)
def get_run_estimate(api: ApiDep, caller: Reader, run_id: RunId) -> Estimated:
    """The estimate that was kept when the run was started, and what it has taken. 404 if none was made."""
    head_of(api, caller.account, run_id)
    found = saved_estimate(run_id, api.workspace.store)
    if found is None:
        raise ApiError(
            "not_found", f"run {run_id!r} was started without an estimate: its model costs nothing"
        )
    view = look(api, caller.account, run_id)
    return Estimated(likely_usd=found.likely.cost_usd, high_usd=found.high.cost_usd, actual_usd=view.cost_usd)


@router.post(
    "/v1/runs/{run_id}/cancel",
    summary="Cancel a run",
    operation_id="cancel_run",
    responses=problems(*COMMON, "not_found", "run_ended", "conflict"),
)
def cancel_run(api: ApiDep, caller: Writer, run_id: RunId) -> RunView:
    """Ends a run; what was answered is kept, and it can be resumed."""
    head = _open(api, caller.account, run_id)
    cancel(head, api.workspace.store)
    return look(api, caller.account, run_id)


@router.post(
    "/v1/runs/{run_id}/pause",
    summary="Pause a run",
    operation_id="pause_run",
    responses=problems(*COMMON, "not_found", "run_ended", "conflict"),
)
def pause_run(api: ApiDep, caller: Writer, run_id: RunId) -> RunView:
    """Lets calls under way come in and sends no more until the run is resumed."""
    head = _open(api, caller.account, run_id)
    pause(head, api.workspace.store, is_pooled=True)
    return look(api, caller.account, run_id)


@router.post(
    "/v1/runs/{run_id}/resume",
    status_code=202,
    summary="Resume a run",
    operation_id="resume_run",
    response_model=RunView,
    responses=problems(
        *COMMON,
        "not_found",
        "run_ended",
        "spend_cap_reached",
        "idempotency_key_reused",
        "idempotency_key_in_use",
    ),
)
async def resume_run(
    request: Request, api: ApiDep, caller: Writer, run_id: RunId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Goes on with a run that is paused or ended before its time; what was answered is not asked again."""

    def make(_subject: str) -> Answered:
        store = api.workspace.store
        head = head_of(api, caller.account, run_id)
        if head.state == "done":
            raise ApiError("run_ended", f"run {run_id!r} is done, nothing is left to ask")
        if head.state in ENDED:
            # who is told of ends must hear of this one before it is forgotten
            tell_end(api, head)
            run = store.run(run_id)
            api.starter.again(run, caller.cap)
        else:
            store.set_wish(run_id, "run")
        return 202, look(api, caller.account, run_id).model_dump_json()

    return await once(request, api, caller, idempotency_key, run_id, make)


def _open(api: Api, account: str, run_id: str) -> RunHead:
    head = head_of(api, account, run_id)
    if head.state in ENDED:
        raise ApiError("run_ended", f"run {run_id!r} has ended: it is {head.state}")
    return head


def _form_of(run: Run, form: Format) -> tuple[FormatName, str]:
    name, media = FORMS[form]
    if form != "csv":
        return name, media
    table = table_of(run.study)
    if table is None:
        raise ApiError(
            "not_acceptable", f"a run of kind {run.study.kind} has no table of answers", param="query.format"
        )
    return table, media


def _tag(api: Api, head: RunHead, form: Format) -> str:
    """Of what decides the text of a report: the run's last end, the format, and the code that writes it."""
    finished = head.finished_at.isoformat() if head.finished_at else ""
    drawn = api.workspace.draw is not None
    parts = (head.id, head.state, finished, form, __version__, str(drawn))
    return f'"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def _matches(given: str, tag: str) -> bool:
    return given.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in given.split(",")}


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode("utf-8", "replace")
