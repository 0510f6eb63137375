"""The commands `store ...`: what is kept can be shown, checked, moved and tidied."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from panelsim.store.tables import SCHEMA_VERSION
from tests.app.commands import EMPTY, GOOD, SCRIPTED, panelsim


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one run in it."""
    path = tmp_path / "kept" / "store.sqlite3"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANELSIM_STORE", str(path))
    assert panelsim("test", GOOD, EMPTY, *SCRIPTED, "--yes").code == 0
    return path


def test_info_counts_what_is_there(store: Path) -> None:
    facts = panelsim("store", "info", "--json").json
    assert facts["place"] == str(store)
    assert facts["runs"] == 1
    assert facts["form"] == SCHEMA_VERSION
    assert panelsim("store", "info").code == 0
    assert f"{store}: form {SCHEMA_VERSION}." in panelsim("store", "migrate").out


def test_the_path_of_a_server_is_shown_without_its_password(
    monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    assert panelsim("store", "path").out.strip() == str(store)
    monkeypatch.setenv("PANELSIM_STORE", "postgres://me:hunter2@host:99/db?sslpassword=hunter2")
    assert panelsim("store", "path").out.strip() == "postgresql://me@host:99/db"


def test_a_damaged_answer_is_named_and_can_be_dropped(store: Path) -> None:
    with closing(sqlite3.connect(store)) as raw, raw:
        raw.execute("UPDATE completions SET digest = x'00' WHERE head = (SELECT min(head) FROM completions)")
    found = panelsim("store", "verify", "--json")
    assert found.code == 3
    assert isinstance(found.json["bad"], list)
    bad = found.json["bad"][0]
    assert isinstance(bad, dict)
    assert bad["problem"] == "the completion is not the one that was stored"
    assert str(bad["key"]) in panelsim("store", "verify", "--drop").out
    assert panelsim("store", "verify").code == 0


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_export_is_imported_elsewhere_and_holds_no_secret(
    form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    assert panelsim("store", "export", "all.kept", "--format", form).code == 0
    assert b"sk-very-secret" not in (tmp_path / "all.kept").read_bytes()
    answers = panelsim("store", "info", "--json").json["completions"]
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "other.sqlite3"))
    assert f"1 runs and {answers} answers" in panelsim("store", "import", "all.kept").out
    assert panelsim("store", "info", "--json").json["completions"] == answers
    assert panelsim("runs", "show", "last").code == 0


def test_a_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    for name, told in (
        ("notes.txt", "notes.txt, line 1 is not a line"),
        ("nothing", "nothing is not a file"),
    ):
        refused = panelsim("store", "import", name)
        assert refused.code == 2
        assert told in refused.sentence


def test_a_sweep_says_what_it_would_delete_and_deletes_it() -> None:
    told = panelsim("store", "gc", "--older-than", "0h", "--dry-run").out
    assert "Would delete 1 runs and " in told
    assert panelsim("store", "gc").out.startswith("Deleted 0 runs and 0 answers")
    assert panelsim("store", "info", "--json").json["runs"] == 1
    assert "Deleted 1 runs and " in panelsim("store", "gc", "--older-than", "0h").out
    assert panelsim("store", "info", "--json").json["completions"] == 0
    refused = panelsim("store", "gc", "--older-than", "soon")
    assert refused.code == 2
    assert "expected a number and h, d or w, such as 90d" in refused.sentence
