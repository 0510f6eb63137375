import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.metrics import forecast
from panelsim.metrics.arrays import Floats

P: Floats = np.array([0.8, 0.3, 0.5, 0.6])
WON: Floats = np.array([1.0, 1.0, 0.0, 0.5])


def test_a_hit_is_the_likelier_text_winning_and_ties_count_half() -> None:
    assert forecast.hits(P, WON).tolist() == [1.0, 0.0, 0.5, 0.5]


def test_brier_by_hand() -> None:
    # .2^2, .7^2, .5^2, .1^2
    assert forecast.brier(P, WON) == pytest.approx([0.04, 0.49, 0.25, 0.01])


def test_log_loss_by_hand() -> None:
    # -ln .8, -ln .3, -ln .5, -(ln .6 + ln .4) / 2
    assert forecast.log_loss(P, WON) == pytest.approx([0.223144, 1.203973, 0.693147, 0.713558], abs=1e-6)


def test_a_certain_and_wrong_forecast_costs_a_finite_loss() -> None:
    assert forecast.log_loss(np.array([0.0]), np.array([1.0])) == pytest.approx([13.815511])  # -ln 1e-6


def test_the_auc_of_pairs_by_hand() -> None:
    # winners got .8, .3, .5; losers .2, .7, .5: above in 3 + 1 + 1 comparisons, equal in 1, of 9
    assert forecast.pair_auc(P, WON) == pytest.approx(5.5 / 9)


def test_normal_p_by_hand() -> None:
    # Phi(.3 / .3) = .841345
    assert forecast.normal_p(np.array([0.3]), np.array([0.09])) == pytest.approx([0.841345], abs=1e-6)


PAIRS = st.lists(
    st.tuples(st.floats(0.01, 0.99), st.sampled_from([0.0, 0.5, 1.0]), st.booleans()), min_size=1, max_size=25
)


@given(PAIRS)
def test_the_order_of_the_two_texts_changes_no_figure(drawn: list[tuple[float, float, bool]]) -> None:
    p, won = np.array([one for one, _, _ in drawn]), np.array([one for _, one, _ in drawn])
    turned = np.array([one for _, _, one in drawn])
    other_p, other_won = np.where(turned, 1 - p, p), np.where(turned, 1 - won, won)
    assert forecast.pair_auc(p, won) == pytest.approx(forecast.pair_auc(other_p, other_won))
    assert forecast.log_loss(p, won) == pytest.approx(forecast.log_loss(other_p, other_won))
    assert forecast.hits(p, won) == pytest.approx(forecast.hits(other_p, other_won))


@given(PAIRS)
def test_drawing_each_group_once_gives_the_figure_itself(drawn: list[tuple[float, float, bool]]) -> None:
    p, won = np.array([one for one, _, _ in drawn]), np.array([one for _, one, _ in drawn])
    group = np.arange(len(p), dtype=np.int64)
    once = np.ones((1, len(p)))
    assert forecast.auc_of_draws(p, won, group, once)[0] == pytest.approx(forecast.pair_auc(p, won))
    assert forecast.mean_of_draws(p, group, once)[0] == pytest.approx(p.mean())


def test_a_draw_of_groups_draws_as_many_as_there_are() -> None:
    drawn = forecast.group_draws(7, 50, np.random.default_rng(1))
    assert drawn.sum(axis=1).tolist() == [7.0] * 50


def test_the_probability_of_the_winner_leaves_ties_out() -> None:
    assert forecast.winner_p(P, WON) == pytest.approx([0.8, 0.3, 0.5])
