"""Asks: one more question to respondents of a run that has ended."""

from fastapi import APIRouter, Request, Response

from panelsim.api.asks import AskRequest, AskView, ask_for, view_of_ask
from panelsim.api.caller import Reader, Writer
from panelsim.api.context import ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, problems
from panelsim.api.routes.runs import RunId
from panelsim.api.waiting import head_of
from panelsim.service.apart import Payer
from panelsim.service.asking_again import asks_after, new_ask_id

router = APIRouter(tags=["runs"])


@router.post(
    "/v1/runs/{run_id}/ask",
    summary="Ask respondents of a run one more question",
    operation_id="ask_run",
    response_model=AskView,
    responses=problems(
        *COMMON,
        "malformed_body",
        "body_too_large",
        "not_found",
        "run_not_ended",
        "spend_cap_reached",
        "provider_failed",
        "idempotency_key_reused",
        "idempotency_key_in_use",
    ),
)
async def ask_run(
    request: Request,
    api: ApiDep,
    caller: Writer,
    run_id: RunId,
    wanted: AskRequest,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Asks the same respondents, who have their card and what they said in the run before them.

    The request is held until all have answered. An interview is carried on; of other sessions they are told
    again what they were shown and what they said. The run itself does not change.
    """

    async def make(ask_id: str) -> Answered:
        payer = Payer(caller.account, caller.cap)
        return 200, (await ask_for(api, payer, run_id, wanted, ask_id)).model_dump_json()

    return await once(request, api, caller, idempotency_key, new_ask_id(), make)


@router.get(
    "/v1/runs/{run_id}/asks",
    summary="List what was asked after a run",
    operation_id="list_run_asks",
    responses=problems(*COMMON, "not_found"),
)
def list_run_asks(
    api: ApiDep, caller: Reader, run_id: RunId, limit: Limit = 20, cursor: CursorText = ""
) -> Page[AskView]:
    """The questions and all their answers, oldest first."""
    head_of(api, caller.account, run_id)
    place = place_of(cursor, 1)
    after = "" if place is None else place[0]
    found = asks_after(api.workspace.store, caller.account, run_id, limit + 1, after)
    shown = found[:limit]
    return page_of([view_of_ask(one) for one in found], limit, [shown[-1].id] if shown else [])
