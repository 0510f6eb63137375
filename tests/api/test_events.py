"""Events of a run: resumed by their ids, none lost to a slow reader, one poller for all who watch a run."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from httpx_sse import ServerSentEvent
from httpx_sse._decoders import SSEDecoder
from starlette.types import Message

from panelsim.api import watching
from panelsim.api.context import ApiOptions
from panelsim.api.streams import MOST_QUEUED, Streams
from panelsim.api.waiting import until_ended
from panelsim.model.progress import Progress, Progressed
from panelsim.service.follow import Follower
from panelsim.service.run import enter
from panelsim.store import RunHead, StoredEvent
from tests.api.conftest import TEST, Service


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT_S", 0.02)
    monkeypatch.setattr(watching, "SLOW_BEAT_S", 0.02)
    monkeypatch.setattr(watching, "LOOKS_SHARE", 0)


def start(service: Service, key: dict[str, str]) -> str:
    """A run that is queued, with two events, and that nobody drives."""
    run_id: str = service.client.post("/v1/message-tests", headers=key, json=TEST).json()["id"]
    return run_id


@pytest.fixture
def key(service: Service) -> dict[str, str]:
    return service.key()


@pytest.fixture
def head(service: Service, key: dict[str, str]) -> RunHead:
    return service.api.workspace.store.head(start(service, key))


def read(text: str) -> list[ServerSentEvent]:
    """The events in a stream."""
    decoder = SSEDecoder()
    found = (decoder.decode(line) for line in text.splitlines())
    return [one for one in found if one is not None]


def told(events: list[ServerSentEvent]) -> list[tuple[str, str]]:
    """The kind and, of states, the state of each event."""
    return [(one.event, one.json().get("state", "")) for one in events]


async def take(stream: AsyncIterator[bytes], n: int) -> list[ServerSentEvent]:
    """The next `n` events of a stream."""
    async with asyncio.timeout(20):
        return [read((await anext(stream)).decode())[0] for _ in range(n)]


# --- over HTTP


def test_a_run_that_has_ended_is_told_from_its_beginning_to_its_end(
    service: Service, key: dict[str, str]
) -> None:
    run_id = start(service, key)
    service.drive(run_id)
    answer = service.client.get(f"/v1/runs/{run_id}/events", headers=key)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = read(answer.text)
    assert told(events)[0] == ("run.state", "queued")
    assert told(events)[-2:] == [("run.state", "done"), ("run.ended", "done")]
    last = service.api.workspace.store.last_event(run_id)
    ids = [one.id for one in events if one.event != "run.state" or one.json()["state"] != "done"]
    assert ids == [str(seq) for seq in (*range(1, last), last)]
    ended = events[-1].json()
    counts = service.client.get(f"/v1/runs/{run_id}", headers=key).json()["counts"]
    assert {name: ended[name] for name in counts} == counts
    assert ended["done"] == ended["sessions"] > 0


def test_a_stream_goes_on_after_the_last_id_and_says_when_nothing_more_will_come(
    service: Service, key: dict[str, str]
) -> None:
    run_id = start(service, key)
    service.drive(run_id)
    path = f"/v1/runs/{run_id}/events"
    whole = read(service.client.get(path, headers=key).text)
    rest = read(service.client.get(path, headers={**key, "Last-Event-ID": "2"}).text)
    assert told(rest) == told(whole)[2:]
    assert read(service.client.get(path, headers=key, params={"after": 2}).text)[0].data == rest[0].data
    last = {**key, "Last-Event-ID": whole[-1].id}
    assert service.client.get(path, headers=last).status_code == 204
    # whoever was cut off before `run.ended` is told of it
    before = {**key, "Last-Event-ID": str(int(whole[-1].id) - 1)}
    assert told(read(service.client.get(path, headers=before).text))[-1] == ("run.ended", "done")


def test_events_of_another_account_are_not_found_and_a_bad_id_is_refused(
    service: Service, key: dict[str, str]
) -> None:
    path = f"/v1/runs/{start(service, key)}/events"
    assert service.client.get(path, headers=service.key("other")).status_code == 404
    bad = service.client.get(path, headers={**key, "Last-Event-ID": "x"})
    assert (bad.status_code, bad.json()["param"]) == (422, "header.Last-Event-ID")


def test_an_end_that_a_worker_did_not_live_to_say_is_told_from_the_state(
    service: Service, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SILENT_S", 0.1)
    run_id = start(service, key)
    enter(run_id, "running", service.api.workspace)
    service.api.workspace.store.set_state(run_id, "partial")
    events = read(service.client.get(f"/v1/runs/{run_id}/events", headers=key).text)
    assert told(events)[-3:] == [("run.state", "running"), ("run.state", "partial"), ("run.ended", "partial")]


def test_the_document_says_what_a_stream_holds(service: Service) -> None:
    document = service.client.get("/openapi.json").json()
    told_of = document["paths"]["/v1/runs/{run_id}/events"]["get"]["responses"]["200"]["content"]
    kinds = [one["$ref"].rpartition("/")[2] for one in told_of["text/event-stream"]["schema"]["oneOf"]]
    assert kinds == ["RunStateEvent", "RunProgressEvent", "RunEndedEvent"]
    assert set(kinds) < set(document["components"]["schemas"])
    assert "run.ended" in document["webhooks"]


# --- within the server


async def test_a_slow_reader_loses_no_stored_event(service: Service, head: RunHead) -> None:
    store = service.api.workspace.store
    streams = Streams(service.api)
    async with aclosing(streams.stream(head, 0)) as slow:
        first = await take(slow, 2)
        more = 3 * MOST_QUEUED
        for n in range(more):
            store.append_event(head.id, Progressed(progress=Progress(done=n)))
            if n % MOST_QUEUED == 0:
                await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)
        events = first + await take(slow, more)
    assert [int(one.id) for one in events if one.id] == list(range(1, more + 3))


async def test_progress_of_parts_and_a_pause_are_told_without_an_id(service: Service, head: RunHead) -> None:
    store = service.api.workspace.store
    async with aclosing(Streams(service.api).stream(head, 0)) as stream:
        await take(stream, 2)
        for part in range(2):
            store.save_part(head.id, part, Progress(sessions=5, done=2))
        (progress,) = await take(stream, 1)
        assert (progress.event, progress.json()["done"]) == ("run.progress", 4)  # 2 + 2
        store.set_wish(head.id, "pause")
        (paused,) = await take(stream, 1)
        assert told([paused]) == [("run.state", "paused")]
    # httpx-sse repeats the last id it saw; there was none in these messages
    assert progress.id == paused.id == ""


async def test_a_reader_that_comes_back_is_told_of_a_pause_that_it_missed(
    service: Service, head: RunHead
) -> None:
    service.api.workspace.store.set_wish(head.id, "pause")
    async with aclosing(Streams(service.api).stream(head, 2)) as stream:
        assert told(await take(stream, 1)) == [("run.state", "paused")]


async def test_all_streams_of_a_run_share_one_poller_and_free_it(
    service: Service, head: RunHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    look, loop, is_looked = Follower.look, asyncio.get_running_loop(), asyncio.Event()

    def counted(follower: Follower) -> list[StoredEvent]:
        looks.append(1)
        if len(looks) >= 3:
            loop.call_soon_threadsafe(is_looked.set)
        return look(follower)

    monkeypatch.setattr(Follower, "look", counted)
    monkeypatch.setattr(watching, "BEAT_S", 0.1)
    monkeypatch.setattr(watching, "SLOW_BEAT_S", 0.1)
    streams = Streams(service.api)
    opened = [streams.stream(head, 0) for _ in range(50)]
    for one in opened:
        await take(one, 2)
    assert streams.watched == 1
    looks.clear()
    began = time.monotonic()
    is_looked.clear()
    async with asyncio.timeout(20):
        await is_looked.wait()
    assert len(looks) <= (time.monotonic() - began) / 0.1 + 1  # one for all readers every 0.1 s
    for one in opened:
        await one.aclose()
    assert streams.watched == 0
    assert not streams._open


async def test_a_run_that_is_deleted_ends_its_streams(service: Service, head: RunHead) -> None:
    from panelsim.store.sweep import _delete_runs

    stream = Streams(service.api).stream(head, 0)
    await take(stream, 2)
    await asyncio.to_thread(_delete_runs, service.api.workspace.store._database, (head.id,))
    async with asyncio.timeout(20):
        assert [one async for one in stream] == []


async def test_streams_end_in_good_order_when_the_service_does(service: Service, head: RunHead) -> None:
    streams = Streams(service.api)
    opened = [streams.stream(head, 0) for _ in range(3)]
    for one in opened:
        await take(one, 2)
    waiting = [asyncio.create_task(_rest(one)) for one in opened]
    await asyncio.sleep(0.1)
    assert not any(one.done() for one in waiting)
    streams.stop()
    async with asyncio.timeout(20):
        assert await asyncio.gather(*waiting) == [[], [], []]
    assert streams.watched == 0


async def _rest(stream: AsyncIterator[bytes]) -> list[bytes]:
    return [one async for one in stream]


async def test_a_request_that_is_held_is_answered_when_the_service_ends(
    service: Service, head: RunHead
) -> None:
    held = asyncio.create_task(until_ended(service.api, head.account, head.id, 60))
    await asyncio.sleep(0.2)
    assert not held.done()
    service.api.stopping.set()
    async with asyncio.timeout(20):
        assert (await held).state == "queued"


async def test_a_client_that_leaves_frees_its_stream(
    service: Service, key: dict[str, str], head: RunHead
) -> None:
    app = service.client.app
    streams: Streams = app.state.streams  # type: ignore[attr-defined]
    bodies: list[bytes] = []
    is_told = asyncio.Event()
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await is_told.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        bodies.append(message.get("body", b""))
        if b"run.progress" in bodies[-1]:
            assert streams.watched == 1
            is_told.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/v1/runs/{head.id}/events",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", key["Authorization"].encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    assert streams.watched == 0
    assert not streams._open


def test_an_account_may_not_open_streams_without_end(
    make_service: Callable[[ApiOptions], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(ApiOptions())
    key = service.key()
    path = f"/v1/runs/{start(service, key)}/events"
    monkeypatch.setattr("panelsim.api.streams.MOST_OPEN", 0)
    refused = service.client.get(path, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
