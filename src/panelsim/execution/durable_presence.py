"""Presence: a worker is alive as long as it holds a lock in Postgres; the dead are found by theirs."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from sqlalchemy import make_url

from panelsim.errors import StoreError
from panelsim.execution.durable_system import LOCKS, PartRow, System

if TYPE_CHECKING:
    import psycopg

    Cursor: TypeAlias = psycopg.Cursor[tuple[object, ...]]

Gone: TypeAlias = Callable[[str, int], None]
"""Told, in a thread, of an executor that ended and of how many parts and runs it left."""

LOOKED_S = 1.0
"""How often the dead are looked for."""
MISSED_S = 1.5
"""How long a lock must be free until its executor counts as dead: time to come back after the database."""
KEEPALIVE = "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""Lets the server notice within 10 s that a machine is gone; a killed process is noticed at once."""
LIVE = (
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Presence(threading.Thread):
    """Holds this executor's lock and puts the work of dead executors back in their queues."""

    def __init__(
        self, url: str, executor: str, system: System, gone: Gone, told: Callable[[str], None]
    ) -> None:
        super().__init__(name="panelsim-presence", daemon=True)
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._executor = executor
        self._system = system
        self._gone = gone
        self._told = told
        self._over = threading.Event()
        self._here = threading.Event()
        self._missed: dict[str, float] = {}

    def arrive(self, seconds: float = 10.0) -> None:
        """Returns once the lock is held. Raises `StoreError` if that takes longer."""
        self.start()
        if not self._here.wait(seconds):
            self.leave()
            raise StoreError(f"the database at {self._system.place} cannot be reached by a worker")

    def leave(self) -> None:
        """Frees the lock."""
        self._over.set()
        self.join(timeout=10)

    def run(self) -> None:
        """Stays as long as the process does; comes back when the database does."""
        import psycopg

        while not self._over.is_set():
            self._missed.clear()
            try:
                with psycopg.connect(
                    self._url, autocommit=True, connect_timeout=5, options=KEEPALIVE
                ) as connection:
                    self._stay(connection.cursor())
            except psycopg.Error as error:
                if self._here.is_set() and not self._over.is_set():
                    self._told(f"The database is away ({_line(error)}); waiting for it.")
            self._over.wait(0.3)

    def _stay(self, cursor: "Cursor") -> None:
        while not _lock(cursor, self._executor):
            if self._over.wait(0.2):
                return
        self._here.set()
        while not self._over.wait(LOOKED_S):
            with suppress(StoreError):  # this connection will say so if the database is away
                self._look(cursor)

    def _look(self, cursor: "Cursor") -> None:
        """Finds executors that hold work and no lock; after a while their work is anybody's."""
        held = self._system.held()
        live = {row[0] for row in cursor.execute(LIVE, (LOCKS,)).fetchall()}
        gone = {row.executor for row in held if _mark(row.executor) not in live}
        now = time.monotonic()
        self._missed = {name: self._missed.get(name, now) for name in sorted(gone)}
        for name, since in self._missed.items():
            if now - since >= MISSED_S:
                self._take_over(cursor, name)

    def _take_over(self, cursor: "Cursor", executor: str) -> None:
        """Exactly one of the survivors gets the lock of the dead; later ones find it without work."""
        if not _lock(cursor, executor):
            return
        try:
            rows: list[PartRow] = self._system.held(executor)
            if self._system.give_back(rows):
                self._gone(executor, len(rows))
                self._told(f"Worker {executor} is gone: {_things(rows)} put back in the queue.")
        finally:
            _unlock(cursor, executor)


def _mark(executor: str) -> int:
    """The second half of a lock's name, as Postgres lists it: 32 bits without a sign."""
    return crc32(executor.encode())


def _lock(cursor: "Cursor", executor: str) -> bool:
    mark = _mark(executor)
    signed = mark - 2**32 if mark >= 2**31 else mark
    row = cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, signed)).fetchone()
    return row is not None and row[0] is True


def _unlock(cursor: "Cursor", executor: str) -> None:
    mark = _mark(executor)
    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, mark - 2**32 if mark >= 2**31 else mark))


def _things(rows: list[PartRow]) -> str:
    return f"{len(rows)} piece{'' if len(rows) == 1 else 's'} of its work"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
