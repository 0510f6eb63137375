"""Recordings and replays that break: what was good stays, the code is 1, and the sentence says what to do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from panelsim.cli import evaluating
from panelsim.recording.calls import write_calls
from panelsim.service.evals import recorded
from tests.app.commands import Ended, panelsim
from tests.app.fake_openai import KEY, REFUSED, FakeOpenAI, fake_openai
from tests.app.test_cli_eval import HOLDS, PAIRS, QUICK


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PANELSIM_ATTEMPTS", "1")
    with fake_openai() as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FakeOpenAI) -> Path:
    """A benchmark of three pairs on that server."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "evals" / "upworthy"
    made.mkdir(parents=True)
    (made / "pairs.csv").write_text("\n".join(PAIRS) + "\n")
    told = {**QUICK, "gates": [HOLDS], "model": "openai/fake", "base_url": server.url}
    (made / "benchmark.yaml").write_text(yaml.safe_dump(told))
    return made


def record() -> Ended:
    return panelsim("eval", "record", "upworthy")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.suffix in (".zst", ".json")}


def fails_at(server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Lets the server answer what holds `word` with 500."""
    reply = server.reply

    def failing(body: dict[str, JsonValue]) -> tuple[int, dict[str, JsonValue]]:
        if word in json.dumps(body):
            return 500, {"error": {"message": "out of memory"}}
        return reply(body)

    monkeypatch.setattr(server, "reply", failing)


# ---- recording


def test_a_recording_that_lacks_calls_is_not_kept_and_the_earlier_one_stays(
    folder: Path, server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert record().code == 0
    before = files(folder)
    fails_at(server, monkeypatch, "Village news")
    ended = record()
    assert (ended.code, files(folder) == before) == (3, True), ended.err
    assert "2 of 6 trials of 'upworthy' could not be asked; the first: " in ended.sentence
    assert "Nothing is kept: a replay would lack its calls" in ended.sentence
    assert panelsim("eval", "run", "upworthy", "--check-results").code == 0
    assert [path.name for path in (folder / "cassettes").iterdir()] == ["openai-fake.http.jsonl.zst"]


def test_what_a_server_refuses_is_recorded_and_refused_again_in_a_replay(folder: Path) -> None:
    (folder / "pairs.csv").write_text("\n".join(PAIRS).replace("Village news", REFUSED) + "\n")
    ended = record()
    assert ended.code == 100  # 2 of 6 are missing
    assert "this prompt is not allowed. They count as missing" in ended.sentence
    again = panelsim("eval", "run", "upworthy", "--check-results")
    assert again.code == 0, again.err
    assert "2 of 6 trials of 'upworthy' could not be asked" in again.sentence


@pytest.mark.parametrize("command", [("record", "upworthy"), ("run", "upworthy", "--live")])
def test_a_server_that_answers_nothing_is_no_finding_about_the_panel(
    folder: Path, server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    fails_at(server, monkeypatch, "fake")
    ended = panelsim("eval", *command)
    assert ended.code == 3
    assert "no call of openai/fake was answered. 6 of 6 trials" in ended.sentence
    assert files(folder) == {}


def test_recordings_that_are_too_large_together_leave_the_earlier_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert record().code == 0
    (folder / "cassettes" / "openai-other.http.jsonl.zst").write_bytes(b"x" * 5_000)
    before = files(folder)
    monkeypatch.setattr(recorded, "MOST_BYTES", 5_100)
    ended = record()
    assert (ended.code, files(folder) == before) == (2, True)
    assert (
        "with 1 of other models, expected at most 5,100; what was recorded before is kept" in ended.sentence
    )


@pytest.mark.parametrize("command", [("record", "upworthy"), ("run", "upworthy", "--live")])
def test_a_gate_on_a_figure_that_is_not_there_is_told_before_the_first_call(
    folder: Path, server: FakeOpenAI, command: tuple[str, ...]
) -> None:
    file = folder / "benchmark.yaml"
    told = yaml.safe_load(file.read_text()) | {"gates": [{"figure": "acuracy", "at_least": 0.5}]}
    file.write_text(yaml.safe_dump(told))
    ended = panelsim("eval", *command)
    assert ended.code == 2
    assert "there is no figure 'acuracy'" in ended.sentence
    assert server.bodies == []


# ---- replays


@pytest.mark.parametrize("form", ["http", "calls"])
def test_a_replay_that_lacks_one_of_its_files_is_broken_and_names_it(folder: Path, form: str) -> None:
    assert record().code == 0
    tapes = folder / "cassettes"
    other = {"http": "calls", "calls": "http"}[form]
    file = folder / "benchmark.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"recording": form}))
    (tapes / "openai-fake.http.jsonl.zst").rename(tapes / f"openai-fake.{other}.jsonl.zst")
    if other == "calls":
        write_calls(tapes / "openai-fake.calls.jsonl.zst", [])
    ended = panelsim("eval", "run", "upworthy")
    assert ended.code == 1, ended
    assert f"was asked; there is no {tapes / f'openai-fake.{form}.jsonl.zst'}" in ended.err.replace("\n", "")


def test_the_check_plays_the_recordings_of_every_model(folder: Path) -> None:
    assert record().code == 0
    file = folder / "benchmark.yaml"
    told = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(told | {"model": "openai/other"}))
    assert record().code == 0
    ended = panelsim("eval", "run", "upworthy", "--check-results", "--format", "json")
    assert ended.code == 0, ended.err
    models = [card["facts"]["model"]["name"] for card in json.loads(ended.out)["scorecards"]]
    assert sorted(models) == ["fake", "other"]
    kept = folder / "results" / "openai-fake.json"
    kept.write_text(kept.read_text().replace('"name": "accuracy"', '"name": "acuracy"', 1))
    ended = panelsim("eval", "run", "upworthy", "--check-results")
    assert ended.code == 1
    assert "acuracy: is gone" in ended.sentence


def test_a_kept_scorecard_whose_recording_is_gone_fails_the_check_of_all_benchmarks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert record().code == 0
    monkeypatch.setattr(evaluating, "list_benchmarks", lambda: ("upworthy",))
    assert panelsim("eval", "run", "--check-results").code == 0
    (folder / "cassettes" / "openai-fake.http.jsonl.zst").unlink()
    ended = panelsim("eval", "run", "--check-results")
    assert ended.code == 1
    assert "a scorecard of openai/fake is kept, and no recording to play it from" in ended.sentence
