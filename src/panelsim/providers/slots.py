"""Who may use which of a server's slots: a lane stays in one, so that its prompt prefix stays cached."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

LINGER = 0.1
"""Seconds a slot waits for its lane's next call before another lane may have it."""


@dataclass(slots=True)
class _Slot:
    number: int
    lane: str = ""
    busy: bool = False
    free_at: float = float("-inf")
    """Event-loop time from which other lanes may have it; the least recently used slot has the lowest."""


class SlotPool:
    """Slots of one server. Calls of one lane go one after the other in one slot; lanes go side by side.

    A call with an empty lane takes any free slot and leaves no claim. Belongs to one event loop.
    """

    def __init__(self, n: int, linger: float = LINGER) -> None:
        self._slots = [_Slot(number) for number in range(n)]
        self._linger = linger
        self._waiting: dict[str, deque[asyncio.Future[_Slot]]] = {}
        self._unnamed = 0

    @asynccontextmanager
    async def slot(self, lane: str) -> AsyncIterator[int]:
        """The number of a slot that is the caller's until the block ends."""
        mine = await self._acquire(lane or self._fresh_lane())
        try:
            yield mine.number
        finally:
            self._release(mine, keep=bool(lane))

    def _fresh_lane(self) -> str:
        self._unnamed += 1
        return f"\0{self._unnamed}"

    async def _acquire(self, lane: str) -> _Slot:
        turn: asyncio.Future[_Slot] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(lane, deque()).append(turn)
        self._hand_out()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(turn.result(), keep=False)
            raise

    def _release(self, slot: _Slot, *, keep: bool) -> None:
        now = asyncio.get_running_loop().time()
        slot.busy = False
        slot.free_at = now + self._linger if keep else now
        if not keep:
            slot.lane = ""
        self._hand_out()

    def _hand_out(self) -> None:
        """Gives free slots to waiting calls, lanes in the order in which they came."""
        for lane in list(self._waiting):
            turns = self._waiting[lane]
            while turns and turns[0].done():
                turns.popleft()
            slot = self._slot_for(lane) if turns else None
            if slot is not None:
                slot.lane, slot.busy = lane, True
                turns.popleft().set_result(slot)
            if not turns:
                del self._waiting[lane]

    def _slot_for(self, lane: str) -> _Slot | None:
        own = next((slot for slot in self._slots if slot.lane == lane), None)
        if own is not None:
            return None if own.busy else own
        free = [slot for slot in self._slots if not slot.busy]
        if not free:
            return None
        loop = asyncio.get_running_loop()
        oldest = min(free, key=lambda slot: slot.free_at)
        if oldest.free_at <= loop.time():
            return oldest
        loop.call_at(oldest.free_at + 0.001, self._hand_out)
        return None
