"""Starting DBOS: the engine's tables made and updated, and how the library is to run in this process."""

import logging
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from panelsim.errors import InputError, StoreError
from panelsim.execution.durable_system import (
    APPLICATION,
    LOCKS,
    PROTOCOL,
    SCHEMA,
    check_installed,
    is_embedded,
)

if TYPE_CHECKING:
    from dbos import DBOSConfig

TRY_TO_MAKE = "SELECT pg_try_advisory_lock(%s, 0)"
MADE_S = 0.1
THREADS = 16


def migrate(url: str) -> None:
    """Makes or updates the engine's tables. Raises `StoreError` if the database does not let it."""
    check_installed()
    from dbos import DBOS

    quiet()
    if is_embedded(url):
        path = make_url(url).database or ""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    try:
        DBOS.migrate(url, schema=SCHEMA)
    except SQLAlchemyError as error:
        place = make_url(url).render_as_string(hide_password=True)
        told = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise StoreError(f"the engine's tables at {place} cannot be made: {told}") from error


def make_if_new(url: str) -> None:
    """Makes the tables where there are none; old ones are left to `migrate`, so that workers can go on."""
    if is_embedded(url):
        migrate(url)
        return
    import psycopg

    place = make_url(url)
    try:
        with psycopg.connect(
            place.render_as_string(hide_password=False), autocommit=True, connect_timeout=10
        ) as connection:
            # of several that start at once the first makes them; a lock that is waited for in the server
            # would hold up the indexes that it makes
            while connection.execute(TRY_TO_MAKE, (LOCKS,)).fetchone() != (True,):
                time.sleep(MADE_S)
            row = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.dbos_migrations",)).fetchone()
            if row is None or row[0] is None:
                migrate(url)
    except psycopg.Error as error:
        told = " ".join(str(error).split())[:200]
        raise StoreError(f"the database at {place.render_as_string()} cannot be reached: {told}") from error


def launch(url: str) -> None:
    """Starts DBOS on the running loop. Raises `InputError` if the tables are of another DBOS."""
    from dbos import DBOS, error

    try:
        DBOS.launch()
    except error.DBOSInitializationError as problem:
        raise InputError(
            f"the engine's tables at {make_url(url).render_as_string()} are not those of this version "
            f"({' '.join(str(problem).split())[:200]}); update them with: panelsim worker --migrate"
        ) from problem


def config_of(url: str, executor: str) -> "DBOSConfig":
    """How DBOS is to run in this process."""
    from dbos import DBOSPortableJSONSerializer

    return {
        "name": APPLICATION,
        "system_database_url": url,
        "dbos_system_schema": SCHEMA,
        "sys_db_pool_size": 6,
        "application_version": PROTOCOL,
        "executor_id": executor,
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": THREADS,
        "run_migrations": False,
        "log_level": "ERROR",
        "enable_otlp": False,
    }


def quiet() -> None:
    """Leaves DBOS's errors to whatever logging is set up, and nothing else: it has a voice of its own."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.ERROR)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """A part that was dropped on purpose is none."""
    from dbos import error

    told = record.exc_info[1] if record.exc_info else None
    return not isinstance(told, error.DBOSAwaitedWorkflowCancelledError)
