"""Stored runs: listed, shown, reported from the store alone, resumed."""

import json
import sqlite3
from pathlib import Path

import pytest

from panelsim.service.workspace import open_workspace
from tests.app.commands import EMPTY, GOOD, SCRIPTED, no_pull, panelsim
from tests.app.fake_openai import KEY, REFUSED, fake_openai

MARKS = {
    "md": "**Simulated, not people.**",
    "html": "<!doctype html>",
    "json": '"simulated": true',
    "csv": "simulated,run_id",
    "jsonl": '"schema": "panelsim.transcript/1"',
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


@pytest.fixture
def run_id() -> str:
    return str(panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "r", "--json").json["run_id"])


@pytest.mark.parametrize("form", MARKS)
def test_a_report_is_written_from_the_store_alone(
    form: str, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panelsim.service.desk.open_line", no_pull)
    done = panelsim("report", run_id, "--format", form)
    assert done.code == 0
    assert MARKS[form].lower() in done.out.lower()[:1000]


def test_a_report_from_the_store_is_the_one_the_run_wrote(run_id: str) -> None:
    done = panelsim("report", run_id, "--format", "json", "--out", "again/report.json")
    assert done.code == 0
    assert done.out == ""
    assert Path("again/report.json").read_bytes() == Path("r/report.json").read_bytes()


def test_a_report_outlives_the_profiles_and_prompts_it_was_made_with(run_id: str) -> None:
    before = panelsim("report", run_id, "--format", "json").out
    mine = Path("personas/buyers/vp-sales.yaml")
    mine.parent.mkdir(parents=True)
    shown = panelsim("persona", "show", "vp-sales").out
    mine.write_text(shown.replace("VP of Sales", "Chief Headline Officer"), "utf-8")
    assert "Chief Headline Officer" in panelsim("persona", "show", "vp-sales").out
    assert panelsim("report", run_id, "--format", "json").out == before


def test_last_means_the_newest_run(run_id: str) -> None:
    assert run_id in panelsim("report", "last", "--format", "md").out


def test_a_folder_is_no_place_for_one_report(run_id: str) -> None:
    done = panelsim("report", run_id, "--out", "r")
    assert done.code == 2
    assert "is a folder" in done.sentence


def test_runs_are_listed_with_what_they_are(run_id: str) -> None:
    done = panelsim("runs", "list")
    assert run_id in done.out
    assert "scripted/sensible" in done.out
    assert "done" in done.out
    assert json.loads(panelsim("runs", "list", "--json").out)[0]["run_id"] == run_id


def test_an_empty_store_lists_nothing_and_says_how_to_start() -> None:
    done = panelsim("runs", "list")
    assert (done.code, done.out) == (0, "")
    assert "panelsim test" in done.err


def test_a_run_is_shown_with_its_verdict(run_id: str) -> None:
    done = panelsim("runs", "show", run_id)
    assert done.code == 0
    assert done.out.startswith("Simulated, not people.")
    shown = panelsim("runs", "show", run_id, "--json").json
    assert (shown["run_id"], shown["state"], shown["calls_made_now"]) == (run_id, "done", 0)


def test_a_nearly_right_run_id_is_corrected(run_id: str) -> None:
    done = panelsim("runs", "show", run_id[:-1])
    assert done.code == 2
    assert f"did you mean {run_id!r}?" in done.sentence


def test_a_run_that_is_done_is_not_resumed(run_id: str) -> None:
    done = panelsim("runs", "resume", run_id)
    assert done.code == 2
    assert f"panelsim report {run_id}" in done.sentence


def test_failed_sessions_alone_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_openai() as server:
        model = ("--model", "openai/m", "--base-url", server.url, "--elicit", "direct", "--n", "2")
        first = panelsim("test", GOOD, f"{REFUSED} this", *model, "--json")
        assert (first.code, first.json["state"]) == (5, "partial")
        with open_workspace() as workspace:
            kept = workspace.store.count()
        server.refuses = False
        again = panelsim("runs", "resume", "last", "--json")
    assert again.code == 0
    assert again.json["calls_made_now"] == int(str(again.json["calls"])) - kept
    assert again.json["sessions_failed"] == 0


def test_a_run_without_any_answer_has_no_report() -> None:
    with fake_openai() as server:
        model = ("--model", "openai/m", "--base-url", server.url, "--elicit", "direct", "--n", "2")
        assert panelsim("test", GOOD, EMPTY, *model, "--channel", REFUSED).code == 3
    done = panelsim("report", "last")
    assert done.code == 2
    assert "has no answer yet" in done.sentence


def test_a_damaged_answer_is_found() -> None:
    panelsim("test", GOOD, EMPTY, *SCRIPTED)
    sound = panelsim("store", "verify")
    assert sound.code == 0
    place = Path(panelsim("store", "path").out.strip())
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE completions SET digest = x'0011223344556677' WHERE rowid % 3 = 0")
    connection.close()
    damaged = panelsim("store", "verify", "--json")
    assert damaged.code == 3
    assert damaged.json["bad"]
