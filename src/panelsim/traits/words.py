"""Trait levels and decision parameters in words, read from a table of bands."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import Generic, Self, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.panel import FACETS_OF, Decision, Hexaco

Bands = tuple[str, ...]

STANDS_OUT = 0.5
"""How much further from the mean than its domain, in standard deviations, a facet is named instead of it."""


class HexacoBands(Frozen):
    """Phrases of each domain, from the lowest band to the highest."""

    honesty_humility: Bands
    emotionality: Bands
    extraversion: Bands
    agreeableness: Bands
    conscientiousness: Bands
    openness: Bands


class FacetBands(Frozen):
    """Phrases of each facet, from the lowest band to the highest."""

    sincerity: Bands
    fairness: Bands
    greed_avoidance: Bands
    modesty: Bands
    fearfulness: Bands
    anxiety: Bands
    dependence: Bands
    sentimentality: Bands
    expressiveness: Bands
    social_boldness: Bands
    sociability: Bands
    liveliness: Bands
    forgiveness: Bands
    gentleness: Bands
    flexibility: Bands
    patience: Bands
    organization: Bands
    diligence: Bands
    perfectionism: Bands
    prudence: Bands
    aesthetic_appreciation: Bands
    inquisitiveness: Bands
    creativity: Bands
    unconventionality: Bands


class DecisionBands(Frozen):
    """Phrases of each decision parameter, from the lowest band to the highest."""

    risk_tolerance: Bands
    price_sensitivity: Bands
    proof_demanded: Bands
    status_quo_pull: Bands
    loss_aversion: Bands
    authority: Bands


AnyBands = TypeVar("AnyBands", HexacoBands, DecisionBands)


class Words(Frozen, Generic[AnyBands]):
    """A table from level to words: `cuts` ascend and part the bands; each name has one phrase per band."""

    id: str
    version: int = Field(ge=1)
    cuts: tuple[float, ...] = Field(min_length=1)
    words: AnyBands

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _check_bands(self.cuts, dict(self.words), "cuts")
        return self


def _check_bands(cuts: tuple[float, ...], words: Mapping[str, Bands], what: str) -> None:
    if any(low >= high for low, high in pairwise(cuts)):
        raise ValueError(f"{what} {cuts} do not ascend")
    for name, bands in words.items():
        if len(bands) != len(cuts) + 1:
            raise ValueError(f"{name} has {len(bands)} phrases, expected {len(cuts) + 1}")


class TraitWords(Words[HexacoBands]):
    """The table of traits; one kept from before facets had words has none for them."""

    facet_cuts: tuple[float, ...] = ()
    facets: FacetBands | None = None

    @model_validator(mode="after")
    def _facets_complete(self) -> Self:
        if self.facets is not None:
            _check_bands(self.facet_cuts, dict(self.facets), "facet_cuts")
        return self


DecisionWords = Words[DecisionBands]


def parse_trait_words(text: str) -> TraitWords:
    """The table in the YAML `text` of `traits/hexaco`; InputError if it is not one."""
    return _parse(TraitWords, text, "traits/hexaco")


def parse_decision_words(text: str) -> DecisionWords:
    """The table in the YAML `text` of `traits/decision`; InputError if it is not one."""
    return _parse(DecisionWords, text, "traits/decision")


def describe_traits(levels: Hexaco, table: TraitWords, most: int = 3) -> tuple[str, ...]:
    """Up to `most` phrases, the most extreme trait first; traits in an empty band are left out.

    Which traits are named is what `salient_traits` says.
    """
    if table.facets is None or levels.facets is None:
        return _describe(levels.domains, dict(table.words), table.cuts, centre=0.0, most=most)
    domains, facets = dict(table.words), dict(table.facets)
    phrases = (
        domains[name][_band(level, table.cuts)]
        if name in domains
        else facets[name][_band(level, table.facet_cuts)]
        for name, level in salient_traits(levels)
    )
    return tuple(phrase for phrase in phrases if phrase)[:most]


def salient_traits(levels: Hexaco) -> tuple[tuple[str, float], ...]:
    """What may be named of a respondent: a trait of each domain with its level, furthest from the mean first.

    That is the domain, or its facet furthest from the mean if that one is `STANDS_OUT` further from the mean
    than the domain is. (Of four facets one is nearly always a little further out; to name that one would tell
    less than the domain, which is what the four have in common.)
    """
    if levels.facets is None:
        return tuple(sorted(levels.domains.items(), key=lambda one: -abs(one[1])))
    facets = dict(levels.facets)
    named: list[tuple[str, float]] = []
    for domain, level in levels.domains.items():
        own = [(name, facets[name]) for name in FACETS_OF[domain]]
        furthest = max(own, key=lambda one: abs(one[1]))
        stands_out = round(abs(furthest[1]) - abs(level), 9) >= STANDS_OUT
        named.append(furthest if stands_out else (domain, level))
    return tuple(sorted(named, key=lambda one: -abs(one[1])))


def describe_decision(decision: Decision, table: DecisionWords, most: int = 3) -> tuple[str, ...]:
    """Up to `most` phrases, the parameter furthest from 0.5 first; empty bands are left out.

    Authority comes last: a title tells most of it, and the others say more about an answer.
    """
    levels = dict(decision)
    authority = {"authority": levels.pop("authority")}
    words = dict(table.words)
    phrases = _describe(levels, words, table.cuts, centre=0.5, most=most)
    return (*phrases, *_describe(authority, words, table.cuts, centre=0.5, most=1))[:most]


def _describe(
    levels: Mapping[str, float], words: Mapping[str, Bands], cuts: tuple[float, ...], centre: float, most: int
) -> tuple[str, ...]:
    extremes = sorted(levels.items(), key=lambda item: -abs(item[1] - centre))
    phrases = (words[name][_band(level, cuts)] for name, level in extremes)
    return tuple(phrase for phrase in phrases if phrase)[:most]


def _band(level: float, cuts: tuple[float, ...]) -> int:
    """A level on a cut belongs to the band further from the middle."""
    middle = (len(cuts) + 1) // 2
    below = bisect_left(cuts, level, 0, middle)
    return below if below < middle else bisect_right(cuts, level, middle)


Table = TypeVar("Table", TraitWords, DecisionWords)


def _parse(table: type[Table], text: str, name: str) -> Table:
    try:
        return table.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"the word table {name!r} cannot be used: {error}") from error
