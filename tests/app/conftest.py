"""What the tests of use cases share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panelsim.service.workspace import Workspace, open_workspace
from panelsim.settings import Settings


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace on a store of its own."""
    with open_workspace(Settings(store=str(tmp_path / "store.sqlite3"))) as opened:
        yield opened
