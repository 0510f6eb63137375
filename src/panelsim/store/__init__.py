"""The store: what was said, under the key of the call, and the runs it was said in."""

from panelsim.store.records import BadRow, Failure, Run, RunState
from panelsim.store.store import Store

__all__ = ["BadRow", "Failure", "Run", "RunState", "Store"]
