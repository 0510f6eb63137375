"""Notes as files: read strictly, used in a run, kept with it, and looked at from the command line."""

from pathlib import Path

import pytest

from panelsim.errors import InputError
from panelsim.files import read_guide, read_note, read_notes
from panelsim.model.report import Limits
from panelsim.model.study import InterviewStudy
from panelsim.passages.quotable import MARK
from panelsim.service.prepare import prepare
from panelsim.service.reports import report_of
from panelsim.service.run import execute, new_run, recall
from panelsim.service.workspace import Workspace
from tests.app.commands import panelsim
from tests.app.small import STUDY

EXAMPLES = Path(__file__).parents[2] / "docs/examples/notes"
HEAD = """\
---
id: acme
kind: call
source: CRM 114
date: 2026-03-04
who: VP of Sales at a customer
personas: [vp-sales]
---
"""
SAID = "Our CFO believes no forecast; what almost stopped us was the reps. Write to jane@acme.example."


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notes folder of a working directory, with one note in it."""
    folder = tmp_path / "personas/notes"
    folder.mkdir(parents=True)
    (folder / "acme.md").write_text(f"{HEAD}\n{SAID}\n")
    monkeypatch.chdir(tmp_path)
    return folder


# ---- files


def test_a_note_is_read_with_personal_data_struck_out(notes: Path) -> None:
    note = read_note("acme")
    assert (note.id, note.kind, note.date, note.personas) == ("acme", "call", "2026-03-04", ("vp-sales",))
    assert note.text.strip() == SAID.replace("jane@acme.example", MARK)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: call", "kind: phone", "acme.md, line 3: kind: found 'phone', expected 'interview', 'call'"),
        ("date: 2026-03-04", "date: 4 March", "acme.md, line 5: date: found '4 March', expected a date"),
        ("who:", "whoo:", "acme.md, line 6: whoo: unknown field, did you mean 'who'"),
        ("id: acme", "id: other", "acme.md, line 2: id: found 'other', expected the file's own name 'acme'"),
        ("personas: [vp-sales]", "", "names neither personas nor icps"),
        ("source: CRM 114", "source: CRM 114\ntext: no", "acme.md, line 5: text: unknown field"),
        ("---\nid", "id", "acme.md, line 1: expected front matter"),
        (SAID, " ", "acme.md, line 9: the note is empty"),
        (SAID, "x " * 100_001, "expected at most 200000 characters"),
        (SAID, "x" * 1_000_001, "larger than 1,000,000 bytes"),
        ("personas: [vp-sales]", "personas: [vp-sales]\nspeakers: {Q: us}", "no speaker is a buyer"),
        (
            "personas: [vp-sales]",
            "personas: [vp-sales]\nspeakers: {Q: them}",
            "found 'them', expected 'us' or 'buyer'",
        ),
    ],
)
def test_a_fault_is_told_with_file_and_line(notes: Path, old: str, new: str, said: str) -> None:
    file = notes / "acme.md"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_notes()
    assert said in str(error.value)


def test_two_files_of_one_name_are_refused(notes: Path) -> None:
    (notes / "acme.txt").write_text(HEAD + SAID)
    with pytest.raises(InputError, match=r"acme.txt: acme.md has the same name"):
        read_notes()


def test_the_examples_of_the_manual_are_notes_that_do_not_count_as_observed() -> None:
    examples = read_notes(EXAMPLES)
    assert len(examples) == 3
    assert {one.basis for one in examples} == {"invented"}
    names = [str(path) for path in sorted(EXAMPLES.glob("*.md"))]
    assert panelsim("notes", "lint", *names).out == "Nothing to mend.\n"


# ---- runs


def interview(**changes: object) -> InterviewStudy:
    fields = {"id": "i", "panel": "persona:vp-sales", "n": 1, "model": "scripted/sensible"}
    return InterviewStudy.model_validate({**fields, "guide": read_guide("buying-journey"), **changes})


def test_an_old_run_replays_for_ever_though_its_note_was_edited(notes: Path, workspace: Workspace) -> None:
    job = prepare(interview(), workspace)
    run = new_run(job, workspace)
    execute(job, run, workspace)
    told, _ = report_of(recall(run, workspace, job))
    assert SAID[:30] in told.model_dump_json()
    (notes / "acme.md").write_text(HEAD + "Something else almost stopped the purchase.\n")
    assert report_of(recall(workspace.store.run(run.id), workspace))[0] == told
    again = prepare(interview(), workspace)
    assert execute(again, new_run(again, workspace), workspace).made > 0
    (notes / "acme.md").unlink()
    assert report_of(recall(workspace.store.run(run.id), workspace))[0] == told


def test_a_report_names_the_notes_behind_it_with_day_and_hash(notes: Path, workspace: Workspace) -> None:
    job = prepare(interview(), workspace)
    run = new_run(job, workspace)
    report, _ = report_of(execute(job, run, workspace).outcome)
    (fact,) = [
        source
        for section in report.record
        if section.kind == "provenance"
        for source in section.facts.sources
        if source.kind == "note"
    ]
    assert (fact.id, fact.date, fact.key[:6]) == ("acme", "2026-03-04", "note1:")
    assert "jane@acme.example" not in run.model_dump_json()
    limits = [one for section in report.record if isinstance(section, Limits) for one in section.sentences]
    assert any("Passages of up to 1 note were put before respondents" in sentence for sentence in limits)


def test_a_run_that_was_stored_before_there_were_notes_is_still_read(workspace: Workspace) -> None:
    job = prepare(STUDY, workspace)
    run = new_run(job, workspace)
    body = run.model_dump(mode="json")
    del body["sources"]["notes"], body["study"]["notes"]
    assert type(run).model_validate(body) == run


def test_a_study_can_leave_notes_aside(notes: Path, workspace: Workspace) -> None:
    assert prepare(interview(), workspace).sources.notes
    assert prepare(interview(notes=False), workspace).sources.notes == ()


def test_only_notes_on_the_panels_buyers_are_kept_with_a_run(notes: Path, workspace: Workspace) -> None:
    (notes / "acme.md").write_text(HEAD.replace("vp-sales", "cfo") + SAID)
    assert prepare(interview(), workspace).sources.notes == ()


# ---- command line


def test_passages_stand_beside_the_answer_in_every_format(notes: Path, tmp_path: Path) -> None:
    done = panelsim("interview", "vp-sales", "--model", "scripted/sensible", "--out", str(tmp_path / "out"))
    assert done.code == 0
    assert "with 1 note on them" in done.err
    source = "acme#p1 (CRM 114, 2026-03-04)"
    assert f"from {source}" in " ".join(done.out.split())
    assert f"from {source}" in (tmp_path / "out/report.html").read_text("utf-8")
    assert "(CRM 114, 2026-03-04): “Our CFO" in (tmp_path / "out/report.md").read_text("utf-8")
    for name in ("report.json", "transcripts.jsonl"):
        assert '"note": "acme"' in (tmp_path / "out" / name).read_text("utf-8")


def test_notes_are_listed_shown_and_searched(notes: Path) -> None:
    assert "vp-sales" in panelsim("notes", "list").out
    assert f"p1: {SAID.replace('jane@acme.example', MARK)}" in panelsim("notes", "show", "acme").out
    found = panelsim("notes", "search", "What almost stopped you?", "--persona", "vp-sales")
    assert "acme#p1 (CRM 114, 2026-03-04)" in found.out
    assert panelsim("notes", "search", "What almost stopped you?", "--persona", "cfo").out == (
        "Nothing in 0 passages of 0 notes has to do with it.\n"
    )


def test_lint_ends_with_1_and_never_prints_what_it_found(notes: Path) -> None:
    done = panelsim("notes", "lint")
    assert done.code == 1
    assert "acme: line 10\n         found: an e-mail address" in done.out
    assert "jane" not in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "acmee"), "did you mean 'acme'?"),
        (("show", "no.md"), "there is no such file"),
        (("search", "x", "--persona", "vp-sale"), "did you mean 'vp-sales'?"),
        (("list", "--notes", "nowhere"), "there is no such folder"),
    ],
)
def test_what_is_mistyped_is_told(notes: Path, arguments: tuple[str, ...], said: str) -> None:
    done = panelsim("notes", *arguments)
    assert done.code == 2
    assert said in done.sentence


def test_without_notes_it_is_said_where_they_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "personas/notes" in panelsim("notes", "list").out
