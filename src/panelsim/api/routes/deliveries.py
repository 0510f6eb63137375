"""Deliveries: what was sent to receivers, what came of it, and sending it again."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, Field

from panelsim.api.announcing import RunEndedMessage
from panelsim.api.caller import Reader, Writer
from panelsim.api.context import Api, ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, problems
from panelsim.model.base import Frozen
from panelsim.store import Delivery, DeliveryState, WebhookEvent

router = APIRouter(tags=["webhooks"])

DeliveryId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=60,
        description="The message's `webhook-id`.",
        examples=["msg_9f2c4b5c6d7e8f901a2b3c4d5e6f7081"],
    ),
]


class DeliveryView(Frozen):
    """A message to a receiver, and how far it came."""

    id: str = Field(
        description="The header `webhook-id`, the same in every attempt.",
        examples=["msg_9f2c4b5c6d7e8f901a2b3c4d5e6f7081"],
    )
    object: Literal["delivery"] = Field("delivery", description="What this is.")
    webhook_id: str | None = Field(
        description="The webhook; null for the `callback_url` of a run.", examples=["whk_4b5c6d7e8f901a2b"]
    )
    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    event: WebhookEvent = Field(description="What it tells.", examples=["run.ended"])
    url: str = Field(description="Where it goes.", examples=["https://hooks.example.com/panelsim"])
    state: DeliveryState = Field(
        description="`pending`: it will be sent, or sent again; `delivered`: the receiver answered 2xx; "
        "`dead`: given up, see `error`.",
        examples=["delivered"],
    )
    attempts: int = Field(description="Since it was made, or last replayed.", examples=[1])
    next_attempt_at: AwareDatetime | None = Field(
        description="UTC, at the earliest; null unless it is pending.", examples=[None]
    )
    status: int | None = Field(
        description="HTTP status of the last answer; null if none came.", examples=[200]
    )
    error: str = Field(
        description="Why it has not arrived: at most the first 200 characters of an answer; empty if it has.",
        examples=[""],
    )
    created_at: AwareDatetime = Field(description="UTC.", examples=["2026-11-28T10:18:08+00:00"])
    delivered_at: AwareDatetime | None = Field(
        description="UTC; null if it has not arrived.", examples=["2026-11-28T10:18:08+00:00"]
    )


class AttemptView(Frozen):
    """One attempt to send a message."""

    at: AwareDatetime = Field(description="When it began, UTC.", examples=["2026-11-28T10:18:08+00:00"])
    seconds: float = Field(description="How long it took, in seconds.", examples=[0.184])
    status: int | None = Field(description="HTTP status of the answer; null if none came.", examples=[503])
    error: str = Field(
        description="Why the message did not arrive; empty if it did.", examples=["answered 503: try later"]
    )


class DeliveryDetail(DeliveryView):
    """A delivery with its message and its attempts."""

    history: tuple[AttemptView, ...] = Field(
        description="Its last 50 attempts, newest first, those before a replay too. One whose server died in "
        "the midst of it is counted in `attempts` and is not here."
    )
    message: RunEndedMessage = Field(description="The body that is sent.")


@router.get(
    "/v1/webhooks/deliveries",
    summary="List deliveries",
    operation_id="list_deliveries",
    responses=problems(*COMMON),
)
def list_deliveries(
    api: ApiDep,
    caller: Reader,
    limit: Limit = 20,
    cursor: CursorText = "",
    state: Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")] = None,
) -> Page[DeliveryView]:
    """The account's deliveries, newest first. `state=dead` shows what was given up."""
    found = api.workspace.store.deliveries_of(
        caller.account, limit + 1, before=place_of(cursor, 2), state=state or ""
    )
    shown = found[:limit]
    place = [shown[-1].created_at.isoformat(), shown[-1].id] if shown else []
    return page_of([_view(one) for one in found], limit, place)


@router.get(
    "/v1/webhooks/deliveries/{delivery_id}",
    summary="Look at a delivery",
    operation_id="get_delivery",
    responses=problems(*COMMON, "not_found"),
)
def get_delivery(api: ApiDep, caller: Reader, delivery_id: DeliveryId) -> DeliveryDetail:
    """A delivery with each of its attempts, and the message as it is sent."""
    found = _found(api, caller.account, delivery_id)
    message = RunEndedMessage.model_validate_json(found.body)
    made = api.workspace.store.attempts_to_send(found)
    history = tuple(AttemptView.model_validate(one.model_dump()) for one in made)
    return DeliveryDetail(**_view(found).model_dump(exclude={"object"}), message=message, history=history)


@router.post(
    "/v1/webhooks/deliveries/{delivery_id}/replay",
    status_code=202,
    summary="Send a message again",
    operation_id="replay_delivery",
    response_model=DeliveryView,
    responses=problems(*COMMON, "not_found", "conflict", "idempotency_key_reused", "idempotency_key_in_use"),
)
async def replay_delivery(
    request: Request,
    api: ApiDep,
    caller: Writer,
    delivery_id: DeliveryId,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Sends a message that arrived or was given up once more, with the same id and all its attempts."""

    def make(_subject: str) -> Answered:
        store = api.workspace.store
        found = _found(api, caller.account, delivery_id)
        if found.webhook:
            webhook = store.webhook(caller.account, found.webhook)
            if webhook is None or webhook.disabled_at is not None:
                gone = "was deleted" if webhook is None else "is disabled"
                raise ApiError("conflict", f"webhook {found.webhook!r} {gone}, nothing is sent there")
        if not store.replay(caller.account, delivery_id):
            raise ApiError("conflict", f"delivery {delivery_id!r} is pending: it will be sent anyway")
        return 202, _view(_found(api, caller.account, delivery_id)).model_dump_json()

    return await once(request, api, caller, idempotency_key, delivery_id, make)


def _found(api: Api, account: str, delivery_id: str) -> Delivery:
    found = api.workspace.store.delivery(account, delivery_id)
    if found is None:
        raise ApiError(
            "not_found", f"no delivery {delivery_id[:60]!r} is known to this key", param="path.delivery_id"
        )
    return found


def _view(found: Delivery) -> DeliveryView:
    next_at = datetime.fromtimestamp(found.next_at / 1000, UTC) if found.state == "pending" else None
    same = ("id", "run_id", "url", "state", "attempts", "status", "error", "created_at", "delivered_at")
    return DeliveryView(
        **{name: getattr(found, name) for name in same},
        webhook_id=found.webhook or None,
        event=found.kind,
        next_attempt_at=next_at,
    )
