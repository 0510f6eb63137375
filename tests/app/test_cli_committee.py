"""`panelsim committee`, and `run` and `estimate` of a committee study, from the typed line to the files."""

import json
from pathlib import Path

import pytest

from panelsim.cli.studies import study_at
from panelsim.errors import InputError
from panelsim.files import read_study
from panelsim.model.study import CommitteeStudy
from panelsim.service.output import study_yaml
from tests.app.commands import no_pull, panelsim

OFFER = "Forecasts sales deals and pipeline your CFO believes, 24,000 dollars a year for 60 reps"
SCRIPTED = ("--model", "scripted/sensible")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def test_a_committee_prints_its_report_and_writes_every_file() -> None:
    done = panelsim("committee", OFFER, *SCRIPTED, "--out", "r")
    assert done.code == 0
    assert "Would champion:" in done.out
    assert "Signer needs: Chief Financial Officer" in done.out
    assert {path.name for path in Path("r").iterdir()} == {
        "report.html",
        "report.md",
        "report.json",
        "responses.csv",
        "transcripts.jsonl",
        "study.yaml",
    }


def test_json_names_the_outcome_the_vetoes_and_what_the_signer_needs() -> None:
    found = panelsim("committee", "Garden gnomes for the roof", *SCRIPTED, "--json").json
    assert (found["verdict"], found["outcome"]) == ("blocked", "blocked")
    vetoes, needs = found["vetoes"], found["signer_needs"]
    assert isinstance(vetoes, list)
    assert isinstance(needs, list)
    assert {one["persona"] for one in vetoes if isinstance(one, dict)} >= {"cfo", "it-security-lead"}
    (signer,) = needs
    assert isinstance(signer, dict)
    assert (signer["persona"], signer["authority"], signer["stance"]) == ("cfo", "signs", "no")
    assert str(signer["call_key"]).startswith("call1:")
    assert found["champion"] is None
    assert found["controls"] == dict.fromkeys(("duplicate", "decoy", "anti_icp"), "passed")


def test_who_always_takes_the_first_option_ends_in_cannot_say() -> None:
    found = panelsim("committee", OFFER, "--model", "scripted/always-first", "--json").json
    assert (found["verdict"], found["outcome"]) == ("cannot_say", None)
    assert "Position bias" in json.dumps(found["reasons"])
    assert found["vetoes"] == []


def test_who_agrees_to_everything_fails_the_decoy() -> None:
    found = panelsim("committee", OFFER, "--model", "scripted/agreeable", "--json").json
    assert found["verdict"] == "cannot_say"
    assert "Control decoy failed" in json.dumps(found["reasons"])


def test_who_refuses_to_answer_gives_no_stance() -> None:
    found = panelsim("committee", OFFER, "--model", "scripted/refuses", "--json").json
    assert found["verdict"] == "cannot_say"
    assert "100% of all answers are missing" in json.dumps(found["reasons"])


def test_a_second_run_makes_no_call_and_says_the_same() -> None:
    first, again = (
        panelsim("committee", OFFER, *SCRIPTED, "--companies", "2", "--json").json for _ in range(2)
    )
    assert again["calls_made_now"] == 0
    volatile = {"run_id", "files", "calls_made_now"}
    assert {name: one for name, one in first.items() if name not in volatile} == {
        name: one for name, one in again.items() if name not in volatile
    }


def test_a_stored_committee_is_reported_from_the_store_alone() -> None:
    run_id = str(panelsim("committee", OFFER, *SCRIPTED, "--json").json["run_id"])
    assert "Seat by seat" in panelsim("report", run_id).out
    assert panelsim("report", run_id, "--format", "csv").out.count("stance.swapped") == 20
    assert "Signer needs" in panelsim("runs", "show", run_id).out


def test_the_study_that_a_report_writes_repeats_the_run() -> None:
    panelsim("committee", OFFER, "Another offer", *SCRIPTED, "--companies", "2", "--out", "r")
    done = panelsim("run", "r/study.yaml", "--json")
    assert done.json["calls_made_now"] == 0


def test_an_estimate_counts_every_call_of_the_plan() -> None:
    Path("s.yaml").write_text(
        f"{{kind: committee, id: s, model: scripted/sensible, companies: 2, proposals: ['{OFFER}']}}"
    )
    found = panelsim("estimate", "s.yaml", "--json").json
    # 2 companies of 6 seats: 5 calls on the proposal, 2 on copy and decoy each; 1 company of 2 outside: 2
    low = found["low"]
    assert isinstance(low, dict)
    assert low["calls"] == 2 * 6 * 9 + 2 * 2
    assert found["sessions"] == 2 * 6 * 3 + 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("   ",), "proposal 1 is empty"),
        (tuple(f"offer {n}" for n in range(9)), "found 9 proposals, expected 1 to 8"),
        (("x" * 2001,), "proposal 1 has 2,001 characters"),
        (("Same", "same"), "are the same proposal"),
        (("One", "--panel", "sales-comittee"), "did you mean 'sales-committee'"),
        (("One", "--companies", "0"), "greater than or equal to 1"),
        (("One", "--compnies", "2"), "No such option"),
    ],
)
def test_wrong_input_is_told_before_anything_is_asked(arguments: tuple[str, ...], said: str) -> None:
    done = panelsim("committee", *arguments, *SCRIPTED)
    assert done.code == 2
    assert said in done.sentence


# ---- files


def test_a_file_may_call_n_companies_and_write_proposals_as_texts() -> None:
    Path("s.yaml").write_text(
        "kind: committee\nid: s\ncompanies: 3\nproposals:\n  - One\n  - {id: two, text: Two}\n"
    )
    study = read_study("s.yaml")
    assert isinstance(study, CommitteeStudy)
    assert (study.n, study.panel) == (3, "sales-committee")
    assert [one.id for one in study.proposals] == ["a", "two"]
    Path("again.yaml").write_text(study_yaml(study, Path()))
    assert study_at(Path("again.yaml")) == study


def test_one_proposal_may_stand_alone() -> None:
    Path("s.yaml").write_text("kind: committee\nid: s\nproposals: One offer\n")
    study = read_study("s.yaml")
    assert isinstance(study, CommitteeStudy)
    assert study.proposals[0].text == "One offer"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: comittee\nid: s", "line 1: kind: found 'comittee', expected a known kind"),
        ("kind: committee\nid: s\nproposals: []", "line 3: proposals"),
        ("kind: committee\nid: s\nproposals: [One]\ncompanies: 2\nn: 3", "line 4: companies"),
        ("kind: committee\nid: s\nproposals: [One]\ncompanies: 0", "greater than or equal to 1"),
        ("kind: committee\nid: s\nproposals: [One]\nrule: {min_stance: 0.4}", "line 4: rule.min_stance"),
        ("kind: committee\nid: s\nproposals: [One]\nstimuli: [Two]", "line 4: stimuli: unknown field"),
    ],
)
def test_a_fault_in_a_file_is_told_with_its_line(text: str, said: str) -> None:
    Path("s.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        read_study("s.yaml")
    assert said in str(error.value)
