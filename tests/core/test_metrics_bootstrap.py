import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.metrics import bootstrap
from panelsim.metrics.arrays import Floats
from panelsim.metrics.bootstrap import Bounds, Resamples
from panelsim.model.analysis import Estimate
from tests.core.simulated import array

BOUNDS = Bounds(1, 5)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def personas(*sizes: int) -> list[str]:
    return [f"p{place}" for place, size in enumerate(sizes) for _ in range(size)]


def estimate(resamples: Resamples, values: Floats) -> Estimate:
    everyone = np.ones(len(values), dtype=np.bool_)
    made = bootstrap.estimate_mean(
        resamples, values, np.ones(len(values)), everyone, bounds=BOUNDS, confidence=0.9
    )
    assert made is not None
    return made


def test_an_interval_has_the_width_that_the_spread_within_personas_gives() -> None:
    # Two personas of 50 around 2 and 4, SD 0.5 within: standard error .5 / sqrt(100) = .05,
    # 90% interval 3 +- 1.66 * .05 (t with 98 degrees of freedom) = 2.917 to 3.083.
    within = np.tile(np.array([-0.4975, 0.4975]), 25)  # SD with n - 1 is .4975 * sqrt(50 / 49) = .5025
    values = np.concatenate([2 + within, 4 + within])
    found = estimate(bootstrap.resamples_of(personas(50, 50), rng(), 2000), values)
    assert found.value == 3
    assert found.low == pytest.approx(2.917, abs=0.008)
    assert found.high == pytest.approx(3.083, abs=0.008)


def test_eight_personas_are_resampled_whole_and_seven_are_strata() -> None:
    # Respondents of a persona agree, personas differ: only drawing personas again moves the mean.
    seven, eight = personas(*[3] * 7), personas(*[3] * 8)
    values = np.repeat(np.linspace(1, 5, 8), 3)
    strata = bootstrap.resamples_of(seven, rng())
    whole = bootstrap.resamples_of(eight, rng())
    assert estimate(strata, values[:21]).low == estimate(strata, values[:21]).high
    assert estimate(whole, values).low < 2.5 < 3.5 < estimate(whole, values).high
    assert strata.method == "bootstrap over respondents within 7 personas, 2000 draws"
    assert whole.method == "bootstrap over 8 personas, 2000 draws"


def test_personas_of_one_respondent_are_drawn_as_one_pool() -> None:
    found = estimate(bootstrap.resamples_of(personas(1, 1, 1), rng()), array(1, 3, 5))
    assert found.low < 2 < 4 < found.high
    assert found.method == "weighted mean; bootstrap over respondents, 2000 draws"


def test_one_respondent_has_the_whole_range_as_interval() -> None:
    found = estimate(bootstrap.resamples_of(["p"], rng()), array(3))
    assert (found.low, found.value, found.high, found.n) == (1, 3, 5, 1)
    assert "whole range" in found.method


def test_nothing_present_gives_no_estimate() -> None:
    resamples = bootstrap.resamples_of(personas(3), rng())
    none = np.zeros(3, dtype=np.bool_)
    assert (
        bootstrap.estimate_mean(resamples, np.zeros(3), np.ones(3), none, bounds=BOUNDS, confidence=0.9)
        is None
    )


def test_missing_values_change_nothing_by_their_content() -> None:
    resamples = bootstrap.resamples_of(personas(4, 4), rng())
    present = np.array([True] * 7 + [False])
    ends = [
        bootstrap.estimate_mean(
            resamples,
            np.array([1, 2, 3, 4, 2, 3, 4, hidden]),
            np.ones(8),
            present,
            bounds=BOUNDS,
            confidence=0.9,
        )
        for hidden in (0.0, 1e9)
    ]
    assert ends[0] == ends[1]


def test_a_weight_of_two_counts_like_two_respondents() -> None:
    # (2 * 1 + 1 * 4) / 3 = 2
    present = np.ones(2, dtype=np.bool_)
    assert bootstrap.weighted_mean(array(1, 4), array(2, 1), present) == 2


def test_the_same_seed_gives_the_same_draws_for_ever() -> None:
    counts = bootstrap.resamples_of(personas(2, 2), rng(7), 200).counts()
    # Drawing 1 of 2 and doubling: each respondent counts 0 or 2. PCG64(7) gives this first row.
    assert counts[0].tolist() == FIRST_ROW
    assert counts.sum(axis=1).tolist() == [4.0] * 200


FIRST_ROW = [0.0, 2.0, 2.0, 0.0]


def test_large_panels_get_fewer_draws_and_the_method_says_so() -> None:
    resamples = bootstrap.resamples_of(personas(20_000), rng(), 2000)
    assert (
        resamples.method == "bootstrap over respondents within 1 persona, 1000 draws"
    )  # 20,000,000 / 20,000


@given(
    st.lists(st.floats(1, 5), min_size=2, max_size=20),
    st.integers(1, 5),
    st.floats(0.5, 0.99),
)
def test_low_value_high_are_in_order_and_in_bounds(
    values: list[float], groups: int, confidence: float
) -> None:
    resamples = bootstrap.resamples_of([f"p{place % groups}" for place in range(len(values))], rng(), 200)
    found = bootstrap.estimate_mean(
        resamples,
        np.array(values),
        np.ones(len(values)),
        np.ones(len(values), dtype=np.bool_),
        bounds=BOUNDS,
        confidence=confidence,
    )
    assert found is not None
    assert 1 - 1e-6 <= found.low <= found.value <= found.high <= 5 + 1e-6


def test_the_interval_takes_percentiles_at_the_levels_of_student() -> None:
    # Student's t with 4 degrees of freedom at .05 is -2.1318; Phi(-2.1318) = .01651
    low, high = bootstrap.interval_of(np.arange(10_001.0), 4, 0.90)
    assert (low, high) == pytest.approx((165.1, 9834.9), abs=0.1)
    # with many it is the plain percentile interval: .05 of 10,000
    assert bootstrap.interval_of(np.arange(10_001.0), 10**9, 0.90) == pytest.approx((500, 9500), abs=0.1)
