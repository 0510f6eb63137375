"""Variance components, dependability, and the agreement figures against independent implementations."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as other_fleiss

from panelsim.metrics.agreement import cohen_kappa, fleiss_kappa, icc, krippendorff_alpha
from panelsim.metrics.arrays import Floats
from panelsim.metrics.components import component_shares, crossed_components, dependability
from panelsim.metrics.inference import sign_flip_p
from panelsim.metrics.reliability import cronbach_alpha

RATINGS = arrays.arrays(np.float64, (6, 4), elements=st.integers(1, 7).map(float))


def test_variance_components_of_two_facets_by_hand() -> None:
    # Rows (1 3) (5 7), grand 4. MS_rows = 2 (4 + 4) / 1 = 16, MS_columns = 2 (1 + 1) / 1 = 4, MS_error = 0.
    # var_rows = (16 - 0) / 2 = 8, var_columns = (4 - 0) / 2 = 2
    found = crossed_components(np.array([[1.0, 3.0], [5.0, 7.0]]))
    assert found == pytest.approx({(0,): 8.0, (1,): 2.0, (0, 1): 0.0})
    assert component_shares(found) == pytest.approx({(0,): 0.8, (1,): 0.2, (0, 1): 0.0})


def test_variance_components_are_those_that_were_planted() -> None:
    dice = np.random.default_rng(5)
    buyers, texts, repeats = (dice.normal(0, sd, size) for sd, size in ((2, 80), (1, 60), (0.5, 40)))
    values = buyers[:, None, None] + texts[None, :, None] + repeats + dice.normal(0, 1, (80, 60, 40))
    found = crossed_components(values)
    assert found[0,] == pytest.approx(np.var(buyers, ddof=1), rel=0.02)
    assert found[1,] == pytest.approx(np.var(texts, ddof=1), rel=0.02)
    assert found[0, 1, 2] == pytest.approx(1.0, rel=0.03)
    assert found[0, 1] < 0.01


def test_where_nothing_varies_no_share_is_invented() -> None:
    assert component_shares(crossed_components(np.full((3, 3), 2.0))) is None
    assert dependability(0.0, 0.0, 0.0, buyers=3) is None


def test_variance_components_need_two_levels_of_each_facet() -> None:
    with pytest.raises(ValueError, match="expected two axes"):
        crossed_components(np.ones((3, 1)))


@given(arrays.arrays(np.float64, (4, 3, 2), elements=st.integers(1, 5).map(float)))
def test_variance_components_do_not_depend_on_the_order_of_levels(values: Floats) -> None:
    assert crossed_components(values[::-1, ::-1, ::-1]) == pytest.approx(crossed_components(values))


def test_dependability_by_hand_and_repeats_saturate() -> None:
    # .2 / (.2 + .4 / 10 + .4 / 20) = .2 / .26
    assert dependability(0.2, 0.4, 0.4, buyers=10, repeats=2) == pytest.approx(0.2 / 0.26)
    more = dependability(0.2, 0.4, 0.4, buyers=10, repeats=1000)
    assert more is not None
    assert more < 0.2 / 0.24 + 1e-9  # what remains is stimulus by buyer


# ---- against independent implementations


def _mean_squares(ratings: Floats) -> tuple[float, float, float]:
    """Of rows, columns and error, from the sums of squares that three regressions leave over."""
    n, k = ratings.shape
    row, column = np.indices(ratings.shape)
    rows = np.eye(n)[row.ravel()][:, 1:]
    columns = np.column_stack([np.ones(n * k), np.eye(k)[column.ravel()][:, 1:]])

    def left_by(*parts: Floats) -> float:
        return float(OLS(ratings.ravel(), np.column_stack(parts)).fit().ssr)

    both = left_by(rows, columns)
    r = (left_by(columns) - both) / (n - 1)
    c = (left_by(rows, np.ones(n * k)) - both) / (k - 1)
    return r, c, both / ((n - 1) * (k - 1))


def _icc_by_regression(ratings: Floats) -> tuple[float, float]:
    """ICC(A,1) and ICC(A,k)."""
    n, k = ratings.shape
    r, c, e = _mean_squares(ratings)
    return (r - e) / (r + (k - 1) * e + k / n * (c - e)), (r - e) / (r + (c - e) / n)


@pytest.mark.parametrize("seed", range(5))
def test_icc_agrees_with_statsmodels(seed: int) -> None:
    dice = np.random.default_rng(seed)
    ratings = dice.normal(0, 1, (7, 1)) + dice.normal(0, 0.7, (7, 4)) + dice.normal(0, 0.3, (1, 4))
    found = icc(ratings)
    assert found is not None
    assert found == pytest.approx(_icc_by_regression(ratings), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_cronbachs_alpha_agrees_with_statsmodels(seed: int) -> None:
    # Hoyt 1941: alpha = 1 - MS_error / MS_people
    dice = np.random.default_rng(seed)
    answers = dice.normal(0, 1, (9, 1)) + dice.normal(0, 0.8, (9, 5)) + dice.normal(0, 0.5, (1, 5))
    people, _, error = _mean_squares(answers)
    assert cronbach_alpha(answers) == pytest.approx(1 - error / people, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_kappas_agree_with_statsmodels(seed: int) -> None:
    dice = np.random.default_rng(seed)
    table = dice.integers(1, 20, (4, 4)).astype(np.float64)
    assert cohen_kappa(table) == pytest.approx(float(cohens_kappa(table).kappa), abs=1e-6)
    counts = dice.multinomial(6, [0.5, 0.3, 0.2], size=12).astype(np.float64)
    assert fleiss_kappa(counts) == pytest.approx(float(other_fleiss(counts)), abs=1e-6)


def _alpha_by_pairs(units: Sequence[Sequence[float]], level: str) -> float:
    """Krippendorff's alpha as mean distances over single pairs of values, with no coincidence matrix."""
    values = sorted(value for unit in units for value in unit)
    counts = {value: values.count(value) for value in values}

    def distance(a: float, b: float) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        low, high = sorted((a, b))
        between = sum(n for value, n in counts.items() if low <= value <= high)
        return float((between - (counts[a] + counts[b]) / 2) ** 2)

    n = len(values)
    observed = sum(
        distance(a, b) / (len(unit) - 1)
        for unit in units
        for i, a in enumerate(unit)
        for j, b in enumerate(unit)
        if i != j
    )
    expected = sum(distance(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    return 1 - (observed / n) / (expected / (n * (n - 1)))


@pytest.mark.parametrize("seed", range(4))
def test_alpha_agrees_with_its_definition_over_single_pairs(seed: int) -> None:
    units = np.random.default_rng(seed).integers(1, 6, (9, 3)).astype(np.float64).tolist()
    assert krippendorff_alpha(units, "nominal") == pytest.approx(_alpha_by_pairs(units, "nominal"), abs=1e-6)
    assert krippendorff_alpha(units, "ordinal") == pytest.approx(_alpha_by_pairs(units, "ordinal"), abs=1e-6)
    assert krippendorff_alpha(units, "interval") == pytest.approx(
        _alpha_by_pairs(units, "interval"), abs=1e-6
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_sign_flip_p_agrees_with_scipy(seed: int) -> None:
    sums = np.random.default_rng(seed).normal(0.4, 1, 9)
    theirs = stats.permutation_test(
        (sums,), lambda x, axis: np.abs(np.sum(x, axis=axis)), permutation_type="samples",
        n_resamples=np.inf, alternative="greater", vectorized=True,
    )  # fmt: skip
    assert sign_flip_p(sums, np.random.default_rng(0)) == pytest.approx(theirs.pvalue, abs=1e-6)


@given(RATINGS)
def test_icc_and_the_components_of_the_same_table_say_the_same(ratings: Floats) -> None:
    # ICC(A,1) = var_rows / (var_rows + var_columns + var_error), where no estimate is negative
    found, parts = icc(ratings), crossed_components(ratings)
    if found is not None and min(parts.values()) > 0:
        shares = component_shares(parts)
        assert shares is not None
        assert shares[0,] == pytest.approx(found.single)
