"""Benchmarks whose answers of people do not ship: left out without them, refused by name, run with them."""

import json
from pathlib import Path

import pytest
import yaml

from panelsim.cli import evaluating
from panelsim.files.folders import shipped_folder
from panelsim.service.evals import prepare, replay_benchmark
from tests.app.commands import panelsim

RATINGS = """idea_id,source,text,n,n1,n2,n3,n4,n5
i1,human,An app that counts glasses of water,10,1,2,4,2,1
i2,human,An app that walks your dog,10,0,1,2,3,4
i3,ai,"An app that, each hour, tells you to stand up",10,4,3,2,1,0
"""
OUTCOMES = """study,dv,scale_min,scale_max,human_hist
fairness,fair,1,7,"{""1"": 2, ""4"": 6, ""7"": 2}"
defaults,stay,0,1,"{""0"": 12, ""1"": 18}"
memory,share_right,0,100,"{""16.6667"": 7}"
"""
QUESTIONS = """study,outcome,text,question,low,high
fairness,fair,A shop asks more for umbrellas when it rains.,How fair is that?,not at all fair,very fair
fairness,fair,A shop asks less for umbrellas when the sun shines.,How fair is that?,not at all fair,very fair
defaults,stay,,Would you stay with the plan that you were given?,leave,stay
"""
PAIRS = """pair_id,test_id,headline_a,headline_b,winner
p1,t1,A dog who saved a village,Village news,a
p2,t2,Nothing to see,What she said next will move you,b
p3,t3,Seven facts on bread,Bread,a
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small invented data for both benchmarks."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    (folder / "surveys").mkdir(parents=True)
    (folder / "app_ideas_ratings.csv").write_text(RATINGS)
    (folder / "surveys" / "twin2k_megastudy_dvs.csv").write_text(OUTCOMES)
    (folder / "surveys" / "questions.csv").write_text(QUESTIONS)
    return folder


@pytest.mark.parametrize("name", ["concepts", "surveys"])
def test_by_name_without_its_data_a_benchmark_is_refused_with_what_is_expected_and_from_where(
    name: str, tmp_path: Path
) -> None:
    ended = panelsim("eval", "run", name, "--model", "scripted/sensible")
    assert ended.code == 2
    for told in (
        "data that do not ship",
        "no folder was named",
        "--data or PANELSIM_EVAL_DATA",
        "Source: ",
        "Terms: ",
    ):
        assert told in ended.sentence
    assert "not in" in panelsim("eval", "run", name, "--data", str(tmp_path)).sentence
    assert "is no folder" in panelsim("eval", "run", name, "--data", str(tmp_path / "none")).sentence


def test_without_names_a_benchmark_without_its_data_is_left_out_with_the_reason_and_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "evals" / "upworthy"
    own.mkdir(parents=True)
    (own / "pairs.csv").write_text(PAIRS)
    quick = {
        "id": "upworthy",
        "title": "t",
        "question": "q",
        "model": "scripted/sensible",
        "data": "pairs.csv",
    }
    (own / "benchmark.yaml").write_text(yaml.safe_dump(quick))
    monkeypatch.setattr(evaluating, "list_benchmarks", lambda: ("concepts", "surveys", "upworthy"))
    ended = panelsim("eval", "run")
    assert ended.code == 0
    said = ended.err.replace("\n", " ")
    assert "Not run: benchmark 'concepts' needs data" in said
    assert "Not run: benchmark 'surveys' needs data" in said
    assert "CONCEPTS" not in ended.out
    monkeypatch.setattr(evaluating, "list_benchmarks", lambda: ("concepts", "surveys"))
    assert panelsim("eval", "run").code == 2  # nothing was run at all: that is no pass


def test_the_list_says_which_benchmarks_lack_their_data(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking() -> set[str]:
        rows = json.loads(panelsim("eval", "list", "--json").out)
        return {row["name"] for row in rows if not row["has_data"]}

    assert lacking() == {"concepts", "surveys"}
    assert "needs data" in panelsim("eval", "list").out
    monkeypatch.setenv("PANELSIM_EVAL_DATA", str(data))
    assert lacking() == set()


@pytest.mark.parametrize("elicit", ["logprob", "direct"])
@pytest.mark.parametrize("frame", ["third_person", "first_person"])
@pytest.mark.parametrize(
    ("name", "answers"),
    [("concepts", 9 * 3), ("surveys", 9 * 3)],  # eight people and nobody; three ideas; three questions
)
def test_with_its_data_a_benchmark_asks_each_question_of_everybody_and_judges_its_gates(
    data: Path, name: str, answers: int, frame: str, elicit: str
) -> None:
    own = Path("evals") / name
    own.mkdir(parents=True)
    shipped = shipped_folder("evals") / name
    (own / "prompts").symlink_to(shipped / "prompts")
    changed = yaml.safe_load((shipped / "benchmark.yaml").read_text("utf-8")) | {
        "frame": frame,
        "elicit": elicit,
    }
    (own / "benchmark.yaml").write_text(yaml.safe_dump(changed))
    ended = panelsim("eval", "run", name, "--data", str(data), "--model", "scripted/noisy", "-f", "json")
    assert ended.code == 100
    (card,) = json.loads(ended.out)["scorecards"]
    assert card["facts"]["asked"] == answers
    assert card["facts"]["missing"] == 0
    figures = {one["name"]: one for one in card["figures"]}
    for gain in ("gain_over_pooled", "gain_over_nobody"):
        assert figures[gain]["value"] is not None
    predictors = [row[0] for row in card["tables"][0]["rows"]]
    assert predictors == [
        "The panel",
        "Somebody without a persona",
        "How people answer in general",
        "All points equally likely",
        *(["The longer text"] if name == "concepts" else []),
        "Half of the people, against the other half",
    ]


def test_the_environment_names_the_folder_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELSIM_EVAL_DATA", str(data))
    assert panelsim("eval", "run", "concepts", "--model", "scripted/sensible").code == 100


def test_who_refuses_leaves_every_gate_uncomputed_and_all_answers_missing(data: Path) -> None:
    ended = panelsim(
        "eval", "run", "surveys", "--data", str(data), "--model", "scripted/refuses", "-f", "json"
    )  # fmt: skip
    (card,) = json.loads(ended.out)["scorecards"]
    states = {one["gate"]["figure"]: one["state"] for one in card["gates"]}
    assert states.pop("missing_share") == "red"
    assert set(states.values()) == {"not_computed"}


def test_a_panel_of_buyers_can_stand_in_for_the_general_panel(data: Path) -> None:
    own = Path("evals") / "concepts"
    own.mkdir(parents=True)
    shipped = shipped_folder("evals") / "concepts"
    (own / "prompts").symlink_to(shipped / "prompts")
    benchmark = yaml.safe_load((shipped / "benchmark.yaml").read_text("utf-8")) | {
        "panel": "sales-trio",
        "n": 3,
    }
    (own / "benchmark.yaml").write_text(yaml.safe_dump(benchmark))
    ended = panelsim("eval", "run", "concepts", "--data", str(data), "--model", "scripted/sensible")
    assert "names a panel and settings.people, expected one of them" in ended.sentence
    del benchmark["settings"]["people"]
    (own / "benchmark.yaml").write_text(yaml.safe_dump(benchmark))
    run = replay_benchmark(prepare("concepts", model="scripted/sensible", data=data))
    assert len(run.said) == (3 + 1) * 3
    assert run.panel is not None


def test_no_recording_is_kept_of_what_may_not_be_passed_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANELSIM_EVAL_DATA", str(data))
    ended = panelsim("eval", "record", "concepts", "--model", "openai/gpt-4o-mini")
    assert ended.code == 2
    assert "no recording of it is kept" in ended.sentence


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("app_ideas_ratings.csv", "n3,", "m3,", "there is no column 'n3'"),
        ("app_ideas_ratings.csv", ",10,0,1,", ",10,0,x,", "row 3, n1 to n5"),
        ("surveys/questions.csv", "defaults,stay", "defaults,leave", "row 4: found the outcome 'leave'"),
        ("surveys/questions.csv", "given?,leave,", "given?,,", "row 4 lacks low"),
    ],
)
def test_data_that_cannot_be_read_are_told_with_their_place(
    data: Path, file: str, old: str, new: str, sentence: str
) -> None:
    path = data / file
    path.write_text(path.read_text().replace(old, new, 1))
    name = "concepts" if file.startswith("app") else "surveys"
    ended = panelsim("eval", "run", name, "--data", str(data), "--model", "scripted/sensible")
    assert ended.code == 2
    assert sentence in ended.sentence
