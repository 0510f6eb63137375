"""What follows from stated trait levels, and what is drawn around them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from panelsim.errors import InputError
from panelsim.model.panel import DOMAINS, FACETS, FACETS_OF, Hexaco
from panelsim.model.persona import StatedFacets, StatedHexaco
from panelsim.traits.levels import B, R, implied_domain, resolve_levels
from panelsim.traits.sampling import draw_domains, draw_facets
from panelsim.traits.tables import DOMAIN_CORRELATIONS, DOMAIN_NORMS, FACET_CORRELATIONS, FACET_NORMS

Floats = NDArray[np.float64]


def stated(facets: dict[str, float] | None = None, **domains: float) -> StatedHexaco:
    return StatedHexaco.model_validate({**domains, "facets": facets or {}})


def facets_of(levels: Hexaco) -> Floats:
    assert levels.facets is not None
    return np.array([level for _, level in levels.facets])


def test_the_tables_are_correlations_of_all_domains_and_facets() -> None:
    for table, size in ((DOMAIN_CORRELATIONS, 6), (FACET_CORRELATIONS, 24)):
        matrix = np.array(table)
        assert matrix.shape == (size, size)
        assert np.array_equal(matrix, matrix.T)
        assert np.array_equal(np.diag(matrix), np.ones(size))
        assert np.linalg.eigvalsh(matrix).min() > 0.1
    assert (tuple(DOMAIN_NORMS), tuple(FACET_NORMS)) == (DOMAINS, FACETS)


def test_known_cells_stand_where_they_belong() -> None:
    assert DOMAIN_CORRELATIONS[0][3] == 0.448  # honesty-humility with agreeableness
    at = FACETS.index
    assert FACET_CORRELATIONS[at("social_boldness")][at("expressiveness")] == 0.771
    assert FACET_CORRELATIONS[at("unconventionality")][at("sincerity")] == 0.046


def test_norms_on_five_points_are_the_published_ones_rescaled() -> None:
    # 1 + (4.441 - 1) x 4/6 = 3.294, .807 x 4/6 = .538
    assert (DOMAIN_NORMS["honesty_humility"].mean_1to5, DOMAIN_NORMS["honesty_humility"].sd_1to5) == (
        3.294,
        0.538,
    )


def test_sums_of_facets_have_the_correlations_of_the_domains() -> None:
    # both tables were computed from the same answers and rounded to three decimals
    assert np.abs(B @ R @ B.T - np.array(DOMAIN_CORRELATIONS)).max() < 0.001


def test_a_domain_is_the_mean_of_its_facets_raw_scores() -> None:
    # a domain's raw mean and standard deviation follow from its facets': 4.11 and .817 for conscientiousness
    own = [FACET_NORMS[name] for name in FACETS_OF["conscientiousness"]]
    at = [FACETS.index(name) for name in FACETS_OF["conscientiousness"]]
    sd = np.array([norm.sd for norm in own])
    variance = sd @ R[np.ix_(at, at)] @ sd / 16
    assert np.mean([norm.mean for norm in own]) == pytest.approx(4.11, abs=0.001)
    assert np.sqrt(variance) == pytest.approx(0.817, abs=0.001)


levels = st.floats(-2, 2).map(lambda level: round(level, 2))


@given(domains=st.fixed_dictionaries(dict.fromkeys(DOMAINS, levels)), facet=st.sampled_from(FACETS))
def test_stated_levels_are_kept_and_each_domain_is_the_sum_of_its_facets(
    domains: dict[str, float], facet: str
) -> None:
    domain = next(name for name in DOMAINS if facet in FACETS_OF[name])
    level = round(domains[domain] * 0.7, 2)
    found = resolve_levels(stated({facet: level}, **domains), "p")
    assert found.domains == pytest.approx(domains, abs=1e-9)
    assert dict(found.facets or ())[facet] == pytest.approx(level, abs=1e-9)
    assert B @ facets_of(found) == pytest.approx([domains[name] for name in DOMAINS], abs=1e-9)


def test_facets_follow_from_a_domain_by_their_correlation_with_it() -> None:
    # with the other five domains at 0 as well, f = R B' (B R B')^-1 d
    found = resolve_levels(stated(conscientiousness=1.0), "p")
    d = np.array([0, 0, 0, 0, 1.0, 0])
    assert facets_of(found) == pytest.approx(R @ B.T @ np.linalg.solve(B @ R @ B.T, d), abs=1e-9)
    assert all(dict(found.facets or ())[name] > 0.5 for name in FACETS_OF["conscientiousness"])


def test_a_domain_follows_from_the_facets_that_are_stated_alone() -> None:
    found = resolve_levels(stated({"patience": -2.0}), "p")
    assert -1.9 < found.agreeableness < -1.0
    assert dict(found.facets or ())["patience"] == pytest.approx(-2.0)
    assert found.openness == 0.0


def test_what_one_facet_says_of_its_domain_is_its_correlation_with_it() -> None:
    implied = implied_domain("agreeableness", {"patience": -2.0})
    r = float(R[FACETS.index("patience")] @ B[DOMAINS.index("agreeableness")])
    assert implied.level == pytest.approx(-2.0 * r)
    assert implied.open == pytest.approx(np.sqrt(1 - r * r))


def test_four_stated_facets_decide_their_domain() -> None:
    four = dict.fromkeys(FACETS_OF["openness"], 0.8)
    found = resolve_levels(stated(four), "p")
    assert found.openness == pytest.approx(float(B[5] @ facets_of(found)))
    near = resolve_levels(stated(four, openness=round(found.openness + 0.09, 2)), "p")
    assert near.openness == pytest.approx(found.openness)
    with pytest.raises(
        InputError, match=r"hexaco.openness \+1.4 contradicts its facets aesthetic_appreciation"
    ):
        resolve_levels(stated(four, openness=1.4), "p")


def test_a_domain_and_facets_that_contradict_each_other_are_refused_with_both_and_what_would_fit() -> None:
    with pytest.raises(InputError) as caught:
        resolve_levels(
            stated({"prudence": 2.0, "diligence": 2.0, "organization": 2.0}, conscientiousness=-1.0), "cfo"
        )
    assert str(caught.value) == (
        "persona 'cfo': hexaco.conscientiousness -1 contradicts its facets organization +2, diligence +2, "
        "prudence +2, which put it at +2.34, expected conscientiousness from +1.76 to +2.93, or other facets"
    )


def test_one_facet_may_stand_far_from_its_domain() -> None:
    found = resolve_levels(stated({"perfectionism": 1.5}, conscientiousness=-0.2), "p")
    assert found.conscientiousness == pytest.approx(-0.2)
    assert dict(found.facets or ())["organization"] < -0.5


def test_facets_that_put_their_domain_beyond_the_scale_are_refused() -> None:
    with pytest.raises(InputError, match=r"put openness at \+5\.\d\d, expected a level from -4 to 4"):
        resolve_levels(stated(dict.fromkeys(FACETS_OF["openness"], 4.0)), "p")


def test_a_respondents_levels_may_be_stated_of_a_persona() -> None:
    assert StatedHexaco.model_validate(Hexaco(openness=1.0)).openness == 1.0
    assert StatedHexaco(facets=StatedFacets(patience=1.0)).openness is None


def drawn(around: Hexaco, spread: float, n: int = 4000) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(3)
    domains = draw_domains(around, spread, rng.standard_normal((n, 6)))
    return domains, draw_facets(around, spread, domains, rng.standard_normal((n, 24)))


def test_drawn_facets_add_up_to_the_drawn_domains() -> None:
    around = resolve_levels(stated({"prudence": 1.8}, conscientiousness=1.2), "p")
    domains, facets = drawn(around, 0.7)
    assert np.abs(facets @ B.T - domains).max() < 1e-9


def test_drawn_facets_have_the_levels_the_spread_and_the_correlations_of_the_table() -> None:
    around = resolve_levels(stated({"prudence": 0.9}, emotionality=0.5), "p")
    _, facets = drawn(around, 0.5)
    # standard error of a mean .5 / sqrt(4000) = .008, of a correlation at most 1 / sqrt(4000) = .016
    assert np.abs(facets.mean(axis=0) - facets_of(around)).max() < 0.04
    assert np.abs(facets.std(axis=0) - 0.5).max() < 0.03
    assert np.abs(np.corrcoef(facets.T) - R).max() < 0.07


def test_drawn_domains_are_clipped_to_the_scale() -> None:
    domains, facets = drawn(resolve_levels(stated(openness=3.0), "p"), 2.0)
    assert np.abs(domains).max() == 4.0
    assert np.abs(facets @ B.T - domains).max() < 1e-9


def test_without_spread_everyone_has_the_personas_traits() -> None:
    around = resolve_levels(stated({"patience": 0.3}, openness=1.25), "p")
    domains, facets = drawn(around, 0.0, 3)
    assert np.array_equal(domains, np.tile(list(around.domains.values()), (3, 1)))
    assert np.allclose(facets, facets_of(around), atol=1e-12)
