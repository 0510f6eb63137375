from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.model.panel import DOMAINS, Decision, Hexaco
from panelsim.traits.sampling import CORRELATIONS, cholesky, draw_traits
from panelsim.traits.words import (
    DecisionWords,
    TraitWords,
    describe_decision,
    describe_traits,
    parse_decision_words,
    parse_trait_words,
)

PROMPTS = Path(__file__).parents[2] / "prompts" / "traits"


@cache
def shipped_traits() -> TraitWords:
    return parse_trait_words((PROMPTS / "hexaco.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def traits() -> TraitWords:
    return shipped_traits()


@pytest.fixture(scope="module")
def decisions() -> DecisionWords:
    return parse_decision_words((PROMPTS / "decision.yaml").read_text(encoding="utf-8"))


def test_each_domain_has_nine_different_levels_with_an_empty_middle(traits: TraitWords) -> None:
    for _, bands in traits.words:
        assert len(bands) == len(set(bands)) == 9
        assert bands[4] == ""


def test_each_decision_parameter_has_five_different_levels_with_an_empty_middle(
    decisions: DecisionWords,
) -> None:
    for _, bands in decisions.words:
        assert len(bands) == len(set(bands)) == 5
        assert bands[2] == ""


def test_no_phrase_names_two_levels(traits: TraitWords, decisions: DecisionWords) -> None:
    tables = [*dict(traits.words).values(), *dict(decisions.words).values()]
    phrases = [phrase for bands in tables for phrase in bands if phrase]
    assert len(phrases) == len(set(phrases)) == 6 * 8 + 6 * 4


def test_phrases_are_short_enough_for_a_card(traits: TraitWords, decisions: DecisionWords) -> None:
    tables = [*dict(traits.words).values(), *dict(decisions.words).values()]
    assert max(len(phrase.split()) for bands in tables for phrase in bands) <= 9


def test_an_average_buyer_has_no_trait_worth_naming(traits: TraitWords, decisions: DecisionWords) -> None:
    assert describe_traits(Hexaco(), traits) == ()
    assert describe_decision(Decision(), decisions) == ()


def test_the_most_extreme_trait_comes_first_and_the_rest_is_left_out(traits: TraitWords) -> None:
    levels = Hexaco(
        extraversion=-1.0, openness=2.5, conscientiousness=0.5, emotionality=0.2, agreeableness=-0.6
    )
    assert describe_traits(levels, traits, most=2) == (
        "endlessly curious and drawn to the radical",
        "quiet and private",
    )


def test_authority_is_named_last(decisions: DecisionWords) -> None:
    decision = Decision(authority=1.0, proof_demanded=0.7, price_sensitivity=0.1)
    assert describe_decision(decision, decisions) == (
        "hardly looks at the price",
        "wants figures and references",
        "signs without asking anyone",
    )


@given(low=st.floats(-4, 4), high=st.floats(-4, 4), domain=st.sampled_from(DOMAINS))
def test_a_higher_level_never_gets_a_lower_phrase(low: float, high: float, domain: str) -> None:
    table = shipped_traits()
    bands: tuple[str, ...] = dict(table.words)[domain]
    places = [
        bands.index((describe_traits(Hexaco.model_validate({domain: level}), table) or ("",))[0])
        for level in sorted((low, high))
    ]
    assert places[0] <= places[1]


def test_opposite_levels_get_mirrored_bands(traits: TraitWords) -> None:
    for level, place in ((0.4, 5), (0.9, 6), (1.5, 7), (2.2, 8)):
        bands = traits.words.openness
        assert describe_traits(Hexaco(openness=level), traits) == (bands[place],)
        assert describe_traits(Hexaco(openness=-level), traits) == (bands[8 - place],)


@pytest.mark.parametrize(
    "text", ["", "words: [", "id: traits/hexaco\nversion: 1\ncuts: [0, 1]\nwords: {openness: [a, b]}"]
)
def test_a_broken_word_table_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="traits/hexaco"):
        parse_trait_words(text)


def test_a_table_with_a_phrase_too_few_is_refused() -> None:
    text = (PROMPTS / "hexaco.yaml").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="openness has 8 phrases, expected 9"):
        parse_trait_words(text.replace("    - fairly curious\n", ""))


def test_the_factor_multiplies_back_to_the_correlations() -> None:
    lower = np.array(cholesky(CORRELATIONS))
    assert np.allclose(lower @ lower.T, np.array(CORRELATIONS), atol=1e-12)


def test_only_the_sourced_pair_is_correlated_above_a_fifth() -> None:
    # Lee and Ashton 2018: in self-reports only H with A has an absolute correlation above .20
    pairs = {(a, b) for a in range(6) for b in range(a) if abs(CORRELATIONS[a][b]) > 0.20}
    assert {frozenset((DOMAINS[a], DOMAINS[b])) for a, b in pairs} == {
        frozenset(("honesty_humility", "agreeableness"))
    }


def test_drawn_traits_have_the_level_the_spread_and_the_correlation_asked_for() -> None:
    rng = np.random.default_rng(3)
    around = Hexaco(honesty_humility=0.5)
    drawn = np.array([list(draw_traits(around, 0.5, rng).domains.values()) for _ in range(4000)])
    # standard error of a mean .5 / sqrt(4000) = .008, of a correlation near 0 1 / sqrt(4000) = .016
    assert np.allclose(drawn.mean(axis=0), [0.5, 0, 0, 0, 0, 0], atol=0.04)
    assert np.allclose(drawn.std(axis=0), 0.5, atol=0.03)
    assert np.allclose(np.corrcoef(drawn.T), np.array(CORRELATIONS), atol=0.07)


def test_drawn_traits_are_clipped_and_rounded() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        for _, level in draw_traits(Hexaco(openness=3), 2.0, rng).domains.items():
            assert abs(level) <= 3
            assert round(level, 2) == level


def test_without_spread_everyone_has_the_personas_traits() -> None:
    around = Hexaco(openness=1.25, emotionality=-0.5)
    assert draw_traits(around, 0.0, np.random.default_rng(1)) == around
