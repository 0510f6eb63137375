"""`panelsim discuss`, and `run` and `estimate` of a discussion, from the typed line to the files."""

import json
from pathlib import Path

import pytest

from panelsim.cli.studies import study_at
from panelsim.errors import InputError
from panelsim.files import read_study
from panelsim.model.study import DiscussionStudy
from panelsim.service.output import study_yaml
from tests.app.commands import no_pull, panelsim

TEXT = "Forecasts your CFO believes"
SMALL = ("--groups", "2", "--size", "4", "--rounds", "1")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def test_who_conforms_is_found_and_every_file_is_written() -> None:
    done = panelsim("discuss", TEXT, *SMALL, "--model", "scripted/conforming", "--out", "r")
    assert done.code == 0
    assert "CONVERGED" in done.out
    assert "Group g1 (simulated)" in done.out
    assert {path.name for path in Path("r").iterdir()} == {
        "report.html",
        "report.md",
        "report.json",
        "responses.csv",
        "transcripts.jsonl",
        "study.yaml",
    }
    rows = Path("r/responses.csv").read_text().splitlines()
    # per member: reaction, objection, four ratings, one round
    assert len(rows) == 1 + 8 * 7
    again = panelsim("run", "r/study.yaml", "--json").json
    assert (again["verdict"], again["calls_made_now"]) == ("converged", 0)
    pull = again["net_pull"]
    assert isinstance(pull, float)
    assert pull > 0.5


def test_every_utterance_leads_to_its_call() -> None:
    panelsim("discuss", TEXT, *SMALL, "--model", "scripted/conforming", "--out", "r")
    page = Path("r/report.html").read_text()
    for line in Path("r/transcripts.jsonl").read_text().splitlines():
        for turn in json.loads(line)["turns"]:
            if turn["speaker"] == "respondent":
                assert turn["call_key"].startswith("call1:")
                assert turn["call_key"].rpartition(":")[2][:12] in page


def test_who_never_moves_shows_no_shift() -> None:
    found = panelsim("discuss", TEXT, *SMALL, "--model", "scripted/steadfast", "--json").json
    assert (found["verdict"], found["moved"], found["who_moved"]) == ("held", 0.0, [])
    assert found["controls"] == {"retest": "passed", "unrelated": "passed"}


def test_who_drifts_as_much_after_any_talk_cannot_say() -> None:
    found = panelsim("discuss", TEXT, *SMALL, "--model", "scripted/drifting", "--json").json
    assert found["verdict"] == "cannot_say"
    assert found["controls"] == {"retest": "passed", "unrelated": "failed"}


def test_who_refuses_to_answer_cannot_say() -> None:
    found = panelsim("discuss", TEXT, *SMALL, "--model", "scripted/refuses", "--json").json
    assert found["verdict"] == "cannot_say"
    assert "100% of answers are missing" in json.dumps(found["reasons"])


def test_a_guide_alone_is_talked_about_and_nothing_is_said_of_a_shift() -> None:
    found = panelsim(
        "discuss", "--guide", "buying-journey", *SMALL, "--model", "scripted/sensible", "--json", "--out", "r"
    ).json
    assert (found["verdict"], found["moved"]) == ("cannot_say", None)
    assert "Nothing was rated" in json.dumps(found["reasons"])
    text = Path("r/report.md").read_text()
    assert text.count("**Round 3.**") == 2


def test_an_estimate_counts_every_call_and_a_stored_run_is_reported() -> None:
    done = panelsim("discuss", TEXT, *SMALL, "--model", "scripted/steadfast", "--json").json
    assert "HELD" in panelsim("report", str(done["run_id"]), "--format", "md").out.upper()
    Path("s.yaml").write_text(
        "kind: discussion\nid: s\nmodel: scripted/sensible\ngroups: 3\nsize: 3\nrounds: 1\n"
        f"stimulus: '{TEXT}'\n"
    )
    found = panelsim("estimate", "s.yaml", "--json").json
    low = found["low"]
    assert isinstance(low, dict)
    assert (low["calls"], found["sessions"]) == (3 * 3 * 7, 3)


def test_a_file_reads_back_as_it_was_written() -> None:
    Path("s.yaml").write_text(
        "kind: discussion\nid: s\ngroups: 2\nsize: 3\nrounds: 1\n"
        "stimulus: A concept in one line\nguide: buying-journey\nmeasure: clarity\n"
    )
    study = read_study("s.yaml")
    assert isinstance(study, DiscussionStudy)
    assert study.stimulus is not None
    assert (study.n, study.stimulus.id, study.rounds_in_all) == (6, "a", 3)
    Path("again.yaml").write_text(study_yaml(study, Path()))
    assert study_at(Path("again.yaml")) == study


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "found nothing to talk about, expected a stimulus, a guide or both"),
        (("   ",), "text 1 is empty"),
        ((TEXT, "--size", "2"), "greater than or equal to 3"),
        ((TEXT, "--rounds", "9"), "less than or equal to 4"),
        ((TEXT, "--guide", "buying-journy"), "did you mean 'buying-journey'"),
        ((TEXT, "--guide", "buying-journey", "--rounds", "3"), "9 rounds over all questions"),
        ((TEXT, "--measure", "relevence"), "did you mean 'relevance'"),
        ((TEXT, "--panel", "sales-tryo"), "did you mean 'sales-trio'"),
    ],
)
def test_wrong_input_is_told_before_anything_is_asked(arguments: tuple[str, ...], said: str) -> None:
    done = panelsim("discuss", *arguments, "--model", "scripted/sensible")
    assert done.code == 2
    assert said in done.sentence


def test_a_wrong_file_is_told_with_its_line() -> None:
    Path("s.yaml").write_text("kind: discussion\nid: s\nstimulus: Words\ngroups: 0\n")
    with pytest.raises(InputError, match=r"s.yaml, line 4: groups"):
        read_study("s.yaml")
