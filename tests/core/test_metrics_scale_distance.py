import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from panelsim.metrics import distance, scale
from panelsim.metrics.arrays import Floats
from tests.core.simulated import array

P = array(0.1, 0.2, 0.4, 0.2, 0.1)
Q = array(0.0, 0.1, 0.2, 0.3, 0.4)
COUNTS = arrays.arrays(np.float64, 5, elements=st.integers(0, 9).map(float)).filter(lambda one: one.sum() > 0)
DISTRIBUTIONS = COUNTS.map(lambda one: one / one.sum())


def test_scale_figures_by_hand() -> None:
    assert scale.expected_value(Q) == pytest.approx(4.0)  # .2 + .6 + 1.2 + 2
    assert scale.top_two(Q) == pytest.approx(0.7)  # .3 + .4
    assert scale.endpoint_share(P) == pytest.approx(0.2)
    assert scale.spread(P) == pytest.approx(1.2**0.5)  # .1*4 + .2*1 + 0 + .2*1 + .1*4 = 1.2


def test_pooling_weighs_each_respondent() -> None:
    # (3 * .1 + 1 * 0) / 4 = .075, ...
    assert scale.pooled(np.stack([P, Q]), array(3, 1)) == pytest.approx([0.075, 0.175, 0.35, 0.225, 0.175])


def test_distances_by_hand() -> None:
    # Cumulated .1 .3 .7 .9 1 and 0 .1 .3 .6 1: gaps .1 .2 .4 .3 0
    assert distance.ks_similarity(P, Q) == pytest.approx(0.6)  # 1 - .4
    assert distance.ordinal_wasserstein(P, Q) == pytest.approx(0.25)  # (.1 + .2 + .4 + .3) / 4
    # M = (.5, .5) between (1, 0) and (0, 1): H(M) 1 bit, H(P) = H(Q) = 0
    assert distance.jensen_shannon(array(1, 0), array(0, 1)) == pytest.approx(1)
    # (.5, .5) and (1, 0): M = (.75, .25), H = .8113; (1 + 0) / 2 = .5
    assert distance.jensen_shannon(array(0.5, 0.5), array(1, 0)) == pytest.approx(0.3113, abs=1e-4)


@given(DISTRIBUTIONS, DISTRIBUTIONS)
def test_distances_are_symmetric_bounded_and_zero_to_oneself(p: Floats, q: Floats) -> None:
    for measure, same in (
        (distance.ks_similarity, 1.0),
        (distance.ordinal_wasserstein, 0.0),
        (distance.jensen_shannon, 0.0),
    ):
        assert measure(p, q) == pytest.approx(measure(q, p))
        assert measure(p, p) == pytest.approx(same)
        assert -1e-9 <= measure(p, q) <= 1 + 1e-9


@given(DISTRIBUTIONS)
def test_reversing_the_scale_mirrors_the_mean_and_keeps_the_spread(p: Floats) -> None:
    assert scale.expected_value(p[::-1]) == pytest.approx(6 - scale.expected_value(p))
    assert scale.spread(p[::-1]) == pytest.approx(scale.spread(p))


def test_auc_counts_pairs_in_order_and_halves_ties() -> None:
    # (3,1) (3,2) (2,1) in order, (2,2) tied: 3.5 of 4
    assert distance.auc(array(3, 2), array(1, 2)) == 0.875
    with pytest.raises(ValueError, match="expected one of each"):
        distance.auc(array(), array(1))


@given(
    st.lists(st.integers(0, 5).map(float), min_size=1, max_size=8),
    st.lists(st.integers(0, 5).map(float), min_size=1, max_size=8),
)
def test_auc_of_swapped_sides_is_its_complement(one: list[float], other: list[float]) -> None:
    assert distance.auc(array(*one), array(*other)) == pytest.approx(
        1 - distance.auc(array(*other), array(*one))
    )
