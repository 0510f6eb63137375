"""Runs that another process drives: followed, paused, resumed and cancelled from here, and told apart."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from panelsim.errors import InputError
from panelsim.model.progress import Progress, Progressed, StateChanged
from panelsim.model.study import MessageTest
from panelsim.service import control
from panelsim.service.follow import Follower, follow
from panelsim.service.pool import queue_run
from panelsim.service.prepare import prepare
from panelsim.service.run import new_run
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.store import Run
from tests.app.commands import EMPTY, GOOD, SCRIPTED, ended, panelsim, start
from tests.app.fake_openai import KEY, FakeOpenAI, fake_openai
from tests.wire import postgres

pytestmark = pytest.mark.alone

AT_ONCE = 3
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PANELSIM_AT_ONCE", str(AT_ONCE))


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with fake_openai(seconds=0.02) as running:
        yield running


def _driven(server: FakeOpenAI, calls: int = 6) -> subprocess.Popen[str]:
    """A run in a process of its own that has asked for `calls` answers."""
    panelsim("runs", "list")  # loads what the commands below need: the run does not wait for that
    model = ("--model", "openai/m", "--base-url", server.url, "--elicit", "direct")
    process = start("test", GOOD, EMPTY, *model, "--n", "6", "--json")
    _until(lambda: len(server.bodies) >= calls or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


def _until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    last = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < last, "it did not happen in time"
        time.sleep(0.02)


def _listed() -> str:
    listed = json.loads(panelsim("runs", "list", "--json").out)
    return str(listed[0]["state"])


def _grown(server: FakeOpenAI, seconds: float = 0.4) -> int:
    """Calls that come in while one waits."""
    before = len(server.bodies)
    time.sleep(seconds)
    return len(server.bodies) - before


def test_a_run_elsewhere_is_paused_and_goes_on_where_it_was(server: FakeOpenAI) -> None:
    process = _driven(server)
    paused = panelsim("runs", "pause", "last")
    assert paused.code == 0
    assert "is paused" in paused.sentence
    _until(lambda: _grown(server) == 0, 5)
    assert _listed() == "paused"
    again = panelsim("runs", "resume", "last")
    assert again.code == 0
    assert "goes on where it is driven" in again.sentence
    assert _listed() == "running"
    done = ended(process)
    assert done.code == 0
    assert len(server.bodies) == len(set(server.bodies))  # nothing was asked twice


def test_a_run_elsewhere_is_cancelled_within_a_second_and_can_be_resumed(server: FakeOpenAI) -> None:
    process = _driven(server)
    began = time.monotonic()
    done = panelsim("runs", "cancel", "last")
    assert time.monotonic() - began < 3  # a second to obey, and what the command itself takes
    assert done.code == 0
    assert "is cancelled; what was answered is kept" in done.sentence
    there = ended(process)
    assert there.code == 130
    assert "Cancelled on request" in there.err
    assert there.json["state"] == "cancelled"
    assert _grown(server) == 0
    with open_workspace() as workspace:
        kept = workspace.store.count()
    again = panelsim("runs", "resume", "last", "--json")
    assert again.code == 0
    assert again.json["calls_made_now"] == int(str(again.json["calls"])) - kept
    assert _listed() == "done"


def test_a_run_that_is_being_asked_is_not_asked_twice(server: FakeOpenAI) -> None:
    process = _driven(server)
    done = panelsim("runs", "resume", "last")
    assert done.code == 2
    assert "is being asked by another process already" in done.sentence
    assert "panelsim runs watch" in done.sentence
    panelsim("runs", "cancel", "last")
    ended(process)


def test_watching_follows_a_run_to_its_end_and_ends_as_it_does(server: FakeOpenAI) -> None:
    process = _driven(server)
    watched = start("runs", "watch", "last")
    done, seen = ended(process), ended(watched)
    assert (done.code, seen.code, seen.out) == (0, 0, "")
    lines = seen.err.splitlines()
    assert lines[0].startswith("Watching run ")
    assert "Done. " in lines[-1]
    assert "sessions · " in lines[-1]


def test_watching_as_json_gives_every_event_in_order(server: FakeOpenAI) -> None:
    process = _driven(server)
    seen = ended(start("runs", "watch", "last", "--json"))
    ended(process)
    events = [_OBJECT.validate_json(line) for line in seen.out.splitlines()]
    numbers = [int(str(event["seq"])) for event in events]
    assert numbers == list(range(1, len(events) + 1))
    assert events[0]["state"] == "running"
    assert events[-1]["state"] == "done"
    assert {event["kind"] for event in events} == {"state", "progress"}
    later = panelsim("runs", "watch", "last", "--json", "--after", str(numbers[-2]))
    assert [json.loads(line)["seq"] for line in later.out.splitlines()] == numbers[-1:]


def test_ctrl_c_stops_watching_and_not_the_run(server: FakeOpenAI) -> None:
    process = _driven(server)
    watched = start("runs", "watch", "last", "--json")
    assert watched.stdout is not None
    watched.stdout.readline()
    watched.send_signal(signal.SIGINT)
    seen = ended(watched)
    assert seen.code == 130
    assert "No longer watching" in seen.err
    assert "Traceback" not in seen.err
    assert ended(process).code == 0


def test_a_run_whose_process_was_killed_is_told_as_such(server: FakeOpenAI) -> None:
    process = _driven(server)
    process.kill()
    ended(process)
    assert _listed() == "interrupted"  # though nobody was left to write it down
    watched = panelsim("runs", "watch", "last")
    assert watched.code == 130
    assert "its process has ended" in watched.sentence
    paused = panelsim("runs", "pause", "last")
    assert paused.code == 2
    assert "nobody drives run" in paused.sentence
    assert panelsim("runs", "cancel", "last").code == 0
    assert _listed() == "cancelled"


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_a_run_that_is_done_can_be_neither_paused_nor_cancelled(verb: str) -> None:
    panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "r")
    done = panelsim("runs", verb, "last")
    assert done.code == 2
    assert f"has ended (done), so there is nothing to {verb}" in done.sentence


@pytest.mark.parametrize("verb", ["pause", "cancel", "watch"])
def test_a_mistyped_run_and_an_empty_store_are_told(verb: str) -> None:
    empty = panelsim("runs", verb, "last")
    assert empty.code == 2
    assert "has no run yet; start with: panelsim test" in empty.sentence
    run_id = str(panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "r", "--json").json["run_id"])
    wrong = panelsim("runs", verb, run_id[:-1])
    assert wrong.code == 2
    assert f"did you mean {run_id!r}?" in wrong.sentence


# --- without a process


@pytest.fixture
def opened() -> Iterator[tuple[Run, Workspace]]:
    """A run that the store calls running, driven by nobody."""
    panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "r")
    with open_workspace() as workspace:
        run = workspace.store.runs()[0]
        workspace.store.set_state(run.id, "running")
        workspace.store.append_event(run.id, StateChanged(state="running"))
        yield run.model_copy(update={"state": "running"}), workspace


def test_the_parts_of_a_run_are_followed_as_one(opened: tuple[Run, Workspace]) -> None:
    run, workspace = opened
    follower = Follower(run.head, workspace.store, after=10_000)
    workspace.store.save_part(run.id, 0, Progress(sessions=4, done=1, seconds=2))
    workspace.store.save_part(run.id, 1, Progress(sessions=6, done=3, seconds=5))
    (event,) = [one.event for one in follower.look()]
    assert isinstance(event, Progressed)
    assert (event.progress.sessions, event.progress.done, event.progress.seconds) == (10, 4, 5)
    assert follower.look() == []  # the same is told once


def test_parts_that_were_not_begun_belong_to_what_is_planned(opened: tuple[Run, Workspace]) -> None:
    run, workspace = opened
    follower = Follower(run.head, workspace.store)
    follower.look()
    workspace.store.append_event(run.id, StateChanged(state="running"))
    workspace.store.append_event(run.id, Progressed(progress=Progress(sessions=900, calls=4000)))
    for part in (0, 1):
        workspace.store.save_part(run.id, part, Progress(sessions=10, calls=40, done=5))
    last = follower.look()[-1].event
    assert isinstance(last, Progressed)
    assert (last.progress.sessions, last.progress.calls, last.progress.done) == (900, 4000, 10)


def test_a_wish_to_pause_is_followed_like_a_state(opened: tuple[Run, Workspace]) -> None:
    run, workspace = opened
    follower = Follower(run.head, workspace.store, after=10_000)
    states = []
    for wish in ("pause", "pause", "run"):
        workspace.store.set_wish(run.id, "pause" if wish == "pause" else "run")
        states += [one.event.state for one in follower.look() if isinstance(one.event, StateChanged)]
    assert states == ["paused", "running"]


def test_following_a_run_that_nobody_drives_comes_to_an_end(opened: tuple[Run, Workspace]) -> None:
    run, workspace = opened
    waited: list[float] = []
    assert list(follow(run.head, workspace.store, 10_000, wait=waited.append)) == []
    assert sum(waited) <= 4


def test_a_run_that_is_slow_to_obey_is_told_as_such(opened: tuple[Run, Workspace]) -> None:
    run, workspace = opened
    with workspace.store.claim(run.id):
        told = control.cancel(run.head, workspace.store, wait=lambda _seconds: None, within_s=1)
    assert told.state == "running"
    assert "is told to stop and has not done so within 1 s" in told.sentence
    assert workspace.store.wish(run.id) == "cancel"


def test_a_run_that_waits_in_a_queue_can_be_paused_and_cancelled(opened: tuple[Run, Workspace]) -> None:
    run, workspace = opened
    queued = run.model_copy(update={"state": "queued"})
    assert control.pause(queued.head, workspace.store).state == "paused"
    assert control.shown_state(queued.head, workspace.store) == "paused"
    assert control.cancel(queued.head, workspace.store).state == "cancelled"
    with pytest.raises(InputError, match=r"has ended \(cancelled\)"):
        control.pause(workspace.store.head(run.id), workspace.store)


# --- a pool of workers


@pytest.fixture
def _shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store that workers share."""
    with postgres.server() as running:
        monkeypatch.setenv("PANELSIM_STORE", running.address)
        yield


@pytest.mark.usefixtures("_shared")
def test_a_run_of_a_pool_is_followed_from_elsewhere(server: FakeOpenAI) -> None:
    study = MessageTest.model_validate(
        {
            "id": "s",
            "n": 20,
            "model": "openai/m",
            "base_url": server.url,
            "elicit": "direct",
            "measures": ["relevance"],
            "stimuli": [{"id": "a", "text": GOOD}, {"id": "b", "text": EMPTY}],
        }
    )
    with open_workspace() as workspace:
        job = prepare(study, workspace)
        run = new_run(job, workspace)
        queue_run(job, run, workspace)
    assert _listed() == "queued"
    worker = start("worker")
    watched = ended(start("runs", "watch", "last", "--json"), timeout=60)
    worker.send_signal(signal.SIGINT)
    assert ended(worker).code == 0
    assert watched.code == 0
    events = [_OBJECT.validate_json(line) for line in watched.out.splitlines()]
    states = [event["state"] for event in events if event["kind"] == "state"]
    assert (states[0], states[-1]) == ("queued", "done")
    told = [event["progress"] for event in events if event["kind"] == "progress"]
    assert {one["sessions"] for one in told if isinstance(one, dict)} == {len(job.plan)}
    dones = [int(str(one["done"])) for one in told if isinstance(one, dict)]
    assert dones == sorted(dones)
    assert len(set(dones)) > 2  # it was seen to grow
