"""The durable engine in one process, on a store in a file: runs as the local one, and crashes survived."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from panelsim.execution.durable_panel import Ending, _given_up, _plus
from panelsim.execution.durable_system import PartRow, system_url
from panelsim.execution.part import PartResult, parts_of
from panelsim.model.study import MessageTest
from panelsim.service.parts import planned_calls
from panelsim.service.pool import execute_pooled
from panelsim.service.prepare import prepare
from panelsim.service.reports import report_of
from panelsim.service.run import Ended, execute, job_of, new_run, recall
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.settings import Settings
from tests.app.fake_openai import KEY, FakeOpenAI, fake_openai

pytestmark = pytest.mark.alone

AT_ONCE = 8
GO_ON = """
import sys
from panelsim.service.pool import execute_pooled
from panelsim.service.run import job_of
from panelsim.service.workspace import open_workspace
with open_workspace() as workspace:
    run = workspace.store.run(sys.argv[1])
    print(execute_pooled(job_of(run, workspace), run, workspace).state)
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PANELSIM_AT_ONCE", str(AT_ONCE))
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "store.sqlite3"))


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with fake_openai(seconds=0.06) as running:
        yield running


def _study(n: int, model: str = "scripted/sensible", base_url: str = "") -> MessageTest:
    return MessageTest.model_validate(
        {
            "id": "s",
            "n": n,
            "model": model,
            "base_url": base_url,
            "measures": ["relevance"],
            "elicit": "direct",
            "stimuli": [
                {"id": "a", "text": "Forecasts within 5%"},
                {"id": "b", "text": "Revenue, reimagined"},
            ],
        }
    )


def _asked(
    place: Path, engine: Callable[..., Ended], study: MessageTest
) -> tuple[Ended, dict[str, object], list[object]]:
    with open_workspace(Settings(store=str(place))) as workspace:
        job = prepare(study, workspace)
        run = new_run(job, workspace, datetime(2026, 1, 1, tzinfo=UTC))
        ended = engine(job, run, workspace)
        assert workspace.store.run(run.id).state == ended.state
        outcome = recall(run, workspace)
        report, _ = report_of(outcome)
        told = report.model_dump()
        return ended, told, list(outcome.transcripts)


def test_the_durable_engine_tells_what_the_local_one_tells(tmp_path: Path) -> None:
    study = _study(24)
    local, local_report, local_said = _asked(tmp_path / "local.sqlite3", execute, study)
    durable, durable_report, durable_said = _asked(tmp_path / "durable.sqlite3", execute_pooled, study)
    assert durable_said == local_said
    assert durable_report == local_report
    assert (durable.state, durable.made) == (local.state, local.made)
    assert durable.progress.sessions == durable.progress.done == local.progress.sessions


def _started(run_id: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", GO_ON, run_id],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def _until(is_so: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 30) -> None:
    last = time.monotonic() + seconds
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < last, "it did not happen in time"
        time.sleep(0.02)


def _new(workspace: Workspace, server: FakeOpenAI) -> tuple[str, int]:
    job = prepare(_study(24, "openai/m", server.url), workspace)
    return new_run(job, workspace).id, planned_calls(job)


def test_a_process_killed_in_the_middle_goes_on_where_it_was(server: FakeOpenAI) -> None:
    with open_workspace() as workspace:
        run_id, planned = _new(workspace, server)
        process = _started(run_id)
        _until(lambda: len(server.bodies) > planned // 3, process)
        process.kill()
        process.communicate()
        assert workspace.store.run(run_id).state == "running"
        again = _started(run_id)
        out, err = again.communicate(timeout=40)
        assert out == "done\n", err
        assert not recall(workspace.store.run(run_id), workspace).failures
    assert len(set(server.bodies)) == planned
    assert len(server.bodies) <= planned + 2 * AT_ONCE


def test_an_interrupted_run_is_not_taken_up_unasked(server: FakeOpenAI, tmp_path: Path) -> None:
    with open_workspace() as workspace:
        run_id, planned = _new(workspace, server)
        process = _started(run_id)
        _until(lambda: len(server.bodies) > planned // 4, process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert workspace.store.run(run_id).state == "interrupted"
        asked = len(server.bodies)
        assert asked < planned
        job = prepare(_study(2), workspace)
        execute_pooled(job, new_run(job, workspace), workspace)
        assert len(server.bodies) == asked
        run = workspace.store.run(run_id)
        assert execute_pooled(job_of(run, workspace), run, workspace).state == "done"
    assert len(set(server.bodies)) == planned


def _row(part: PartResult | None, error: str = "") -> PartRow:
    output: dict[str, JsonValue] = part.model_dump() if part else {"error": error}
    return PartRow("part/r/1/0", "SUCCESS", "q", "e", output)


def test_a_run_ends_as_the_worst_of_its_parts() -> None:
    done, failed = PartResult(done=3, failed=0), PartResult(done=0, failed=2, reason="no key")
    capped = PartResult(done=1, failed=0, stopped="budget", reason="the cap")
    ending = Ending()
    for part in (done, failed, capped):
        ending = _plus(ending, _row(part))
    assert ending == Ending(done=4, failed=2, stopped="budget", reason="the cap")
    ending = _plus(_plus(ending, _row(None, "disk full")), _row(done))
    assert (ending.stopped, ending.reason, ending.done) == ("error", "disk full", 7)
    dropped = _row(done)._replace(status="CANCELLED", output=None)
    assert _plus(Ending(), dropped) == Ending()


def test_a_run_whose_model_never_answers_is_given_up() -> None:
    many = Ending(failed=200, reason="no route")
    assert _given_up(many).stopped == "error"
    assert _given_up(many.model_copy(update={"done": 1})).stopped == ""
    assert _given_up(many.model_copy(update={"failed": 199})).stopped == ""


def test_parts_are_cut_from_three_numbers_alone() -> None:
    parts = list(parts_of(10, 60.0, 150))  # 150 / 60 = 2.5 respondents, rounded to 2
    assert [(part.start, part.stop) for part in parts] == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]


def test_the_tables_of_the_engine_are_beside_a_file_and_in_a_database() -> None:
    assert system_url("sqlite:////data/store.sqlite3") == "sqlite:////data/store.engine.sqlite3"
    assert system_url("postgresql+psycopg://u:p@h/d") == "postgresql://u:p@h/d"
