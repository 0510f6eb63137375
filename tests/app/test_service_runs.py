"""Runs as use cases: asked once, told the same for ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panelsim.files import read_prompt_texts
from panelsim.model.study import MessageTest
from panelsim.service.prepare import prepare
from panelsim.service.reports import report_of
from panelsim.service.run import execute, new_run, recall
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.settings import Settings

STUDY = MessageTest.model_validate(
    {
        "id": "s",
        "n": 3,
        "model": "scripted/sensible",
        "stimuli": [{"id": "a", "text": "Forecasts within 5%"}, {"id": "b", "text": "Revenue, reimagined"}],
    }
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(Settings(store=str(tmp_path / "store.sqlite3"))) as opened:
        yield opened


def test_a_second_run_makes_no_call_and_hears_the_same(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    first = execute(job, new_run(job, workspace), workspace)
    again = prepare(STUDY, workspace)
    second = execute(again, new_run(again, workspace), workspace)
    assert first.made_now == len(first.completions) > 0
    assert second.made_now == 0
    assert second.transcripts == first.transcripts


def test_a_stored_run_is_recalled_as_it_was_told(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    told, _ = report_of(execute(job, run, workspace))
    recalled, _ = report_of(recall(workspace.store.run(run.id), workspace))
    assert recalled == told


def test_an_edited_prompt_changes_no_old_report(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    told, _ = report_of(execute(job, run, workspace))
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
    assert 0 < changed.made_now < len(changed.completions)


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
