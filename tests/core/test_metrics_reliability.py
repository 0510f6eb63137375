"""Reliability: alpha, acquiescence, the spread of a part of a scale, the common axis."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panelsim.analysis.readings import alpha_of_people
from panelsim.metrics.reliability import (
    acquiescence,
    convergent_discriminant,
    cronbach_alpha,
    first_component_share,
    subset_sd,
)
from panelsim.model.inventory import Item, Norm


def test_alpha_of_two_items_by_hand() -> None:
    # items 1,2,3 and 2,2,5: variances 1 and 3; sums 3,4,8: mean 5, variance (4 + 1 + 9) / 2 = 7
    # alpha = 2 / 1 x (1 - 4 / 7) = 6/7
    answers = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])
    assert cronbach_alpha(answers) == pytest.approx(6 / 7)


def test_items_that_are_copies_have_alpha_one_and_opposites_none() -> None:
    column = np.array([[1.0], [2.0], [4.0]])
    assert cronbach_alpha(np.hstack([column, column, column])) == pytest.approx(1.0)
    # 1,2,4 and 5,4,2 add up to 6 for everybody: nothing to divide by
    assert cronbach_alpha(np.hstack([column, 6 - column])) is None


def test_alpha_is_absent_where_it_cannot_be_computed() -> None:
    assert cronbach_alpha(np.ones((1, 5))) is None
    assert cronbach_alpha(np.array([[1.0], [2.0]])) is None
    assert cronbach_alpha(np.full((4, 3), 3.0)) is None


@given(arrays(np.float64, (6, 4), elements=st.integers(1, 5).map(float)))
def test_alpha_never_exceeds_one_and_ignores_a_shift_of_the_scale(answers: np.ndarray) -> None:
    alpha = cronbach_alpha(answers)
    moved = cronbach_alpha(answers + 10)
    assert (alpha is None) == (moved is None)
    if alpha is not None and moved is not None:
        assert alpha <= 1 + 1e-9
        assert moved == pytest.approx(alpha)


def test_agreeing_with_everything_leans_by_two_points_and_a_consistent_answer_by_none() -> None:
    # 5 to the item and 5 to its reverse: (5 + 5) / 2 - 3 = 2; 5 and 1: 0; 2 and 2: -1
    lean = acquiescence(np.array([5.0, 5.0, 2.0]), np.array([5.0, 1.0, 2.0]), 3.0)
    assert lean.tolist() == [2.0, 0.0, -1.0]


def test_spread_of_a_part_of_a_scale_by_hand() -> None:
    # 4 items of variance 1, covariance .5: the mean's variance is (4 + 12 x .5) / 16 = .625
    # any 2 of them: (2 + 2 x .5) / 4 = .75
    sd = math.sqrt(0.625)
    assert subset_sd(sd, 4.0, 4, 2.0, 2) == pytest.approx(math.sqrt(0.75))


@given(sd=st.floats(0.3, 1.0), items=st.integers(2, 40), variances=st.floats(0.5, 2.0))
def test_the_whole_scale_has_its_own_spread(sd: float, items: int, variances: float) -> None:
    assert subset_sd(sd, variances * items, items, variances * items, items) == pytest.approx(sd)


def test_one_axis_takes_all_the_variance_of_copies_and_a_fair_share_of_unrelated_scales() -> None:
    moods = np.array([1.0, -1.0, 2.0, -2.0])
    assert first_component_share(np.stack([moods, 2 * moods, -moods], axis=1)) == pytest.approx(1.0)
    # two scales without correlation: each holds one half
    crossed = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert first_component_share(crossed) == pytest.approx(0.5)
    assert first_component_share(np.array([[1.0, 3.0], [2.0, 3.0], [3.0, 3.0]])) is None


def test_convergent_and_discriminant_by_hand() -> None:
    # a and b are unrelated; the other method sees a as it is and in place of b (a + b) / 2
    a, b = np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])
    found = convergent_discriminant(np.stack([a, b], axis=1), np.stack([a, (a + b) / 2], axis=1))
    assert found is not None
    half = math.sqrt(0.5)  # r of a, and of b, with a + b
    assert found.convergent == pytest.approx((1 + half) / 2)
    assert found.discriminant == pytest.approx((0 + half) / 2)
    assert found.gap == pytest.approx(0.5)


def test_one_axis_agrees_across_methods_and_has_no_gap() -> None:
    moods = np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 8.0]])
    found = convergent_discriminant(moods, moods)
    assert found is not None
    assert found == pytest.approx((1, 1))
    assert found.gap == pytest.approx(0)
    assert convergent_discriminant(moods, np.ones((3, 2))) is None
    assert convergent_discriminant(moods[:2], moods[:2]) is None


def test_alpha_of_people_from_norms_by_hand() -> None:
    # 4 items of variance 1 and covariance .5: alpha of 2 is 2 (1 - 2 / (2 + 2 x .5)) = 2/3
    norm = Norm(scale="openness", items=4, sd=math.sqrt(0.625), item_variance=4.0)
    item = Item(id="i", scale="openness", key=1, text="t", half="held_out", mean=3.0, sd=1.0)
    assert alpha_of_people(norm, (item, item)) == pytest.approx(2 / 3)
