"""Benchmarks with scripted respondents: the figure made for a defect catches it, and drift is named."""

from pathlib import Path

import pytest
import yaml

from panelsim.errors import InputError, NeedsData
from panelsim.evaluation import SCORERS, EvalRun, Scorecard, compare, score_run
from panelsim.files.benchmarks import list_benchmarks, read_benchmark
from panelsim.files.folders import shipped_folder
from panelsim.service.evals import load_run, prepare, replay_benchmark, save_run
from panelsim.service.evals.kept import differences

HEADLINES = ["Forecast within 5% by Friday", "Clean CRM data, no typing", "New reps sell in 30 days"]
STABILITY = {
    "id": "stability",
    "title": "Again?",
    "question": "Does it say it again?",
    "model": "scripted/sensible",
    "panel": "sales-trio",
    "n": 4,
    "settings": {"headlines": HEADLINES, "repeats": 2, "slots": 3},
    "gates": [
        {"figure": "first_slot_bias", "at_least": -0.05, "at_most": 0.05},
        {"figure": "order_consistency", "at_least": 0.8},
        {"figure": "slot_v", "at_most": 0.3},
        {"figure": "retest_icc", "at_least": 0.65},
    ],
}
PICK = (shipped_folder("evals") / "stability/prompts/questions/pick.md").read_text("utf-8")


@pytest.fixture
def stability(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small benchmark of one's own, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "evals" / "stability"
    (folder / "prompts/questions").mkdir(parents=True)
    (folder / "prompts/questions/pick.md").write_text(PICK)
    (folder / "benchmark.yaml").write_text(yaml.safe_dump(STABILITY))
    return folder


def ran(folder: Path, model: str = "") -> EvalRun:
    return replay_benchmark(prepare(str(folder), model=model))


ASKED: dict[str, EvalRun] = {}


def asked(folder: Path, model: str = "") -> EvalRun:
    """What the benchmark gives as it stands above: asked once for all tests that change nothing before."""
    if model not in ASKED:
        ASKED[model] = ran(folder, model)
    return ASKED[model]


def states(card: Scorecard) -> dict[str, str]:
    return {gate.gate.figure: gate.state for gate in card.gates}


def test_a_sound_respondent_passes_every_gate(stability: Path) -> None:
    assert set(states(score_run(asked(stability))).values()) == {"holds"}


def test_who_always_takes_the_first_slot_is_caught_by_the_slot_figures_and_no_other(stability: Path) -> None:
    card = score_run(asked(stability, "scripted/always-first"))
    assert states(card) == {
        "first_slot_bias": "red",
        "order_consistency": "red",
        "slot_v": "red",
        "retest_icc": "holds",
    }
    # no pair ever has a winner, so none can change: that is no stability
    assert card.figure("verdict_flips").value is None


def test_who_answers_by_chance_is_caught_by_the_retest(stability: Path) -> None:
    found = states(score_run(asked(stability, "scripted/noisy")))
    assert found["retest_icc"] == "red"
    assert found["first_slot_bias"] in ("holds", "amber")


def test_who_refuses_gives_gates_that_could_not_be_computed_and_a_missing_share_of_one(
    stability: Path,
) -> None:
    card = score_run(asked(stability, "scripted/refuses"))
    assert set(states(card).values()) == {"not_computed"}
    assert not card.holds
    assert card.figure("missing_share").value == 1.0


def test_a_kept_run_is_scored_again_without_a_call_and_gives_the_same(
    stability: Path, tmp_path: Path
) -> None:
    run, path = save_run(asked(stability), tmp_path / "kept")
    again = load_run(run.facts.run_id, tmp_path / "kept")
    assert score_run(again) == score_run(run)
    assert load_run("last", tmp_path / "kept") == load_run(str(path), tmp_path / "kept") == again


def test_the_newest_of_a_benchmark_is_found_among_those_of_one_second(
    stability: Path, tmp_path: Path
) -> None:
    *_, newest = [save_run(asked(stability), tmp_path / "kept")[0] for _ in range(3)]
    assert newest.facts.run_id.endswith("-stability-3")
    assert load_run("stability", tmp_path / "kept") == load_run("last", tmp_path / "kept") == newest
    with pytest.raises(InputError, match="there is no evaluation 'stab'"):
        load_run("stab", tmp_path / "kept")


def test_a_changed_gate_is_named_and_is_not_taken_for_a_change_of_the_panel(stability: Path) -> None:
    before = ran(stability)
    file = stability / "benchmark.yaml"
    told = yaml.safe_load(file.read_text())
    told["gates"][-1]["at_least"] = 0.99999
    file.write_text(yaml.safe_dump(told))
    comparison = compare(before, ran(stability))
    (change,) = comparison.changes
    assert (change.name, change.before, change.after) == (
        "gate on retest_icc", "at least 0.65", "at least 1.00",
    )  # fmt: skip
    assert {shift.state for shift in comparison.shifts} == {"within_noise"}


def test_the_same_run_differs_in_nothing(stability: Path) -> None:
    first, second = asked(stability), ran(stability)
    comparison = compare(first, second)
    assert comparison.changes == ()
    assert {shift.state for shift in comparison.shifts} == {"within_noise"}
    assert all(shift.paired for shift in comparison.shifts if shift.figure == "retest_icc")
    assert differences(score_run(first), score_run(second)) == ()


def test_a_changed_prompt_is_named_with_the_shift_it_caused(stability: Path) -> None:
    before = asked(stability)
    own = stability / "prompts/questions/pick.md"
    first = '{{ letters[0] }}: "{{ headlines[0] }}"'
    own.write_text(PICK.replace("version: 1", "version: 2").replace("You judge", f"You judge ({first})"))
    comparison = compare(before, ran(stability))
    assert [(one.kind, one.name) for one in comparison.changes] == [("prompt", "questions/pick")]
    assert comparison.changes[0].before.startswith("v1 ")
    assert comparison.changes[0].after.startswith("v2 ")


def test_a_changed_wording_of_a_measure_is_named(stability: Path) -> None:
    before = asked(stability)
    shipped = (shipped_folder("prompts") / "measures/relevance.yaml").read_text("utf-8")
    own = Path("prompts/measures/relevance.yaml")
    own.parent.mkdir(parents=True)
    own.write_text(
        shipped.replace("that this buyer owns", "of this buyer's own").replace("version: 2", "version: 3")
    )
    comparison = compare(before, ran(stability))
    assert [(one.kind, one.name) for one in comparison.changes] == [("prompt", "measures/relevance")]


def test_a_changed_model_is_named_and_what_moved_has_an_interval(stability: Path) -> None:
    comparison = compare(asked(stability), asked(stability, "scripted/always-first"))
    # the benchmark embeds nothing, so no model that embeds was changed
    models = [(one.kind, one.name) for one in comparison.changes if one.kind == "model"]
    assert models == [("model", "model")]
    moved = {shift.figure: shift for shift in comparison.shifts if shift.state == "moved"}
    bias = moved["first_slot_bias"]
    assert bias.shift == pytest.approx(0.5, abs=0.1)
    assert bias.low is not None
    assert bias.low > 0
    assert bias.gates == ("holds", "red")
    assert "retest_icc" not in moved


def test_a_broken_persona_is_named_and_its_shift_seen(stability: Path) -> None:
    before = asked(stability)
    shipped = yaml.safe_load((shipped_folder("personas") / "buyers/vp-sales.yaml").read_text("utf-8"))
    own = Path("personas/buyers/vp-sales.yaml")
    own.parent.mkdir(parents=True)
    broken = shipped | {"version": 2, "goals": ["grow prize roses"], "pains": ["aphids on every leaf"]}
    own.write_text(yaml.safe_dump(broken))
    comparison = compare(before, ran(stability))
    assert [(one.kind, one.name) for one in comparison.changes] == [("persona", "vp-sales")]
    assert any(shift.shift for shift in comparison.shifts)


def test_runs_of_two_benchmarks_are_not_compared(stability: Path) -> None:
    run = asked(stability)
    other = run.model_copy(update={"benchmark": run.benchmark.model_copy(update={"id": "upworthy"})})
    with pytest.raises(InputError, match="expected two runs of one benchmark"):
        compare(run, other)


# ---- what ships


def test_every_shipped_benchmark_has_a_scorer_a_page_and_gates_on_figures_it_has() -> None:
    root = shipped_folder("evals")
    assert set(list_benchmarks()) == set(SCORERS)
    for name in list_benchmarks():
        assert (root / name / "README.md").is_file()
        assert read_benchmark(root / name).gates


@pytest.mark.parametrize("name", list_benchmarks())
def test_every_shipped_benchmark_can_be_prepared_with_no_model_on_the_machine(name: str) -> None:
    if read_benchmark(shipped_folder("evals") / name).reference is not None:
        with pytest.raises(NeedsData, match="data that do not ship"):
            prepare(name)
        return
    job = prepare(name)
    assert job.trials
    assert job.material.asking.model.provider == "embedded"


# ---- refused before anything is asked


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "other"}, "expected the folder's name, 'stability'"),
        ({"gatez": []}, "unknown field, did you mean 'gates'"),
        ({"settings": {"headlines": HEADLINES, "repeat": 2}}, "settings.repeat"),
        ({"settings": {"headlines": ["one"]}}, "settings.headlines"),
        (
            {"settings": {"headlines": HEADLINES, "slots": 4}},
            "slots: found 4, expected at most the 3 headlines",
        ),
        ({"gates": [{"figure": "retest_icc"}]}, "has no bound"),
        ({"model": "embeded/x"}, "did you mean 'embedded'"),
        ({"panel": "sales-tiro"}, "sales-trio"),
    ],
)
def test_a_mistake_in_a_benchmark_is_told_with_what_was_expected(
    stability: Path, change: dict[str, object], sentence: str
) -> None:
    (stability / "benchmark.yaml").write_text(yaml.safe_dump(STABILITY | change))
    with pytest.raises(InputError, match=sentence):
        prepare(str(stability))


def test_an_unknown_benchmark_or_run_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'stability'"):
        prepare("stabilty")
    with pytest.raises(InputError, match="there is no evaluation 'last'"):
        load_run("last", tmp_path)
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(InputError, match="is not a kept evaluation"):
        load_run(str(tmp_path / "x.json"), tmp_path)


def test_data_that_lacks_a_column_or_a_cell_is_told_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "upworthy"
    folder.mkdir()
    base = {
        "id": "upworthy",
        "title": "t",
        "question": "q",
        "model": "scripted/sensible",
        "data": "pairs.csv",
    }
    (folder / "benchmark.yaml").write_text(yaml.safe_dump(base))
    (folder / "pairs.csv").write_text("pair_id,test_id,headline_a,headline_b,winner\n1,t,x,y,c\n")
    with pytest.raises(InputError, match="line 2 has the winner 'c'"):
        prepare(str(folder))
    (folder / "pairs.csv").write_text("pair_id,test_id,headline_a,headline_b,winner\n1,t,x\n")
    with pytest.raises(InputError, match="line 2: the row has another number of cells"):
        prepare(str(folder))
