"""The one writer of completions: a thread that commits whatever has gathered since its last commit."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeAlias

from sqlalchemy.exc import DBAPIError, IntegrityError

from panelsim.errors import StoreError
from panelsim.store.batch import Batch
from panelsim.store.database import Database
from panelsim.store.items import Item

LARGEST_COMMIT = 1000
"""Rows."""
GATHER_S = (0.003, 0.007, 0.015)
"""How long a commit waits for more rows while they keep coming: fewer commits write fewer bytes. It waits no
longer once a wait has brought nothing."""
PATIENCE_S = 15.0
"""How long a commit is tried again while the server is away."""
RETRY_S = 0.25
COLLISIONS = 3
"""How often other block numbers are drawn."""


class Waiting(NamedTuple):
    """An item, and who waits for its commit."""

    item: Item
    loop: asyncio.AbstractEventLoop
    committed: "asyncio.Future[None]"


Committed: TypeAlias = Callable[[int, int, float], None]
"""Completions, bytes and seconds of one commit."""


def untold(_rows: int, _bytes: int, _seconds: float) -> None:
    """Tells nobody of a commit."""


class Writer:
    """Accepts items from any event loop; an item is acknowledged once its commit is done."""

    def __init__(self, database: Database, committed: Committed) -> None:
        """`committed` is told of each commit, from the writer's thread."""
        self._database = database
        self._committed = committed
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="panelsim-store", daemon=True)
        self._thread.start()

    async def put(self, item: Item) -> None:
        """Returns when `item` is committed. A completion whose key is there already is left as it is."""
        loop = asyncio.get_running_loop()
        committed = loop.create_future()
        self._queue.put(Waiting(item, loop, committed))
        await committed

    def close(self) -> None:
        """Commits what is queued and ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        for waiting in self._batches():
            try:
                outcomes = self._commit(waiting)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of any failure
                told = StoreError(f"the store {self._database.place} could not be written: {error}")
                outcomes = [told] * len(waiting)
            _acknowledge(waiting, outcomes)

    def _batches(self) -> Iterator[list[Waiting]]:
        last = 0
        while (first := self._queue.get()) is not None:
            batch = [first]
            # a lone caller is not kept waiting: only where several put at the same time do more come
            is_open = self._drain(batch)
            for wait in GATHER_S if last > 1 else ():
                before = len(batch)
                if not is_open or before >= LARGEST_COMMIT:
                    break
                time.sleep(wait)
                is_open = self._drain(batch)
                if len(batch) == before:
                    break
            last = len(batch)
            yield batch
            if not is_open:
                return

    def _drain(self, batch: list[Waiting]) -> bool:
        """Takes what is queued; False if the end was."""
        while len(batch) < LARGEST_COMMIT:
            try:
                following = self._queue.get_nowait()
            except Empty:
                return True
            if following is None:
                return False
            batch.append(following)
        return True

    def _commit(self, waiting: Sequence[Waiting]) -> list[StoreError | None]:
        batch = Batch(self._database.place)
        outcomes = [batch.add(one.item) for one in waiting]
        began = time.perf_counter()
        error = write_patiently(batch, self._database)
        if error is None:
            self._committed(*batch.size, time.perf_counter() - began)
        return [outcome or error for outcome in outcomes]


def write_patiently(batch: Batch, database: Database) -> StoreError | None:
    """Commits a batch, again and again for a while if the server is away; returns why it could not."""
    deadline = time.monotonic() + PATIENCE_S
    again = False
    for collisions in count():
        try:
            with database.engine.begin() as connection:
                batch.write(connection, database, again=again)
        except IntegrityError as error:
            if collisions == COLLISIONS:
                return StoreError(database.sentence(error))
            batch.renumber()  # another process drew the same block number in the same millisecond
        except DBAPIError as error:
            if not database.is_away(error) or time.monotonic() > deadline:
                return StoreError(database.sentence(error))
            again = True
            time.sleep(RETRY_S)
        else:
            break
    return None


def _acknowledge(waiting: Sequence[Waiting], outcomes: Sequence[StoreError | None]) -> None:
    """One call into each loop for all that wait there: waking a loop costs more than all the rest."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[None], StoreError | None]]] = {}
    for one, outcome in zip(waiting, outcomes, strict=True):
        by_loop.setdefault(one.loop, []).append((one.committed, outcome))
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[tuple["asyncio.Future[None]", StoreError | None]]) -> None:
    for committed, outcome in settled:
        if committed.done():
            continue
        if outcome is None:
            committed.set_result(None)
        else:
            committed.set_exception(outcome)
