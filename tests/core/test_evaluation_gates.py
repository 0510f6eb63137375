"""Gates, figures with intervals, and missing answers."""

import numpy as np
import pytest
from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.evaluation import judge, measured
from panelsim.evaluation.finding import absent, given, redrawn
from panelsim.evaluation.scoring import check_names, missing_share
from panelsim.evaluation.upworthy_splits import right
from panelsim.evaluation.upworthy_text import text_model
from panelsim.metrics.arrays import Ints
from panelsim.model.benchmark import Benchmark, Figure, Gate, GateState, Held, Outcome, Unheld, Vector
from panelsim.model.plan import PairedAssignment, Transcript
from panelsim.model.response import ChoiceAnswer, Missing, Response
from panelsim.reporting.figures import bound_of, in_form, with_interval


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(
        name="icc", label="Icc", value=value, low=low, high=high, reason="" if value else "nobody differs"
    )


@pytest.mark.parametrize(
    ("gate", "found", "state"),
    [
        (Gate(figure="icc", at_least=0.65), figure(0.70, 0.60, 0.80), "holds"),
        (Gate(figure="icc", at_least=0.65), figure(0.60, 0.50, 0.70), "amber"),
        (Gate(figure="icc", at_least=0.65), figure(0.40, 0.30, 0.50), "red"),
        (Gate(figure="icc", at_least=0.65), figure(0.64), "red"),
        (Gate(figure="icc", at_least=0.65, low_at_least=0.5), figure(0.70, 0.40, 0.80), "amber"),
        (Gate(figure="icc", low_at_least=0.5), figure(0.30, 0.20, 0.40), "red"),
        (Gate(figure="icc", low_at_least=0.5), figure(0.70), "not_computed"),
        (Gate(figure="icc", at_most=0.05), figure(0.05, 0.01, 0.09), "holds"),
        (Gate(figure="icc", at_most=0.05), figure(0.06, 0.04, 0.09), "amber"),
        (Gate(figure="icc", at_least=-0.05, at_most=0.05), figure(0.30, 0.20, 0.40), "red"),
        (Gate(figure="icc", high_at_most=0.10), figure(0.05, 0.01, 0.20), "amber"),
        (Gate(figure="icc", at_least=0.65), figure(None), "not_computed"),
    ],
)
def test_a_gate_holds_is_amber_within_the_interval_and_red_beyond_it(
    gate: Gate, found: Figure, state: GateState
) -> None:
    assert judge(gate, found).state == state


def test_a_gate_on_a_figure_that_is_not_there_is_not_computed() -> None:
    assert judge(Gate(figure="icc", at_least=1), None).state == "not_computed"


def test_a_gate_without_a_bound_is_refused() -> None:
    with pytest.raises(ValidationError, match="has no bound"):
        Gate(figure="icc")


def test_gates_and_ceilings_name_figures_that_exist() -> None:
    benchmark = Benchmark(id="b", title="t", question="q", gates=(Gate(figure="icx", at_least=0),))
    with pytest.raises(InputError, match="there is no figure 'icx'; it has icc"):
        check_names(benchmark, ["icc"])


def test_words_of_figures_and_bounds() -> None:
    assert with_interval(figure(0.7, 0.6, 0.8)) == "0.70 (0.60 to 0.80)"
    assert with_interval(figure(None)) == "not computed: nobody differs"
    # what misses a bound of .25 by little must not read as .25
    assert with_interval(figure(0.2507, 0.2502, 0.2513)) == "0.251 (0.250 to 0.251)"
    assert with_interval(figure(0.2507, 0.25061, 0.25079)) == "0.2507 (0.2506 to 0.2508)"
    assert with_interval(figure(1.0, 1.0, 1.0)) == "1.00 (1.00 to 1.00)"
    assert in_form(-0.004, "signed") == "0.00"
    assert in_form(-0.04, "signed") == "−0.04"
    assert in_form(0.045, "share") == "4.5%"
    gate = Gate(figure="icc", at_least=0.65, low_at_least=0.5)
    assert bound_of(gate) == "at least 0.65, its low end at least 0.50"


def test_a_measured_figure_carries_the_interval_of_its_redrawn_units() -> None:
    values = np.arange(20) / 19
    found = measured(
        "mean",
        "Mean",
        [str(n) for n in range(20)],
        lambda at: float(values[at].mean()),
        unit="buyers",
        method="mean",
    )
    assert found.figure.value == pytest.approx(0.5)
    assert found.figure.low is not None
    assert found.figure.high is not None
    # SD .303 / sqrt(20) = .068; 1.65 of it on both sides
    assert found.figure.low == pytest.approx(0.39, abs=0.02)
    assert found.figure.high == pytest.approx(0.61, abs=0.02)
    assert found.figure.n == 20


def test_equal_units_are_redrawn_alike_so_that_runs_can_be_paired() -> None:
    assert np.array_equal(redrawn(7), redrawn(7))
    assert not np.array_equal(redrawn(7)[:, :6], redrawn(6))


def test_a_figure_that_is_rarely_defined_has_no_interval() -> None:
    def one_in_two(at: Ints) -> float | None:
        return 1.0 if at[0] < 5 else None

    found = measured("x", "X", [str(n) for n in range(10)], one_in_two, unit="buyers", method="m")
    assert found.figure.value == 1.0
    assert found.figure.low is None


def test_one_unit_gives_no_figure() -> None:
    assert measured("x", "X", ["a"], lambda _: 1.0, unit="buyers", method="m").figure.value is None
    assert absent("x", "X", "why").figure.reason == "why"
    assert given("x", "X", 0.25, n=4, unit="u", method="m").figure.low is None


def test_missing_answers_of_every_kind_are_counted_over_all_that_were_wanted() -> None:
    pair = PairedAssignment(respondent="r", first="a", second="b", wording=0)

    def held(*answers: ChoiceAnswer | Missing) -> Outcome:
        responses = tuple(
            Response(respondent="r", question="preference", shown=("a", "b"), answer=one, call_keys=())
            for one in answers
        )
        return Held(transcript=Transcript(assignment=pair, turns=(), responses=responses))

    said = (
        held(ChoiceAnswer(options=("a", "b"), shares=(1.0, 0.0)), Missing(reason="refused")),
        Unheld(reason="the server is down", questions=3),
        Vector(text="t", values=(1.0,)),
    )
    # 1 refused and 3 not held of 2 + 3 + 1 wanted
    assert missing_share(said).figure.value == pytest.approx(4 / 6, abs=1e-6)
    assert missing_share(()).figure.value is None


def test_the_text_model_learns_nothing_from_pairs_that_are_not_clear() -> None:
    dice = np.random.default_rng(4)
    features = dice.normal(0, 1, (200, 4))
    won = (features[:, 2] > 0).astype(np.float64)
    clear = np.arange(200) < 100
    won[~clear] = 1 - won[~clear]  # would teach the contrary
    predicted = text_model(features, won, np.arange(200) % 10, clear)
    assert right(predicted, won)[clear].mean() > 0.9
    assert right(predicted, won)[~clear].mean() < 0.1
    assert (text_model(features, won, np.arange(200) % 10, np.zeros(200, dtype=np.bool_)) == 0.5).all()


def test_right_counts_a_tie_half() -> None:
    assert right(np.array([0.9, 0.5, 0.1]), np.array([1.0, 1.0, 1.0])).tolist() == [1.0, 0.5, 0.0]


def test_the_text_model_finds_a_mark_that_decides_and_nothing_in_noise() -> None:
    dice = np.random.default_rng(3)
    features = dice.normal(0, 1, (200, 4))
    won = (features[:, 2] > 0).astype(np.float64)
    folds = np.arange(200) % 10
    every = np.ones(200, dtype=np.bool_)
    assert right(text_model(features, won, folds, every), won).mean() > 0.95
    coin = dice.integers(0, 2, 200).astype(np.float64)
    assert right(text_model(features, coin, folds, every), coin).mean() == pytest.approx(0.5, abs=0.12)
