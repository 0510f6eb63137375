"""Workers in processes of their own on one PostgreSQL database, asking a server that counts its requests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from panelsim.errors import StoreError
from panelsim.execution.durable_system import PARTS, PartRow, System, system_url
from panelsim.files import read_prompt_texts
from panelsim.model.progress import ENDED
from panelsim.model.study import MessageTest
from panelsim.service.control import cancel
from panelsim.service.parts import planned_calls
from panelsim.service.pool import queue_run
from panelsim.service.prepare import prepare
from panelsim.service.run import new_run, recall
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.settings import Settings
from panelsim.store import Run
from tests.app.commands import PROGRAM, ended, start
from tests.app.fake_openai import KEY, FakeOpenAI, fake_openai
from tests.wire import postgres

pytestmark = pytest.mark.alone

AT_ONCE = 16
SECONDS = 0.05
DEAR, SLOW = "openai/dear", "openai/slow"
PRICES = f"{DEAR}=1000,1000"
"""Dollars per million tokens."""
TOKENS = 110
"""Of each answer of the server, its prompt included."""
PER_MINUTE = 1200
RATES = f"{SLOW}={PER_MINUTE}"


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[postgres.Server]:
    """A server of this file's own."""
    with postgres.server() as running:
        yield running


@pytest.fixture(scope="module")
def store(postgres_server: postgres.Server) -> Iterator[str]:
    """The database that all tests here share: each has a run of its own."""
    with postgres.database(postgres_server.address) as address:
        yield address


@pytest.fixture(scope="module")
def pool(store: str) -> Iterator[tuple["Worker", ...]]:
    """Two workers that are there from the first test to the last."""
    given = {"PANELSIM_PRICES": PRICES, "PANELSIM_RPM": RATES}
    with workers(Worker(store, **given), Worker(store, **given)) as both:
        yield both


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with fake_openai(seconds=SECONDS) as running:
        yield running


@pytest.fixture
def workspace(store: str) -> Iterator[Workspace]:
    with open_workspace(Settings(store=store)) as opened:
        yield opened


class Worker:
    """A process that drives runs."""

    def __init__(self, store: str, *program: str, **given: str) -> None:
        own = {"PANELSIM_STORE": store, "PANELSIM_AT_ONCE": str(AT_ONCE), "OPENAI_API_KEY": KEY}
        self.process = subprocess.Popen(
            [*(program or PROGRAM), "worker"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **own, **given},
        )
        self.name = ""

    def arrived(self) -> "Worker":
        """Waits until it takes parts."""
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert "drives the runs of" in line, line + self.process.stderr.read()
        self.name = line.split()[1]
        return self

    def end(self) -> float:
        """Ends it as Ctrl-C does; seconds that took."""
        before = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        _, told = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, told
        return time.monotonic() - before


@contextmanager
def workers(*workers: Worker) -> Iterator[tuple[Worker, ...]]:
    """Workers that are there, and gone at the end."""
    try:
        yield tuple(worker.arrived() for worker in workers)
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.communicate()


class Queued(NamedTuple):
    """A run that workers drive."""

    run: Run
    planned: int
    """First calls, which are all calls of this study."""
    workspace: Workspace

    @property
    def state(self) -> str:
        return self.workspace.store.head(self.run.id).state

    def parts(self) -> list[PartRow]:
        """As the engine has them."""
        system = System(system_url(self.workspace.settings.store_url))
        try:
            last = system.last_attempt(self.run.id)
            return system.all_parts(last[0]) if last else []
        finally:
            system.close()

    def ended(self, seconds: float = 30) -> float:
        """Waits for the end; seconds that took."""
        return until(lambda: self.state in ENDED, seconds)


def _study(
    server: FakeOpenAI, n: int, about: str, model: str = "openai/m", cap_usd: float = 2.0
) -> MessageTest:
    return MessageTest.model_validate(
        {
            "id": "s",
            "n": n,
            "model": model,
            "max_cost_usd": cap_usd,
            "base_url": server.url,
            "elicit": "direct",
            "measures": ["relevance"],
            "stimuli": [
                {"id": "a", "text": f"Forecasts within 5% ({about})"},
                {"id": "b", "text": "Revenue, reimagined"},
            ],
        }
    )


def queued(
    server: FakeOpenAI,
    workspace: Workspace,
    n: int = 30,
    about: str = "a",
    model: str = "openai/m",
    cap_usd: float = 2.0,
) -> Queued:
    """A run of two headlines, queued for whoever comes; `about` keeps the answers of tests apart."""
    study = _study(server, n, about, model, cap_usd)
    job = prepare(study, workspace)
    run = new_run(job, workspace)
    queue_run(job, run, workspace)
    return Queued(run, planned_calls(job), workspace)


def until(is_so: Callable[[], bool], seconds: float = 30) -> float:
    before = time.monotonic()
    while not is_so():
        assert time.monotonic() - before < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - before


def test_two_workers_share_a_run_and_ask_nothing_twice(
    server: FakeOpenAI, workspace: Workspace, pool: tuple[Worker, ...]
) -> None:
    run = queued(server, workspace, about="shared")
    run.ended()
    assert run.state == "done"
    assert {part.executor for part in run.parts()} == {worker.name for worker in pool}
    assert len(server.bodies) == len(set(server.bodies)) == run.planned


def test_the_cap_of_a_run_holds_for_all_workers_together(
    server: FakeOpenAI, workspace: Workspace, pool: tuple[Worker, ...]
) -> None:
    cap = 20.0
    run = queued(server, workspace, about="capped", model=DEAR, cap_usd=cap)
    run.ended()
    assert run.state == "stopped"
    spent = workspace.store.spent(run.run.id)
    assert 0 < spent.pico + spent.unsettled_pico <= cap * 10**12
    # each answer cost what its tokens do, and nothing is spent that no answer was got for
    assert spent.calls == len(server.bodies) < run.planned
    assert spent.pico == len(server.bodies) * TOKENS * 1000 * 10**6


def test_a_stated_rate_holds_for_all_workers_together(
    server: FakeOpenAI, workspace: Workspace, pool: tuple[Worker, ...]
) -> None:
    run = queued(server, workspace, about="rated", model=SLOW)
    until(lambda: len(server.bodies) > 0)
    before, since = len(server.bodies), time.monotonic()
    time.sleep(2.0)
    asked, seconds = len(server.bodies) - before, time.monotonic() - since
    cancel(workspace.store.head(run.run.id), workspace.store)
    per_second = PER_MINUTE / 60
    # 20 a second for both: each alone could ask 16 every .05 s
    assert 0.5 * per_second * seconds < asked <= per_second * (seconds + 0.5) + 1


def test_a_cancelled_run_ends_at_once_and_keeps_what_was_said(
    server: FakeOpenAI, workspace: Workspace, pool: tuple[Worker, ...]
) -> None:
    run = queued(server, workspace, about="cancelled")
    until(lambda: len(server.bodies) > run.planned // 4)
    before = time.monotonic()
    cancel(workspace.store.head(run.run.id), workspace.store)
    assert time.monotonic() - before < 2
    asked = len(server.bodies)
    assert run.state == "cancelled"
    time.sleep(0.5)
    assert len(server.bodies) == asked < run.planned
    outcome = recall(run.run, workspace)
    assert 0 < len(outcome.failures) < len(outcome.transcripts)


def test_a_paused_run_leaves_the_workers_to_others(
    server: FakeOpenAI, workspace: Workspace, pool: tuple[Worker, ...]
) -> None:
    paused = queued(server, workspace, about="paused")
    until(lambda: len(server.bodies) > paused.planned // 4)
    workspace.store.set_wish(paused.run.id, "pause")
    until(lambda: all(part.queue != PARTS or part.output for part in paused.parts()), 15)
    other = queued(server, workspace, n=4, about="other")
    other.ended()
    assert other.state == "done"
    workspace.store.set_wish(paused.run.id, "run")
    paused.ended()
    assert paused.state == "done"
    assert len(server.bodies) == len(set(server.bodies))


def test_a_run_taken_up_as_soon_as_its_parts_are_parked_asks_nothing_twice(
    server: FakeOpenAI, workspace: Workspace, pool: tuple[Worker, ...]
) -> None:
    run = queued(server, workspace, about="hasty")
    until(lambda: len(server.bodies) > run.planned // 4)
    workspace.store.set_wish(run.run.id, "pause")
    until(lambda: all(part.queue != PARTS or part.output for part in run.parts()), 15)
    workspace.store.set_wish(run.run.id, "run")
    run.ended()
    assert run.state == "done"
    assert len(server.bodies) == len(set(server.bodies)) == run.planned


def test_a_worker_that_ends_leaves_its_parts_to_others(
    server: FakeOpenAI, workspace: Workspace, store: str, pool: tuple[Worker, ...]
) -> None:
    with workers(Worker(store)) as (leaver,):
        run = queued(server, workspace, n=90, about="left")
        until(lambda: any(part.executor == leaver.name for part in run.parts()))
        assert leaver.end() < 8
        run.ended()
    assert run.state == "done", run.parts()
    assert len(set(server.bodies)) == run.planned


def test_who_stops_waiting_for_a_run_does_not_stop_it(
    server: FakeOpenAI, workspace: Workspace, store: str, pool: tuple[Worker, ...], tmp_path: Path
) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(yaml.safe_dump(_study(server, 30, "waited for").model_dump(mode="json")))
    waiting = start("run", str(study), "--database", store, "--yes", OPENAI_API_KEY=KEY)
    until(lambda: len(server.bodies) > 40 or waiting.poll() is not None)
    assert waiting.poll() is None, waiting.communicate()
    waiting.send_signal(signal.SIGINT)
    told = ended(waiting, 20)
    assert told.code == 130
    run = workspace.store.runs()[0]
    assert f"the workers on the store go on with run {run.id}" in told.sentence
    until(lambda: workspace.store.head(run.id).state in ENDED)
    assert workspace.store.run(run.id).state == "done"
    assert not recall(run, workspace).failures


def test_a_killed_worker_is_replaced_within_seconds_even_by_a_newer_version(
    server: FakeOpenAI, postgres_server: postgres.Server, tmp_path: Path
) -> None:
    name = "questions/rating.first_person"
    edited = tmp_path / "new" / "prompts" / f"{name}.md"
    edited.parent.mkdir(parents=True)
    edited.write_text(read_prompt_texts()[name] + "\nEDITED")
    newer = "import panelsim; panelsim.__version__ = '99.0.0'; from panelsim.cli.main import main; main()"
    with postgres.database(postgres_server.address) as fresh, open_workspace(Settings(store=fresh)) as alone:
        with workers(Worker(fresh)) as (old,):
            run = queued(server, alone, about="killed")
            until(lambda: len(server.bodies) > run.planned // 4)
            with workers(Worker(fresh, sys.executable, "-c", newer, PANELSIM_HOME=str(tmp_path / "new"))):
                old.process.kill()
                left = (run.planned - len(server.bodies)) / AT_ONCE * 2 * SECONDS
                took = run.ended()
        assert run.state == "done"
        assert took < left + 8
        assert not recall(run.run, alone).failures
    assert len(set(server.bodies)) == run.planned
    # what the dead one had under way, or had heard and not committed, is asked again
    assert len(server.bodies) <= run.planned + 2 * AT_ONCE
    assert "EDITED" not in json.dumps(server.bodies)


def test_workers_go_on_when_the_database_comes_back(
    server: FakeOpenAI, workspace: Workspace, postgres_server: postgres.Server, pool: tuple[Worker, ...]
) -> None:
    run = queued(server, workspace, about="away")
    until(lambda: len(server.bodies) > run.planned // 4)
    postgres_server.stop()
    time.sleep(3)
    postgres_server.start()
    until(lambda: _state_if_reachable(run) in ENDED)
    assert run.state == "done", run.parts()
    assert len(set(server.bodies)) == run.planned
    assert len(server.bodies) <= run.planned + 2 * len(pool) * AT_ONCE


def _state_if_reachable(run: Queued) -> str:
    try:
        return run.state
    except StoreError:
        return "away"
