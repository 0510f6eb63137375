"""SQLite under the store: a file, opened and tuned."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import URL
from sqlalchemy.pool import ConnectionPoolEntry

from panelsim.errors import StoreError
from panelsim.store.database import READING, Database

LOCK_WAIT_S = 30
"""How long to wait for another process that writes."""

CAUSES = (
    ("readonly", "is read-only; make it writable or choose another with PANELSIM_STORE"),
    (
        "disk is full",
        "cannot grow because the disk is full; free some space and resume: what was answered is kept",
    ),
    ("locked", f"stayed locked by another process for {LOCK_WAIT_S} s; wait for it to end, then resume"),
    ("malformed", "is damaged; restore a copy or choose another with PANELSIM_STORE"),
    ("disk i/o error", "cannot be read or written; check the disk, then resume: what was answered is kept"),
    ("not a database", "is not an SQLite file; choose another with PANELSIM_STORE"),
    ("unable to open", "cannot be opened; check that its folder exists and is yours to write"),
)

PRAGMAS = (
    # each answer changes another page of the index by key: the smaller the page, the fewer bytes are written
    "page_size = 2048",
    # readers and the writer do not wait for each other, and a killed process loses no committed row
    "journal_mode = WAL",
    # a power cut may lose the last commits, but never damages the file
    "synchronous = NORMAL",
    # pages of the index change again and again: the rarer the checkpoint, the fewer are written twice
    "wal_autocheckpoint = 8000",
    "cache_size = -32000",
)


def open_sqlite(url: URL) -> Database:
    """The database in a file, which is made if it is not there. Raises `StoreError`."""
    path = Path(file_of(url))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of the store {path} cannot be made: {error.strerror}") from error
    engine = create_engine(url.set(database=str(path)), connect_args={"timeout": LOCK_WAIT_S})
    event.listen(engine, "connect", _tune)
    event.listen(engine, "begin", _begin)
    return Database(engine, str(path), is_shared=False, causes=CAUSES)


def file_of(url: URL) -> str:
    """The path of the file."""
    return str(Path(url.database or "").expanduser())


def _tune(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes its lock first: one that reads before it writes could not wait for another's."""
    if not connection.get_execution_options().get(READING):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
