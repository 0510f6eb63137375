"""The matrix on the command line: what the store says, and a mapping that breaks a rule."""

import csv
import io
import json
from pathlib import Path

import pytest

from panelsim.files.folders import read_text, shipped_folder
from panelsim.store import Store
from tests.app.browser import CHROMIUM, chromium
from tests.app.commands import EMPTY, GOOD, SCRIPTED, panelsim
from tests.app.test_report_browser import CONTRAST


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "store.sqlite3"))
    monkeypatch.delenv("PANELSIM_HOME", raising=False)


def rows() -> dict[tuple[str, str], dict[str, str]]:
    done = panelsim("matrix", "-f", "csv")
    return {(row["persona"], row["icp"]): row for row in csv.DictReader(io.StringIO(done.out))}


def broken() -> None:
    """A founder of small firms, mapped to companies of 80 to 600 staff."""
    text = read_text(shipped_folder("personas") / "buyers/startup-founder.yaml")
    path = Path("personas/buyers/startup-founder.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("icps: [early-startup]", "icps: [early-startup, b2b-saas]"), "utf-8")


def test_without_a_store_nothing_is_tested_and_no_store_is_made(tmp_path: Path) -> None:
    assert {row["last_run"] for row in rows().values()} == {""}
    assert "not tested" in panelsim("matrix").out
    assert not (tmp_path / "store.sqlite3").exists()


def test_the_last_finished_test_is_shown_where_its_buyers_answered() -> None:
    panelsim("test", GOOD, EMPTY, *SCRIPTED)
    last = panelsim("test", GOOD, EMPTY, "--model", "scripted/sensible", "--n", "30", "--json").json
    found = rows()
    seller = found["vp-sales", "b2b-saas"]
    assert (seller["last_run"], seller["verdict"]) == (last["run_id"], last["verdict"])
    assert seller["leading_text"] == last["leader_text"]
    control = found["owner-operator", "local-services"]
    assert (control["asked_as_control"], control["leading_text"]) == ("true", "")
    assert found["cfo", "b2b-saas"]["last_run"] == ""


def test_a_run_that_was_stopped_or_an_interview_is_no_result(tmp_path: Path) -> None:
    run = str(panelsim("test", GOOD, EMPTY, *SCRIPTED, "--json").json["run_id"])
    panelsim("interview", "cfo", "--model", "scripted/sensible")
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}") as store:
        store.set_state(run, "stopped")
    assert {row["last_run"] for row in rows().values()} == {""}


def test_a_mapping_that_breaks_a_rule_is_an_error_that_names_it() -> None:
    broken()
    done = panelsim("matrix")
    assert done.code == 1
    assert "startup-founder cannot exist in b2b-saas: it needs headcount at most 30" in done.sentence
    assert panelsim("persona", "lint", "startup-founder").code == 1


def test_a_panel_shows_its_own_personas_alone() -> None:
    done = panelsim("matrix", "--panel", "meera", "-f", "json")
    assert [row["persona"] for row in json.loads(done.out)["rows"]] == [
        "meera-head-of-marketing",
        "trading-house-partner",
    ]


def test_a_table_is_not_written_to_a_file() -> None:
    assert panelsim("matrix", "--out", "m.txt").code == 2


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install one to run this")
def test_the_page_fits_a_phone_and_can_be_read_light_and_dark(tmp_path: Path) -> None:
    panelsim("test", GOOD, EMPTY, *SCRIPTED)
    broken()
    panelsim("matrix", "-f", "html", "--out", "matrix.html")
    with chromium(tmp_path / "profile") as page:
        for width in (375, 768, 1280):
            page.open(tmp_path / "matrix.html", width, "light")
            assert page.value(f"document.documentElement.scrollWidth <= {width}") is True
        page.open(tmp_path / "matrix.html", 1280, "light")
        assert page.value(CONTRAST) == []
        page.open(tmp_path / "matrix.html", 1280, "dark")
        assert page.value(CONTRAST) == []
        assert page.requested() == [(tmp_path / "matrix.html").as_uri()]
        assert page.complaints() == []
