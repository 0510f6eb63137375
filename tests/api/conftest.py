"""What the tests of the service share: an application in this process, callers, and real servers."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi.testclient import TestClient

from panelsim.api.app import create_app
from panelsim.api.context import Api, ApiOptions
from panelsim.service.api_keys import create_key
from panelsim.service.pool import open_queue
from panelsim.service.run import execute, job_of
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.settings import Settings

HEADLINES = ("Forecast your quarter within 5% by Friday", "The future of revenue is here")
TEST = {"variants": list(HEADLINES), "model": "scripted/sensible", "n": 4}
"""A message test that takes no time."""
MODEL = "scripted/sensible"
"""Answers at once."""


@dataclass
class Service:
    """A service in this process. Nobody drives its runs but `drive`."""

    api: Api
    client: TestClient
    """Sends no key."""
    secrets: dict[str, str] = field(default_factory=dict)

    def key(self, name: str = "tool", **options: object) -> dict[str, str]:
        """The headers of a caller with a new key."""
        _, secret = create_key(self.api.workspace.store, name, **options)  # type: ignore[arg-type]
        return {"Authorization": f"Bearer {secret}"}

    def drive(self, run_id: str) -> None:
        """Drives a run to its end, here."""
        workspace = self.api.workspace
        run = workspace.store.run(run_id)
        execute(job_of(run, workspace), run, workspace)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of an empty store: copying them is quicker than making their tables."""
    folder = tmp_path_factory.mktemp("empty")
    with open_workspace(Settings(store=str(folder / "store.sqlite3"))) as opened, open_queue(opened):
        pass
    return folder


@pytest.fixture
def workspace(tmp_path: Path, empty_store: Path) -> Iterator[Workspace]:
    """A workspace on a store of its own."""
    for file in empty_store.iterdir():
        shutil.copy(file, tmp_path / file.name)
    with open_workspace(Settings(store=str(tmp_path / "store.sqlite3"))) as opened:
        yield opened


@pytest.fixture
def make_service(workspace: Workspace) -> Iterator[Callable[[ApiOptions], Service]]:
    """Makes services on one store, with options of their own."""
    with open_queue(workspace) as queue:

        def make(options: ApiOptions) -> Service:
            api = Api(workspace, queue, options)
            client = TestClient(
                create_app(api),
                base_url="http://127.0.0.1",
                raise_server_exceptions=True,
                follow_redirects=False,
            )
            return Service(api, client)

        yield make


@pytest.fixture
def service(make_service: Callable[[ApiOptions], Service]) -> Service:
    """A service as it is by default."""
    return make_service(ApiOptions())


# --- real servers


class Served(NamedTuple):
    """A real service and its callers."""

    url: str
    key: str
    key_without_money: str


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One real service for all tests of what talks to it, and gone after them; it sends webhooks here too."""
    folder = tmp_path_factory.mktemp("served")
    store = str(folder / "store.sqlite3")
    with open_workspace(Settings(store=store)) as workspace:
        _, key = create_key(workspace.store, "tool")
        _, poor = create_key(workspace.store, "poor", cap=0)
    world = {"HOME": str(folder), "PANELSIM_PRICES": f"{MODEL}=0.01,0.01"}
    with serving(store, folder / "log", "--allow-loopback-webhooks", **world) as server:
        yield Served(server.url, key, poor)


@dataclass
class Server:
    """`panelsim serve` in its own process."""

    url: str
    process: "subprocess.Popen[str]"
    log: Path

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def serving(store: str, log: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """A server on a free port of this machine, with one worker unless `arguments` say otherwise."""
    command = [sys.executable, "-m", "panelsim", "serve", "--port", "0", *arguments]
    with log.open("a") as told:
        process = subprocess.Popen(
            command,
            env=os.environ | {"PANELSIM_STORE": store} | environment,
            stderr=told,
            stdout=told,
            text=True,
        )
    try:
        yield Server(_address(process, log), process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    for _ in range(3000):
        found = re.findall(r"serves on (http://\S+)", log.read_text())
        if found:
            return str(found[-1])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {log.read_text()}")
