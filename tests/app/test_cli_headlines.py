"""`panelsim test`, `run`, `interview` and `estimate`, from the typed line to the files."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from panelsim.cli.options import ElicitName, FrameName
from panelsim.cli.studies import slug, study_at
from panelsim.model.study import Elicitation, Frame, MessageTest, Stimulus
from panelsim.service.output import study_yaml
from panelsim.service.workspace import open_workspace
from tests.app.commands import EMPTY, GOOD, SCRIPTED, Ended, no_pull, panelsim
from tests.app.fake_openai import KEY, REFUSED, fake_openai

_REPORT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def test_a_test_prints_its_report_and_writes_every_file() -> None:
    done = panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "r")
    assert done.code == 0
    assert done.out.startswith("Simulated, not people.")
    assert {path.name for path in Path("r").iterdir()} == {
        "report.html",
        "report.md",
        "report.json",
        "responses.csv",
        "transcripts.jsonl",
        "study.yaml",
    }
    assert all(str(path) in done.out for path in Path("r").iterdir())


def test_without_out_the_files_are_in_a_folder_named_after_the_run() -> None:
    done = panelsim("test", GOOD, EMPTY, *SCRIPTED, "--json")
    assert (Path("panelsim-report") / str(done.json["run_id"]) / "report.html").is_file()


def test_json_is_the_only_thing_on_stdout_and_names_the_winner() -> None:
    found = panelsim("test", GOOD, EMPTY, "--model", "scripted/sensible", "--n", "12", "--json").json
    assert found["simulated"] is True
    assert found["verdict"] == "clear_lead"
    assert (found["winner_id"], found["winner_text"]) == ("a", GOOD)
    assert found["state"] == "done"
    assert found["cost_usd"] == 0
    assert found["controls"] == dict.fromkeys(("duplicate", "decoy", "shuffled", "anti_icp"), "passed")
    lead, low, high = found["lead"], found["interval_low"], found["interval_high"]
    assert isinstance(lead, float)
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert low <= lead <= high


def test_no_winner_is_named_where_the_verdict_is_not_a_clear_lead() -> None:
    found = panelsim("test", GOOD, EMPTY, "--model", "scripted/always-first", "--n", "4", "--json").json
    assert found["verdict"] == "cannot_say"
    assert found["winner_id"] is None
    assert found["winner_text"] is None


def test_the_model_and_what_it_is_good_for_are_said_before_the_start() -> None:
    told = panelsim("test", GOOD, EMPTY, *SCRIPTED).err.splitlines()
    assert told[0].startswith("Model scripted/sensible")
    assert "good for nothing but testing" in told[0].lower()


def test_off_a_terminal_progress_is_a_few_lines_without_control_characters() -> None:
    told = panelsim("test", GOOD, EMPTY, *SCRIPTED).err
    assert len(told.splitlines()) == 3
    assert "\x1b" not in told
    assert "\r" not in told


def test_the_same_command_again_makes_no_call_and_the_same_report() -> None:
    first = panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "one", "--json").json
    second = panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "two", "--json").json
    assert first["calls_made_now"] == first["calls"]
    assert second["calls_made_now"] == 0

    def without_run(folder: str, run_id: JsonValue) -> str:
        text = Path(folder, "report.json").read_text("utf-8").replace(str(run_id), "RUN")
        lines = [line for line in text.splitlines() if '"created_at"' not in line]
        return "\n".join(lines)

    assert without_run("one", first["run_id"]) == without_run("two", second["run_id"])


def test_the_written_study_repeats_the_run_with_the_same_calls() -> None:
    panelsim("test", GOOD, EMPTY, *SCRIPTED, "--measures", "clarity", "--seed", "3", "--out", "one")
    again = panelsim("run", "one/study.yaml", "--out", "two", "--json").json
    assert again["calls_made_now"] == 0
    assert Path("one/study.yaml").read_text("utf-8") == Path("two/study.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    ["1e5", "08", "yes", "null", "~", "- a: b", '"quoted"', "a: b # c", "tab\there", "Grüße 👋", "'", "0x1F"],
)
def test_any_headline_survives_the_study_file(text: str, tmp_path: Path) -> None:
    stimuli = (Stimulus(id="a", text=text), Stimulus(id="b", text="other"))
    study = MessageTest(id="x", stimuli=stimuli, meaning=text)
    path = tmp_path / "study.yaml"
    path.write_text(study_yaml(study, tmp_path), "utf-8")
    assert study_at(path) == study


def test_a_study_file_of_the_users_own_is_not_overwritten() -> None:
    assert panelsim("test", GOOD, EMPTY, *SCRIPTED, "--out", "r").code == 0
    mine = "# mine\n" + Path("r/study.yaml").read_text("utf-8").split("\n", 1)[1]
    Path("study.yaml").write_text(mine, "utf-8")
    assert panelsim("run", "study.yaml", "--out", ".").code == 0
    assert Path("study.yaml").read_text("utf-8") == mine
    assert len(list(Path().glob("study-*.yaml"))) == 1


def test_a_panels_file_is_found_beside_its_study_from_anywhere(tmp_path: Path) -> None:
    panelsim("init", "mine")
    study = Path("mine/study.yaml")
    study.write_text(study.read_text("utf-8").replace("embedded/qwen2.5-1.5b", "scripted/sensible"), "utf-8")
    first = panelsim("run", "mine/study.yaml", "--out", "deep/er/out", "--json")
    assert first.code == 0
    assert str(tmp_path) not in Path("deep/er/out/study.yaml").read_text("utf-8")
    assert panelsim("run", "deep/er/out/study.yaml", "--json").json["calls_made_now"] == 0


def test_an_interview_writes_what_was_said_and_no_table() -> None:
    done = panelsim("interview", "vp-sales", *SCRIPTED[:2], "--n", "2", "--out", "i", "--json")
    assert done.code == 0
    assert (done.json["interviews"], done.json["guide"]) == (2, "buying-journey")
    assert not Path("i/responses.csv").exists()
    assert len(Path("i/transcripts.jsonl").read_text("utf-8").splitlines()) == 2
    assert panelsim("run", "i/study.yaml", "--json").json["calls_made_now"] == 0


def test_missing_answers_end_with_code_5_and_a_report_and_a_way_on() -> None:
    with fake_openai() as server:
        done = _ask(server.url, GOOD, f"{REFUSED} this", "--out", "r")
    assert done.code == 5
    assert "sessions failed" in done.err
    assert "panelsim runs resume" in done.err
    assert Path("r/report.html").is_file()


def test_if_every_session_fails_the_providers_sentence_is_told_and_no_report_made() -> None:
    with fake_openai() as server:
        done = _ask(server.url, f"{REFUSED} one", f"{REFUSED} two", "--out", "r", "--channel", REFUSED)
        assert len(server.bodies) == 2  # the first call of the first and of the last session
    assert done.code == 3
    assert "this prompt is not allowed" in done.sentence
    assert list(Path("r").iterdir()) == []


def test_the_cap_ends_a_run_with_code_4_and_a_higher_one_ends_it_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PANELSIM_PRICES", "openai/m=1000,1000")
    with fake_openai() as server:
        done = _ask(server.url, GOOD, EMPTY, "--max-cost-usd", "2.5", "--json")
        assert done.code == 4
        assert done.json["state"] == "stopped"
        assert "cap" in str(done.json["error"])
        paid = len(server.bodies)
        assert 0 < paid * 0.11 <= 2.5  # 110 tokens a call at $0.001 a token
        again = panelsim("runs", "resume", "last", "--max-cost-usd", "500", "--json")
        assert again.code == 0
        assert len(server.bodies) == len(set(server.bodies))
    assert again.json["calls_made_now"] == len(server.bodies) - paid


def test_a_paid_run_off_a_terminal_says_its_estimate_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELSIM_PRICES", "openai/m=1,1")
    with fake_openai() as server:
        done = _ask(server.url, GOOD, EMPTY)
    assert done.code == 0
    assert "Expected: about" in done.err
    assert "$" in done.err


def test_an_estimate_asks_nothing_and_brackets_what_the_run_then_takes(tmp_path: Path) -> None:
    panelsim("init", "mine")
    study = tmp_path / "mine/study.yaml"
    study.write_text(study.read_text("utf-8").replace("embedded/qwen2.5-1.5b", "scripted/sensible"), "utf-8")
    told = panelsim("estimate", "mine/study.yaml", "--json").json
    with open_workspace() as workspace:
        assert workspace.store.count() == 0
    calls = panelsim("run", "mine/study.yaml", "--json").json["calls"]
    low, high = (_REPORT.validate_python(told[name])["calls"] for name in ("low", "high"))
    assert isinstance(calls, int)
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert low <= calls <= high
    known = panelsim("estimate", "mine/study.yaml", "--json").json
    assert known["known_calls"] == calls


def test_an_estimate_of_a_model_that_is_not_here_says_what_would_be_fetched(tmp_path: Path) -> None:
    panelsim("init", "mine")
    told = panelsim("estimate", str(tmp_path / "mine/study.yaml"), "--json").json
    assert "qwen2.5-1.5b" in json.dumps(told["to_fetch"])
    likely = _REPORT.validate_python(told["likely"])
    assert isinstance(likely["seconds"], float)
    assert likely["cost_usd"] == 0


def test_a_measure_list_without_relevance_is_decided_on_its_first() -> None:
    found = panelsim("test", GOOD, EMPTY, *SCRIPTED, "--measures", "clarity,value", "--out", "r")
    assert found.code == 0
    assert study_at(Path("r/study.yaml")).model_dump()["rule"]["measure"] == "clarity"


def test_a_study_is_named_after_its_first_headline() -> None:
    assert slug("Forecasts your CFO believes!") == "forecasts-your-cfo-believes"
    assert slug("Über 30 % mehr") == "uber-30-mehr"
    assert slug("日本語") == "headline-test"


def test_the_options_names_are_those_of_the_study() -> None:
    assert ElicitName == Elicitation
    assert FrameName == Frame


def _ask(url: str, *arguments: str) -> Ended:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", KEY)
        return panelsim(
            "test", *arguments, "--model", "openai/m", "--base-url", url, "--n", "2", "--elicit", "direct"
        )
