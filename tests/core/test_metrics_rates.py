import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.metrics.rates import false_discovery_q, gap_variance, log_odds, two_proportions


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def test_log_odds_are_finite_for_no_click_and_for_all() -> None:
    # none of ten: ln of .5 to 10.5; five of ten: ln 1; all of ten: ln of 10.5 to .5
    assert log_odds(floats(0, 5, 10), floats(10, 10, 10)) == pytest.approx([-3.044522, 0.0, 3.044522])


def test_the_variance_of_a_gap_comes_from_the_pooled_rate() -> None:
    # r = (30 + 10 + .5) / (1000 + 1000 + 1) = .02024; (1/1000 + 1/1000) / (.02024 * .97976) = .100858
    found = gap_variance(floats(30), floats(1000), floats(10), floats(1000))
    assert found == pytest.approx([0.100858], abs=1e-5)


def test_the_variance_does_not_say_who_won() -> None:
    one = gap_variance(floats(30), floats(1000), floats(10), floats(1000))
    other = gap_variance(floats(10), floats(1000), floats(30), floats(1000))
    assert one == pytest.approx(other)


def test_two_proportions_by_hand() -> None:
    # pooled .02, se = sqrt(.02 * .98 * .002) = .006261, gap .02, z = 3.1944, p = .001401
    z, p = two_proportions(floats(30), floats(1000), floats(10), floats(1000))
    assert z == pytest.approx([3.19438], abs=1e-4)
    assert p == pytest.approx([0.001401], abs=1e-5)


def test_nobody_acting_is_no_evidence() -> None:
    z, p = two_proportions(floats(0), floats(100), floats(0), floats(100))
    assert (z[0], p[0]) == (0.0, 1.0)


def test_false_discovery_by_hand() -> None:
    # sorted .01 .02 .03 .5 of m = 4: .04, .04, .04, .5; the ranks before take the smallest of what follows
    assert false_discovery_q(floats(0.02, 0.5, 0.01, 0.03)) == pytest.approx([0.04, 0.5, 0.04, 0.04])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_false_discovery_rate_is_never_below_its_p_and_keeps_its_order(ps: list[float]) -> None:
    p = np.array(ps)
    q = false_discovery_q(p)
    assert np.all(q >= p - 1e-12)
    assert np.all(q <= 1)
    assert np.all(np.diff(q[np.argsort(p)]) >= -1e-12)
