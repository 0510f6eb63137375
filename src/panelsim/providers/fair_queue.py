"""A queue that is fair between runs: each in turn, and within a run in the order of arrival."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Waiters by run; adding and taking one costs the same however many wait."""

    def __init__(self) -> None:
        self._runs: deque[str] = deque()
        self._waiters: dict[str, deque[T]] = {}

    def add(self, run: str, waiter: T) -> None:
        """Puts `waiter` behind those of its run."""
        own = self._waiters.get(run)
        if own is None:
            self._waiters[run] = deque((waiter,))
            self._runs.append(run)
        else:
            own.append(waiter)

    def take(self) -> T | None:
        """The next one; None if nobody waits."""
        if not self._runs:
            return None
        run = self._runs.popleft()
        own = self._waiters[run]
        waiter = own.popleft()
        if own:
            self._runs.append(run)
        else:
            del self._waiters[run]
        return waiter
