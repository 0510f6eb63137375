"""Report files: whole or not at all, from one reading of the transcripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from panelsim.errors import InputError
from panelsim.model.plan import Transcript
from panelsim.reporting.formats import FORMATS
from panelsim.service import outcome as outcomes
from panelsim.service.outcome import Outcome, StoredTranscripts
from panelsim.service.output import FILES, write_pieces, write_report
from panelsim.service.prepare import prepare
from panelsim.service.reports import MOST_FAILURES, pieces_of, report_of, run_facts
from panelsim.service.run import execute, new_run, recall
from panelsim.service.workspace import Workspace
from tests.app.small import STUDY


def asked(workspace: Workspace) -> Outcome:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    execute(job, run, workspace)
    return recall(run, workspace, job)


def test_a_folder_holds_what_each_format_says_of_the_run(workspace: Workspace, tmp_path: Path) -> None:
    outcome = asked(workspace)
    written = write_report(outcome, tmp_path / "out", None)
    assert [path.name for path in written.files] == [*(FORMATS[form].file for form in FILES), "study.yaml"]
    assert (written.report, written.analysis) == report_of(outcome)
    for form in FILES:
        text = (tmp_path / "out" / FORMATS[form].file).read_text("utf-8")
        assert text == "".join(pieces_of(outcome, form)), form


def test_a_large_run_is_read_from_the_store_once_for_all_its_files(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "KEPT", 0)
    outcome = asked(workspace)
    readings: list[int] = []
    read = StoredTranscripts.__iter__

    def counted(transcripts: StoredTranscripts) -> Iterator[Transcript]:
        readings.append(len(transcripts))
        return read(transcripts)

    monkeypatch.setattr(StoredTranscripts, "__iter__", counted)
    write_report(outcome, tmp_path / "out", None)
    assert readings == [len(outcome.job.plan)]


def test_a_report_lists_the_first_failures_and_counts_the_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = prepare(STUDY, workspace)
    outcome = recall(new_run(job, workspace), workspace, job)  # nothing was asked, so everything failed
    monkeypatch.setattr("panelsim.service.reports.MOST_FAILURES", 2)
    facts = run_facts(outcome)
    assert [failure.session for failure in facts.failures] == sorted(outcome.failures)[:2]
    assert facts.failed == len(job.plan) < MOST_FAILURES


def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "out" / "responses.csv"
    path.parent.mkdir()
    path.write_text("before", "utf-8")

    def broken() -> Iterator[str]:
        yield "half a"
        raise ValueError("the line is gone")

    with pytest.raises(ValueError, match="the line is gone"):
        write_pieces(path, broken())
    assert [one.name for one in path.parent.iterdir()] == ["responses.csv"]
    assert path.read_text("utf-8") == "before"
    write_pieces(path, ["after", "wards"])
    assert path.read_text("utf-8") == "afterwards"


def test_a_file_that_cannot_be_written_is_said_with_the_way_to_write_it_again(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written .*panelsim report last --out FILE"):
        write_pieces(tmp_path / "missing" / "responses.csv", ["a"])
