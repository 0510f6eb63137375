"""Who may use which of a server's slots: the one whose cache has most in common with the next prompt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

LINGER = 0.1
"""Seconds a slot waits for its lane's next call before another lane may have it."""
WORTH = 200
"""Characters that two prompts must have in common before a slot is preferred for them."""


@dataclass(slots=True)
class _Slot:
    number: int
    lane: str = ""
    prompt: str = ""
    """What the slot holds in its cache."""
    busy: bool = False
    free_at: float = float("-inf")
    """Event-loop time from which other lanes may have it; the least recently used slot has the lowest."""

    def in_common(self, prompt: str) -> int:
        """Characters of `prompt` that are cached here, 0 if they are too few to matter."""
        pairs = enumerate(zip(self.prompt, prompt, strict=False))
        shorter = min(len(self.prompt), len(prompt))
        common = next((place for place, (ours, theirs) in pairs if ours != theirs), shorter)
        return common if common >= WORTH else 0


class _Turn(NamedTuple):
    lane: str
    prompt: str
    given: asyncio.Future[_Slot]


class SlotPool:
    """Slots of one server. Calls of one lane go one after the other, lanes go side by side.

    Questions of several kinds open with different examples, so a lane works in several slots, one for each
    opening; when the lane is done, the next lane finds the openings there. A call with an empty lane leaves
    no claim. Belongs to one event loop.
    """

    def __init__(self, n: int, linger: float = LINGER) -> None:
        self._slots = [_Slot(number) for number in range(n)]
        self._linger = linger
        self._waiting: list[_Turn] = []
        self._unnamed = 0

    @asynccontextmanager
    async def slot(self, lane: str, prompt: str = "") -> AsyncIterator[int]:
        """The number of a slot that is the caller's until the block ends."""
        mine = await self._acquire(lane or self._fresh_lane(), prompt)
        try:
            yield mine.number
        finally:
            self._release(mine, keep=bool(lane))

    def _fresh_lane(self) -> str:
        self._unnamed += 1
        return f"\0{self._unnamed}"

    async def _acquire(self, lane: str, prompt: str) -> _Slot:
        given: asyncio.Future[_Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Turn(lane, prompt, given))
        self._hand_out()
        try:
            return await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():
                self._release(given.result(), keep=False)
            raise

    def _release(self, slot: _Slot, *, keep: bool) -> None:
        now = asyncio.get_running_loop().time()
        slot.busy = False
        for one in self._slots:
            if one.lane == slot.lane and not one.busy:
                one.free_at = now + self._linger if keep else now
        if not keep:
            slot.lane = ""
        self._hand_out()

    def _hand_out(self) -> None:
        """Gives free slots to waiting calls, in the order in which they came."""
        left: list[_Turn] = []
        for turn in self._waiting:
            if turn.given.done():
                continue
            slot = self._slot_for(turn)
            if slot is None:
                left.append(turn)
                continue
            slot.lane, slot.prompt, slot.busy = turn.lane, turn.prompt, True
            turn.given.set_result(slot)
        self._waiting = left

    def _slot_for(self, turn: _Turn) -> _Slot | None:
        """The free slot with most in common; among equals the one used longest ago. None to wait."""
        if any(slot.busy and slot.lane == turn.lane for slot in self._slots):
            return None
        free = [slot for slot in self._slots if not slot.busy]
        loop = asyncio.get_running_loop()
        open_to_all = [slot for slot in free if slot.free_at <= loop.time() or slot.lane == turn.lane]
        if open_to_all:
            return max(open_to_all, key=lambda slot: (slot.in_common(turn.prompt), -slot.free_at))
        if free:
            loop.call_at(min(slot.free_at for slot in free) + 0.001, self._hand_out)
        return None
