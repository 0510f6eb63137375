"""Webhooks: where an account is told of ends of runs, and the secrets that sign it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, Field

from panelsim.api.announcing import RunEndedMessage
from panelsim.api.caller import Reader, Writer
from panelsim.api.context import ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, problems
from panelsim.model.base import Frozen
from panelsim.service.webhooks.receivers import add_receiver, new_webhook_id, own_of
from panelsim.service.webhooks.signing import new_secret
from panelsim.store import Webhook, WebhookEvent

router = APIRouter(tags=["webhooks"])
messages = APIRouter(tags=["webhooks"])
"""What is sent, for the document."""

WebhookId = Annotated[
    str, Path(min_length=1, max_length=60, description="Of the webhook.", examples=["whk_4b5c6d7e8f901a2b"])
]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's own example


class WebhookRequest(Frozen):
    """A new webhook."""

    url: str = Field(
        min_length=1,
        max_length=2000,
        description="An https address on the public internet, on port 443 or one from 1024 up.",
        examples=["https://hooks.example.com/panelsim"],
    )
    events: tuple[WebhookEvent, ...] = Field(
        ("run.ended",), min_length=1, max_length=10, description="What to be told of.",
        examples=[["run.ended"]],
    )  # fmt: skip


class WebhookView(Frozen):
    """A webhook."""

    id: str = Field(description="Names the webhook.", examples=["whk_4b5c6d7e8f901a2b"])
    object: Literal["webhook"] = Field("webhook", description="What this is.")
    url: str = Field(description="Where messages go.", examples=["https://hooks.example.com/panelsim"])
    events: tuple[WebhookEvent, ...] = Field(description="What it is told of.", examples=[["run.ended"]])
    created_at: AwareDatetime = Field(description="UTC.", examples=["2026-11-28T10:15:00+00:00"])
    disabled_at: AwareDatetime | None = Field(
        description="Since when nothing is sent, because the receiver answered 410; null while it is alive. "
        "Delete it and make another.",
        examples=[None],
    )


class WebhookMade(WebhookView):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(description="Verifies signatures; keep it safe.", examples=[SECRET])


class SecretView(Frozen):
    """The account's own secret."""

    object: Literal["webhook_secret"] = Field("webhook_secret", description="What this is.")
    secret: str = Field(
        description="Verifies the signatures of messages to a `callback_url`.", examples=[SECRET]
    )
    rotated_at: AwareDatetime | None = Field(
        description="When it replaced another, which signs too for 24 hours; null: never.", examples=[None]
    )


@router.post(
    "/v1/webhooks",
    status_code=201,
    summary="Make a webhook",
    operation_id="create_webhook",
    response_model=WebhookMade,
    responses=problems(
        *COMMON, "malformed_body", "body_too_large", "idempotency_key_reused", "idempotency_key_in_use"
    ),
)
async def create_webhook(
    request: Request,
    api: ApiDep,
    caller: Writer,
    wanted: WebhookRequest,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Lets an address be told of every run of the account that ends. The secret is shown this once."""

    def make(webhook_id: str) -> Answered:
        made = add_receiver(
            api.workspace.store,
            caller.account,
            wanted.url,
            wanted.events,
            webhook_id=webhook_id,
            allows_loopback=api.options.allows_loopback,
        )
        return 201, _made(made).model_dump_json()

    return await once(request, api, caller, idempotency_key, new_webhook_id(), make)


@router.get(
    "/v1/webhooks", summary="List webhooks", operation_id="list_webhooks", responses=problems(*COMMON)
)
def list_webhooks(
    api: ApiDep, caller: Reader, limit: Limit = 20, cursor: CursorText = ""
) -> Page[WebhookView]:
    """The account's webhooks, oldest first, without their secrets."""
    found = api.workspace.store.webhooks(caller.account, limit + 1, after=place_of(cursor, 2))
    shown = found[:limit]
    place = [shown[-1].created_at.isoformat(), shown[-1].id] if shown else []
    return page_of([_view(one) for one in found], limit, place)


@router.get(
    "/v1/webhooks/secret",
    summary="The secret that signs callbacks",
    operation_id="get_webhook_secret",
    responses=problems(*COMMON),
)
def get_webhook_secret(api: ApiDep, caller: Writer) -> SecretView:
    """The account's own secret, which signs what is sent to the `callback_url` of a run."""
    return _secret(own_of(api.workspace.store, caller.account))


@router.post(
    "/v1/webhooks/secret/rotate",
    summary="Replace the secret that signs callbacks",
    operation_id="rotate_webhook_secret",
    response_model=SecretView,
    responses=problems(*COMMON, "idempotency_key_reused", "idempotency_key_in_use"),
)
async def rotate_webhook_secret(
    request: Request, api: ApiDep, caller: Writer, idempotency_key: IdempotencyKey = None
) -> Response:
    """Makes a new secret; for 24 hours the one before signs too, so that receivers can change over."""

    def make(secret: str) -> Answered:
        store = api.workspace.store
        own = own_of(store, caller.account)
        rotated = store.rotate_webhook(caller.account, own.id, secret)
        return 200, _secret(rotated or own).model_dump_json()

    return await once(request, api, caller, idempotency_key, new_secret(), make)


@router.get(
    "/v1/webhooks/{webhook_id}",
    summary="Look at a webhook",
    operation_id="get_webhook",
    responses=problems(*COMMON, "not_found"),
)
def get_webhook(api: ApiDep, caller: Reader, webhook_id: WebhookId) -> WebhookView:
    """A webhook, without its secret."""
    return _view(_found(api.workspace.store.webhook(caller.account, webhook_id), webhook_id))


@router.post(
    "/v1/webhooks/{webhook_id}/rotate",
    summary="Replace the secret of a webhook",
    operation_id="rotate_webhook",
    response_model=WebhookMade,
    responses=problems(*COMMON, "not_found", "idempotency_key_reused", "idempotency_key_in_use"),
)
async def rotate_webhook(
    request: Request,
    api: ApiDep,
    caller: Writer,
    webhook_id: WebhookId,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Makes a new secret, shown this once; the one before signs too for 24 hours."""

    def make(secret: str) -> Answered:
        store = api.workspace.store
        _found(store.webhook(caller.account, webhook_id), webhook_id)
        rotated = _found(store.rotate_webhook(caller.account, webhook_id, secret), webhook_id)
        return 200, _made(rotated).model_dump_json()

    return await once(request, api, caller, idempotency_key, new_secret(), make)


@router.delete(
    "/v1/webhooks/{webhook_id}",
    status_code=204,
    summary="Delete a webhook",
    operation_id="delete_webhook",
    responses=problems(*COMMON, "not_found"),
)
def delete_webhook(api: ApiDep, caller: Writer, webhook_id: WebhookId) -> Response:
    """Ends it: messages that have not arrived are not sent any more."""
    if not api.workspace.store.drop_webhook(caller.account, webhook_id):
        _found(None, webhook_id)
    return Response(status_code=204)


@messages.post("run.ended", summary="A run has ended", operation_id="run_ended")
def run_ended(message: RunEndedMessage) -> None:
    """One message for each end of a run and receiver, signed as the Standard Webhooks specification says.

    Answer with any 2xx within 10 seconds. The same message may come again with the same `webhook-id`.
    """


def _found(webhook: Webhook | None, webhook_id: str) -> Webhook:
    if webhook is None:
        raise ApiError(
            "not_found", f"no webhook {webhook_id[:60]!r} is known to this key", param="path.webhook_id"
        )
    return webhook


def _view(webhook: Webhook) -> WebhookView:
    return WebhookView(**_shown(webhook))


def _made(webhook: Webhook) -> WebhookMade:
    return WebhookMade(**_shown(webhook), secret=webhook.secret)


def _shown(webhook: Webhook) -> dict[str, object]:
    return {name: getattr(webhook, name) for name in ("id", "url", "events", "created_at", "disabled_at")}


def _secret(own: Webhook) -> SecretView:
    return SecretView(secret=own.secret, rotated_at=own.rotated_at)
