"""Calibrations: what past tests with people say of texts, made from rows or brought as a file."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from panelsim.api.bodies import as_parameters, table_body, table_in, text_in
from panelsim.api.caller import Reader, Writer
from panelsim.api.context import Api, ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, Code, problems
from panelsim.files.results import Wanted
from panelsim.model.base import Frozen
from panelsim.model.calibration import Badge, DataFacts, Evaluation, Outcome
from panelsim.reporting.calibration import render_calibration
from panelsim.service.calibrations import (
    KIND,
    MOST_ROWS,
    PastWish,
    calibration_of,
    import_calibration,
    make_calibration,
)
from panelsim.service.typed import pairs_in
from panelsim.store.documents import Document

router = APIRouter(tags=["calibrations"])

CalibrationId = Annotated[
    str,
    Path(
        alias="id", min_length=1, max_length=64, description="Of the calibration.", examples=["cal-4b5c6d7e"]
    ),
]
REFUSALS: tuple[Code, ...] = (
    *COMMON,
    "malformed_body",
    "body_too_large",
    "unsupported_media_type",
    "idempotency_key_reused",
    "idempotency_key_in_use",
)


class CalibrationHead(Frozen):
    """A calibration in a list."""

    calibration_id: str = Field(
        description="Give it as `calibration` of a message test.", examples=["cal-4b5c6d7e8f901234"]
    )
    object: Literal["calibration"] = Field("calibration", description="What this is.")
    name: str = Field(description="What the past tests were called when sent.", examples=["spring.csv"])
    channel: str = Field(
        description="Where the texts were read: message tests of other channels are refused.",
        examples=["landing page headline"],
    )
    badge: bool = Field(
        description="Whether it beat naive predictors on tests it had not seen; without one, reports give "
        "no probability.",
        examples=[True],
    )
    uses_vectors: bool = Field(description="Whether texts are read with a sentence model.", examples=[True])
    uses_panel: bool = Field(description="Whether it was made with a panel's answers.", examples=[False])
    key: str = Field(description="Hash of its content, as reports name it.", examples=["calibration1:4b5c"])
    created_at: str = Field(description="UTC.", examples=["2026-11-28T10:15:00+00:00"])


class CalibrationView(CalibrationHead):
    """A calibration with all that was measured."""

    reason: str = Field(description="Why it has the badge, or none.", examples=["checked on 412 tests"])
    data: DataFacts = Field(description="What it was made from.")
    evaluation: Evaluation = Field(
        description="Every predictor beside naive ones, on tests that it had not seen; reliability, "
        "coverage, leakage checks."
    )


EXAMPLE: list[dict[str, Any]] = [
    {"test": "t1", "text": "Forecast within 5%", "impressions": 4000, "clicks": 133},
    {"test": "t1", "text": "The future of revenue", "impressions": 4100, "clicks": 98},
]


@router.post(
    "/v1/calibrations",
    status_code=201,
    summary="Calibrate on past tests",
    operation_id="create_calibration",
    response_model=CalibrationView,
    responses={
        200: {"model": CalibrationView, "description": "Exactly this was made before."},
        **problems(*REFUSALS, "busy"),
    },
    openapi_extra=table_body(EXAMPLE, f"Past A/B results, a row per text of a test, at most {MOST_ROWS:,}."),
)
async def create_calibration(
    request: Request,
    api: ApiDep,
    caller: Writer,
    channel: Annotated[
        str,
        Query(
            max_length=200,
            description="Where the texts were read: one of the rows' channels, or that of all of them.",
            examples=["landing page headline"],
        ),
    ] = "",
    outcome: Annotated[
        Outcome | None, Query(description="What counts as success, if the rows have both.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        Query(
            alias="map",
            max_length=100,
            description="A column and what it holds, `COLUMN=FIELD`: test, text, impressions, clicks, "
            "conversions, date, channel or group; may be repeated.",
            examples=[["Headline=text"]],
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        Query(max_length=100, description="Keep only rows with that value, `COLUMN=VALUE`; may be repeated."),
    ] = None,
    skip_bad: Annotated[bool, Query(description="Leave bad rows out and count them.")] = False,
    vectors: Annotated[
        bool, Query(description="Read texts with the sentence model, or by their surface alone.")
    ] = True,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="Of folds and of redrawn tests.")] = 7,
    name: Annotated[str, Query(max_length=200, description="What you call these results.")] = "",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Learns which text wins, and says how far to trust that, on tests no predictor has seen.

    Answers when it is made: seconds for hundreds of tests, about a minute at the most. One is made at a time;
    another request waits its turn for 20 s, then gets `busy`. The same rows and parameters are made once:
    send the request again if the connection was lost. The panel's own answers are not asked here; make such a
    calibration with `panelsim calibrate --panel` and bring its file.
    """
    upload = await table_in(request)
    with as_parameters():
        columns = {field: column for column, field in pairs_in(map_ or [], "--map", "Headline=text")}
        kept = dict(pairs_in(where or [], "--where", "device=desktop"))
    wanted = Wanted(columns, kept, channel.strip(), outcome, skip_bad)
    wish = PastWish(upload.data, upload.form, name.strip() or "past results", wanted, vectors, seed)

    def make(_subject: str) -> Answered:
        workspace = api.workspace
        with as_parameters():
            made, is_new = make_calibration(workspace.store, caller.account, wish, workspace.settings)
        return 201 if is_new else 200, _view(made).model_dump_json()

    told = await once(request, api, caller, idempotency_key, wish.id, make, content=wish.id.encode())
    return _placed(api, told)


@router.post(
    "/v1/calibrations/import",
    status_code=201,
    summary="Bring a calibration file",
    operation_id="import_calibration",
    response_model=CalibrationView,
    responses={
        200: {"model": CalibrationView, "description": "Exactly this is kept already."},
        **problems(*REFUSALS),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "description": "A file of `panelsim calibrate`."}
                }
            },
        }
    },
)
async def import_calibration_file(
    request: Request, api: ApiDep, caller: Writer, idempotency_key: IdempotencyKey = None
) -> Response:
    """Keeps a `calibration.json` that `panelsim calibrate` wrote, with a panel's answers if it has them."""
    text = await text_in(request, ("application/json",))

    def make(_subject: str) -> Answered:
        made, is_new = import_calibration(api.workspace.store, caller.account, text)
        return 201 if is_new else 200, _view(made).model_dump_json()

    return _placed(api, await once(request, api, caller, idempotency_key, KIND, make))


@router.get(
    "/v1/calibrations",
    summary="List calibrations",
    operation_id="list_calibrations",
    responses=problems(*COMMON),
)
def list_calibrations(
    api: ApiDep, caller: Reader, limit: Limit = 20, cursor: CursorText = ""
) -> Page[CalibrationHead]:
    """The account's calibrations, by id."""
    place = place_of(cursor, 1)
    after = "" if place is None else place[0]
    found = api.workspace.store.documents(caller.account, KIND, limit + 1, after)
    heads = [CalibrationHead.model_validate(_head(one)) for one in found]
    return page_of(heads, limit, [one.calibration_id for one in heads[:limit]][-1:])


@router.get(
    "/v1/calibrations/{id}",
    summary="Look at a calibration",
    operation_id="get_calibration",
    response_model=CalibrationView,
    responses={
        200: {"content": {"text/markdown": {"schema": {"type": "string"}}}},
        **problems(*COMMON, "not_found"),
    },
)
def get_calibration(
    api: ApiDep,
    caller: Reader,
    calibration_id: CalibrationId,
    form: Annotated[
        Literal["json", "md", "file"],
        Query(alias="format", description="`md`: as a page; `file`: for `panelsim test --calibration`."),
    ] = "json",
) -> Response:
    """All that was measured, as JSON, as a page, or as the file that the command line reads."""
    document = _found(api, caller.account, calibration_id)
    if form == "md":
        page = render_calibration(calibration_of(document))
        return Response(page, media_type="text/markdown; charset=utf-8")
    if form == "file":
        headers = {"Content-Disposition": f'attachment; filename="{calibration_id}.json"'}
        return Response(document.body, 200, headers, "application/json")
    return Response(_view(document).model_dump_json(), media_type="application/json")


@router.delete(
    "/v1/calibrations/{id}",
    status_code=204,
    summary="Delete a calibration",
    operation_id="delete_calibration",
    response_class=Response,
    responses=problems(*COMMON, "not_found"),
)
def delete_calibration(api: ApiDep, caller: Writer, calibration_id: CalibrationId) -> Response:
    """Runs keep what they were made with."""
    _found(api, caller.account, calibration_id)
    api.workspace.store.drop_document(caller.account, KIND, calibration_id)
    return Response(None, 204)


def _found(api: Api, account: str, calibration_id: str) -> Document:
    document = api.workspace.store.document(account, KIND, calibration_id)
    if document is None:
        raise ApiError(
            "not_found", f"no calibration {calibration_id!r} is known to this key", param="path.id"
        )
    return document


def _head(document: Document) -> dict[str, object]:
    found = calibration_of(document)
    return {
        "calibration_id": document.id,
        "name": found.data.file,
        "channel": found.data.channel,
        "badge": found.evaluation.badge.given,
        "uses_vectors": bool(found.embedding_model),
        "uses_panel": found.panel is not None,
        "key": found.key,
        "created_at": document.created_at,
    }


def _view(document: Document) -> CalibrationView:
    found = calibration_of(document)
    badge: Badge = found.evaluation.badge
    more = {"reason": badge.reason, "data": found.data, "evaluation": found.evaluation}
    return CalibrationView.model_validate(_head(document) | more)


def _placed(api: Api, response: Response) -> Response:
    made: str = json.loads(bytes(response.body))["calibration_id"]
    response.headers["Location"] = api.link(f"/v1/calibrations/{made}")
    return response
