import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.variance import Components, swap_variance, variance_components
from tests.core.simulated import array

TWO_PERSONAS: Ints = np.asarray([0, 0, 1, 1])
TRUTH = Components(
    stimulus=0.5,
    persona=0.4,
    persona_stimulus=0.3,
    respondent=0.25,
    respondent_stimulus=0.2,
    wording=0.15,
    wording_stimulus=0.1,
    wording_respondent=0.12,
    rest=0.08,
    replicate=0.05,
)


def drawn(truth: Components, seed: int, personas: int = 8, each: int = 6) -> tuple[Floats, Ints]:
    """Ratings of 4 stimuli in 3 wordings, twice, whose variances are `truth`."""
    rng = np.random.default_rng(seed)
    codes: Ints = np.repeat(np.arange(personas), each)
    r, s, w, k = len(codes), 4, 3, 2
    sd = Components(*np.sqrt(truth))

    def effect(*shape: int) -> Floats:
        return rng.standard_normal(shape)

    return (
        sd.stimulus * effect(1, s, 1, 1)
        + sd.persona * effect(personas, 1, 1, 1)[codes]
        + sd.persona_stimulus * effect(personas, s, 1, 1)[codes]
        + sd.respondent * effect(r, 1, 1, 1)
        + sd.respondent_stimulus * effect(r, s, 1, 1)
        + sd.wording * effect(1, 1, w, 1)
        + sd.wording_stimulus * effect(1, s, w, 1)
        + sd.wording_respondent * effect(r, 1, w, 1)
        + sd.rest * effect(r, s, w, 1)
        + sd.replicate * effect(r, s, w, k)
    ), codes


def test_components_by_hand() -> None:
    # Four respondents, two personas, two stimuli, one wording, one replicate; the stimuli are 1 apart.
    ratings = array(1, 2, 2, 3, 4, 5, 5, 6).reshape(4, 2, 1, 1)
    found = variance_components(ratings, TWO_PERSONAS)
    # respondent means 1.5 2.5 | 4.5 5.5: within a persona 2 x sum of .25 x 4 / (4 - 2) = 1; / 2 stimuli = .5
    assert found.respondent == pytest.approx(0.5)
    # persona means 2 and 5 around 3.5: 2 stimuli x 2 people x (2.25 + 2.25) / 1 = 18; n0 = (4 - 8/4) / 1 = 2
    assert found.persona == pytest.approx((18 - 1) / 4)
    # stimulus means 3 and 4 around 3.5: 4 people x .5 / 1 = 2; / 4 people
    assert found.stimulus == pytest.approx(0.5)
    assert found.persona_stimulus == found.respondent_stimulus == found.replicate == found.wording == 0


def test_planted_variances_are_recovered() -> None:
    found = np.mean([variance_components(*drawn(TRUTH, seed)) for seed in range(150)], axis=0)
    # standard errors over 150 worlds are below .05 for four stimuli and three wordings, far less for the rest
    assert found == pytest.approx(np.asarray(TRUTH), abs=0.09)


@pytest.mark.parametrize("source", Components._fields)
def test_a_single_planted_source_moves_its_own_component_and_no_other(source: str) -> None:
    only = Components(*(1.0 if name == source else 0.0 for name in Components._fields))
    worlds = [variance_components(*drawn(only, seed)) for seed in range(40)]
    found = Components(*np.mean(worlds, axis=0))
    assert getattr(found, source) > 0.5
    others = [value for name, value in found._asdict().items() if name != source]
    assert max(others) < 0.2  # not 0: what comes out below 0 is cut off, so a mean over worlds lies above it


@given(shift=st.floats(-5, 5), factor=st.floats(0.1, 5), seed=st.integers(0, 50))
@settings(max_examples=25)
def test_components_ignore_the_level_and_grow_with_the_square_of_the_scale(
    shift: float, factor: float, seed: int
) -> None:
    ratings, codes = drawn(TRUTH, seed, personas=3, each=3)
    before = np.asarray(variance_components(ratings, codes))
    after = np.asarray(variance_components(shift + factor * ratings, codes))
    assert after == pytest.approx(factor**2 * before, rel=1e-6, abs=1e-9)


def test_one_persona_has_no_differences_between_personas() -> None:
    ratings, codes = drawn(TRUTH, 1)
    found = variance_components(ratings, np.zeros_like(codes))
    assert found.persona == found.persona_stimulus == 0


def test_fewer_than_two_respondents_or_stimuli_are_refused() -> None:
    with pytest.raises(ValueError, match="1 respondents by 2 stimuli"):
        variance_components(np.zeros((1, 2, 1, 1)), np.zeros(1, dtype=np.int64))
    with pytest.raises(ValueError, match="1 stimuli"):
        swap_variance(np.zeros((3, 1)), np.zeros((3, 1)))


def test_swapped_levels_by_hand() -> None:
    # Two respondents swap a cause worth 1 point in every rating: D = +1 and -1, mean D^2 = 1, V = 1 / 2.
    own, swapped = array(3, 4, 2, 3).reshape(2, 2), array(2, 3, 3, 4).reshape(2, 2)
    assert swap_variance(own, swapped) == pytest.approx((0.5, 0.0))


def test_swapped_order_by_hand() -> None:
    # D = (+1, -1) and (-1, +1): levels 0; within respondents (1 + 1) / (2 - 1) = 2, V = 2 / 2 = 1; of the
    # levels that is 0 - 2 / 2 < 0, so 0.
    own, swapped = array(4, 2, 2, 4).reshape(2, 2), array(3, 3, 3, 3).reshape(2, 2)
    assert swap_variance(own, swapped) == pytest.approx((0.0, 1.0))


def test_what_a_swap_leaves_as_it_was_carries_nothing() -> None:
    ratings = drawn(TRUTH, 3)[0].mean(axis=(2, 3))
    assert swap_variance(ratings, ratings) == (0.0, 0.0)


def test_noise_of_replicates_is_not_taken_for_the_cause() -> None:
    rng = np.random.default_rng(5)
    found = [
        swap_variance(rng.standard_normal((200, 4)), rng.standard_normal((200, 4)), noise=1.0)
        for _ in range(40)
    ]
    level, order = np.mean(found, axis=0)
    assert level < 0.05
    assert order < 0.05
