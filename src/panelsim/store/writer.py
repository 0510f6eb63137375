"""The one writer of completions: a thread that commits whatever has gathered since its last commit."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite import insert

from panelsim.errors import StoreError
from panelsim.store.sqlite import sentences
from panelsim.store.tables import completions

LARGEST_COMMIT = 1000
"""Rows."""


class Row(NamedTuple):
    """A completion as it is stored."""

    key: str
    call: str
    completion: str
    digest: str
    created_at: str


class _Waiting(NamedTuple):
    row: Row
    acknowledge: Callable[[StoreError | None], None]


class Writer:
    """Accepts rows from any event loop; a row is acknowledged once its commit is done."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="panelsim-store", daemon=True)
        self._thread.start()

    async def put(self, row: Row) -> None:
        """Returns when `row` is committed. A row whose key is there already is left as it is."""
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()

        def settle(error: StoreError | None) -> None:
            if committed.done():
                return
            if error is None:
                committed.set_result(None)
            else:
                committed.set_exception(error)

        def acknowledge(error: StoreError | None) -> None:
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(settle, error)

        self._queue.put(_Waiting(row, acknowledge))
        await committed

    def close(self) -> None:
        """Commits what is queued and ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        for batch in self._batches():
            error = self._commit([waiting.row for waiting in batch])
            for waiting in batch:
                waiting.acknowledge(error)

    def _batches(self) -> Iterator[list[_Waiting]]:
        while (first := self._queue.get()) is not None:
            batch = [first]
            closing = False
            while len(batch) < LARGEST_COMMIT and not closing:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    closing = True
                else:
                    batch.append(following)
            yield batch
            if closing:
                return

    def _commit(self, rows: list[Row]) -> StoreError | None:
        try:
            with sentences(self._place), self._engine.begin() as connection:
                connection.execute(
                    insert(completions).on_conflict_do_nothing(index_elements=["key"]),
                    [row._asdict() for row in rows],
                )
        except StoreError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whoever waits for the commit must hear of any failure
            return StoreError(f"the store {self._place} could not be written: {error}")
        return None
