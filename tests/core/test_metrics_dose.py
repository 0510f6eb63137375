"""Dose and response: slope, rank order, the side that is moved to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panelsim.metrics.dose import (
    mean_error,
    partial_slopes,
    ranks_of,
    right_side_share,
    slope_draws,
    slope_of,
    spearman,
    whole_profile_share,
)

LEVELS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
FINITE = st.floats(-100, 100).map(lambda value: round(value, 3))


def test_slope_by_hand() -> None:
    # y = -1, 0, 0, 2, 1; sum x y = 2 + 0 + 0 + 2 + 2 = 6; sum x^2 = 10
    assert slope_of(LEVELS, np.array([-1.0, 0.0, 0.0, 2.0, 1.0])) == pytest.approx(0.6)


def test_slope_needs_two_levels() -> None:
    assert slope_of(np.array([1.0, 1.0]), np.array([0.0, 3.0])) is None
    assert slope_of(np.array([]), np.array([])) is None


def test_partial_slopes_by_hand() -> None:
    # y = 1 + 2 a - 3 b and z = b, on levels that go together: alone, a would get slope 2 - 3 x 1/2 = .5 in y
    a, b = np.array([0.0, 0, 1, 1]), np.array([0.0, 1, 1, 1])
    slopes = partial_slopes(np.stack([a, b], axis=1), np.stack([1 + 2 * a - 3 * b, b], axis=1))
    assert slopes is not None
    assert slopes == pytest.approx(np.array([[2.0, -3.0], [0.0, 1.0]]))
    assert slope_of(a, 1 + 2 * a - 3 * b) == pytest.approx(0.5)


def test_levels_that_always_go_together_have_no_partial_slopes() -> None:
    assert partial_slopes(np.stack([LEVELS, 2 * LEVELS], axis=1), LEVELS[:, None]) is None


def test_a_redrawn_panel_of_everybody_once_has_the_slope_itself() -> None:
    y = np.array([-1.0, 0.0, 0.0, 2.0, 1.0])
    # the second draw holds the first two rows alone: (0 - -1) / (-1 - -2) = 1; the third only one level
    counts = np.array([[1.0, 1, 1, 1, 1], [1, 1, 0, 0, 0], [3, 0, 0, 0, 0]])
    assert slope_draws(LEVELS, y, counts).tolist() == pytest.approx([0.6, 1.0])


def test_ties_share_the_mean_of_their_ranks() -> None:
    assert ranks_of(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_spearman_by_hand() -> None:
    # ranks 1..5 against 2, 1, 3, 4, 5: 1 - 6 x (1 + 1) / (5 x 24) = .9
    assert spearman(LEVELS, np.array([0.2, 0.1, 0.3, 0.4, 0.5])) == pytest.approx(0.9)
    assert spearman(LEVELS, np.full(5, 0.3)) is None
    assert spearman(LEVELS[:1], LEVELS[:1]) is None


@given(arrays(np.float64, 5, elements=FINITE))
def test_spearman_is_between_the_ends_and_ignores_any_rising_change(y: np.ndarray) -> None:
    rho = spearman(LEVELS, y)
    if rho is not None:
        assert -1 <= rho <= 1
        assert spearman(LEVELS, y**3 / 1000 + 5 * y) == pytest.approx(rho)
        assert spearman(LEVELS, -y) == pytest.approx(-rho)


@given(arrays(np.float64, 5, elements=FINITE), st.floats(0.1, 5))
def test_a_stretched_scale_stretches_the_slope(y: np.ndarray, factor: float) -> None:
    slope = slope_of(LEVELS, y)
    stretched = slope_of(LEVELS, y * factor + 7)
    assert slope is not None
    assert stretched == pytest.approx(slope * factor, abs=1e-6)


def test_a_profile_that_does_not_move_counts_half() -> None:
    # down and down: right; up and down: wrong; up and nothing: half -> 1.5 / 3
    share = right_side_share(np.array([-2.0, 1.0, 2.0]), np.array([-0.1, -0.1, 0.0]))
    assert share == pytest.approx(0.5)
    assert right_side_share(np.array([]), np.array([])) is None


def test_mean_error_by_hand() -> None:
    # 0, 1, 2 off: 3 / 3
    assert mean_error(np.array([-2.0, 0.0, 2.0]), np.array([-2.0, 1.0, 0.0])) == pytest.approx(1.0)


def test_a_profile_is_right_if_all_that_was_assigned_is_on_its_side() -> None:
    assigned = np.array([[2.0, -2.0], [2.0, 0.0], [-2.0, 2.0], [2.0, 2.0]])
    # right in both; what was not assigned may lie anywhere; wrong in one; not moved is not right
    measured = np.array([[0.1, -0.3], [0.2, -9.0], [-1.0, -0.1], [1.0, 0.0]])
    assert whole_profile_share(assigned, measured) == pytest.approx(2 / 4)
    assert whole_profile_share(assigned[:0], measured[:0]) is None
