"""One open database under the store: its transactions, and its errors put in a sentence."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import Connection, Engine, Insert, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from panelsim.errors import InputError, StoreAway, StoreError

READING = "panelsim_reading"
"""Execution option of connections that begin no transaction for writing."""

NUL = "NUL (0x00)"
"""What the driver of PostgreSQL says of a text with that character, which its servers do not keep."""


@dataclass(frozen=True)
class Database:
    """SQLite or PostgreSQL, behind what the store needs of both."""

    engine: Engine
    place: str
    """The file's path, or the address without its password."""
    is_shared: bool
    """Whether other machines can open it too."""
    causes: tuple[tuple[str, str], ...]
    """(a part of the database's message in lower case, what to tell)."""
    away: str = ""
    """What is told of a server that is away and may come back."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction for writing, committed at the end. Raises `StoreError`."""
        with self.sentences(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose every statement sees what is committed by then. Raises `StoreError`."""
        options = {"isolation_level": "AUTOCOMMIT"} if self.is_shared else {READING: True}
        with self.sentences(), self.engine.execution_options(**options).connect() as connection:
            yield connection

    @contextmanager
    def stream(self) -> Iterator[Connection]:
        """A connection whose results are fetched a thousand rows at a time. Raises `StoreError`."""
        options = {READING: True, "yield_per": 1000}
        with self.sentences(), self.engine.execution_options(**options).connect() as connection:
            yield connection

    @contextmanager
    def sentences(self) -> Iterator[None]:
        """Turns a database error into a `StoreError` that says what is wrong with the place.

        Raises `InputError` for a text that a server cannot take, whoever gave it.
        """
        try:
            yield
        except DataError as error:
            if NUL not in str(error.orig):
                raise StoreError(self.sentence(error)) from error
            raise InputError("a text holds the character NUL, expected plain text") from error
        except (DBAPIError, PoolTimeoutError) as error:
            kind = StoreAway if self._may_come_back(error) else StoreError
            raise kind(self.sentence(error)) from error

    def _may_come_back(self, error: DBAPIError | PoolTimeoutError) -> bool:
        if isinstance(error, PoolTimeoutError):
            return True
        return self.is_away(error) or (not self.is_shared and "locked" in str(error.orig).lower())

    def sentence(self, error: Exception) -> str:
        """What is wrong, in one sentence without secrets."""
        return f"the store {self.place} {self._cause(error)}"

    def _cause(self, error: Exception) -> str:
        told = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        return next((cause for sign, cause in self.causes if sign in told.lower()), f"failed: {told}")

    def is_away(self, error: DBAPIError) -> bool:
        """Whether the same may work in a while, because the server is restarting or cannot be reached."""
        return self.is_shared and (error.connection_invalidated or self._cause(error) == self.away)

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """An insert that knows ON CONFLICT."""
        return postgresql.insert(table) if self.is_shared else sqlite.insert(table)

    def insert_new(self, table: Table) -> Insert:
        """An insert that leaves rows which are there already as they are."""
        return self.insert(table).on_conflict_do_nothing()

    def add_new(self, connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
        """Inserts a row; False if there is one with its key, which stays as it is."""
        adding = self.insert_new(table).values(row)
        added = connection.execute(adding, execution_options={"preserve_rowcount": True})
        return added.rowcount == 1

    def statement(self, sql: str) -> str:
        """Written-out SQL whose parameters are `?`, for the driver."""
        return sql.replace("?", "%s") if self.is_shared else sql

    def queue_up(self, connection: Connection, name: str) -> None:
        """Waits until no other transaction has queued up for `name`. SQLite has one writer anyway."""
        if self.is_shared:
            connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :name)"), lock_of("queue", name))


def lock_of(kind: str, name: str) -> dict[str, int]:
    """The two 32-bit numbers of an advisory lock."""
    return {"kind": _signed(crc32(f"panelsim {kind}".encode())), "name": _signed(crc32(name.encode()))}


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number
