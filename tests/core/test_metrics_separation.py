"""Statistics of two groups: golden values with their arithmetic, and what they must do on any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.distance import auc
from panelsim.metrics.separation import (
    fold_auc,
    fold_auc_difference,
    hits_in_top,
    levels_p,
    odds_ratio,
    placements_of,
    rank_sum_p,
    share_difference,
)

RNG = np.random.default_rng(5)


def test_the_difference_of_shares_is_newcombes_published_example() -> None:
    # Newcombe 1998, table II (a): 56/70 - 48/80, method 10: .0524 to .3339
    found = share_difference(56, 70, 48, 80)
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_the_odds_ratio_adds_a_half_to_each_cell() -> None:
    # (8.5 * 9.5) / (2.5 * 1.5) = 21.53; log 3.0696, spread 1.96 sqrt(1/8.5 + 1/2.5 + 1/1.5 + 1/9.5) = 2.2256
    found = odds_ratio(8, 10, 1, 10)
    assert found.value == pytest.approx(21.5333, abs=1e-4)
    assert np.log(found.high / found.value) == pytest.approx(2.2256, abs=1e-3)
    assert np.log(found.value / found.low) == pytest.approx(2.2256, abs=1e-3)


def test_the_rank_sum_p_is_one_where_nothing_can_differ() -> None:
    same = np.array([2.0, 2.0])
    assert rank_sum_p(same, same) == 1
    assert rank_sum_p(np.array([]), same) == 1
    assert rank_sum_p(np.arange(30.0), np.arange(30.0) + 20) < 0.001


def test_levels_are_tested_by_chi_square_where_counts_allow() -> None:
    codes = np.repeat([0, 1], 50)
    hits = np.concatenate([np.arange(50) < 30, np.arange(50) < 20])
    # 30 and 20 of 50 each, 25 expected: 4 * 25 / 25 = 4 with one degree of freedom
    assert levels_p(codes, hits, RNG) == pytest.approx(stats.chi2.sf(4, 1))


def test_two_levels_of_small_counts_are_tested_exactly() -> None:
    codes = np.array([0] * 3 + [1] * 30)
    hits = np.array([True] * 3 + [False] * 30)
    # one table of C(33, 3) = 5456 is as extreme
    assert levels_p(codes, hits, RNG) == pytest.approx(1 / 5456)


def test_many_rare_levels_are_tested_by_drawn_tables() -> None:
    codes, hits = np.arange(60) // 2, RNG.random(60) < 0.5
    assert 0.01 < levels_p(codes, hits, RNG) <= 1
    assert levels_p(codes, codes < 15, RNG) < 0.001


def test_a_p_value_of_levels_without_signal_is_uniform() -> None:
    codes = np.repeat(np.arange(12), [3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 40, 40])
    hits = np.arange(len(codes)) < 30
    ps = [levels_p(codes, RNG.permutation(hits), np.random.default_rng(at)) for at in range(60)]
    # a tenth of 60 is 6; more than 13 happens once in 400 times
    assert sum(p <= 0.1 for p in ps) <= 13


def test_the_area_and_its_variance_are_delongs() -> None:
    # hits 3, 1; misses 2, 0: hits are above 1 and .5 of the misses, misses above .5 and 0 of the hits
    placed = placements_of(np.array([3.0, 1.0, 2.0, 0.0]), np.array([True, True, False, False]))
    assert placed.auc == 0.75
    assert sorted(placed.of_hits.tolist()) == [0.5, 1.0]
    found = fold_auc([placed])
    # both groups: variance .125 of two values, / 2 each = .125 in all; 1.96 sqrt(.125) = .693
    assert found.low == pytest.approx(0.75 - 0.693, abs=1e-3)
    assert found.high == 1


def test_folds_average_and_their_variances_add() -> None:
    one = placements_of(np.array([3.0, 1.0, 2.0, 0.0]), np.array([True, True, False, False]))
    # the same fold twice: half the variance, 1.96 sqrt(.0625) = .49
    assert fold_auc([one, one]).low == pytest.approx(0.26, abs=1e-3)
    assert fold_auc_difference([one, one], [one, one]) == (0, 0, 0)


SCORES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=4, max_size=40)


@given(SCORES)
def test_placements_give_the_area_of_mann_and_whitney(cases: list[tuple[int, bool]]) -> None:
    scores: Floats = np.array([float(score) for score, _ in cases])
    hits: Flags = np.array([hit for _, hit in cases])
    if hits.all() or not hits.any():
        return
    placed = placements_of(scores, hits)
    assert placed.auc == pytest.approx(auc(scores[hits], scores[~hits]))
    assert 1 - placed.of_misses.mean() == pytest.approx(
        placed.auc
    ) or placed.of_misses.mean() == pytest.approx(placed.auc)


def test_a_tie_at_the_edge_counts_by_its_share() -> None:
    scores = np.array([3.0, 2.0, 2.0, 1.0])
    hits = np.array([True, True, False, False])
    assert hits_in_top(scores, hits, 2) == 1.5  # the first, and one of two that tie, of which half are hits
    assert hits_in_top(scores, hits, 4) == 2
