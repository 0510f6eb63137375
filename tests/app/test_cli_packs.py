"""Packs copied by `init`: complete, clean, and asked as edited."""

from pathlib import Path

import pytest

from panelsim.cli.packs import pack_names
from tests.app.commands import panelsim


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "store.sqlite3"))
    monkeypatch.delenv("PANELSIM_HOME", raising=False)


def test_the_help_names_every_pack() -> None:
    shown = " ".join(panelsim("init", "--help").out.replace("│", " ").split())
    assert all(name in shown for name in pack_names())


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_written_whole_and_can_be_asked(name: str) -> None:
    assert panelsim("init", "mine", "--pack", name).code == 0
    study = Path("mine/study.yaml")
    study.write_text(study.read_text("utf-8").replace("embedded/qwen2.5-1.5b", "scripted/sensible"), "utf-8")
    assert panelsim("estimate", str(study)).code == 0
    assert panelsim("persona", "lint", *map(str, Path("mine/personas/buyers").glob("*.yaml"))).code == 0


def test_an_edited_copy_is_the_one_that_is_asked(tmp_path: Path) -> None:
    panelsim("init", "mine", "--pack", "meera")
    buyer = Path("mine/personas/buyers/meera-head-of-marketing.yaml")
    buyer.write_text(
        buyer.read_text("utf-8").replace("title: Head of Marketing", "title: Brand Lead"), "utf-8"
    )
    assert "Brand Lead" in panelsim("panel", "show", "mine/personas/panels/meera.yaml").out


def test_an_unknown_pack_is_refused_with_the_known_ones() -> None:
    done = panelsim("init", "mine", "--pack", "audience")
    assert done.code == 2
    assert "did you mean 'audiences'" in done.sentence
    assert not Path("mine").exists()


def test_a_pack_overwrites_nothing() -> None:
    assert panelsim("init", "mine", "--pack", "meera").code == 0
    assert panelsim("init", "mine", "--pack", "meera").code == 2
