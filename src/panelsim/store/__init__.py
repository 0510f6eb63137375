"""The store: what was said, under the key of the call, and the runs it was said in."""

from panelsim.model.progress import RunState
from panelsim.store.records import (
    ApiKey,
    Attempt,
    BadRow,
    Delivery,
    DeliveryState,
    Facts,
    Failure,
    Run,
    RunHead,
    RunRequest,
    Scope,
    Spender,
    Spending,
    Spent,
    StoredEvent,
    Swept,
    Webhook,
    WebhookEvent,
)
from panelsim.store.store import Memory, Store

__all__ = [
    "ApiKey",
    "Attempt",
    "BadRow",
    "Delivery",
    "DeliveryState",
    "Facts",
    "Failure",
    "Memory",
    "Run",
    "RunHead",
    "RunRequest",
    "RunState",
    "Scope",
    "Spender",
    "Spending",
    "Spent",
    "Store",
    "StoredEvent",
    "Swept",
    "Webhook",
    "WebhookEvent",
]
