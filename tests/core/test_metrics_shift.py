"""Shifts within groups, with the arithmetic beside each figure."""

import numpy as np
import pytest

from panelsim.metrics.shift import member_distance, others_mean, pull

GROUPS = np.array([0, 0, 0, 1, 1])
BEFORE = np.array([1.0, 2.0, 6.0, 3.0, 5.0])


def test_others_mean_leaves_the_member_itself_out() -> None:
    # (2 + 6) / 2, (1 + 6) / 2, (1 + 2) / 2 in the first group; the other one in a pair
    assert others_mean(BEFORE, GROUPS).tolist() == [4.0, 3.5, 1.5, 5.0, 3.0]


def test_member_distance_is_the_mean_gap_to_the_others_of_the_group() -> None:
    # (1 + 5) / 2, (1 + 4) / 2, (5 + 4) / 2; 2 in the pair
    assert member_distance(BEFORE, GROUPS).tolist() == [3.0, 2.5, 4.5, 2.0, 2.0]


def test_pull_is_the_share_of_the_distance_that_was_closed() -> None:
    apart = others_mean(BEFORE, GROUPS) - BEFORE
    assert pull(apart, 0.25 * apart) == pytest.approx(0.25)
    assert pull(apart, -apart) == pytest.approx(-1)


def test_a_move_that_a_whole_group_shares_is_no_pull() -> None:
    apart = others_mean(BEFORE, GROUPS) - BEFORE
    assert pull(apart, np.array([1.0, 1.0, 1.0, -2.0, -2.0])) == pytest.approx(0, abs=1e-12)


def test_nobody_apart_has_no_pull() -> None:
    assert pull(np.zeros(3), np.ones(3)) is None
