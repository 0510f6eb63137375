"""Runs as use cases: asked once, told the same for ever."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from panelsim.errors import StoreError
from panelsim.files import read_prompt_texts
from panelsim.model.progress import Event, Progressed, StateChanged, Wish
from panelsim.service.prepare import prepare
from panelsim.service.reports import report_of
from panelsim.service.run import execute, job_of, new_run, recall
from panelsim.service.workspace import Workspace, open_workspace
from tests.app.small import STUDY


def test_a_second_run_makes_no_call_and_hears_the_same(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    first = execute(job, new_run(job, workspace), workspace)
    again = prepare(STUDY, workspace)
    second = execute(again, new_run(again, workspace), workspace)
    assert first.made == first.progress.answered > 0
    assert second.made == 0
    assert second.progress.cached == second.progress.answered == first.made


def test_a_stored_run_is_recalled_as_it_was_told(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    execute(job, run, workspace)
    told, _ = report_of(recall(run, workspace, job))
    recalled, _ = report_of(recall(workspace.store.run(run.id), workspace))
    assert recalled == told


def test_of_two_runs_in_one_second_the_later_one_is_the_newest(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    at = datetime(2026, 11, 28, 16, 16, 49, tzinfo=UTC)
    runs = [new_run(job, workspace, at + timedelta(milliseconds=part)) for part in (0, 100, 990, 995)]
    assert [run.id for run in workspace.store.runs()] == [run.id for run in reversed(runs)]
    assert [head.id for head in workspace.store.heads()] == [run.id for run in reversed(runs)]


def test_an_edited_prompt_changes_no_old_report(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    made = execute(job, run, workspace).made
    told, _ = report_of(recall(run, workspace, job))
    name = "questions/rating.third_person"
    edited = tmp_path / "prompts" / f"{name}.md"
    edited.parent.mkdir(parents=True)
    edited.write_text(read_prompt_texts()[name].replace("One digit:", "A digit:"))
    monkeypatch.chdir(tmp_path)
    with open_workspace(workspace.settings) as today:
        assert report_of(recall(today.store.run(run.id), today))[0] == told
        job = prepare(STUDY, today)
        changed = execute(job, new_run(job, today), today)
    # each rating is asked anew; reactions and pairs are not: their prompts are as they were
    assert 0 < changed.made < made


def test_what_was_never_asked_is_missing_with_the_reason(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    outcome = recall(run, workspace)
    assert len(outcome.failures) == len(job.plan)
    assert set(outcome.failures.values()) == {"the run was stopped before this session"}
    report, analysis = report_of(outcome)
    assert analysis is not None
    assert analysis.verdict.word == "cannot_say"
    assert analysis.quality.missing == analysis.quality.asked > 0
    assert "partial" in report.model_dump_json()


def test_a_fresh_run_hears_nothing_that_was_said_before(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    made = execute(job, new_run(job, workspace), workspace).made
    anew = prepare(STUDY, workspace, fresh=True)
    run = new_run(anew, workspace)
    assert anew.panel == job.panel
    assert execute(anew, run, workspace).made == made
    # resumed, it is the same fresh run and not yet another one
    assert execute(job_of(run, workspace), run, workspace).made == 0


def test_the_progress_of_a_run_is_one_stream_that_ends_with_its_state(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    events: list[Event] = []
    ended = execute(job, run, workspace, events.append)
    assert events[0] == StateChanged(state="running")
    assert events[-1] == StateChanged(state="done")
    last = [event for event in events if isinstance(event, Progressed)][-1].progress
    assert (last.done, last.failed, last.running) == (len(job.plan), 0, 0)
    assert last.answered == ended.made
    stored = [one.event for one in workspace.store.events(run.id)]
    assert stored[-2:] == [Progressed(progress=last), StateChanged(state="done")]
    assert workspace.store.parts(run.id)[0].done == len(job.plan)


def test_a_run_that_is_cancelled_keeps_what_it_heard_and_can_be_resumed(workspace: Workspace) -> None:
    study = STUDY.model_copy(update={"n": 200})
    job = prepare(study, workspace)
    run = new_run(job, workspace)

    def cancel(event: Event) -> None:
        if isinstance(event, Progressed):
            workspace.store.set_wish(run.id, "cancel")

    ended = execute(job, run, workspace, cancel)
    assert ended.state == workspace.store.head(run.id).state == "cancelled"
    told = [one.event for one in workspace.store.events(run.id)]
    assert told[-2:] == [Progressed(progress=ended.progress), StateChanged(state="cancelled")]
    assert ended.progress.running == 0
    assert ended.progress.done < len(job.plan)
    left = execute(job, run, workspace)
    assert left.state == "done"
    assert ended.made + left.made == left.progress.answered


def test_what_was_heard_while_driving_is_what_the_store_says(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    heard = execute(job, run, workspace).outcome
    derived = recall(workspace.store.run(run.id), workspace)
    assert list(heard.transcripts) == list(derived.transcripts)
    assert (heard.calls, heard.usage, heard.cost_usd) == (derived.calls, derived.usage, derived.cost_usd)
    assert heard.failures == derived.failures == {}


def test_a_look_at_the_store_that_fails_ends_no_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    looks: list[str] = []
    real = workspace.store.wish

    def away(run_id: str) -> Wish:
        looks.append(run_id)
        if len(looks) == 2:
            raise StoreError("the server is away")
        return real(run_id)

    monkeypatch.setattr(workspace.store, "wish", away)
    assert execute(job, run, workspace).state == "done"
    assert len(looks) > 1


def test_somebody_who_looks_whether_a_run_is_driven_is_waited_for(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    looks = threading.Event()

    def look() -> None:
        with workspace.store.claim(run.id):
            looks.set()
            time.sleep(0.1)

    looker = threading.Thread(target=look)
    looker.start()
    assert looks.wait(5)
    assert execute(job, run, workspace).state == "done"
    looker.join()
