"""Facts about a store: what is in it, and how large it is."""

from pathlib import Path

from sqlalchemy import Connection, Table, func, select, text

from panelsim.store.database import Database
from panelsim.store.migrate import form_of
from panelsim.store.records import Facts
from panelsim.store.tables import blocks, completions, events, runs


def facts(database: Database) -> Facts:
    """Counts and bytes."""
    with database.read() as connection:
        return Facts(
            place=database.place,
            form=form_of(connection),
            completions=_count(connection, completions),
            blocks=_count(connection, blocks),
            runs=_count(connection, runs),
            events=_count(connection, events),
            size=_size(connection, database),
        )


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _size(connection: Connection, database: Database) -> int:
    if database.is_shared:
        size: int = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return size
    files = (Path(database.place + end) for end in ("", "-wal", "-shm"))
    return sum(file.stat().st_size for file in files if file.is_file())
