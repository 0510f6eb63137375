"""A run that is cut short keeps its answers, says how to go on, and asks for none of them again."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from pydantic import JsonValue

from panelsim.service.workspace import open_workspace
from panelsim.store.records import Run
from tests.app.commands import EMPTY, GOOD, Ended, ended, panelsim, start
from tests.app.fake_openai import KEY, FakeOpenAI, fake_openai

pytestmark = pytest.mark.alone

AT_ONCE = 3


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PANELSIM_AT_ONCE", str(AT_ONCE))


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_say_how_to_go_on_and_going_on_ends_the_run(sign: signal.Signals) -> None:
    with fake_openai(seconds=0.03) as server:
        process = _asked_until(server, 20)
        process.send_signal(sign)
        done = ended(process)
        run = _last_run()
        assert done.code == 130
        assert done.out == ""
        assert f"Go on with: panelsim runs resume {run.id}" in done.err
        assert "Traceback" not in done.err
        assert run.state == "interrupted"
        _goes_on(server, run)


def test_after_sigkill_no_stored_answer_is_asked_for_again() -> None:
    with fake_openai(seconds=0.03) as server:
        process = _asked_until(server, 20)
        process.kill()
        ended(process)
        run = _last_run()
        assert run.state == "running"
        _goes_on(server, run)


def test_what_an_interrupted_run_has_said_can_be_reported() -> None:
    with fake_openai(seconds=0.03) as server:
        process = _asked_until(server, 30)
        process.kill()
        ended(process)
        asked = len(server.bodies)
        done = panelsim("report", "last", "--format", "md")
        assert len(server.bodies) == asked
    assert done.code == 0
    assert "Simulated, not people" in done.out


def _asked_until(server: FakeOpenAI, calls: int) -> subprocess.Popen[str]:
    """A run that has asked for `calls` answers."""
    model = ("--model", "openai/m", "--base-url", server.url, "--elicit", "direct")
    process = start("test", GOOD, EMPTY, *model, "--n", "6", "--json")
    until = time.monotonic() + 30
    while len(server.bodies) < calls:
        assert time.monotonic() < until, "the run did not start in time"
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    return process


def _goes_on(server: FakeOpenAI, run: Run) -> Ended:
    """Resumes `run`: it ends well, and only calls that were under way are asked for twice."""
    with open_workspace() as workspace:
        kept = workspace.store.count()
    before = len(server.bodies)
    assert kept > 0
    done = panelsim("runs", "resume", run.id, "--json")
    assert done.code == 0
    made, calls = _number(done, "calls_made_now"), _number(done, "calls")
    assert len(server.bodies) - before == made == calls - kept
    # under way when it was killed: sent and not answered, or answered and not committed yet, which takes
    # no longer than two more answers
    assert len(server.bodies) - len(set(server.bodies)) <= 3 * AT_ONCE
    with open_workspace() as workspace:
        assert workspace.store.count() == calls
        assert workspace.store.verify() == ()
        assert workspace.store.run(run.id).state == "done"
    return done


def _number(done: Ended, name: str) -> int:
    value: JsonValue = done.json[name]
    assert isinstance(value, int)
    return value


def _last_run() -> Run:
    with open_workspace() as workspace:
        return workspace.store.runs()[0]
