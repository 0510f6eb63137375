"""Fits on data whose truth is known, and a leak that is planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.calibration.crossval import Columns, cross_fit
from panelsim.calibration.pairs import Pairs, pairs_of
from panelsim.calibration.panel import PanelColumns, cross_fit_stacked
from panelsim.calibration.ridge import Folds, Penalty, fit_ridge, fit_scale, folds_of, gram_of
from panelsim.calibration.surface import FEATURES, surface_features
from panelsim.calibration.tfidf import cross_fit_longer, cross_fit_tfidf, fit_logistic, tfidf, word_counts
from panelsim.metrics.arrays import Floats
from panelsim.metrics.forecast import hits, log_loss, pair_auc
from panelsim.model.calibration import PastTest, PastVariant
from tests.past_results import EFFECT, SPREAD, past_tests


def folded(pairs: Pairs, n: int = 5) -> Folds:
    return folds_of(pairs.group, n, np.random.default_rng(1))


def surface(pairs: Pairs) -> Columns:
    values = surface_features(pairs.texts)
    return Columns(values, values.shape[1])


def test_ridge_without_a_penalty_is_least_squares() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 3))
    y, weight = x @ np.array([1.0, -2.0, 0.5]), rng.uniform(0.5, 2, 50)
    found = fit_ridge(gram_of(x, y, weight), 3, Penalty(1e-9, 1.0))
    assert found == pytest.approx([1.0, -2.0, 0.5], abs=1e-6)


def test_a_column_that_never_differs_weighs_nothing() -> None:
    x = np.column_stack([np.zeros(10), np.arange(10.0)])
    assert fit_ridge(gram_of(x, x[:, 1], np.ones(10)), 2, Penalty(0.1, 1.0))[0] == 0.0


def test_the_scale_takes_the_noise_out_of_the_label() -> None:
    rng = np.random.default_rng(2)
    predicted = rng.normal(size=20_000)
    variance = rng.uniform(0.05, 1.0, 20_000)
    gap = 0.7 * predicted + 0.3 * rng.normal(size=20_000) + np.sqrt(variance) * rng.normal(size=20_000)
    scale = fit_scale(predicted, gap, variance, np.ones(20_000))
    assert scale.slope == pytest.approx(0.7, abs=0.02)
    assert scale.spread == pytest.approx(0.3, abs=0.02)


def test_predictions_that_point_the_wrong_way_are_given_no_slope() -> None:
    predicted = np.array([1.0, -1.0, 2.0])
    assert fit_scale(predicted, -predicted, np.ones(3), np.ones(3)).slope == 0.0


def test_the_known_effect_is_recovered_and_the_probabilities_are_true() -> None:
    pairs = pairs_of(past_tests(1500))
    forecast, _ = cross_fit(surface(pairs), pairs, folded(pairs))
    asks = np.array([text.endswith("?") for text in pairs.texts])
    differs = asks[pairs.a].astype(int) - asks[pairs.b].astype(int)
    slope = float(forecast.mean[differs == 1].mean() - forecast.mean[differs == -1].mean()) / 2
    assert slope == pytest.approx(EFFECT, abs=0.05)
    # two texts differ by sqrt(2) SPREAD beside the mark
    assert float(forecast.spread.mean()) == pytest.approx(np.sqrt(2) * SPREAD, abs=0.04)
    p = forecast.observed_p(pairs.variance)
    likely = (p > 0.8) & (p < 0.95)
    assert float(pairs.won[likely].mean()) == pytest.approx(float(p[likely].mean()), abs=0.04)


def test_exchanging_the_two_texts_of_every_pair_turns_every_prediction() -> None:
    tests = past_tests(60)
    turned = tuple(test._replace(variants=test.variants[::-1]) for test in tests)
    one, other = pairs_of(tests), pairs_of(turned)
    p = cross_fit(surface(one), one, folded(one))[0].observed_p(one.variance)
    q = cross_fit(surface(other), other, folded(other))[0].observed_p(other.variance)
    assert p + q == pytest.approx(np.ones(len(p)))
    assert cross_fit_longer(one, folded(one)) + cross_fit_longer(other, folded(other)) == pytest.approx(1.0)
    words = cross_fit_tfidf(one, folded(one)) + cross_fit_tfidf(other, folded(other))
    assert words == pytest.approx(np.ones(len(p)), abs=1e-3)


def identities(pairs: Pairs) -> Columns:
    """One column per text, 1 in its own row: an id that says everything of a text once it was seen."""
    return Columns(np.eye(len(pairs.texts)), len(pairs.texts))


def test_a_planted_id_that_knows_the_winner_does_not_help() -> None:
    pairs = pairs_of(past_tests(60, variants=4, seed=5))
    grouped = cross_fit(identities(pairs), pairs, folded(pairs))[0].raw
    assert np.abs(grouped).max() == pytest.approx(0.0, abs=1e-9)
    assert pair_auc(0.5 + grouped, pairs.won) == pytest.approx(0.5)


def test_the_same_id_helps_where_tests_are_torn_apart_so_the_check_can_fail() -> None:
    pairs = pairs_of(past_tests(60, variants=4, seed=5))
    torn = Folds(np.arange(len(pairs), dtype=np.int64) % 5, 5)
    raw = cross_fit(identities(pairs), pairs, torn)[0].raw
    assert pair_auc(1 / (1 + np.exp(-raw)), pairs.won) > 0.7


def test_the_longer_text_is_scored_by_how_often_it_won_elsewhere() -> None:
    tests = [
        PastTest(f"t{at}", (PastVariant(f"long text {at}", 1000, 30), PastVariant(f"s{at}", 1000, 10)))
        for at in range(10)
    ]
    pairs = pairs_of(tests)
    # eight wins of eight in the other folds: (1 + 8) / (2 + 8)
    assert cross_fit_longer(pairs, folded(pairs)) == pytest.approx(np.full(10, 0.9))


def test_tfidf_by_hand() -> None:
    counts = word_counts(["deal deal team", "deal", "lost words"])
    values = tfidf(counts, np.array([True, True, False]))
    # only "deal" stands in two training texts; each row is brought to length 1
    assert values.toarray().tolist() == [[1.0], [1.0], [0.0]]


def test_logistic_regression_finds_the_odds() -> None:
    from scipy import sparse

    x = sparse.csr_array(np.ones((100, 1)))
    won = np.array([1.0] * 75 + [0.0] * 25)
    # odds 3 to 1: weight ln 3
    assert fit_logistic(x, won, 1e6) == pytest.approx([np.log(3)], abs=1e-3)


def test_tfidf_learns_a_word_that_wins() -> None:
    rng = np.random.default_rng(4)
    tests = []
    for at in range(150):
        clicks = rng.binomial(4000, [0.05, 0.03])
        fillers = rng.choice(["deal", "team", "cash", "plan"], 2)
        variants = (
            PastVariant(f"magic {fillers[0]} {at}", 4000, int(clicks[0])),
            PastVariant(f"{fillers[1]} plain {at}", 4000, int(clicks[1])),
        )
        tests.append(PastTest(f"t{at}", variants if at % 2 else variants[::-1]))
    pairs = pairs_of(tests)
    assert float(hits(cross_fit_tfidf(pairs, folded(pairs)), pairs.won).mean()) > 0.95


def stacked_gain(values: Floats, pairs: Pairs) -> float:
    folds = folded(pairs)
    text, inner = cross_fit(surface(pairs), pairs, folds)
    panel = PanelColumns(("relevance",), values[:, None], np.ones(len(pairs), dtype=np.bool_))
    both = cross_fit_stacked(panel, pairs, folds, text, inner)
    without = log_loss(text.observed_p(pairs.variance), pairs.won).mean()
    return float(without - log_loss(both.observed_p(pairs.variance), pairs.won).mean())


def test_a_panel_that_knows_helps_and_one_that_guesses_does_not() -> None:
    pairs = pairs_of(past_tests(300, seed=9))
    rng = np.random.default_rng(1)
    assert stacked_gain(pairs.gap + rng.normal(0, 0.1, len(pairs)), pairs) > 0.05
    assert stacked_gain(rng.normal(size=len(pairs)), pairs) < 0.005


def test_surface_features_by_hand() -> None:
    row = dict(zip(FEATURES, surface_features(["7 Ways YOU lose deals: why?"])[0], strict=True))
    assert row["digit"] == row["starts_with_number"] == row["question"] == row["colon"] == 1.0
    assert row["word_you"] == row["word_why"] == 1.0
    assert row["exclamation"] == row["word_he"] == 0.0
    assert row["log_words"] == pytest.approx(np.log(7))  # six words
    assert row["capital_words"] == pytest.approx(1 / 6)
    assert row["word_length"] == pytest.approx((1 + 4 + 3 + 4 + 5 + 3) / 6)


@given(st.text(max_size=200))
def test_every_text_has_finite_surface_features(text: str) -> None:
    found = surface_features([text])
    assert found.shape == (1, len(FEATURES))
    assert np.isfinite(found).all()
