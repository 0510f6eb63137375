import pytest

from panelsim.model.panel import PersonaShare
from panelsim.model.persona import StatedHexaco
from panelsim.planning.draw import draw_panel
from panelsim.planning.moments import Moments, moments_of
from tests.profiles import persona, sources


def committee(spread: float = 0.5) -> Moments:
    """Two personas a standard deviation apart in openness, the first with twice the weight and a quota."""
    low = persona("a").model_copy(update={"hexaco": StatedHexaco(openness=-0.5), "trait_spread": spread})
    high = persona("b").model_copy(update={"hexaco": StatedHexaco(openness=1.0), "trait_spread": spread})
    asked = sources(low, high, anti=True)
    shares = (PersonaShare(persona="a", weight=2, min=1), PersonaShare(persona="b", max_share=0.5))
    asked = asked.model_copy(update={"spec": asked.spec.model_copy(update={"personas": shares})})
    return moments_of(asked, draw_panel(asked, 3000, 5, anti_n=500))


def test_targets_are_the_personas_levels_by_how_often_each_was_drawn() -> None:
    found = committee()
    openness = found.domains[5]
    # 2/3 x -.5 + 1/3 x 1 = 0; variance .5^2 + 2/3 x .25 + 1/3 x 1 = .75, SD .866
    assert (found.n, openness.name) == (3000, "openness")
    assert (openness.target_mean, openness.target_sd) == (0.0, 0.866)
    assert abs(openness.mean) < 0.01
    assert abs(openness.sd - 0.866) < 0.01


def test_correlations_are_those_around_the_personas() -> None:
    # over the whole panel the personas' distance in openness would pull each correlation with it towards 0
    found = committee()
    pair = next(one for one in found.correlations if (one.one, one.other) == ("extraversion", "openness"))
    assert pair.target == 0.303
    assert abs(pair.drawn - 0.303) < 0.02
    assert len(found.correlations) == 15


def test_counts_stand_beside_weights_and_quotas() -> None:
    a, b = committee().personas
    assert (a.persona, a.weight, a.due, a.quota, a.n) == ("a", 2.0, 2000.0, "at least 1", 2000)
    assert (b.persona, b.weight, b.due, b.quota, b.n) == ("b", 1.0, 1000.0, "at most 50%", 1000)
    assert (a.target_in_market, a.in_market) == (0.5, 0.5)


def test_without_spread_there_is_no_correlation_to_compare() -> None:
    found = committee(spread=0.0)
    assert found.correlations == ()
    assert found.correlation_off == 0.0
    assert found.mean_off == pytest.approx(0, abs=1e-9)


def test_levels_that_were_cut_off_are_counted() -> None:
    far = persona().model_copy(update={"hexaco": StatedHexaco(openness=3.5), "trait_spread": 1.0})
    found = moments_of(sources(far), draw_panel(sources(far), 1000, 1))
    # 31% of a normal distribution lies half a standard deviation above its mean
    assert 280 < found.clipped < 340
    assert found.mean_off > 0.1


def test_moments_of_a_panel_that_was_read_from_a_list_are_the_same() -> None:
    asked = sources(facets=True)
    panel = draw_panel(asked, 50, 1)
    plain = panel.model_copy(update={"respondents": tuple(panel.respondents)})
    assert moments_of(asked, plain) == moments_of(asked, panel)
