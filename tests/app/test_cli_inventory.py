"""`panelsim inventory`, and inventories in files: from the typed line to the table and the files."""

import csv
import json
from pathlib import Path
from typing import get_args

import pytest
from pydantic import JsonValue, TypeAdapter

from panelsim.cli.inventory import FormName
from panelsim.cli.inventory import InstrumentName as TypedName
from panelsim.cli.studies import study_at
from panelsim.model.inventory import InstrumentName, InventoryForm
from panelsim.model.study import InventoryStudy
from panelsim.service.output import study_yaml
from tests.app.commands import no_pull, panelsim

_REPORT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
STUDY = """\
kind: inventory
id: read-back
instrument: decision-vignettes
half: development
doses: {of: [authority], levels: [0.05, 0.95], personas: 2}
model: scripted/agreeable
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def test_the_options_name_every_instrument_and_form() -> None:
    assert get_args(TypedName) == get_args(InstrumentName)
    assert get_args(FormName) == get_args(InventoryForm)


def test_a_study_file_gives_the_table_and_every_file() -> None:
    Path("study.yaml").write_text(STUDY)
    done = panelsim("run", "study.yaml", "--out", "r")
    assert done.code == 0
    assert "0 of 1 assigned levels come back in order" in done.out
    assert "2 base respondents, 6 profiles in all; 144 answers" in done.out  # 6 profiles x 24 items
    assert "Lean towards agreeing: +2.00 points" in done.out
    assert {path.name for path in Path("r").iterdir()} == {
        "report.html",
        "report.md",
        "report.json",
        "responses.csv",
        "transcripts.jsonl",
        "study.yaml",
    }
    report = _REPORT.validate_python(json.loads(Path("r/report.json").read_text()))
    assert report["study_kind"] == "inventory"
    page = Path("r/report.html").read_text()
    assert "What leaks" in page
    assert "2 base respondents" in page


def test_the_csv_holds_assigned_and_measured_in_one_row() -> None:
    Path("study.yaml").write_text(STUDY)
    panelsim("run", "study.yaml", "--out", "r")
    with Path("r/responses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 144
    low = [row for row in rows if row["respondent"] == "vp-sales-01.authority=0.05"]
    assert {row["assigned"] for row in low if row["scale"] == "authority"} == {"0.05"}
    assert {row["assigned"] for row in low if row["scale"] != "authority"} == {"0.5"}
    turned = {(row["key"], row["answer"], round(float(row["turned"]))) for row in low}
    assert turned == {("1", "rating", 5), ("-1", "rating", 1)}


def test_json_says_what_came_back_of_each_level() -> None:
    Path("study.yaml").write_text(STUDY)
    found = panelsim("run", "study.yaml", "--json").json
    assert found["recovery"] == {
        "authority": {"slope": 0.0, "rho": None, "right_side": 0.5, "leak_slope": 0.0, "leak_rho": 0.0}
    }
    assert found["acquiescence"] == pytest.approx(2.0, abs=0.01)
    assert (found["answers"], found["missing"]) == (144, 0)
    again = panelsim("run", "study.yaml", "--json").json
    assert again["calls_made_now"] == 0
    assert again["recovery"] == found["recovery"]


def test_the_command_asks_a_drawn_panel_and_one_by_doses() -> None:
    drawn = panelsim("inventory", "--n", "3", "--per-scale", "2", "--model", "scripted/noisy", "--json").json
    assert drawn["answers"] == 36  # 3 respondents x 6 scales x 2 items
    dosed = panelsim(
        "inventory", "sales-trio", "--doses", "1", "--per-scale", "2", "--model", "scripted/noisy",
        "--instrument", "decision-vignettes", "--form", "vignette", "--json",
    ).json  # fmt: skip
    assert dosed["answers"] == 300  # (1 + 6 x 4) profiles x 6 scales x 2 items
    assert dosed["form"] == "vignette"


def test_a_model_that_refuses_leaves_every_score_missing() -> None:
    done = panelsim("inventory", "--n", "2", "--per-scale", "2", "--model", "scripted/refuses", "--out", "r")
    assert done.code == 0
    assert "Cannot say: nobody answered enough items for a score." in done.out
    assert "24 missing (24 refused to answer)" in " ".join(done.out.split())
    page = Path("r/report.md").read_text()
    assert "nan" not in page.lower()


def test_a_direct_answer_is_read_as_the_number_it_is() -> None:
    Path("study.yaml").write_text(f"{STUDY}elicit: direct\n")
    assert panelsim("run", "study.yaml", "--json").json["acquiescence"] == 2.0


def test_an_odd_number_of_items_is_refused_in_one_sentence() -> None:
    done = panelsim("inventory", "--per-scale", "3", "--model", "scripted/noisy")
    assert done.code == 2
    assert done.sentence == "Error: per_scale is 3, expected an even number, half of each key"


def test_an_estimate_counts_one_call_for_each_item() -> None:
    Path("study.yaml").write_text(STUDY)
    found = panelsim("estimate", "study.yaml", "--json").json
    likely = found["low"]
    assert isinstance(likely, dict)
    assert likely["calls"] == 144


def test_the_written_study_reads_back_equal() -> None:
    Path("study.yaml").write_text(STUDY)
    study = study_at(Path("study.yaml"))
    assert isinstance(study, InventoryStudy)
    Path("again.yaml").write_text(study_yaml(study, Path.cwd()))
    assert study_at(Path("again.yaml")) == study


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("form: adjectives", "form: found 'adjectives', expected 'words', 'numbers'"),
        ("instrument: neo", "study.yaml, line 3: instrument: found 'neo'"),
        ("doses: {of: [wit]}", "doses.of names 'wit', expected some of honesty_humility"),
        ("per_scale: 5", "per_scale is 5, expected an even number"),
        ("per_scale: 8", "found 2, expected 4 for per_scale 8"),
    ],
)
def test_a_mistake_in_the_file_is_told_before_anything_is_asked(wrong: str, said: str) -> None:
    field = wrong.partition(":")[0]
    lines = [line for line in STUDY.splitlines() if not line.startswith(f"{field}:")]
    lines.insert(2, wrong)
    Path("study.yaml").write_text("\n".join(lines))
    done = panelsim("run", "study.yaml")
    assert done.code == 2
    assert said in done.sentence
