"""The commands `eval ...`: exit codes, formats, recordings over HTTP, and the pytest plugin."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from panelsim.files.folders import shipped_folder
from tests.app.commands import panelsim
from tests.app.fake_openai import KEY, fake_openai

PAIRS = [
    "pair_id,test_id,headline_a,headline_b,winner",
    "p1,t1,A dog who saved a village,Village news,a",
    "p2,t2,Nothing to see,What she said next will move you,b",
    "p3,t3,Seven facts on bread,Bread,a",
]
QUICK = {
    "id": "upworthy",
    "title": "Does it know what people click?",
    "question": "Which was clicked more?",
    "model": "scripted/sensible",
    "elicit": "direct",
    "data": "pairs.csv",
    "settings": {"readers": 2},
}
HOLDS = {"figure": "missing_share", "at_most": 0.02}
FAILS = {"figure": "accuracy", "at_least": 1.01}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small benchmark in the working directory that nothing but its gates can fail."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "evals" / "upworthy"
    made.mkdir(parents=True)
    (made / "pairs.csv").write_text("\n".join(PAIRS) + "\n")
    write(made)
    return made


def write(folder: Path, *gates: dict[str, object], **change: object) -> None:
    (folder / "benchmark.yaml").write_text(yaml.safe_dump({**QUICK, "gates": list(gates), **change}))


def test_0_if_every_gate_holds_and_100_if_one_does_not(folder: Path) -> None:
    write(folder, HOLDS)
    assert panelsim("eval", "run", "upworthy").code == 0
    write(folder, HOLDS, FAILS)
    ended = panelsim("eval", "run", "upworthy")
    assert ended.code == 100
    assert "✗ red" in ended.out
    assert "expected" not in ended.err


def test_100_if_a_gate_could_not_be_computed(folder: Path) -> None:
    write(folder, {"figure": "missing_share", "at_most": 1.0, "high_at_most": 1.0})
    assert panelsim("eval", "run", "upworthy").code == 0
    write(folder, {"figure": "order_consistency", "at_least": 0.0})
    ended = panelsim("eval", "run", "upworthy", "--model", "scripted/refuses")
    assert ended.code == 100
    assert "? not computed" in ended.out


def test_amber_passes_on_request_only(folder: Path) -> None:
    write(folder, {"figure": "missing_share", "high_at_most": 0.02})  # 0 of 6: Wilson's high end is 31%
    assert panelsim("eval", "run", "upworthy").code == 100
    assert panelsim("eval", "run", "upworthy", "--allow-amber").code == 0


@pytest.mark.parametrize("form", ["md", "json", "junit", "html"])
def test_every_format_says_the_gate_and_its_figure(folder: Path, form: str, tmp_path: Path) -> None:
    write(folder, HOLDS, FAILS)
    ended = panelsim("eval", "run", "upworthy", "--format", form, "--out", str(tmp_path / "out"))
    assert ended.code == 100
    assert "accuracy" in ended.out or "clicked more" in ended.out
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"eval.txt", "eval.md", "eval.json", "junit.xml", "eval.html"}
    if form == "json":
        (card,) = json.loads(ended.out)["scorecards"]
        assert card["schema"] == "panelsim.scorecard/1"
        assert [gate["state"] for gate in card["gates"]] == ["holds", "red"]
    if form == "junit":
        suites = ET.fromstring(ended.out)
        assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("2", "1", "0")
        assert [case.get("name") for case in suites.iter("testcase")] == ["missing_share", "accuracy"]
    if form == "html":
        assert "<script" not in ended.out
        assert "http" not in ended.out.replace("http-equiv", "")


def test_report_scores_a_kept_run_by_the_gates_it_was_run_with(folder: Path) -> None:
    write(folder, FAILS)
    panelsim("eval", "run", "upworthy")
    write(folder, HOLDS)
    ended = panelsim("eval", "report", "last")
    assert ended.code == 100
    assert "at least 101%" in ended.out


def test_compare_names_what_was_changed(folder: Path) -> None:
    panelsim("eval", "run", "upworthy")
    panelsim("eval", "run", "upworthy", "--model", "scripted/always-first")
    first, second = sorted(path.name.removesuffix(".json.zst") for path in kept())
    ended = panelsim("eval", "compare", first, second)
    assert ended.code == 0
    assert "scripted/sensible" in ended.out
    assert "scripted/always-first" in ended.out
    assert "Pull of the first slot" in ended.out


def kept() -> list[Path]:
    return list(Path(os.environ["XDG_DATA_HOME"]).glob("panelsim/evals/*.json.zst"))


def test_list_says_what_there_is(folder: Path) -> None:
    assert "upworthy" in panelsim("eval", "list").out
    names = {row["name"] for row in json.loads(panelsim("eval", "list", "--json").out)}
    assert names == {"concepts", "identity", "instrument", "stability", "surveys", "traits", "upworthy"}


def test_a_model_without_a_recording_is_told_how_to_get_one(folder: Path) -> None:
    ended = panelsim("eval", "run", "upworthy", "--model", "openai/gpt-4o-mini")
    assert ended.code == 2
    assert "no recording" in ended.sentence
    assert "--live" in ended.sentence
    assert panelsim("eval", "record", "upworthy").code == 2  # scripted: nothing to record


# ---- over HTTP


def test_a_recorded_benchmark_plays_with_the_server_gone_and_gives_the_same_figures(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_openai() as server:
        write(folder, HOLDS, model="openai/fake", base_url=server.url, max_cost_usd=1.0)
        recorded = panelsim("eval", "record", "upworthy")
        assert recorded.code == 0, recorded.err
        assert len(server.bodies) == 6  # three pairs in both orders
    for path in folder.rglob("*.zst"):
        assert KEY.encode() not in path.read_bytes()
    ended = panelsim("eval", "run", "upworthy", "--check-results")
    assert ended.code == 0, ended.err
    assert "replayed from recordings with the network off: 6 calls, 6 answers" in ended.out.replace("\n", " ")


def test_a_changed_prompt_fails_a_replay_with_the_difference(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_openai() as server:
        write(folder, HOLDS, model="openai/fake", base_url=server.url)
        panelsim("eval", "record", "upworthy")
    (folder / "pairs.csv").write_text("\n".join(PAIRS).replace("saved a village", "saved a town") + "\n")
    ended = panelsim("eval", "run", "upworthy")
    assert ended.code == 1
    assert "was asked and not recorded" in ended.err
    assert "+" in ended.err
    assert "saved a town" in ended.err


def test_a_recorded_call_that_is_not_asked_any_more_fails_a_replay(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_openai() as server:
        write(folder, HOLDS, model="openai/fake", base_url=server.url)
        panelsim("eval", "record", "upworthy")
    (folder / "pairs.csv").write_text("\n".join(PAIRS[:3]) + "\n")
    ended = panelsim("eval", "run", "upworthy")
    assert ended.code == 1
    assert "2 of 6 recorded requests" in ended.err


def test_a_panel_sized_recording_keeps_calls_and_plays_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_openai() as server:
        write(folder, HOLDS, model="openai/fake", base_url=server.url, recording="calls")
        assert panelsim("eval", "record", "upworthy").code == 0
    assert [path.name for path in (folder / "cassettes").iterdir()] == ["openai-fake.calls.jsonl.zst"]
    assert panelsim("eval", "run", "upworthy", "--check-results").code == 0


def test_what_was_answered_live_is_not_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with fake_openai() as server:
        write(folder, HOLDS, model="openai/fake", base_url=server.url)
        for _ in range(2):
            assert panelsim("eval", "run", "upworthy", "--live").code == 0
        assert len(server.bodies) == 6


# ---- the pytest plugin

TESTS = """
def test_sound(panelsim_eval):
    card = panelsim_eval("evals/upworthy")
    assert card.figure("missing_share").value == 0
    panelsim_eval.check(card)

def test_broken(panelsim_eval):
    panelsim_eval.check(panelsim_eval("broken/upworthy"))
"""


def test_the_fixture_gates_a_panel_in_a_teams_own_tests(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "broken/upworthy")
    write(folder, HOLDS)
    write(tmp_path / "broken/upworthy", FAILS)
    (tmp_path / "test_panel.py").write_text(TESTS)
    plain = ("-q", "-rA", "-p", "panelsim.pytest_plugin", "--panelsim-model", "scripted/blind")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *plain, "test_panel.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 1
    assert "PASSED test_panel.py::test_sound" in ended.stdout
    assert "FAILED test_panel.py::test_broken" in ended.stdout
    assert "upworthy on scripted/blind" in ended.stdout
    assert "red: accuracy is" in ended.stdout


def test_the_shipped_broken_persona_turns_its_gate_red_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(shipped_folder("evals") / "instrument" / "broken", tmp_path / "broken")
    monkeypatch.chdir(tmp_path / "broken")
    broken = panelsim("eval", "run", "instrument", "--format", "json")
    assert broken.code == 100
    (card,) = json.loads(broken.out)["scorecards"]
    red = {gate["gate"]["figure"]: gate["found"] for gate in card["gates"] if gate["state"] != "holds"}
    assert set(red) == {"controls_sorted"}
    assert (
        "67%" in red["controls_sorted"]
    )  # two of the three personas know their own headline from one on roses
    (tmp_path / "broken" / "personas").rename(tmp_path / "personas")
    assert panelsim("eval", "run", "instrument").code == 0
    second, first = sorted(path.name.removesuffix(".json.zst") for path in kept())
    told = " ".join(panelsim("eval", "compare", first, second).out.split())
    assert "Changed: 1 persona. 1 figure of 9 moved beyond the noise." in told
    assert "persona vp-sales" in told
    assert "holds → red" in told
