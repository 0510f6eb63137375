"""Receivers of an account: made, given new secrets, dropped."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from panelsim.errors import InputError
from panelsim.service.webhooks.resolving import check_receiver
from panelsim.service.webhooks.signing import new_secret
from panelsim.store import Store, Webhook, WebhookEvent

MOST = 20
"""Webhooks of an account: each end of a run is sent to all of them."""


def new_webhook_id() -> str:
    """An id for a webhook."""
    return f"whk_{secrets.token_hex(8)}"


def add_receiver(
    store: Store,
    account: str,
    url: str,
    events: Sequence[WebhookEvent],
    *,
    webhook_id: str,
    allows_loopback: bool,
) -> Webhook:
    """The webhook of that id, new or as it was made before. Raises `InputError` for what cannot be."""
    checked = check_receiver(url, allows_loopback=allows_loopback)
    made = Webhook(
        id=webhook_id,
        account=account,
        url=str(checked),
        events=tuple(dict.fromkeys(events)),
        secret=new_secret(),
        created_at=datetime.now(UTC),
    )
    kept = store.add_webhook(made, MOST)
    if kept is None:
        raise InputError(f"the account has {MOST} webhooks, expected fewer; delete one first")
    return kept


def own_of(store: Store, account: str) -> Webhook:
    """The account's own secret, which signs the callbacks of its runs; made when it is first needed."""
    made = Webhook(
        id=new_webhook_id(),
        account=account,
        url="",
        events=("run.ended",),
        secret=new_secret(),
        created_at=datetime.now(UTC),
    )
    return store.own_webhook(made)
