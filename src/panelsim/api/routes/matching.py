"""Matching: accounts ranked by how they fit an ICP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field

from panelsim.api.bodies import NAME, Upload, as_parameters, plainly, table_body, table_in
from panelsim.api.caller import Reader
from panelsim.api.context import ApiDep
from panelsim.api.problems import COMMON, ApiError, problems
from panelsim.api.routes.profiles import ProfileId, found_of, shelf_of
from panelsim.files.tables import parse_table
from panelsim.model.base import Frozen
from panelsim.model.icp import ICP
from panelsim.service.accounts import Matched, Rows, match_rows
from panelsim.service.matched import matched_json, matched_lines, shown_of
from panelsim.service.typed import mapping

router = APIRouter(tags=["icps"])

MOST_ROWS = 100_000
"""Accounts that one request may bring."""
State = Literal["pass", "fail", "unknown"]


class MatchedCriterion(Frozen):
    """What the ICP asks, and how many accounts meet it."""

    name: str = Field(description="Of the criterion.", examples=["firmographics.headcount"])
    asks: str = Field(description="What it asks, in words.", examples=["50-500 employees"])
    part: str = Field(description="`profile`, `must_have` or `deal_breaker`.", examples=["profile"])
    passed: int = Field(alias="pass", description="Accounts that meet it.", examples=[12])
    fail: int = Field(description="Accounts that do not.", examples=[3])
    unknown: int = Field(description="Accounts whose rows do not say.", examples=[1])


class MatchedAccount(Frozen):
    """One account."""

    rank: int = Field(description="1 is best: by verdict, then by the middle of the fit.", examples=[1])
    row: int = Field(
        description="Of the table: in CSV the column names are row 1; JSON counts from 1.", examples=[2]
    )
    account: str = Field(description="What the naming column says.", examples=["Nordwind GmbH"])
    verdict: str = Field(
        description="`fits`, `may fit`, `misses` or `ruled out`; for an ICP of negative polarity `clear`, "
        "`may be one` or `to avoid`.",
        examples=["fits"],
    )
    fit_low: float = Field(
        description="Fit, 0 to 1, if all that is unknown spoke against it.", examples=[0.8]
    )
    fit_high: float = Field(description="Fit, 0 to 1, if all that is unknown spoke for it.", examples=[0.9])
    criteria: dict[str, State] = Field(
        description="Each criterion by name.", examples=[{"firmographics.headcount": "pass"}]
    )


class Matching(Frozen):
    """Accounts ranked by how they fit an ICP."""

    icp: str = Field(description="The ICP's id.", examples=["b2b-saas"])
    version: int = Field(description="Of the ICP.", examples=[1])
    polarity: str = Field(
        description="`positive`, or `negative` for whom you do not sell to.", examples=["positive"]
    )
    meaning: str = Field(description="What the verdicts mean.", examples=["Fit is the share of ..."])
    accounts: int = Field(description="Accounts that were matched.", examples=[16])
    left_out: int = Field(description="Bad rows that were left out.", examples=[0])
    verdicts: dict[str, int] = Field(description="Accounts by verdict.", examples=[{"fits": 4, "misses": 12}])
    criteria: tuple[MatchedCriterion, ...] = Field(description="What the ICP asks.")
    places: dict[str, dict[str, int]] = Field(
        description="Accounts by place and verdict, the 12 most frequent places.",
        examples=[{"DE": {"fits": 4, "misses": 2}}],
    )
    top: tuple[MatchedAccount, ...] = Field(description="The best accounts.")
    notes: tuple[str, ...] = Field(description="What to know of the table, in sentences.", examples=[[]])


EXAMPLE: list[dict[str, Any]] = [
    {"account": "Nordwind GmbH", "headcount": 180, "country": "DE"},
    {"account": "Bakery Lemaire", "headcount": 6, "country": "FR"},
]


@router.post(
    "/v1/icps/{id}/match",
    summary="Match accounts with an ICP",
    operation_id="match_accounts",
    response_model=Matching,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems(*COMMON, "not_found", "malformed_body", "body_too_large", "unsupported_media_type"),
    },
    openapi_extra=table_body(EXAMPLE, f"Accounts, a row each, at most {MOST_ROWS:,}."),
)
async def match_accounts(
    request: Request,
    api: ApiDep,
    caller: Reader,
    profile_id: ProfileId,
    map_: Annotated[
        list[str] | None,
        Query(
            alias="map",
            max_length=100,
            description="A column and the account field it holds, `COLUMN=FIELD`; may be repeated.",
            examples=[["Employees=headcount"]],
        ),
    ] = None,
    id_: Annotated[
        str,
        Query(
            alias="id",
            max_length=200,
            description="The column that names accounts; no cell may be empty or appear twice. The first "
            "column names them if not given.",
        ),
    ] = "",
    skip_bad: Annotated[bool, Query(description="Leave bad rows out and count them.")] = False,
    top: Annotated[int, Query(ge=0, le=10_000, description="How many accounts to return, best first.")] = 20,
    form: Annotated[
        Literal["json", "csv"],
        Query(alias="format", description="`csv`: all accounts, every column, with rank, verdict and fit."),
    ] = "json",
) -> Response:
    """Pass, fail or unknown for each criterion, a fit and a verdict, ranked. Nothing is kept.

    A missing field is unknown and never a pass. Cells that a spreadsheet would run are refused.
    """
    upload = await table_in(request)
    shelf = shelf_of(api, caller)

    def match() -> tuple[ICP, Matched]:
        kept = found_of(shelf, "icp", profile_id)
        if not isinstance(kept.profile, ICP):
            raise ApiError("conflict", f"ICP {profile_id!r} can no longer be read: {kept.fault}")
        with as_parameters():
            return kept.profile, _match(kept.profile, upload, map_ or [], id_, skip_bad=skip_bad)

    _, matched = await run_in_threadpool(match)
    if form == "csv":
        lines = (line.encode("utf-8", "replace") for line in matched_lines(matched.table, matched.match))
        headers = {"Content-Disposition": f'attachment; filename="{profile_id}-matched.csv"'}
        return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")
    told = matched_json(shown_of(matched, id_), top)
    if isinstance(told, dict) and isinstance(notes := told["notes"], list):
        told["notes"] = [plainly(str(note)) for note in notes]
    view = Matching.model_validate(told)
    return Response(view.model_dump_json(by_alias=True), media_type="application/json")


def _match(icp: ICP, upload: Upload, pairs: list[str], ids: str, *, skip_bad: bool) -> Matched:
    table = parse_table(upload.data, upload.form, NAME, skip_bad=skip_bad, ids=ids, most_rows=MOST_ROWS)
    return match_rows(icp, Rows(table, ()), mapping(pairs), skip_bad=skip_bad)
