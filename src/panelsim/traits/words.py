"""Trait levels and decision parameters in words, read from a table of bands."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Generic, Self, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.panel import Decision, Hexaco

Bands = tuple[str, ...]


class HexacoBands(Frozen):
    """Phrases of each domain, from the lowest band to the highest."""

    honesty_humility: Bands
    emotionality: Bands
    extraversion: Bands
    agreeableness: Bands
    conscientiousness: Bands
    openness: Bands


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
        if any(low >= high for low, high in pairwise(self.cuts)):
            raise ValueError(f"cuts {self.cuts} do not ascend")
        for name, bands in self.words:
            if len(bands) != len(self.cuts) + 1:
                raise ValueError(f"{name} has {len(bands)} phrases, expected {len(self.cuts) + 1}")
        return self


TraitWords = Words[HexacoBands]
DecisionWords = Words[DecisionBands]


def parse_trait_words(text: str) -> TraitWords:
    """The table in the YAML `text` of `traits/hexaco`; InputError if it is not one."""
    return _parse(TraitWords, text, "traits/hexaco")


def parse_decision_words(text: str) -> DecisionWords:
    """The table in the YAML `text` of `traits/decision`; InputError if it is not one."""
    return _parse(DecisionWords, text, "traits/decision")


def describe_traits(levels: Hexaco, table: TraitWords, most: int = 3) -> tuple[str, ...]:
    """Up to `most` phrases, the most extreme trait first; traits in an empty band are left out."""
    return _describe(levels.domains, dict(table.words), table.cuts, centre=0.0, most=most)


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
    middle = len(cuts) / 2
    below = sum(level > cut if index < middle else level >= cut for index, cut in enumerate(cuts))
    return int(below)


Table = TypeVar("Table", TraitWords, DecisionWords)


def _parse(table: type[Table], text: str, name: str) -> Table:
    try:
        return table.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"the word table {name!r} cannot be used: {error}") from error
