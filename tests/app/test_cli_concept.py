"""`panelsim concept`: from the typed line and the file to the verdict and the files."""

from pathlib import Path

import pytest

from panelsim.cli.studies import study_at
from panelsim.model.study import ConceptTest
from panelsim.service.output import study_yaml
from tests.app.commands import no_pull, panelsim

GUARD = (
    "Forecast Guard: Reads the CRM each night and marks every deal in the sales pipeline whose forecast "
    "will slip. For 60 reps: 24,000 dollars a year."
)
STUDY = """\
kind: concept_test
id: guard
n: 4
model: scripted/sensible
concepts:
  - name: Forecast Guard
    text: |
      Reads the CRM each night and marks every deal in the sales pipeline whose forecast will slip.
      For 60 reps: 24,000 dollars a year.
  - Tells each rep which deal in the pipeline lacks a next step.
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def test_one_concept_gets_a_verdict_against_its_decoy() -> None:
    done = panelsim("concept", GUARD, "--model", "scripted/sensible", "--n", "12", "--out", "r")
    assert done.code == 0
    assert "clearly ahead of a deliberately weak offer; no other was compared" in done.out
    assert "Two highest points of purchase intent: a " in done.out
    page = Path("r/report.html").read_text()
    assert "Forecast Guard" in page
    assert "What a says" in page


def test_a_concept_is_read_from_a_file_whose_first_line_is_its_name() -> None:
    Path("guard.md").write_text("# Forecast Guard\n\nReads the CRM each night.\n\n24,000 dollars a year.\n")
    found = panelsim("concept", "guard.md", GUARD, "--model", "scripted/sensible", "--n", "2", "--json").json
    boxes = found["top_box"]
    assert isinstance(boxes, dict)
    assert set(boxes) == {"a", "b", "control-duplicate", "control-decoy", "control-shuffled"}
    again = panelsim("concept", "guard.md", GUARD, "--model", "scripted/sensible", "--n", "2", "--json").json
    assert again["calls_made_now"] == 0
    assert again["top_box"] == boxes


def test_a_study_file_may_call_its_stimuli_concepts_and_reads_back_equal() -> None:
    Path("study.yaml").write_text(STUDY)
    study = study_at(Path("study.yaml"))
    assert isinstance(study, ConceptTest)
    assert [one.id for one in study.stimuli] == ["a", "b"]
    Path("again.yaml").write_text(study_yaml(study, Path.cwd()))
    assert study_at(Path("again.yaml")) == study
    assert panelsim("run", "study.yaml", "--out", "r").code == 0
    assert "name: " in Path("r/study.yaml").read_text()


def test_an_estimate_counts_the_battery_and_the_pairs() -> None:
    Path("study.yaml").write_text(STUDY)
    low = panelsim("estimate", "study.yaml", "--json").json["low"]
    assert isinstance(low, dict)
    # 4 x (2 concepts x (2 + 5) + 3 controls + 2 pairs x 2 orders), outside the ICP 2 x 2
    assert low["calls"] == 4 * (14 + 3 + 4) + 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("word " * 1001,), "concept 1 has 5,005 characters, expected at most 5,000"),
        (("none.md",), "none.md: the file cannot be read"),
        ((GUARD, "--measures", ","), "--measures names no measure"),
        ((GUARD, "--measures", "intent"), "unknown measure 'intent'"),
        ((GUARD,) * 9, "found 9 concepts, expected 1 to 8"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    done = panelsim("concept", *arguments, "--model", "scripted/sensible")
    assert done.code == 2
    assert said in done.sentence
