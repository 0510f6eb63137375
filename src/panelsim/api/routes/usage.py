"""Usage: what an account spent, against what it may spend."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from panelsim.api.caller import Reader
from panelsim.api.context import ApiDep
from panelsim.api.paging import CursorText, Limit, page_of, place_of
from panelsim.api.problems import COMMON, problems
from panelsim.model.base import Frozen
from panelsim.providers.prices import PICO
from panelsim.reporting.csv import guarded, line_of
from panelsim.service.usage import Spend, spends_by

router = APIRouter(tags=["usage"])

By = Literal["day", "run", "model"]


class SpendView(Frozen):
    """What one day, run or model took."""

    name: str = Field(description="The day (UTC), the run's id, or PROVIDER/NAME.", examples=["2026-11-28"])
    calls: int = Field(description="Answers that were made.", examples=[540])
    cost_usd: float = Field(description="US dollars that they cost.", examples=[0.07])
    unsettled_usd: float = Field(
        description="US dollars that may have been billed beyond that, for attempts without an answer.",
        examples=[0.0],
    )


class MonthView(Frozen):
    """The calendar month so far (UTC), against the key's cap."""

    month: str = Field(description="Year and month.", examples=["2026-11"])
    spent_usd: float = Field(description="US dollars spent, unsettled ones included.", examples=[1.84])
    reserved_usd: float = Field(
        description="US dollars set aside for runs that have not ended: what they may still spend.",
        examples=[2.0],
    )
    cap_usd: float | None = Field(
        description="US dollars a month that may be spent by way of this key; null: no cap.", examples=[20.0]
    )
    left_usd: float | None = Field(
        description="The largest max_cost_usd that a new run may have; null: no cap.", examples=[16.16]
    )


class UsageView(Frozen):
    """What the account spent."""

    month: MonthView = Field(description="This month, whatever `since` says.")
    by: By = Field(description="What the rows are.", examples=["day"])
    since: str = Field(description="First day of the rows (UTC).", examples=["2026-11-01"])
    total: SpendView = Field(description="All rows since then, those of other pages too.")
    data: tuple[SpendView, ...] = Field(description="Days and runs newest first, models by name.")
    has_more: bool = Field(description="Whether another page follows.")
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page.", examples=[None])


@router.get(
    "/v1/usage",
    summary="What was spent",
    operation_id="get_usage",
    response_model=UsageView,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(*COMMON)},
)
def get_usage(
    api: ApiDep,
    caller: Reader,
    by: Annotated[By, Query(description="What the rows are.")] = "day",
    since: Annotated[
        date | None, Query(description="First day (UTC); the first of this month if not given.")
    ] = None,
    limit: Limit = 20,
    cursor: CursorText = "",
    form: Annotated[
        Literal["json", "csv"], Query(alias="format", description="`csv`: all rows since then, as a table.")
    ] = "json",
) -> Response:
    """The account's spending by day, run or model, and this month against the key's cap."""
    now = datetime.now(UTC)
    first = (since or now.date().replace(day=1)).isoformat()
    rows = api.workspace.store.spending(caller.account, first)
    spends = sorted(spends_by(by, rows), key=lambda one: one.name, reverse=by != "model")
    if form == "csv":
        headers = {"Content-Disposition": f'attachment; filename="usage-by-{by}.csv"'}
        return Response("".join(_lines(by, spends)), 200, headers, "text/csv; charset=utf-8")
    place = place_of(cursor, 1)
    left = [one for one in spends if place is None or _comes_after(one.name, place[0], by)]
    page = page_of([_view(one) for one in left[: limit + 1]], limit, [one.name for one in left[:limit]][-1:])
    view = UsageView(
        month=_month(api, caller.account, caller.cap, now),
        by=by,
        since=first,
        total=_view(_total(spends)),
        data=page.data,
        has_more=page.has_more,
        next_cursor=page.next_cursor,
    )
    return Response(view.model_dump_json(), media_type="application/json")


def _comes_after(name: str, place: str, by: By) -> bool:
    return name > place if by == "model" else name < place


def _month(api: ApiDep, account: str, cap: int | None, now: datetime) -> MonthView:
    spent, reserved = api.workspace.store.month_of(account)
    return MonthView(
        month=f"{now:%Y-%m}",
        spent_usd=spent / PICO,
        reserved_usd=reserved / PICO,
        cap_usd=None if cap is None else cap / PICO,
        left_usd=None if cap is None else max(0, cap - spent - reserved) / PICO,
    )


def _total(spends: Iterable[Spend]) -> Spend:
    calls, cost, unsettled = 0, 0.0, 0.0
    for one in spends:
        calls, cost, unsettled = calls + one.calls, cost + one.cost_usd, unsettled + one.unsettled_usd
    return Spend("total", calls, cost, unsettled)


def _view(one: Spend) -> SpendView:
    return SpendView.model_validate(one._asdict())


def _lines(by: By, spends: Iterable[Spend]) -> Iterable[str]:
    yield line_of([by, "calls", "cost_usd", "unsettled_usd"])
    for one in spends:
        yield line_of(
            [guarded(one.name), str(one.calls), f"{one.cost_usd:.12f}", f"{one.unsettled_usd:.12f}"]
        )
