"""The store: what was said, under the key of the call, and the runs it was said in."""

from panelsim.model.progress import RunState
from panelsim.store.records import (
    BadRow,
    Facts,
    Failure,
    Run,
    RunHead,
    Spender,
    Spending,
    Spent,
    StoredEvent,
    Swept,
)
from panelsim.store.store import Memory, Store

__all__ = [
    "BadRow",
    "Facts",
    "Failure",
    "Memory",
    "Run",
    "RunHead",
    "RunState",
    "Spender",
    "Spending",
    "Spent",
    "Store",
    "StoredEvent",
    "Swept",
]
