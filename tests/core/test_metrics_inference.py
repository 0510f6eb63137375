import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.metrics import inference
from panelsim.metrics.inference import holm, sign_flip_p, wilson
from tests.core.simulated import array


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(3))


@pytest.mark.parametrize(
    ("sums", "p"),
    [
        ((1, 2, 3), 0.25),  # |sum| >= 6 in +++ and ---: 2 of 8 patterns
        ((3, 2, -1), 0.5),  # |sum| >= 4: +++, ++-, and their negatives: 4 of 8
        ((1, 1, 1, 1, 1, 1), 0.03125),  # 2 of 64
        ((1, -1), 1.0),  # |sum| >= 0 always
    ],
)
def test_exact_p_is_the_share_of_sign_patterns_at_least_as_far(sums: tuple[float, ...], p: float) -> None:
    assert sign_flip_p(array(*sums), rng()) == p


def test_no_blocks_and_no_differences_give_p_one() -> None:
    assert sign_flip_p(array(), rng()) == 1
    assert sign_flip_p(array(0, 0, 0), rng()) == 1


def test_monte_carlo_p_is_never_zero() -> None:
    # 20 equal blocks: 2 of 2^20 patterns are as far, none of 9999 is drawn: (0 + 1) / (9999 + 1)
    assert sign_flip_p(np.ones(20), rng()) == 0.0001


def test_monte_carlo_agrees_with_the_exact_p() -> None:
    # Blocks of 0 change no sum, so 14 blocks of which 10 are 0 have the exact p of the other 4: 2 of 16.
    assert sign_flip_p(array(1, 1, 1, 1, *[0] * 10), rng()) == pytest.approx(0.125, abs=0.01)


def test_many_blocks_are_flipped_in_parts_and_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = np.random.Generator(np.random.PCG64(5)).standard_normal(40) + 0.2
    whole = sign_flip_p(sums, rng())
    monkeypatch.setattr(inference, "MAX_CELLS", 40 * 100)
    assert sign_flip_p(sums, rng()) == pytest.approx(whole, abs=0.01)


def test_five_in_a_hundred_null_tests_are_below_five_percent() -> None:
    draws = rng().standard_normal((2000, 9))
    rejected = np.mean([sign_flip_p(row, rng()) < 0.05 for row in draws])
    assert rejected == pytest.approx(0.05, abs=0.015)


@given(st.lists(st.floats(-3, 3).map(lambda one: round(one, 3)), min_size=1, max_size=10))
def test_p_depends_on_neither_the_order_of_blocks_nor_their_direction(sums: list[float]) -> None:
    turned = [-one for one in reversed(sums)]
    assert sign_flip_p(array(*sums), rng()) == sign_flip_p(array(*turned), rng())
    assert 0 < sign_flip_p(array(*sums), rng()) <= 1


def test_holm_multiplies_the_smallest_by_all_and_stays_monotone() -> None:
    # Sorted .005 * 4 = .02, .01 * 3 = .03, .03 * 2 = .06, .04 * 1 = .04, raised to .06
    assert holm((0.01, 0.04, 0.03, 0.005)) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm(()) == ()
    assert holm((0.7, 0.6)) == (1.0, 1.0)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_makes_a_p_smaller_nor_larger_than_bonferroni(ps: list[float]) -> None:
    for raw, corrected in zip(ps, holm(ps), strict=True):
        assert raw <= corrected <= min(1.0, raw * len(ps)) + 1e-12


def test_wilson_gives_the_published_interval_of_four_in_ten() -> None:
    # z = 1.96: centre .4 + 3.8416/20 = .59208, spread 1.96 sqrt(.024 + .009604) = .35930, below 1.38416
    assert wilson(4, 10, 0.95) == pytest.approx((0.1682, 0.6873), abs=1e-4)


@given(st.integers(1, 200), st.floats(0, 1), st.floats(0.5, 0.99))
def test_wilson_holds_the_share_and_mirrors_when_successes_and_failures_swap(
    n: int, share: float, confidence: float
) -> None:
    low, high = wilson(share * n, n, confidence)
    other_low, other_high = wilson((1 - share) * n, n, confidence)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-9)


def test_wilson_of_more_successes_than_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="11 successes of n = 10"):
        wilson(11, 10)
