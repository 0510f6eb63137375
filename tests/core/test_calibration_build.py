"""The whole calibration: figures, badge, leakage checks, coefficients, and where it may be applied."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.calibration.apply import apply_calibration, check_fits, probability, text_scores
from panelsim.calibration.build import MIN_TESTS, Evidence, badge_of, calibrate, groups_in_both
from panelsim.calibration.pairs import pairs_of
from panelsim.calibration.panel import PanelColumns
from panelsim.calibration.ridge import Folds
from panelsim.calibration.scoring import EDGES, Scorer, calibration_error
from panelsim.errors import InputError
from panelsim.metrics.arrays import Floats
from panelsim.model.calibration import Calibration, Figure, LeakageChecks, PanelFacts, PredictorName
from panelsim.reporting.build import message_report
from panelsim.reporting.calibrated import calibration_phrase
from panelsim.reporting.calibration import render_calibration
from panelsim.reporting.gleaning import glean
from panelsim.service.calibrate import build_calibration
from tests import builders
from tests.past_results import past_results, past_tests

FACTS = PanelFacts(
    model="embedded/m@1",
    elicit="logprob",
    frame="third_person",
    panel="sales-trio",
    panel_key="sources1:1",
    n=12,
    prompts=(("questions/rating", "p1"),),
    features=("relevance",),
)
CLEAN = LeakageChecks(
    folds=10, groups=60, duplicate_texts=0, groups_in_both=0, permuted=Figure(value=0.5, low=0.4, high=0.6)
)


@cache
def made(n: int = 200, *, with_panel: bool = False) -> Calibration:
    results = past_results(past_tests(n))
    pairs = pairs_of(results.tests)
    panel = None
    if with_panel:
        noise = np.random.default_rng(1).normal(0, 0.1, len(pairs))
        answered = np.arange(len(pairs)) % 4 != 0
        panel = PanelColumns(("relevance",), (pairs.gap + noise)[:, None], answered), FACTS
    return build_calibration(results, pairs, vectors=None, embedding_model=None, panel=panel, seed=7)


def test_a_real_effect_in_many_tests_earns_a_badge() -> None:
    evaluation = made().evaluation
    assert evaluation.badge.given
    assert evaluation.badge.reason == "checked on 200 past tests"
    assert evaluation.leakage.passed
    assert evaluation.leakage.groups_in_both == 0
    assert evaluation.row("surface").subsets[0].accuracy.value > 0.65
    assert evaluation.row("coin").subsets[0].log_loss.value == pytest.approx(np.log(2), abs=1e-6)
    assert {one.name for one in evaluation.predictors if one.is_baseline} == {"coin", "longer", "tfidf"}


def test_too_few_tests_earn_no_badge_however_good() -> None:
    badge = made(30).evaluation.badge
    assert not badge.given
    assert badge.reason == f"30 independent past tests are fewer than the {MIN_TESTS} that a badge needs"


def test_fewer_than_can_be_fitted_are_refused() -> None:
    results = past_results(past_tests(19))
    with pytest.raises(InputError, match="19 usable tests in 19 groups, expected at least 20"):
        calibrate(Evidence(results, pairs_of(results.tests), None, None, 7))


def test_what_does_not_beat_the_best_baseline_earns_no_badge() -> None:
    pairs = pairs_of(past_tests(60))
    scorer = Scorer(pairs, np.ones(60, dtype=np.bool_), 7)
    good = np.where(pairs.won > 0.5, 0.7, 0.3)
    coin = np.full(60, 0.5)
    p: dict[PredictorName, Floats] = {"coin": coin, "longer": coin, "tfidf": good, "surface": good}
    badge = badge_of(scorer, p, "surface", CLEAN)
    assert (badge.given, badge.best_baseline) == (False, "tfidf")
    assert "does not beat the best naive baseline (tfidf)" in badge.reason
    assert badge_of(scorer, {**p, "tfidf": coin}, "surface", CLEAN).given


def test_a_leak_takes_the_badge_away() -> None:
    pairs = pairs_of(past_tests(60))
    scorer = Scorer(pairs, np.ones(60, dtype=np.bool_), 7)
    coin, good = np.full(60, 0.5), np.where(pairs.won > 0.5, 0.7, 0.3)
    p: dict[PredictorName, Floats] = {"coin": coin, "longer": coin, "tfidf": coin, "surface": good}
    leak = CLEAN.model_copy(update={"permuted": Figure(value=0.7, low=0.6, high=0.8)})
    assert "something leaks" in badge_of(scorer, p, "surface", leak).reason
    torn = CLEAN.model_copy(update={"groups_in_both": 1})
    assert not badge_of(scorer, p, "surface", torn).given


def test_a_group_on_both_sides_of_a_fold_is_counted() -> None:
    pairs = pairs_of(past_tests(10, variants=3))
    torn = Folds(np.arange(30, dtype=np.int64) % 4, 4)
    assert (
        groups_in_both(pairs, torn) == 20
    )  # each of ten groups of three pairs is in three folds: two too many


def test_the_same_results_give_the_same_file() -> None:
    made.cache_clear()
    first = made(40)
    made.cache_clear()
    assert made(40).key == first.key


def test_reliability_counts_every_forecast_that_is_not_tied() -> None:
    pairs = pairs_of(past_tests(100))
    p = np.linspace(0.05, 0.95, 100)
    bins = Scorer(pairs, np.ones(100, dtype=np.bool_), 7).reliability(p)
    assert sum(one.pairs for one in bins) == 100
    assert {one.low for one in bins} <= set(EDGES)
    assert 0 <= calibration_error(bins) <= 1


def test_the_panel_part_is_measured_with_and_without_on_what_it_answered() -> None:
    calibration = made(120, with_panel=True)
    panel = calibration.evaluation.panel
    assert panel is not None
    assert (panel.tests, panel.pairs) == (90, 90)
    assert panel.gain.low > 0
    assert panel.together.subsets[0].log_loss.value < panel.without.subsets[0].log_loss.value
    assert [name for name, _ in calibration.coefficients.panel] == ["relevance"]
    assert calibration.evaluation.badge.reason == "checked on 90 past tests"
    page = render_calibration(calibration)
    assert "What the panel's answers add" in page
    assert "On the 90 tests (90 pairs) that the panel answered" in page


def test_a_panel_that_answered_too_little_is_refused() -> None:
    results = past_results(past_tests(40))
    pairs = pairs_of(results.tests)
    few = PanelColumns(("relevance",), np.zeros((40, 1)), np.arange(40) < 5)
    with pytest.raises(InputError, match="the panel answered 5 tests in full, expected at least 20"):
        calibrate(Evidence(results, pairs, None, few, 7))


@settings(deadline=None)  # the first example makes the calibration
@given(st.text(max_size=60), st.text(max_size=60))
def test_p_of_a_and_p_of_b_add_up_to_one(a: str, b: str) -> None:
    one, other = text_scores(made(), [a, b], [])
    p, q = probability(made(), float(one - other)), probability(made(), float(other - one))
    assert p + q == pytest.approx(1.0)


def test_the_coefficients_say_what_the_truth_is() -> None:
    asked, told = text_scores(made(), ["Deal 7 x?", "Deal 7 x."], [])
    assert float(asked - told) == pytest.approx(0.5, abs=0.12)


def test_a_calibration_holds_for_its_own_channel_only() -> None:
    check_fits(made(), " HEADLINE ", None)
    with pytest.raises(InputError, match="channel 'headline'; found the channel 'email subject'"):
        check_fits(made(), "email subject", None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": "openai/gpt"}, "the model 'embedded/m@1'; found 'openai/gpt'"),
        ({"frame": "first_person"}, "the frame 'third_person'"),
        ({"panel_key": "sources1:2"}, "the panel 'sources1:1'"),
        ({"prompts": (("questions/rating", "p2"),)}, "another version of the prompt 'questions/rating'"),
        ({"features": ("clarity",)}, "'relevance', which this study does not ask"),
    ],
)
def test_a_calibration_with_answers_holds_for_the_same_asking_only(change: dict[str, str], told: str) -> None:
    calibration = made(120, with_panel=True)
    check_fits(calibration, "headline", FACTS)
    with pytest.raises(InputError) as caught:
        check_fits(calibration, "headline", FACTS.model_copy(update=change))
    assert told in str(caught.value)


def test_a_study_that_renders_more_prompts_is_still_asked_the_same() -> None:
    more = FACTS.model_copy(update={"prompts": (*FACTS.prompts, ("questions/open", "p9"))})
    check_fits(made(120, with_panel=True), "headline", more)


def test_the_report_names_the_calibration_and_the_likelier_text() -> None:
    study = builders.message_test().model_copy(update={"calibration": made()})
    analysis = builders.analysis()
    applied = apply_calibration(made(), study, analysis, {})
    assert len(applied.pairs) == 3
    assert all(pair.probability >= 0.5 for pair in applied.pairs)
    phrase = calibration_phrase(applied)
    assert phrase.startswith(
        "not checked itself; a score of texts alone was, on 200 past tests of “headline”: calibration "
    )
    assert "AUC 0." in phrase
    report = message_report(
        study,
        builders.panel(),
        builders.plan(),
        glean(study, builders.panel(), []),
        analysis,
        builders.facts(),
        calibrated=applied,
    )
    answer = next(section for section in report.measured if section.kind == "answer")
    assert "Past tests with people (200 of “headline”, read from texts alone" in answer.reasons[-1]
    trust = next(section for section in report.measured if section.kind == "trust")
    assert (
        trust.calibration_in_short
        == "not checked itself; a score of texts alone was, on 200 past tests of “headline”"
    )


def test_without_a_badge_the_report_gives_no_probability() -> None:
    applied = apply_calibration(made(30), builders.message_test(), builders.analysis(), {})
    assert applied.pairs == ()
    phrase = calibration_phrase(applied)
    assert phrase.startswith("never checked against reality: calibration ")
    assert "fewer than the 50 that a badge needs" in phrase


def test_the_panels_answers_move_the_probability_of_a_calibration_that_reads_them() -> None:
    applied = apply_calibration(made(120, with_panel=True), builders.message_test(), builders.analysis(), {})
    assert applied.uses_panel
    assert calibration_phrase(applied).startswith("checked on 90 past tests")
    # ratings of relevance: outcome 3.62, speed 3.24, and a panel that knew the truth of its past tests
    p = {(one.first, one.second): one.probability for one in applied.pairs}
    assert p["outcome", "speed"] > 0.6


def test_missing_answers_of_the_panel_give_no_probability() -> None:
    analysis = builders.analysis().model_copy(update={"cells": ()})
    applied = apply_calibration(made(120, with_panel=True), builders.message_test(), analysis, {})
    assert applied.pairs == ()
    assert "missing" in applied.reason
