"""Verification: every stored completion held against its key and its digest."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import lru_cache

from sqlalchemy import Connection, Row, delete, select, text

from panelsim.keys import content_key, text_key
from panelsim.store.coding import CODER, Damaged, Key, digest_of, key_of, read_key
from panelsim.store.database import Database
from panelsim.store.records import BadRow
from panelsim.store.tables import blocks, completions

BLOCKS_KEPT = 16
"""Rows come nearly in the order of their blocks."""


def bad_rows(database: Database) -> Iterator[BadRow]:
    """The rows whose call does not give their key, or whose completion does not give its digest; streamed."""
    with database.stream() as rows, database.read() as others:

        @lru_cache(maxsize=BLOCKS_KEPT)
        def calls_in(block: int) -> list[bytes] | str:
            return _calls_in(block, others)

        with closing(rows.execute(select(completions))) as found:
            for row in found:
                key = key_of(row.form, row.head, row.tail)
                problem = _problem(key, row, calls_in(row.block))
                if problem:
                    yield BadRow(str(key), problem)


def drop(database: Database, keys: Iterable[str]) -> None:
    """Removes completions, so that they can be asked for again."""
    with database.write() as connection:
        for key in map(read_key, keys):
            if key is not None:
                connection.execute(delete(completions).where(completions.c.head == key.head))


def damage(database: Database) -> str:
    """What SQLite finds wrong with the file; empty if nothing, or on a server, which checks its own."""
    if database.is_shared:
        return ""
    with database.read() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    return "" if found == "ok" else str(found)


def _calls_in(block: int, connection: Connection) -> list[bytes] | str:
    packed = connection.execute(select(blocks.c.calls).where(blocks.c.id == block)).scalar_one_or_none()
    if packed is None:
        return "its block of calls is not there"
    try:
        return CODER.calls(packed)
    except Damaged as error:
        return f"its block of calls cannot be read: {error}"


def _problem(key: Key, row: "Row[tuple[object, ...]]", calls: list[bytes] | str) -> str:
    if digest_of(key, row.said) != row.digest:
        return "the completion is not the one that was stored"
    try:
        CODER.unpack(row.said)
    except Damaged:
        return "the completion cannot be read"
    if isinstance(calls, str):
        return calls
    if not 0 <= row.place < len(calls):
        return "the call is not in its block"
    if text_key(f"call{key.form}", calls[row.place]) == str(key):
        return ""
    try:
        # calls of form 1 were kept as JSON that is not canonical
        derived = content_key(f"call{key.form}", json.loads(calls[row.place]))
    except ValueError:
        return "the call is not JSON"
    return "" if derived == str(key) else f"the call gives the key {derived}"
