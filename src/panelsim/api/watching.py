"""Watching a run for all who read its events: one poller, which looks in a thread and offers what is new."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import anyio
from anyio.to_thread import run_sync

from panelsim.api.context import Api
from panelsim.api.events import Chunk, chunk_of, ended_text
from panelsim.api.views import view_of
from panelsim.errors import InputError, StoreError
from panelsim.model.progress import ENDED, RunState, StateChanged
from panelsim.service.follow import Follower
from panelsim.store import RunHead, StoredEvent

BEAT_S, SLOW_BEAT_S, SLOWEST_BEAT_S = 0.3, 2.0, 5.0
"""Between two looks: where something happens, where nothing does, where very many runs are watched."""
SLOWER = 1.3
LOOKS_SHARE = 10
"""All looks of this process together take no more than this part of one core's time."""
AWAY_S = 2.0
TAIL = 1000
"""Events before the present that a poller begins with, to know the state and what is planned."""
SILENT_S = 2.0
"""After so long without news the run's own row is looked at too."""


class Listens(Protocol):
    """Whoever is offered what a poller finds."""

    def offer(self, chunk: Chunk) -> None:
        """Takes a message; must not wait."""

    def wake(self) -> None:
        """Says that the watch has something else to tell."""


class _Look(NamedTuple):
    seq: int
    chunks: tuple[Chunk, ...]
    ended: bytes | None
    took_s: float


class Watch:
    """The poller of one run."""

    def __init__(self, api: Api, head: RunHead) -> None:
        self.run_id = head.id
        self.listeners: set[Listens] = set()
        self.seq = 0
        """Of the newest event that was found."""
        self.state: RunState = head.state
        """As it was last told: `paused` too, which no event holds."""
        self.progress: Chunk | None = None
        """The last progress that no event holds."""
        self.ended: bytes | None = None
        """The last message, once the run has ended."""
        self.is_over = False
        self.ready = asyncio.Event()
        """Set after the first look: whatever comes later is offered to whoever listens."""
        self._api = api
        self._head = head
        self._follower: Follower | None = None
        self._heard_at = time.monotonic()

    async def poll(self, limiter: anyio.CapacityLimiter, crowd: Callable[[], int]) -> None:
        """Looks until the run has ended; `crowd` says how many runs are watched."""
        pause = BEAT_S
        try:
            while True:
                try:
                    look = await run_sync(self._look, limiter=limiter)
                except StoreError:
                    await asyncio.sleep(AWAY_S)
                    continue
                self._tell(look)
                if look.ended is not None:
                    break
                pause = BEAT_S if look.chunks else min(SLOW_BEAT_S, pause * SLOWER)
                await asyncio.sleep(max(pause, min(SLOWEST_BEAT_S, LOOKS_SHARE * look.took_s * crowd())))
        except InputError:
            pass  # the run was deleted meanwhile
        finally:
            self.is_over = True
            self.ready.set()
            for one in self.listeners:
                one.wake()

    def _tell(self, look: _Look) -> None:
        is_first = not self.ready.is_set()
        self.seq = look.seq
        for chunk in look.chunks:
            if chunk.state is not None:
                self.state = chunk.state
            elif chunk.is_derived_progress:
                self.progress = chunk
            if not is_first:  # who listens reads what is past from the store
                for one in self.listeners:
                    one.offer(chunk)
        self.ended = look.ended
        self.ready.set()

    def _look(self) -> _Look:
        """In a thread: the queries of one beat."""
        began = time.monotonic()
        store, run_id = self._api.workspace.store, self.run_id
        if self._follower is None:
            self._follower = Follower(self._head, store, max(0, store.last_event(run_id) - TAIL))
        follower = self._follower
        last = follower.seq
        chunks: list[Chunk] = []
        for one in follower.look():
            chunks.append(chunk_of(run_id, one, is_numbered=one.seq > last))
            last = one.seq
        ended: bytes | None = None
        if chunks:
            self._heard_at = began
        if follower.has_ended:
            ended = self._last_words(follower.seq)
        elif began - self._heard_at > SILENT_S:
            self._heard_at = began
            state = store.head(run_id).state
            if state in ENDED:  # whoever ended it died before it said so
                said = StoredEvent(follower.seq, datetime.now(UTC), StateChanged(state=state))
                chunks.append(chunk_of(run_id, said, is_numbered=False))
                ended = self._last_words(follower.seq)
        return _Look(follower.seq, tuple(chunks), ended, time.monotonic() - began)

    def _last_words(self, seq: int) -> bytes | None:
        store = self._api.workspace.store
        head = store.head(self.run_id)
        if head.state not in ENDED:  # it is driven once more
            return None
        view = view_of(self._api, head, store.request_of(head.id))
        return ended_text(view, head.finished_at or head.created_at, seq)
