import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from panelsim.metrics import choice
from panelsim.metrics.arrays import Floats
from tests.core.simulated import array

SHARES = arrays.arrays(np.float64, 6, elements=st.floats(0, 1).map(lambda one: round(one, 3)))


def test_an_always_first_respondent_has_a_win_share_of_one_half_and_full_position() -> None:
    # A is chosen where it stands first and never where it stands second.
    a_first, a_second = array(1, 1, 1), array(0, 0, 0)
    assert choice.win_shares(a_first, a_second).tolist() == [0.5, 0.5, 0.5]
    assert choice.first_slot_bias(a_first, a_second).tolist() == [0.5, 0.5, 0.5]  # (1 + 1 - 0) / 2 - .5
    assert choice.order_consistency(a_first, a_second).tolist() == [0, 0, 0]  # 1 - abs(1 - 0)


def test_a_respondent_who_follows_content_has_no_slot_bias() -> None:
    a_first, a_second = array(1, 0), array(1, 0)
    assert choice.win_shares(a_first, a_second).tolist() == [1, 0]
    assert choice.first_slot_bias(a_first, a_second).tolist() == [0, 0]
    assert choice.order_consistency(a_first, a_second).tolist() == [1, 1]


def test_consistency_is_what_the_slot_leaves_of_the_preference() -> None:
    # by hand: 1 less the distance of .5 and .5, of .5 and .9, of .52 and .48
    found = choice.order_consistency(array(0.5, 0.5, 0.52), array(0.5, 0.9, 0.48))
    assert found == pytest.approx([1, 0.6, 0.96])


def test_ties_are_counted() -> None:
    assert choice.tie_rate(array(0.5, 0.5, 0.9, 0)) == 0.5


@given(SHARES, SHARES)
def test_swapping_the_options_mirrors_the_shares_and_keeps_bias_and_consistency(a: Floats, b: Floats) -> None:
    # Seen from B: B's share in the first slot is 1 - a_second, in the second 1 - a_first.
    assert choice.win_shares(1 - b, 1 - a) == pytest.approx(1 - choice.win_shares(a, b))
    assert choice.first_slot_bias(1 - b, 1 - a) == pytest.approx(choice.first_slot_bias(a, b))
    assert choice.order_consistency(1 - b, 1 - a) == pytest.approx(choice.order_consistency(a, b))
    assert np.all(np.abs(choice.first_slot_bias(a, b)) <= 0.5)


def test_bradley_terry_of_two_options_is_the_share_of_wins() -> None:
    # 3 wins to 1, no prior: 3 / 4
    assert choice.bradley_terry(np.array([[0.0, 3.0], [1.0, 0.0]]), prior=0) == pytest.approx([0.75, 0.25])


def test_bradley_terry_of_three_options_recovers_their_strengths() -> None:
    # Strengths 4 : 2 : 1, so a beats b 4/6, a beats c 4/5, b beats c 2/3; means (.6667 + .8) / 2 = .7333,
    # (.3333 + .6667) / 2 = .5, (.2 + .3333) / 2 = .2667
    wins = np.array([[0, 40, 48], [20, 0, 40], [12, 20, 0]], dtype=np.float64)
    assert choice.bradley_terry(wins, prior=0) == pytest.approx([0.7333, 0.5, 0.2667], abs=1e-4)


def test_bradley_terry_survives_one_sided_data_and_keeps_their_order() -> None:
    wins = np.array([[0, 24, 24], [0, 0, 24], [0, 0, 0]], dtype=np.float64)
    # The prior of half a win makes a against b 24.5 : .5 = .98
    assert choice.bradley_terry(wins) == pytest.approx([0.98, 0.5, 0.02], abs=0.005)


def test_bradley_terry_survives_unconnected_and_empty_data() -> None:
    apart = np.zeros((4, 4))
    apart[0, 1], apart[2, 3] = 9, 9
    assert choice.bradley_terry(apart).sum() == pytest.approx(2)
    assert choice.bradley_terry(np.zeros((3, 3))) == pytest.approx([0.5, 0.5, 0.5])


@given(arrays.arrays(np.float64, (4, 4), elements=st.floats(0, 30).map(lambda one: round(one, 2))))
def test_bradley_terry_follows_its_options_when_they_are_listed_otherwise(wins: Floats) -> None:
    order = [2, 0, 3, 1]
    strengths = choice.bradley_terry(wins)
    assert choice.bradley_terry(wins[np.ix_(order, order)]) == pytest.approx(strengths[order], abs=1e-6)
    assert np.all((strengths > 0) & (strengths < 1))
    assert strengths.sum() == pytest.approx(2)  # 4 options, mean one half
