"""Claims: one live process drives a run; the operating system, or the server, frees a dead one's."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from panelsim.errors import RunBusy, StoreError
from panelsim.store.database import Database, lock_of
from panelsim.store.postgres import process_name

_TRY = text("SELECT pg_try_advisory_lock(:kind, :name)")
_FREE = text("SELECT pg_advisory_unlock(:kind, :name)")
_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND l.classid::bigint = (:kind)::bigint & 4294967295 AND l.objid::bigint = (:name)::bigint & 4294967295"
)
POLLED_S = 0.02
KEEPALIVE = ("tcp_keepalives_idle = 15", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3")
"""The server notices within half a minute that the machine of a claim is gone."""


@contextmanager
def claim(database: Database, run_id: str, patience_s: float = 0.0) -> Iterator[None]:
    """Holds the claim of a run. Raises `RunBusy` if another process that lives, or this one, has it.

    With `patience_s` it is waited for that long: who only looks whether a run is driven has it for a moment.
    """
    hold = _claim_on_server if database.is_shared else _claim_beside
    with hold(database, run_id, patience_s):
        yield


@contextmanager
def _claim_beside(database: Database, run_id: str, patience_s: float) -> Iterator[None]:
    path = Path(f"{database.place}.claims") / f"{re.sub(r'[^A-Za-z0-9._-]', '_', run_id)}.lock"
    holder = path.with_suffix(".by")
    lock = FileLock(path, thread_local=False)
    try:
        path.parent.mkdir(exist_ok=True)
        lock.acquire(timeout=patience_s, poll_interval=POLLED_S)
    except Timeout:
        raise _busy(run_id, holder.read_text("utf-8") if holder.is_file() else "") from None
    except OSError as error:
        raise StoreError(
            f"the claim {path} of run {run_id!r} cannot be written: {error.strerror or error}"
        ) from error
    try:
        holder.write_text(process_name(), "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def _claim_on_server(database: Database, run_id: str, patience_s: float) -> Iterator[None]:
    lock = lock_of("claim", run_id)
    with database.sentences():
        # detached: a claim lives as long as its connection, which must not go back to the pool meanwhile
        connection = database.engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        connection.detach()
    try:
        with database.sentences():
            _take(connection, run_id, lock, time.monotonic() + patience_s)
        yield
    finally:
        _let_go(connection, lock)


def _take(connection: Connection, run_id: str, lock: dict[str, int], until: float) -> None:
    for setting in KEEPALIVE:
        connection.exec_driver_sql(f"SET {setting}")
    while not connection.execute(_TRY, lock).scalar_one():
        if time.monotonic() < until:
            time.sleep(POLLED_S)
            continue
        raise _busy(run_id, connection.execute(_HOLDER, lock).scalars().first() or "")


def _let_go(connection: Connection, lock: dict[str, int]) -> None:
    try:
        connection.execute(_FREE, lock)
    except DBAPIError:
        pass  # the server has dropped the connection, and the claim with it
    finally:
        connection.close()


def _busy(run_id: str, holder: str) -> RunBusy:
    by = holder.removeprefix("panelsim ") or "another process"
    return RunBusy(
        f"run {run_id!r} is driven by {by}; wait for it to end, "
        f"or cancel it with: panelsim runs cancel {run_id}"
    )
