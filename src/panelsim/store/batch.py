"""What goes into one commit: completions, the blocks of their calls, and the money they cost."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection

from panelsim.errors import StoreError
from panelsim.model.call import Call, Completion
from panelsim.store.coding import BLOCK_BYTES, CODER, Key, digest_of, read_key
from panelsim.store.database import Database
from panelsim.store.items import Item, Note, Put, Use
from panelsim.store.records import LOCAL, PICO, Spender

ADD_COMPLETION = (
    "INSERT INTO completions (head, tail, form, block, place, digest, said) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
ADD_BLOCK = "INSERT INTO blocks (id, run_id, made_at, calls) VALUES (?, ?, ?, ?)"
BLOCK_WRITTEN = "SELECT calls FROM blocks WHERE id = ?"
MAKER_OF = "SELECT b.run_id FROM completions c JOIN blocks b ON b.id = c.block WHERE c.head = ?"
ADD_USE = "INSERT INTO uses (run_id, maker) VALUES (?, ?) ON CONFLICT DO NOTHING"
ADD_SPENDING = (
    "INSERT INTO spends (run_id, holder, day, model, account, calls, pico, unsettled_pico) "  # noqa: S608
    "VALUES (?, ?, ?, ?, coalesce((SELECT account FROM runs WHERE id = ?), "
    f"(SELECT account FROM requests WHERE run_id = ?), '{LOCAL}'), ?, ?, ?) "
    "ON CONFLICT (run_id, holder, day, model) DO UPDATE SET calls = spends.calls + excluded.calls, "
    "pico = spends.pico + excluded.pico, unsettled_pico = spends.unsettled_pico + excluded.unsettled_pico"
)
ADD_TO_LEASE = (
    "INSERT INTO leases (run_id, holder, leased, spent, is_open) VALUES (?, ?, 0, ?, ?) "
    "ON CONFLICT (run_id, holder) DO UPDATE SET spent = leases.spent + excluded.spent"
)


class Row(NamedTuple):
    """A completion on its way into the store."""

    key: Key
    run_id: str
    call: bytes
    said: bytes


class Block(NamedTuple):
    """Rows of one run whose calls lie together."""

    run_id: str
    rows: tuple[Row, ...]
    calls: bytes


@dataclass(slots=True)
class Sums:
    """What one holder spent on one model."""

    calls: int = 0
    pico: int = 0
    unsettled_pico: int = 0


class Batch:
    """Gathers items and writes them in one transaction, which can be repeated without harm."""

    def __init__(self, place: str, made_at: int | None = None) -> None:
        self._place = place
        self._rows: dict[str, Row] = {}
        self._spent: dict[tuple[Spender, str], Sums] = {}
        self._uses: set[Use] = set()
        self._blocks: list[Block] | None = None
        self._first_id = 0
        self._made_at = time.time_ns() // 1_000_000 if made_at is None else made_at

    def add(self, item: Item) -> StoreError | None:
        """Takes an item in; returns what is wrong with it, if it cannot be stored."""
        if isinstance(item, Use):
            self._uses.add(item)
        elif isinstance(item, Note):
            self._sums(item.spender, item.model).unsettled_pico += item.pico
        else:
            try:
                self._put(item)
            except ValueError as error:
                return StoreError(f"completion {item.key!r} cannot be stored in {self._place}: {error}")
        return None

    def _put(self, item: Put) -> None:
        spender = item.spender
        self.place(item.key, spender.run_id if spender else "", item.call, item.completion)
        if spender:
            sums = self._sums(spender, str(item.call.model))
            sums.calls += 1
            sums.pico += round(item.completion.cost_usd * PICO)

    def place(self, text: str, run_id: str, call: Call, said: Completion) -> None:
        """Takes a completion in that costs nothing. Raises `ValueError` if it cannot be stored."""
        if text in self._rows:
            return
        key = read_key(text)
        if key is None:
            raise ValueError("it is not the key of a call, such as call1: and 64 hex digits")
        self._rows[text] = Row(key, run_id, call.canonical(), CODER.pack(said))

    def _sums(self, spender: Spender, model: str) -> Sums:
        sums = self._spent.get((spender, model))
        if sums is None:
            sums = self._spent[(spender, model)] = Sums()
        return sums

    def write(self, connection: Connection, database: Database, *, again: bool = False) -> None:
        """Writes all; with `again`, only if an earlier attempt was not committed without our knowing."""
        if self._blocks is None:
            self._blocks = list(_blocks(list(self._rows.values())))
            if self._spent and not self._blocks:
                # money must not be counted twice either: an empty block tells that it was
                self._blocks.append(Block("", (), b""))
            self._draw_ids()
        if again and self._is_written(connection, database):
            return
        added = self._write_rows(connection, database)
        if added < len(self._rows):
            self._uses |= set(self._made_by_others(connection, database))
        if self._uses:
            connection.exec_driver_sql(database.statement(ADD_USE), sorted(self._uses))
        if self._spent:
            self._write_money(connection, database)

    @property
    def size(self) -> tuple[int, int]:
        """Completions, and bytes of them and their calls as they are written."""
        said = sum(len(row.said) for row in self._rows.values())
        return len(self._rows), said + sum(len(block.calls) for block in self._blocks or ())

    def renumber(self) -> None:
        """Draws other block numbers."""
        self._draw_ids()

    def _draw_ids(self) -> None:
        # growing with time, so that blocks are written one after the other; the rest sets processes apart
        self._first_id = (self._made_at << 21) | (int.from_bytes(os.urandom(2), "big") << 5)

    def _is_written(self, connection: Connection, database: Database) -> bool:
        if not self._blocks:
            return False
        query = database.statement(BLOCK_WRITTEN)
        found = connection.exec_driver_sql(query, (self._first_id,)).scalar_one_or_none()
        return found is not None and bytes(found) == self._blocks[0].calls

    def _write_rows(self, connection: Connection, database: Database) -> int:
        blocks = [
            (self._first_id + place, block.run_id, self._made_at, block.calls)
            for place, block in enumerate(self._blocks or ())
        ]
        if not blocks:
            return 0
        connection.exec_driver_sql(database.statement(ADD_BLOCK), blocks)
        rows = [
            (
                row.key.head,
                row.key.tail,
                row.key.form,
                self._first_id + number,
                place,
                digest_of(row.key, row.said),
                row.said,
            )
            for number, block in enumerate(self._blocks or ())
            for place, row in enumerate(block.rows)
        ]
        if not rows:
            return 0
        # sorted: two writers that add the same rows in different orders would wait for each other for ever
        rows.sort()
        counted = {"preserve_rowcount": True}
        added = connection.exec_driver_sql(database.statement(ADD_COMPLETION), rows, counted)
        return added.rowcount

    def _made_by_others(self, connection: Connection, database: Database) -> Iterator[Use]:
        """Rows that were there already: our run lives on what their makers made."""
        query = database.statement(MAKER_OF)
        for row in self._rows.values():
            maker = connection.exec_driver_sql(query, (row.key.head,)).scalar_one_or_none()
            if row.run_id and maker is not None and maker != row.run_id:
                yield Use(row.run_id, maker)

    def _write_money(self, connection: Connection, database: Database) -> None:
        day = datetime.fromtimestamp(self._made_at / 1000, UTC).date().isoformat()
        spent = sorted(self._spent.items(), key=itemgetter(0))
        connection.exec_driver_sql(
            database.statement(ADD_SPENDING),
            [
                (
                    *(spender.run_id, spender.holder, day, model, spender.run_id, spender.run_id),
                    *(sums.calls, sums.pico, sums.unsettled_pico),
                )
                for (spender, model), sums in spent
            ],
        )
        connection.exec_driver_sql(
            database.statement(ADD_TO_LEASE),
            [(*spender, sums.pico + sums.unsettled_pico, False) for (spender, _), sums in spent],
        )


def _blocks(rows: list[Row]) -> Iterator[Block]:
    """Rows of one run together, as many as a block may hold."""
    rows.sort(key=lambda row: row.run_id)
    for run_id, of_run in groupby(rows, key=lambda row: row.run_id):
        block: list[Row] = []
        size = 0
        for row in of_run:
            if block and size + len(row.call) > BLOCK_BYTES:
                yield _block(run_id, block)
                block, size = [], 0
            block.append(row)
            size += len(row.call)
        yield _block(run_id, block)


def _block(run_id: str, rows: list[Row]) -> Block:
    return Block(run_id, tuple(rows), CODER.block([row.call for row in rows]))
