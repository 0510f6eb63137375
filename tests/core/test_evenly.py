import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from panelsim.planning.evenly import _TABLE, BITS, MOST_AXES, _directions, even_points

seeds = st.integers(0, 2**31 - 1)


def test_the_direction_numbers_are_those_of_scipys_sobol_sequence() -> None:
    numbers = np.array([_directions(*entry) for entry in _TABLE], dtype=np.uint32)
    points = np.zeros((1, MOST_AXES), dtype=np.uint32)
    for step in range(7):
        points = np.concatenate((points, points ^ numbers[:, step]))
    theirs = qmc.Sobol(MOST_AXES, scramble=False, bits=32).random_base2(7)
    assert {*map(tuple, points * 2.0**-BITS)} == {*map(tuple, theirs)}


@given(seed=seeds, few=st.integers(1, 600), more=st.integers(0, 600), axes=st.integers(1, MOST_AXES))
@settings(max_examples=25)
def test_a_longer_sequence_begins_with_the_shorter_one_on_any_number_of_axes(
    seed: int, few: int, more: int, axes: int
) -> None:
    short = even_points(few, axes, np.random.default_rng(seed))
    long = even_points(few + more, MOST_AXES, np.random.default_rng(seed))
    assert np.array_equal(long[:few, :axes], short)
    assert 0 < long.min() <= long.max() < 1


@given(seed=seeds, size=st.sampled_from([8, 64, 256, 1024]))
@settings(max_examples=25)
def test_every_aligned_block_has_one_point_in_each_slice_of_every_axis(seed: int, size: int) -> None:
    points = even_points(2048, MOST_AXES, np.random.default_rng(seed))
    for block in points.reshape(-1, size, MOST_AXES):
        slices = np.sort((block * size).astype(int), axis=0)
        assert np.array_equal(slices, np.tile(np.arange(size)[:, np.newaxis], MOST_AXES))


@pytest.mark.parametrize("turns", [2, 3, 4])
def test_whoever_is_taken_in_turns_is_taken_at_random(turns: int) -> None:
    # means of every second, third or fourth of 240 points: were they random, their standard deviation over
    # seeds would be sqrt(1/12 / (240 / turns)); in the sequence's own order every second point of the first
    # axis lies in one half and the mean is off by 1/4 each time
    means = [even_points(240, 6, np.random.default_rng(seed))[::turns].mean(axis=0) for seed in range(60)]
    expected = np.sqrt(1 / 12 / (240 / turns))
    assert np.abs(np.array(means) - 0.5).max() < 5 * expected
    assert np.array(means).std() < 1.2 * expected


def test_the_mean_of_a_thousand_points_is_ten_times_nearer_than_that_of_random_ones() -> None:
    # random points: sqrt(1/12 / 1000) = .0091
    off = [
        abs(even_points(1000, 12, np.random.default_rng(seed)).mean(axis=0) - 0.5).max() for seed in range(30)
    ]
    assert max(off) < 0.001
