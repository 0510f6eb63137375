"""A server that is killed and started again: streams go on, and messages arrive with the ids they had."""

import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from panelsim.service.api_keys import create_key
from panelsim.service.workspace import open_workspace
from panelsim.settings import Settings
from tests.api.conftest import TEST, serving
from tests.api.receiver import Received, receiving

WEBHOOKS = "--allow-loopback-webhooks"


class Told(NamedTuple):
    """What callers heard before and after the server was killed."""

    before: list[ServerSentEvent]
    after: list[ServerSentEvent]
    received: list[Received]
    secret: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Of one run that is queued when its server is killed, and of one whose end could not be delivered."""
    folder = tmp_path_factory.mktemp("served")
    store = str(folder / "store.sqlite3")
    with open_workspace(Settings(store=store)) as workspace:
        _, key = create_key(workspace.store, "tool")
    headers = {"Authorization": f"Bearer {key}"}
    with receiving() as receiver:
        receiver.answers = [503]
        with serving(store, folder / "first.log", "--workers", "0", WEBHOOKS) as server:
            with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
                secret = client.get("/v1/webhooks/secret").json()["secret"]
                body = TEST | {"callback_url": receiver.url}
                cancelled = client.post("/v1/message-tests", json=body).json()["id"]
                run_id = client.post("/v1/message-tests", json=TEST).json()["id"]
                client.post(f"/v1/runs/{cancelled}/cancel")
                receiver.wait_for(1)
                with connect_sse(client, "GET", f"/v1/runs/{run_id}/events") as source:
                    events = source.iter_sse()
                    before = [next(events), next(events)]
            server.process.kill()
            server.process.wait()
        with serving(store, folder / "second.log", WEBHOOKS) as server:
            last = {**headers, "Last-Event-ID": before[-1].id}
            with (
                httpx.Client(base_url=server.url, headers=last, timeout=60) as client,
                connect_sse(client, "GET", f"/v1/runs/{run_id}/events") as source,
            ):
                after = list(source.iter_sse())
            received = receiver.wait_for(2)
    return Told(before, after, received, secret)


def test_a_stream_is_resumed_after_a_restart_without_gap_or_repeat(told: Told) -> None:
    events = told.before + told.after
    assert [one.event for one in told.before] == ["run.state", "run.progress"]
    assert events[-1].event == "run.ended"
    assert events[-1].json()["state"] == "done"
    # the state that ends a run has no id of its own, and a reader shows the one before
    numbered = [one for one in events if one.event != "run.state" or one.json()["state"] != "done"]
    ids = [int(one.id) for one in numbered if one.id]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) > 3


def test_a_message_made_before_a_kill_arrives_after_the_restart_with_its_id(told: Told) -> None:
    first, second = told.received
    assert first.id == second.id
    assert first.body == second.body
    assert first.verified(told.secret) == second.verified(told.secret)
    assert "cancelled" in second.body


def test_a_server_that_is_told_to_end_answers_whoever_waits(tmp_path: Path, empty_store: Path) -> None:
    for file in empty_store.iterdir():
        shutil.copy(file, tmp_path / file.name)
    store, log = str(tmp_path / "store.sqlite3"), tmp_path / "log"
    with open_workspace(Settings(store=store)) as workspace:
        _, key = create_key(workspace.store, "tool")
    headers = {"Authorization": f"Bearer {key}"}
    with (
        serving(store, log, "--workers", "0") as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=60) as client,
        ThreadPoolExecutor(2) as pool,
    ):
        run = client.post("/v1/message-tests", json=TEST).json()["id"]
        # a body that breaks off would raise
        followed = pool.submit(httpx.get, f"{server.url}/v1/runs/{run}/events", headers=headers, timeout=60)
        held = pool.submit(
            httpx.post, f"{server.url}/v1/message-tests?wait=60", json=TEST, headers=headers, timeout=90
        )
        while len(client.get("/v1/runs").json()["data"]) < 2:
            time.sleep(0.1)
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        assert "run.state" in followed.result(30).text
        assert (held.result(30).status_code, held.result().json()["state"]) == (202, "queued")
        assert server.process.wait(40) == 0
    assert "rror" not in log.read_text()
