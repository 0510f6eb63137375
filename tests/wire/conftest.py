"""Stores for tests: in a file and on a server, with nothing in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panelsim.store import Store
from tests.wire import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of our own."""
    with postgres.server() as running:
        yield running


@pytest.fixture
def on_server(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of an empty database on the server."""
    with postgres.emptied(postgres_server.address) as address:
        yield address


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store in a file is made."""
    return tmp_path / "folder" / "store.sqlite3"


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, path: Path) -> str:
    """The address of an empty store, of both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{path}"
    found: str = request.getfixturevalue("on_server")
    return found


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """An empty store, of both kinds."""
    with Store.open(address) as opened:
        yield opened
