"""The driving of one run: its parts queued a few at a time, and what they came to."""

import asyncio
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from itertools import islice
from typing import Annotated, Literal, Protocol

from pydantic import Field

from panelsim.execution.durable_system import OPEN, PARKED, PARTS, Attempt, PartRow, Shape, System, patiently
from panelsim.execution.part import Part, PartResult, parts_of
from panelsim.model.base import Frozen
from panelsim.model.progress import Wish

PARTS_AHEAD = 256
"""Parts of a run that are queued or under way: enough for 32 workers, few enough to be dropped at once."""
LOOKED_S = 0.4
"""How often the parts and the wishes of a run are looked up."""
HOPELESS = 200
"""Sessions that fail without one that does not, before a run is given up."""
PARKED_AFTER_S = 5.0
"""How long a paused run may keep its places in the workers; its calls have come in by then."""
LET_GO_S = 3.0
"""How long parked parts stay parked at least: who had them looks once a second whether it still has."""


class Ending(Frozen):
    """What the parts of a run came to, in sessions."""

    done: Annotated[int, Field(ge=0)] = 0
    failed: Annotated[int, Field(ge=0)] = 0
    """Sessions whose model could not be asked."""
    stopped: Literal["", "cancel", "budget", "error"] = ""
    """Why sessions were left unasked; empty if none was."""
    reason: str = ""
    """In a sentence: of the stop, else of the first failure."""


class Duties(Protocol):
    """What a worker does for a run. Each may raise `StoreError`, and is then repeated."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """The run is driven by this process: nobody else may, and its state says so."""
        ...

    def wish(self, run_id: str) -> Wish:
        """What somebody wants of the run."""
        ...

    async def perform(self, run_id: str, part: Part, cap_usd: float) -> PartResult:
        """Drives the sessions of a part, known answers from the store; obeys wishes by itself.

        The run as a whole never spends more than `cap_usd`.
        """
        ...

    def finish(self, run_id: str, ending: Ending) -> None:
        """Writes the run's end state."""
        ...


class Panel:
    """Drives one attempt of a run. Everything it knows is in the database, so another process can go on."""

    def __init__(
        self, attempt: Attempt, shape: Shape, system: System, duties: Duties, stirred: asyncio.Event
    ) -> None:
        self._attempt = attempt
        self._shape = shape
        self._system = system
        self._duties = duties
        self._stirred = stirred
        self._open: set[str] = set()
        self._ending = Ending()
        self._paused_since: float | None = None
        self._parked_at = -math.inf

    async def drive(self) -> Ending:
        """Queues all parts and waits for them; returns what they came to."""
        left = await self._catch_up()
        is_all_sent = False
        while True:
            wish = await patiently(lambda: self._duties.wish(self._attempt.run_id))
            if wish == "cancel" and not self._ending.stopped:
                self._ending = self._ending.model_copy(update={"stopped": "cancel"})
            rows = await patiently(lambda: self._system.open_parts(self._attempt))
            await self._collect({row.id for row in rows})
            self._ending = _given_up(self._ending)
            if self._ending.stopped:
                await self._act(self._system.drop, [row.id for row in rows if row.status != "PENDING"])
            elif wish == "pause":
                await self._park(rows)
            elif not is_all_sent:
                is_all_sent = await self._send(left)
            if wish == "run":
                await self._unpark(rows)
            if not self._open and (is_all_sent or self._ending.stopped):
                return self._ending
            await self._stir()

    async def _catch_up(self) -> "islice[Part]":
        """What another process has queued counts; returns the parts that are not queued yet."""
        rows = await patiently(lambda: self._system.all_parts(self._attempt))
        self._open = {row.id for row in rows}
        shape = self._shape
        parts = parts_of(shape.respondents, shape.calls_per_respondent, shape.calls_per_part)
        return islice(parts, len(rows), None)

    async def _collect(self, still_open: set[str]) -> None:
        """Counts the parts that have ended in."""
        gone = sorted(self._open - still_open)
        if not gone:
            return
        for row in await patiently(lambda: self._system.parts(gone)):
            if row.status not in OPEN:
                self._ending = _plus(self._ending, row)
                self._open.discard(row.id)

    async def _send(self, left: "islice[Part]") -> bool:
        """Queues parts until there are enough; whether they were the last ones."""
        room = PARTS_AHEAD - len(self._open)
        if room < PARTS_AHEAD // 2:
            return False
        batch = list(islice(left, room))
        # one transaction each: workers begin on the first while the last are still being queued
        await patiently(lambda: self._system.enqueue_parts(self._attempt, batch, self._shape.cap_usd))
        self._open |= {f"{self._attempt.prefix}{part.index}" for part in batch}
        return len(batch) < room

    async def _park(self, rows: list[PartRow]) -> None:
        """Takes the parts of a run that stays paused out of the workers' hands."""
        now = asyncio.get_running_loop().time()
        if self._paused_since is None:
            self._paused_since = now
        keys = [row.id for row in rows if row.queue != PARKED]
        if keys and now - self._paused_since >= PARKED_AFTER_S:
            await self._act(lambda keys: self._system.move(keys, PARKED), keys)
            self._parked_at = now

    async def _unpark(self, rows: list[PartRow]) -> None:
        """Gives parked parts back to the workers, once nobody can be at them any more."""
        self._paused_since = None
        if asyncio.get_running_loop().time() - self._parked_at < LET_GO_S:
            return
        await self._act(
            lambda keys: self._system.move(keys, PARTS), [row.id for row in rows if row.queue == PARKED]
        )

    async def _act(self, act: Callable[[list[str]], None], keys: list[str]) -> None:
        if keys:
            await patiently(lambda: act(keys))

    async def _stir(self) -> None:
        """Waits a moment, or until a part of this process has ended."""
        self._stirred.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOKED_S):
                await self._stirred.wait()


def _given_up(ending: Ending) -> Ending:
    """A run of which many sessions failed and none was done stops: its model cannot be asked."""
    if ending.done or ending.stopped or ending.failed < HOPELESS:
        return ending
    return ending.model_copy(update={"stopped": "error"})


def _plus(ending: Ending, row: PartRow) -> Ending:
    """The ending with one more part in it; an error outranks a stop, and the first of either is told."""
    if row.status == "CANCELLED":
        return ending
    if row.status != "SUCCESS" or row.output is None or "error" in row.output:
        told = row.error if row.output is None else str(row.output.get("error", ""))
        reason = (
            ending.reason if ending.stopped == "error" else told or f"part {row.id} ended as {row.status}"
        )
        return ending.model_copy(update={"stopped": "error", "reason": reason})
    part = PartResult.model_validate(row.output)
    is_first_stop = bool(part.stopped) and not ending.stopped
    return Ending(
        done=ending.done + part.done,
        failed=ending.failed + part.failed,
        stopped=part.stopped if is_first_stop else ending.stopped,
        reason=part.reason if is_first_stop else ending.reason or part.reason,
    )
