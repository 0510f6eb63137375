"""PostgreSQL under the store: a server that many machines share."""

import os
import socket

from sqlalchemy import create_engine
from sqlalchemy.engine.url import URL

from panelsim.errors import InputError
from panelsim.store.database import Database

DRIVER = "postgresql+psycopg"
CONNECT_WAIT_S = 10

CAUSES = (
    (
        "password authentication failed",
        "refused the user or the password; check the address in PANELSIM_STORE",
    ),
    ("no password supplied", "wants a password; check the address in PANELSIM_STORE"),
    ("does not exist", "is not there; make the database and its user, or check PANELSIM_STORE"),
    ("permission denied", "may not be used by this user; grant it its tables, or check PANELSIM_STORE"),
    ("could not extend file", "cannot grow because the server's disk is full; what was answered is kept"),
    ("read-only transaction", "is read-only; point PANELSIM_STORE to the primary server"),
    ("too many clients", "has no connection left; end some processes or raise max_connections"),
    ("too many connections", "has no connection left; end some processes or raise max_connections"),
)

AWAY = (
    "connection refused",
    "no such file or directory",
    "terminating connection",
    "server closed the connection",
    "connection failed",
    "connection timeout",
    "timeout expired",
    "connection is closed",
    "connection is lost",
    "starting up",
    "shutting down",
    "in recovery mode",
    "could not translate host name",
    "consuming input failed",
    "could not receive data",
    "could not send data",
    "ssl connection has been closed",
)
TOLD_AWAY = "cannot be reached; start the server or check the network, then resume: what was answered is kept"


def open_postgres(url: URL) -> Database:
    """The database behind an address; nothing is connected yet. Raises `InputError` without its driver."""
    try:
        engine = create_engine(
            url.set(drivername=DRIVER),
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_WAIT_S,
                "application_name": f"panelsim {process_name()}"[:63],
            },
        )
    except ModuleNotFoundError as error:
        raise InputError(
            "a store on PostgreSQL needs psycopg; install it with: pip install 'panelsim[workers]'"
        ) from error
    causes = CAUSES + tuple((sign, TOLD_AWAY) for sign in AWAY)
    return Database(engine, without_secrets(url), is_shared=True, causes=causes, away=TOLD_AWAY)


def process_name() -> str:
    """`PID on HOST`: this process, as others are told of it."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def without_secrets(url: URL) -> str:
    """The address as it may be shown."""
    kept = {name: value for name, value in url.query.items() if "pass" not in name and "key" not in name}
    place = URL.create(
        "postgresql", url.username, host=url.host, port=url.port, database=url.database, query=kept
    )
    return place.render_as_string()
