"""What holds when processes die: servers, workers and databases, each in its own process."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from panelsim.service.api_keys import create_key
from panelsim.store import Store
from tests.api.conftest import TEST, serving

pytestmark = pytest.mark.alone
PROVIDER_KEY = "sk-planted0provider0key0that0must0never0show0up"


def test_a_run_survives_the_death_of_its_worker_and_of_its_server(tmp_path: Path, empty_store: Path) -> None:
    store, headers = _store(tmp_path)
    log = tmp_path / "log"
    wanted = TEST | {"n": 100}
    with serving(store, log) as server:
        with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
            made = client.post("/v1/message-tests", json=wanted, headers={"Idempotency-Key": "k"}).json()
            _until(client, made["id"], lambda run: run["counts"]["answered"] > 50)
            worker = _worker_of(server.process.pid)
            os.kill(worker, signal.SIGKILL)
            _until(client, made["id"], lambda run: _worker_of(server.process.pid) not in (0, worker))
        second = _worker_of(server.process.pid)
        server.process.kill()
        server.process.wait(10)
        _gone(second)
    with (
        serving(store, tmp_path / "log-2") as again,
        httpx.Client(base_url=again.url, headers=headers, timeout=30) as client,
    ):
        same = client.post("/v1/message-tests", json=wanted, headers={"Idempotency-Key": "k"})
        assert same.json()["id"] == made["id"]
        assert same.headers["idempotency-replayed"] == "true"
        ended = _until(client, made["id"], lambda run: run["has_ended"])
        assert ended["state"] == "done"
        assert ended["counts"]["done"] == ended["counts"]["sessions"]
        assert [run["id"] for run in client.get("/v1/runs").json()["data"]] == [made["id"]]


def test_a_providers_key_shows_up_nowhere(tmp_path: Path, empty_store: Path) -> None:
    store, headers = _store(tmp_path)
    log = tmp_path / "log"
    environment = {"OPENAI_API_KEY": PROVIDER_KEY, "PANELSIM_LOG": "debug", "PANELSIM_ATTEMPTS": "1"}
    seen: list[str] = []
    with (
        serving(store, log, **environment) as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=60) as client,
    ):
        asked = TEST | {"model": "openai/gpt-4o-mini", "elicit": "direct"}
        made = client.post("/v1/message-tests", json=asked)
        seen.append(made.text)
        run = made.json()["id"]
        _until(client, run, lambda found: found["has_ended"])  # nobody reaches the vendor from here
        forms = ("json", "html", "md", "csv", "transcripts")
        paths = [f"/v1/runs/{run}/report?format={form}" for form in forms]
        seen += [client.get(path).text for path in (*paths, "/openapi.json", f"/v1/runs/{run}", "/metrics")]
    with Store.open(f"sqlite:///{store}") as kept:
        seen += [line.decode() for line in kept.export_lines()]
    seen.append(log.read_text())
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert all(PROVIDER_KEY not in text for text in seen)
    assert all(PROVIDER_KEY.encode() not in content for content in files)


def _store(folder: Path) -> tuple[str, dict[str, str]]:
    path = folder / "store.sqlite3"
    with Store.open(f"sqlite:///{path}") as store:
        _, secret = create_key(store, "tests", scopes=("runs:read", "runs:write", "admin"), rpm=100_000)
    return str(path), {"Authorization": f"Bearer {secret}"}


def _until(client: httpx.Client, run_id: str, holds: object, seconds: float = 90) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        run = client.get(f"/v1/runs/{run_id}").json()
        if holds(run):  # type: ignore[operator]
            return dict(run)
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {run}")


def _worker_of(server: int) -> int:
    alive = [one for one in psutil.Process(server).children() if one.status() != psutil.STATUS_ZOMBIE]
    return alive[0].pid if alive else 0


def _gone(pid: int) -> None:
    for _ in range(200):
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return
    raise AssertionError(f"process {pid} lives on without its server")
