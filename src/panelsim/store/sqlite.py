"""The SQLite file under the store: opened, brought to the right form, and its errors put in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, insert, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateTable

from panelsim.errors import StoreError
from panelsim.store.tables import SCHEMA_VERSION, metadata, schema_version

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
    ("not a database", "is not an SQLite file; choose another with PANELSIM_STORE"),
    ("unable to open", "cannot be opened; check that its folder exists and is yours to write"),
)


def open_engine(url: str) -> Engine:
    """An engine on the store at `url`, its tables made if they are missing. Raises `StoreError`."""
    place = _place(url)
    engine = create_engine(place, connect_args={"timeout": LOCK_WAIT_S})
    event.listen(engine, "connect", _tune)
    with sentences(place.database or ""):
        _prepare(engine, place.database or "")
    return engine


@contextmanager
def sentences(place: str) -> Iterator[None]:
    """Turns a database error into a `StoreError` that says what is wrong with `place`."""
    try:
        yield
    except DatabaseError as error:
        told = str(error.orig).lower()
        cause = next((cause for sign, cause in CAUSES if sign in told), f"failed: {error.orig}")
        raise StoreError(f"the store {place} {cause}") from error


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"store {url!r} is not an address; expected sqlite:///PATH") from error
    if place.get_backend_name() != "sqlite" or not place.database or place.database == ":memory:":
        shown = place.render_as_string(hide_password=True)
        raise StoreError(f"store {shown!r} is not an SQLite file; expected sqlite:///PATH")
    try:
        Path(place.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder of the store {place.database} cannot be made: {error.strerror}"
        ) from error
    return place.set(database=str(Path(place.database).expanduser()))


def _tune(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """WAL: readers and the writer do not wait for each other, and a killed process loses no committed row."""
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare(engine: Engine, place: str) -> None:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
        connection.execute(
            insert(schema_version).prefix_with("OR IGNORE").values(id=1, version=SCHEMA_VERSION)
        )
        found = connection.execute(select(schema_version.c.version)).scalar_one()
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"the store {place} has form {found} and this panelsim reads up to {SCHEMA_VERSION}; "
            "upgrade panelsim or choose another store with PANELSIM_STORE"
        )
