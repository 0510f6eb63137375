from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.model.panel import DOMAINS, FACETS, FACETS_OF, Decision, Facets, Hexaco
from panelsim.traits.words import (
    DecisionWords,
    TraitWords,
    describe_decision,
    describe_traits,
    parse_decision_words,
    parse_trait_words,
    salient_traits,
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


def all_bands(traits: TraitWords, decisions: DecisionWords) -> list[tuple[str, ...]]:
    assert traits.facets is not None
    return [
        *dict(traits.words).values(),
        *dict(traits.facets).values(),
        *dict(decisions.words).values(),
    ]


def test_each_facet_has_five_different_levels_with_an_empty_middle(traits: TraitWords) -> None:
    assert traits.facets is not None
    for _, bands in traits.facets:
        assert len(bands) == len(set(bands)) == 5
        assert bands[2] == ""


def test_no_phrase_names_two_levels(traits: TraitWords, decisions: DecisionWords) -> None:
    phrases = [phrase for bands in all_bands(traits, decisions) for phrase in bands if phrase]
    assert len(phrases) == len(set(phrases)) == 6 * 8 + 24 * 4 + 6 * 4


def test_phrases_are_short_enough_for_a_card(traits: TraitWords, decisions: DecisionWords) -> None:
    assert max(len(phrase.split()) for bands in all_bands(traits, decisions) for phrase in bands) <= 9


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


def with_facets(**levels: float) -> Facets:
    return Facets.model_validate(dict.fromkeys(FACETS, 0.0) | levels)


def test_a_facet_is_named_instead_of_its_domain_only_if_it_stands_out_from_it() -> None:
    near = Hexaco(conscientiousness=1.0, facets=with_facets(prudence=1.49))
    far = Hexaco(conscientiousness=1.0, facets=with_facets(prudence=1.5))
    opposite = Hexaco(conscientiousness=1.0, facets=with_facets(prudence=-1.5, diligence=1.4))
    assert salient_traits(near)[0] == ("conscientiousness", 1.0)
    assert salient_traits(far)[0] == ("prudence", 1.5)
    assert salient_traits(opposite)[0] == ("prudence", -1.5)


def test_each_domain_is_named_once_and_the_furthest_trait_first(traits: TraitWords) -> None:
    levels = Hexaco(
        openness=1.6, conscientiousness=1.0, facets=with_facets(prudence=2.0, diligence=1.9, creativity=1.8)
    )
    assert [name for name, _ in salient_traits(levels)[:2]] == ["prudence", "openness"]
    assert describe_traits(levels, traits, most=3) == (
        "never decides without long thought",
        "very imaginative and unconventional",
    )


def test_a_word_table_from_before_facets_names_domains_alone(traits: TraitWords) -> None:
    text = (PROMPTS / "hexaco.yaml").read_text(encoding="utf-8")
    old = parse_trait_words(text[: text.index("facet_cuts:")])
    levels = Hexaco(conscientiousness=1.0, facets=with_facets(prudence=3.0))
    assert describe_traits(levels, old) == ("thorough and disciplined",)


def test_facets_are_four_to_a_domain_in_the_order_of_the_model() -> None:
    assert tuple(name for domain in DOMAINS for name in FACETS_OF[domain]) == FACETS
    assert len(FACETS) == len(set(FACETS)) == 24


def test_a_facet_table_with_a_phrase_too_many_is_refused() -> None:
    text = (PROMPTS / "hexaco.yaml").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="prudence has 6 phrases, expected 5"):
        parse_trait_words(
            text.replace("    - acts on any impulse\n", "    - acts\n    - acts on any impulse\n")
        )
