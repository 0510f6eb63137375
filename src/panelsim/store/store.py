"""The store: completions by call key, runs and their money; everything else is derived from them."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Self

from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError

from panelsim.errors import StoreError
from panelsim.model.call import Call, Completion
from panelsim.store import verify
from panelsim.store.accounts import Accounts
from panelsim.store.claims import claim
from panelsim.store.completions import Reader
from panelsim.store.database import Database
from panelsim.store.deliveries import Deliveries
from panelsim.store.documents import Documents
from panelsim.store.events import Events
from panelsim.store.info import facts
from panelsim.store.items import Note, Put, Use
from panelsim.store.ledger import Ledger
from panelsim.store.migrate import bring_up_to_date
from panelsim.store.postgres import open_postgres, without_secrets
from panelsim.store.records import BadRow, Facts, Spender, Swept
from panelsim.store.replies import Replies
from panelsim.store.runs import Runs
from panelsim.store.sqlite import file_of, open_sqlite
from panelsim.store.sweep import sweep
from panelsim.store.transfer import Moved, export_lines, import_lines
from panelsim.store.webhooks import Webhooks
from panelsim.store.writer import Committed, Writer, untold


class Store(Runs, Events, Ledger, Accounts, Replies, Documents, Webhooks, Deliveries):
    """A store in a file or on a server. Every method raises `StoreError` if it cannot be read or written."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.place = database.place
        """The file's path, or the address without its password."""
        self.is_shared = database.is_shared
        """Whether other machines can open it too: true for PostgreSQL."""
        self.committed: Committed = untold
        """Told of each commit of completions, from the writer's thread."""
        self._reader = Reader(database)
        self._started: Writer | None = None

    @classmethod
    def open(cls, url: str) -> Self:
        """The store at `sqlite:///PATH` or `postgresql://...`, made or migrated if need be.

        Raises `StoreError` if it cannot be opened, or was written by a newer panelsim.
        """
        database = database_at(url)
        try:
            with database.sentences():
                bring_up_to_date(database)
        except BaseException:
            database.engine.dispose()
            raise
        return cls(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Commits what is still queued and lets the file or the connections go."""
        if self._started is not None:
            self._started.close()
            self._started = None
        self._reader.close()
        self._database.engine.dispose()

    @property
    def _writer(self) -> Writer:
        if self._started is None:
            self._started = Writer(self._database, self._told)
        return self._started

    def _told(self, rows: int, n_bytes: int, seconds: float) -> None:
        self.committed(rows, n_bytes, seconds)

    # --- completions

    def get(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None."""
        found = self._reader.get(key)
        return None if found is None else found.completion

    def get_many(self, keys: Iterable[str]) -> dict[str, Completion]:
        """The completions stored under `keys`; those that are not there are left out."""
        return {key: found.completion for key, found in self._reader.get_many(keys).items()}

    async def find(self, key: str) -> Completion | None:
        """As `get`; what one turn of the event loop looks for is one query, off the loop for a server."""
        found = await self._reader.find(key)
        return None if found is None else found.completion

    async def put(self, key: str, call: Call, completion: Completion, spender: Spender | None = None) -> None:
        """Stores `completion` unless the key has one already, and what it cost; returns once committed.

        What `spender` has spent grows in the same transaction, even if the key had one: both were paid.
        """
        await self._writer.put(Put(key, call, completion, spender))

    def memory(self, spender: Spender) -> "Memory":
        """The completions as one holder of a run finds and puts them: what it uses and spends is kept."""
        self._change(spender.run_id, {"tells_uses": True})
        return Memory(self._reader, self._writer, spender)

    def memory_apart(self, spender: Spender, kept_with: str = "") -> "Memory":
        """As `memory`, for calls that belong to no run: a sweep keeps what they said as long as any.

        `kept_with`: a run that they came after; a sweep keeps what they said as long as that run.
        """
        return Memory(self._reader, self._writer, spender, kept_with)

    def call_of(self, key: str) -> Call | None:
        """The call that is stored under `key`: the words behind a number. None if there is none."""
        return self._reader.call_of(key)

    def count(self) -> int:
        """How many completions are stored."""
        return self._reader.count()

    async def note_spent(self, spender: Spender, pico: int, model: str = "") -> None:
        """Counts money that may have been spent without a completion; returns once it is committed."""
        await self._writer.put(Note(spender, pico, model))

    # --- the whole

    def claim(self, run_id: str, patience_s: float = 0.0) -> AbstractContextManager[None]:
        """The right to drive a run, held while in the context.

        Raises `RunBusy` if another process has it. A process that dies, even by kill -9, holds it no longer.
        """
        return claim(self._database, run_id, patience_s)

    def verify(self) -> tuple[BadRow, ...]:
        """The rows whose call does not give their key, or whose completion does not give its digest."""
        return tuple(self.bad_rows())

    def bad_rows(self) -> Iterator[BadRow]:
        """As `verify`, one at a time. Raises `StoreError` if the file itself is damaged."""
        damage = verify.damage(self._database)
        if damage:
            raise StoreError(f"the store {self.place} is damaged ({damage}); restore a copy")
        yield from verify.bad_rows(self._database)

    def drop(self, keys: Iterable[str]) -> None:
        """Removes completions, so that they can be asked for again."""
        verify.drop(self._database, keys)

    def sweep(self, older_than: timedelta, *, dry_run: bool = False) -> Swept:
        """Deletes runs that ended longer ago, and then completions made longer ago that no other run needs.

        Tells what is deleted, or with `dry_run` what would be. The rule is in docs/store.md.
        """
        return sweep(self._database, datetime.now(UTC) - older_than, dry_run=dry_run)

    def export_lines(self) -> Iterator[bytes]:
        """The whole store as JSON, one line (without its end) each: prompt files, runs, completions."""
        return export_lines(self._database)

    def import_lines(self, lines: Iterable[bytes], source: str) -> Moved:
        """Adds what was exported and is not there yet. Raises `InputError` naming a bad line of `source`."""
        return import_lines(self._database, lines, source)

    def facts(self) -> Facts:
        """What is in the store, and how large it is."""
        return facts(self._database)


class Memory:
    """The completions of a store, as one holder of one run meets them."""

    def __init__(self, reader: Reader, writer: Writer, spender: Spender, kept_with: str = "") -> None:
        self._reader = reader
        self._writer = writer
        self._spender = spender
        self._user = kept_with or spender.run_id
        """The run that uses what is found and put."""
        self._makers = {self._user}

    async def find(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None."""
        found = await self._reader.find(key)
        if found is None:
            return None
        if found.maker not in self._makers:
            await self._writer.put(Use(self._user, found.maker))
            # a sweep may have come before; from here on none deletes what this maker made
            if not self._reader.get_many((key,)):
                return None
            self._makers.add(found.maker)
        return found.completion

    async def put(self, key: str, call: Call, said: Completion) -> None:
        """Stores a completion that this holder has paid for; returns once it is committed."""
        if self._spender.run_id not in self._makers:
            await self._writer.put(Use(self._user, self._spender.run_id))
            self._makers.add(self._spender.run_id)
        await self._writer.put(Put(key, call, said, self._spender))


def database_at(url: str) -> Database:
    """The database at an address, whatever its form. Raises `StoreError` for an address that is none."""
    place = _read(url)
    return open_sqlite(place) if place.get_backend_name() == SQLITE else open_postgres(place)


def place_of(url: str) -> str:
    """The file's path, or the address without its password. Opens nothing."""
    place = _read(url)
    return file_of(place) if place.get_backend_name() == SQLITE else without_secrets(place)


def _read(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"store {url!r} is not an address; {EXPECTED}") from error
    known = (SQLITE, *POSTGRES)
    if place.get_backend_name() not in known or not place.database or place.database == ":memory:":
        shown = place.render_as_string(hide_password=True)
        raise StoreError(f"store {shown!r} cannot be opened; {EXPECTED}")
    return place


SQLITE = "sqlite"
POSTGRES = ("postgresql", "postgres")
EXPECTED = "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
