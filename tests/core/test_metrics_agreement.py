import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from panelsim.metrics.agreement import (
    cohen_kappa,
    fleiss_kappa,
    icc,
    krippendorff_alpha,
    majority_share,
)
from panelsim.metrics.arrays import Floats

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=np.float64
)
"""Six targets by four judges: Shrout & Fleiss 1979, table 2."""

KRIPPENDORFF = list(
    zip(
        (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
        (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
        (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
        (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
        strict=True,
    )
)
"""Twelve units by four observers: Krippendorff 2011, section C."""

FLEISS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ],
    dtype=np.float64,
)
"""Ten subjects, fourteen raters, five categories: the worked example of Fleiss' kappa."""

RATINGS = arrays.arrays(np.float64, (5, 3), elements=st.integers(1, 5).map(float))


def test_icc_gives_the_published_values_of_shrout_and_fleiss() -> None:
    # MSr 11.24, MSc 32.49, MSe 1.02: 10.22 / (11.24 + 3.06 + 20.98) = .29 and 10.22 / (11.24 + 5.24) = .62
    found = icc(SHROUT_FLEISS)
    assert found is not None
    assert found.single == pytest.approx(0.290, abs=5e-4)
    assert found.mean == pytest.approx(0.620, abs=5e-4)


def test_icc_is_absent_not_perfect_where_subjects_do_not_differ() -> None:
    assert icc(np.full((4, 3), 3.0)) is None


def test_icc_is_one_where_repeats_are_equal_and_subjects_differ() -> None:
    found = icc(np.array([[1.0, 1.0], [3.0, 3.0], [4.0, 4.0]]))
    assert found is not None
    assert found == pytest.approx((1, 1))


def test_icc_falls_when_one_rater_is_stricter() -> None:
    shifted = SHROUT_FLEISS + np.array([0, -3, 0, 0])
    one, other = icc(SHROUT_FLEISS), icc(shifted)
    assert one is not None
    assert other is not None
    assert other.single < one.single


def test_icc_of_a_single_rater_is_refused() -> None:
    with pytest.raises(ValueError, match="6 subjects by 1 raters"):
        icc(SHROUT_FLEISS[:, :1])


@given(RATINGS)
def test_icc_depends_on_neither_the_order_of_subjects_nor_of_raters(ratings: Floats) -> None:
    one, other = icc(ratings), icc(ratings[::-1, ::-1])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other == pytest.approx(one, abs=1e-9)
        assert one.single <= 1 + 1e-9


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorff_gives_the_published_values_with_missing_ratings(level: str, alpha: float) -> None:
    assert level in {"nominal", "ordinal", "interval"}
    found = {
        "nominal": krippendorff_alpha(KRIPPENDORFF, "nominal"),
        "ordinal": krippendorff_alpha(KRIPPENDORFF, "ordinal"),
        "interval": krippendorff_alpha(KRIPPENDORFF, "interval"),
    }[level]
    assert found == pytest.approx(alpha, abs=5e-4)


def test_krippendorff_of_two_raters_by_hand() -> None:
    # Units (1,1) (2,2) (1,2) (2,2): ordered pairs that differ: 2 of 8, Do = .25. Values: three 1, five 2:
    # De = 2 * 3 * 5 / (8 * 7) = .5357. alpha = 1 - .25 / .5357 = .5333
    assert krippendorff_alpha([(1, 1), (2, 2), (1, 2), (2, 2)], "nominal") == pytest.approx(0.53333, abs=1e-5)


def test_krippendorff_is_absent_without_pairs_or_variety() -> None:
    assert krippendorff_alpha([(1, None), (None, 2)]) is None
    assert krippendorff_alpha([(3, 3), (3, 3)]) is None


@given(RATINGS)
def test_krippendorff_depends_on_neither_the_order_of_units_nor_of_raters(ratings: Floats) -> None:
    one = krippendorff_alpha(ratings.tolist())
    other = krippendorff_alpha(ratings[::-1, ::-1].tolist())
    assert one == (None if other is None else pytest.approx(other))
    assert one is None or one <= 1


def test_cohen_kappa_by_hand() -> None:
    # Po = 35 / 50 = .7, Pe = .5 * .6 + .5 * .4 = .5: .2 / .5
    assert cohen_kappa(np.array([[20.0, 5.0], [10.0, 15.0]])) == pytest.approx(0.4)
    assert cohen_kappa(np.array([[9.0, 0.0], [0.0, 0.0]])) is None


@given(arrays.arrays(np.float64, (3, 3), elements=st.integers(1, 9).map(float)))
def test_cohen_kappa_is_the_same_with_the_raters_swapped(table: Floats) -> None:
    kappa = cohen_kappa(table)
    assert kappa is not None
    assert kappa == pytest.approx(cohen_kappa(table.T))
    assert -1 <= kappa <= 1


def test_fleiss_kappa_gives_the_published_value() -> None:
    # Mean P_i .378, sum p_j^2 .213: (.378 - .213) / (1 - .213) = .210
    assert fleiss_kappa(FLEISS) == pytest.approx(0.210, abs=5e-4)
    assert fleiss_kappa(np.array([[3.0, 0.0], [3.0, 0.0]])) is None


def test_fleiss_kappa_refuses_unequal_numbers_of_raters() -> None:
    with pytest.raises(ValueError, match="expected one number"):
        fleiss_kappa(np.array([[3.0, 0.0], [1.0, 1.0]]))


def test_majority_share_by_hand_and_its_floor() -> None:
    # 3 of 4 alike, 2 of 4, all four: (3 + 2 + 4) / 12
    answers = np.array([[4.0, 4, 4, 5], [1, 2, 2, 3], [5, 5, 5, 5]])
    assert majority_share(answers) == pytest.approx(0.75)
    # two answers in three repeats: at least two are alike
    assert majority_share(np.array([[1.0, 2, 1], [2.0, 1, 1]])) == pytest.approx(2 / 3)
