"""Completions read from the store, by key: one, many, or all that one turn of an event loop asks for."""

import asyncio
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeAlias

from pydantic import ValidationError
from sqlalchemy import PoolProxiedConnection, func, select
from sqlalchemy.exc import DBAPIError

from panelsim.errors import StoreError
from panelsim.model.call import Call, Completion
from panelsim.store.coding import CALLS, CODER, Damaged, Key, digest_of, read_key
from panelsim.store.database import Database
from panelsim.store.tables import blocks, completions
from panelsim.store.writer import PATIENCE_S, RETRY_S

KEYS_PER_QUERY = 1000
KEPT_READ = 1024
"""Completions that are kept once read: a stored one never changes, and the anchors of a scale are read for
every answer."""
QUERIES_AT_ONCE = 2

_COLUMNS = "c.head, c.tail, c.form, c.digest, c.said, b.run_id"
FIND_IN_FILE = (
    f"SELECT {_COLUMNS} FROM json_each(?) AS wanted CROSS JOIN completions c ON c.head = wanted.value "  # noqa: S608
    "LEFT JOIN blocks b ON b.id = c.block"
)
FIND_ON_SERVER = (
    f"SELECT {_COLUMNS} FROM completions c LEFT JOIN blocks b ON b.id = c.block WHERE c.head = ANY(%s)"  # noqa: S608
)
"""Written out: a warm run asks them thousands of times, and building a statement took most of the time."""

_Row: TypeAlias = tuple[int, bytes, int, bytes, bytes, str | None]


class Found(NamedTuple):
    """A completion, and the run that had it made (empty if no run did)."""

    completion: Completion
    maker: str


Waiting: TypeAlias = list[tuple[str, "asyncio.Future[Found | None]"]]


class Reader:
    """Reads completions from any thread and any event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns: dict[asyncio.AbstractEventLoop, Waiting] = {}
        self._recent = _Recent()
        self._lock = threading.Lock()
        self._file: PoolProxiedConnection | None = None
        self._threads: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """Lets the connection and the threads go."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def get(self, key: str) -> Found | None:
        """What is stored under `key`."""
        known = self._recent.get(key)
        if known is None:
            known = self.get_many((key,)).get(key)
            if known is not None:
                self._recent.keep(key, known)
        return known

    def get_many(self, keys: Iterable[str]) -> dict[str, Found]:
        """What is stored under `keys`; those that are not there are left out."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Found] = {}
        for start in range(0, len(wanted), KEYS_PER_QUERY):
            found |= self._query(wanted[start : start + KEYS_PER_QUERY])
        return found

    async def find(self, key: str) -> Found | None:
        """What is stored under `key`; all that one turn of the loop looks for becomes one query."""
        known = self._recent.get(key)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        waiting = self._turns.get(loop)
        if waiting is None:
            waiting = self._turns[loop] = []
            loop.call_soon(self._look_up, loop)
        future: asyncio.Future[Found | None] = loop.create_future()
        waiting.append((key, future))
        return await future

    def _look_up(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = self._turns.pop(loop)
        if not self._database.is_shared:
            self._settle(waiting, *self._tried(waiting))
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(QUERIES_AT_ONCE, "panelsim-find")
        query = loop.run_in_executor(self._threads, self._tried, waiting)
        query.add_done_callback(lambda done: self._settle(waiting, *done.result()))

    def _tried(self, waiting: Waiting) -> tuple[dict[str, Found], Exception | None]:
        try:
            return self.get_many(key for key, _ in waiting), None
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of any failure
            return {}, error

    def _settle(self, waiting: Waiting, found: dict[str, Found], error: Exception | None) -> None:
        for key, future in waiting:
            if future.done():
                continue
            if error is not None:
                future.set_exception(error)
                continue
            one = found.get(key)
            if one is not None:
                self._recent.keep(key, one)
            future.set_result(one)

    def _query(self, texts: Sequence[str]) -> dict[str, Found]:
        by_head = {key.head: (text, key) for text in texts if (key := read_key(text)) is not None}
        found: dict[str, Found] = {}
        for head, tail, form, digest, said, maker in self._rows(list(by_head)):
            text, key = by_head[head]
            if tail != key.tail or form != key.form:
                continue
            found[text] = Found(self._unpacked(key, bytes(said), bytes(digest)), maker or "")
        return found

    def _unpacked(self, key: Key, said: bytes, digest: bytes) -> Completion:
        try:
            if digest_of(key, said) == digest:
                return CODER.unpack(said)
        except Damaged:
            pass
        raise StoreError(
            f"the completion {key} in the store {self._database.place} is damaged; "
            "`panelsim store verify` names all that are, `panelsim store verify --drop` removes them"
        )

    def _rows(self, heads: list[int]) -> Sequence[_Row]:
        if not heads:
            return ()
        if self._database.is_shared:
            return self._rows_on_server(heads)
        with self._lock, self._database.sentences():
            if self._file is None:
                self._file = self._database.engine.raw_connection()
            cursor = self._file.cursor()
            try:
                cursor.execute(FIND_IN_FILE, ("[" + ",".join(map(str, heads)) + "]",))
                return cursor.fetchall()
            finally:
                cursor.close()

    def _rows_on_server(self, heads: list[int]) -> Sequence[_Row]:
        deadline = time.monotonic() + PATIENCE_S
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        while True:
            try:
                with engine.connect() as connection:
                    return [tuple(row) for row in connection.exec_driver_sql(FIND_ON_SERVER, (heads,))]
            except DBAPIError as error:
                if not self._database.is_away(error) or time.monotonic() > deadline:
                    raise StoreError(self._database.sentence(error)) from error
                time.sleep(RETRY_S)

    def call_of(self, text: str) -> Call | None:
        """The call that is stored under a key, or None."""
        key = read_key(text)
        if key is None:
            return None
        query = (
            select(completions.c.place, blocks.c.calls)
            .join(blocks, blocks.c.id == completions.c.block)
            .where(completions.c.head == key.head, completions.c.tail == key.tail)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        try:
            return CALLS.validate_json(CODER.calls(row.calls)[row.place])
        except (Damaged, IndexError, ValidationError) as error:
            raise StoreError(
                f"the call {text} in the store {self._database.place} is damaged: {error}"
            ) from error

    def count(self) -> int:
        """How many completions are stored."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(completions)).scalar_one()


class _Recent:
    """The completions read last, between one and two times `KEPT_READ` of them."""

    def __init__(self) -> None:
        self._newer: dict[str, Found] = {}
        self._older: dict[str, Found] = {}

    def get(self, key: str) -> Found | None:
        known = self._newer.get(key)
        if known is None and (known := self._older.get(key)) is not None:
            self.keep(key, known)
        return known

    def keep(self, key: str, found: Found) -> None:
        if len(self._newer) >= KEPT_READ:
            self._older, self._newer = self._newer, {}
        self._newer[key] = found
