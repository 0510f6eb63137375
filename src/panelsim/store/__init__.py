"""The store: what was said, under the key of the call, and the runs it was said in."""

from panelsim.model.progress import RunState
from panelsim.store.records import (
    ApiKey,
    BadRow,
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
)
from panelsim.store.store import Memory, Store

__all__ = [
    "ApiKey",
    "BadRow",
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
]
