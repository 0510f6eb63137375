"""Profiles on the command line: their hash, their versions, what differs, and what is to be read again."""

import json
from pathlib import Path

import pytest

from panelsim.files import read_persona
from panelsim.files.folders import read_text, shipped_folder
from panelsim.model.fingerprint import content_hash
from tests.app.commands import EMPTY, GOOD, SCRIPTED, panelsim


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "store.sqlite3"))
    monkeypatch.delenv("PANELSIM_HOME", raising=False)


def own(persona: str, **changes: str) -> Path:
    """A copy of a shipped persona in the working directory, with texts replaced."""
    text = read_text(shipped_folder("personas") / "buyers" / f"{persona}.yaml")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = Path("personas/buyers") / f"{persona}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def asked() -> str:
    """A run of the sales trio; its id."""
    done = panelsim("test", GOOD, EMPTY, *SCRIPTED, "--json")
    assert done.code == 0
    return str(done.json["run_id"])


def test_show_and_list_name_the_hash_that_reports_carry() -> None:
    asked()
    content = content_hash(read_persona("vp-sales"))
    assert content in panelsim("persona", "show", "vp-sales").out
    assert panelsim("persona", "show", "vp-sales", "--json").json["content"] == content
    assert content.partition(":")[2][:12] in panelsim("persona", "list").out
    report = json.loads(panelsim("report", "last", "--format", "json").out)
    (facts,) = [section["facts"] for section in report["record"] if section["kind"] == "provenance"]
    assert content in [source["key"] for source in facts["sources"]]


def test_icps_and_panels_show_their_hash() -> None:
    assert "content icp1:" in panelsim("icp", "show", "b2b-saas").out
    assert "content panel1:" in panelsim("panel", "show", "sales-trio").out


def test_a_shown_persona_reads_back_as_the_same_persona(tmp_path: Path) -> None:
    shown = panelsim("persona", "show", "cfo").out
    (tmp_path / "copy.yaml").write_text(shown, "utf-8")
    assert read_persona("copy.yaml") == read_persona("cfo")


def test_show_says_what_the_persona_rests_on() -> None:
    assert "it is a guess" in panelsim("persona", "show", "cfo").out


def test_diff_ends_with_0_for_equal_and_1_for_different_personas() -> None:
    assert panelsim("persona", "diff", "cfo", "cfo").code == 0
    done = panelsim("persona", "diff", "cfo", "vp-sales", "--json")
    assert done.code == 1
    assert done.json["equal"] is False
    assert panelsim("persona", "diff", "cfo", "gone").code == 2


def test_diff_reads_a_persona_as_a_stored_run_has_it() -> None:
    run = asked()
    own("vp-sales", **{"authority: 0.75": "authority: 0.85"})
    done = panelsim("persona", "diff", f"vp-sales@{run}", "vp-sales", "--json")
    changes = done.json["changes"]
    assert isinstance(changes, list)
    assert [change["field"] for change in changes if isinstance(change, dict)] == ["decision.authority"]
    assert panelsim("persona", "diff", "vp-sales@last", "vp-sales").code == 1
    assert panelsim("panel", "diff", "sales-trio@last", "sales-trio").code == 0


def test_diff_names_the_personas_that_a_run_was_made_with() -> None:
    asked()
    done = panelsim("persona", "diff", "cfo@last", "cfo")
    assert done.code == 2
    assert "expected one of vp-sales, sales-ops" in done.sentence


def test_diff_without_a_store_says_so_and_makes_none(tmp_path: Path) -> None:
    done = panelsim("persona", "diff", "cfo@last", "cfo")
    assert done.code == 2
    assert "no store yet" in done.sentence
    assert not (tmp_path / "store.sqlite3").exists()


def test_content_that_changed_under_the_same_version_is_noted() -> None:
    run = asked()
    own("vp-sales", **{"authority: 0.75": "authority: 0.85"})
    done = panelsim("persona", "lint", "vp-sales")
    assert done.code == 1
    assert f"the content changed since run {run}, the version is still 2" in done.out
    own("vp-sales", **{"authority: 0.75": "authority: 0.85", "version: 2": "version: 3"})
    assert panelsim("persona", "lint", "vp-sales").code == 0


def test_lint_makes_no_store(tmp_path: Path) -> None:
    assert panelsim("persona", "lint", "cfo").code == 0
    assert not (tmp_path / "store.sqlite3").exists()


def test_panels_are_linted() -> None:
    assert panelsim("panel", "lint").code == 0


def test_review_ends_with_1_if_anything_is_overdue() -> None:
    early, late = panelsim("review", "--on", "2027-03-31"), panelsim("review", "--on", "2027-04-01")
    assert (early.code, late.code) == (0, 1)
    assert "due today" in early.out
    assert "overdue by 1 day" in late.out


def test_review_lists_what_was_never_reviewed() -> None:
    own("cfo", **{"review_due: 2027-03-31\n": ""})
    done = panelsim("review", "--on", "2027-01-01")
    assert done.code == 0
    assert "never reviewed: no date is set" in done.out


def test_review_counts_days_ahead_as_asked() -> None:
    near = panelsim("review", "--on", "2027-03-01", "--within", "10", "--json").json
    far = panelsim("review", "--on", "2027-03-01", "--within", "40", "--json").json
    assert near["profiles"] == []
    assert far["profiles"]


@pytest.mark.parametrize("day", ["2027-02-30", "soon", "20270101"])
def test_review_on_no_day_is_refused(day: str) -> None:
    done = panelsim("review", "--on", day)
    assert done.code == 2
    assert "expected a day such as 2027-03-31" in done.sentence
