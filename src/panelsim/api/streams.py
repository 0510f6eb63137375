"""Streams of events: who reads a run's events from where, however slowly.

A stream first reads what is past from the store and then what the poller of its run offers. What is offered
waits in a short queue; if the reader is too slow for that, the queue is dropped and the stream reads from the
store again. So no stored event is lost, memory is bounded, and only progress that no event holds is skipped.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime

import anyio
from anyio.to_thread import run_sync

from panelsim.api.context import Api
from panelsim.api.events import Chunk, chunk_of
from panelsim.api.problems import ApiError
from panelsim.api.watching import Watch
from panelsim.errors import PanelsimError
from panelsim.model.progress import RunState, StateChanged
from panelsim.store import RunHead, StoredEvent

THREADS = 4
"""Of the store, for all streams: requests must not wait for them."""
MOST_QUEUED = 64
PAGE = 500
LONGEST_S = 3600.0
"""After so long a stream ends and is resumed, so that a revoked key does not listen for ever."""
MOST_OPEN = 1000
"""Streams of an account on this server."""


class Listener:
    """One stream's place in the events of its run."""

    def __init__(self, after: int) -> None:
        self.seq = after
        self.state: RunState | None = None
        """The last one that was told."""
        self.is_behind = True
        """Whether it must read from the store."""
        self.queue: deque[Chunk] = deque()
        self.woken = asyncio.Event()

    @property
    def has_more(self) -> bool:
        """Whether there is something to tell."""
        return self.is_behind or bool(self.queue)

    def offer(self, chunk: Chunk) -> None:
        """Queues a message, or falls behind."""
        if self.is_behind:
            return
        if chunk.is_derived_progress and self.queue and self.queue[-1].is_derived_progress:
            self.queue.pop()
        if len(self.queue) >= MOST_QUEUED:
            self.queue.clear()
            self.is_behind = True
        else:
            self.queue.append(chunk)
        self.wake()

    def wake(self) -> None:
        """Lets the stream look."""
        self.woken.set()

    def takes(self, chunk: Chunk) -> bool:
        """Whether a message is new to this stream; it counts as told then."""
        if chunk.seq is not None:
            if chunk.seq <= self.seq:
                return False
            self.seq = chunk.seq
        if chunk.state is not None:
            self.state = chunk.state
        return True


class Streams:
    """The streams of a server, and the pollers behind them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._watches: dict[str, tuple[Watch, asyncio.Task[None]]] = {}
        self._open: Counter[str] = Counter()
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def watched(self) -> int:
        """How many runs are watched at this moment."""
        return len(self._watches)

    def stop(self) -> None:
        """Ends all streams after what they have to tell: their readers come again with the id they have."""
        self._api.stopping.set()
        for watch, _ in self._watches.values():
            for listener in watch.listeners:
                listener.wake()

    def check_room(self, account: str) -> None:
        """Raises 429 if an account has very many streams open here."""
        if self._open[account] >= MOST_OPEN:
            raise ApiError("rate_limited", f"{MOST_OPEN:,} streams of this account are open; close some")

    async def stream(self, head: RunHead, after: int) -> AsyncGenerator[bytes, None]:
        """The messages of a run after that number, those to come too; ends after `run.ended`."""
        listener = Listener(after)
        watch = self._join(head, listener)
        until = asyncio.get_running_loop().time() + LONGEST_S
        try:
            async with asyncio.timeout_at(until):
                await watch.ready.wait()
            while True:
                async for text in self._news(watch, listener):
                    yield text
                if listener.has_more:
                    continue
                if watch.ended is not None:
                    yield watch.ended
                    return
                if watch.is_over or self._api.stopping.is_set():
                    return
                async with asyncio.timeout_at(until):
                    await listener.woken.wait()
        except (TimeoutError, PanelsimError):
            return  # the reader comes again with the id it has
        finally:
            self._leave(watch, listener, head)

    async def _news(self, watch: Watch, listener: Listener) -> AsyncIterator[bytes]:
        """What there is to tell by now."""
        listener.woken.clear()
        was_behind = False
        while listener.has_more:
            if listener.is_behind:
                was_behind = True
                listener.is_behind = False  # what is offered from here on is queued
                async for text in self._past(watch.run_id, listener):
                    yield text
            while listener.queue:
                chunk = listener.queue.popleft()
                if listener.takes(chunk):
                    yield chunk.text
        # what no event holds is known to the watch; a stream that has read beyond it will be offered news
        if was_behind and watch.seq >= listener.seq and watch.state != listener.state:
            now = StoredEvent(watch.seq, datetime.now(UTC), StateChanged(state=watch.state))
            listener.state = watch.state
            yield chunk_of(watch.run_id, now, is_numbered=False).text
        if was_behind and watch.progress is not None and watch.ended is None:
            yield watch.progress.text

    async def _past(self, run_id: str, listener: Listener) -> AsyncIterator[bytes]:
        """What the store has."""
        store = self._api.workspace.store
        while page := await run_sync(store.events, run_id, listener.seq, PAGE, limiter=self._threads):
            for stored in page:
                chunk = chunk_of(run_id, stored)
                if listener.takes(chunk):
                    yield chunk.text

    @property
    def _threads(self) -> anyio.CapacityLimiter:
        if self._limiter is None:  # there is no loop to belong to before
            self._limiter = anyio.CapacityLimiter(THREADS)
        return self._limiter

    def _join(self, head: RunHead, listener: Listener) -> Watch:
        self._open[head.account] += 1
        found = self._watches.get(head.id)
        if found is None or found[0].is_over or found[0].ended is not None:
            watch = Watch(self._api, head)
            found = watch, asyncio.create_task(watch.poll(self._threads, lambda: len(self._watches)))
            self._watches[head.id] = found
        found[0].listeners.add(listener)
        return found[0]

    def _leave(self, watch: Watch, listener: Listener, head: RunHead) -> None:
        self._open[head.account] -= 1
        if not self._open[head.account]:
            del self._open[head.account]
        watch.listeners.discard(listener)
        if watch.listeners:
            return
        found = self._watches.get(head.id)
        if found is not None and found[0] is watch:
            del self._watches[head.id]
            found[1].cancel()
