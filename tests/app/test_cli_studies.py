"""`panelsim hypothesis` and `panelsim survey`: from the typed line or the file to verdict and files."""

import csv
from pathlib import Path

import pytest

from panelsim.cli.studies import study_at
from panelsim.service.output import study_yaml
from tests.app.commands import no_pull, panelsim

ASKED = ("hypothesis", "Cost or speed?", "--a", "Cost first", "--b", "Speed first")
FIRST = ("--model", "scripted/always-first", "--n", "6")
SURVEY = """\
id: crm
n: 6
model: scripted/always-first
questions:
  - text: What do you forecast with?
    type: single
    options: [The CRM, A spreadsheet]
  - text: How far do you trust it?
    type: scale
    points: 5
    low: not at all
    high: fully
  - text: What would you change first?
    type: open
"""
HYPOTHESIS = """\
kind: hypothesis
id: h
n: 4
model: scripted/noisy
question: Cost or speed?
a: Cost
b: Speed
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def test_a_first_slot_model_cannot_say_and_a_second_run_asks_nothing() -> None:
    found = panelsim(*ASKED, *FIRST, "--json").json
    assert found["verdict"] == "cannot_say"
    assert found["share_a"] == 0.5
    assert panelsim(*ASKED, *FIRST, "--json").json["calls_made_now"] == 0


def test_a_survey_file_needs_no_kind_and_gives_every_file() -> None:
    Path("crm.yaml").write_text(SURVEY)
    done = panelsim("survey", "crm.yaml", "--n", "10", "--out", "r")
    assert done.code == 0
    assert "2 of 3 questions cannot be read: q1, q2." in done.out
    with Path("r/responses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10 * (2 + 5 + 1)  # one for each option shown, one for words
    picked = [row for row in rows if row["question"] == "q1" and float(row["share"]) > 0.5]
    assert {row["slot"] for row in picked} == {"1"}
    assert {row["option"] for row in picked} == {"The CRM", "A spreadsheet"}
    assert "In their own words" in Path("r/report.html").read_text()


def test_studies_read_back_equal_and_are_estimated() -> None:
    Path("crm.yaml").write_text(f"kind: survey\n{SURVEY}")
    Path("h.yaml").write_text(HYPOTHESIS)
    for name, calls in (("crm.yaml", 6 * 3), ("h.yaml", 4 * 3 * 2)):
        study = study_at(Path(name))
        Path("again.yaml").write_text(study_yaml(study, Path.cwd()))
        assert study_at(Path("again.yaml")) == study
        low = panelsim("estimate", name, "--json").json["low"]
        assert isinstance(low, dict)
        assert low["calls"] == calls


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("points: 5", "points: 12"), "questions[1].points: found 12, expected 2 to 11"),
        (
            ("type: open", "type: opn"),
            (
                "questions[2]: type is 'opn', expected one of 'single', 'multiple', 'scale', 'number', "
                "'open', did you mean 'open'?"
            ),
        ),
        (("    type: open\n", ""), "questions[2]: the field 'type' is missing"),
        (("id: crm", "kind: interview"), "guide"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(change: tuple[str, str], said: str) -> None:
    Path("crm.yaml").write_text(SURVEY.replace(*change))
    done = panelsim("survey", "crm.yaml")
    assert done.code == 2
    assert said in done.sentence
