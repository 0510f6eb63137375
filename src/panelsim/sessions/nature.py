"""Natures: what a prompt says of a respondent's traits and decisions, in the form of the study."""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, TypeVar, assert_never

import yaml
from pydantic import Field, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.inventory import InventoryForm
from panelsim.model.panel import Decision, Hexaco, Respondent
from panelsim.model.study import Asserted
from panelsim.prompts import Prompts
from panelsim.traits.words import (
    describe_decision,
    describe_traits,
    parse_decision_words,
    parse_trait_words,
)

ALL = 6
"""Phrases of each kind: an inventory reads every trait, so none is left out for brevity."""
KEPT = 2048


class _Figures(Frozen):
    id: str
    version: Annotated[int, Field(ge=1)]
    names: dict[str, str]


class _Acts(Frozen):
    cuts: tuple[float, ...]
    words: dict[str, tuple[tuple[str, ...], ...]]

    def of(self, levels: Mapping[str, float]) -> tuple[str, ...]:
        """What somebody of these levels does, the traits in their order; bands part as those of words do."""
        middle = len(self.cuts) / 2
        acts: list[str] = []
        for name, level in levels.items():
            band = sum(level > cut if at < middle else level >= cut for at, cut in enumerate(self.cuts))
            acts += self.words[name][band]
        return tuple(acts)


class _Behaviours(Frozen):
    id: str
    version: Annotated[int, Field(ge=1)]
    traits: _Acts
    decision: _Acts


class Natures(Mapping[str, tuple[str, ...]]):
    """What is said of each respondent, by id: phrases, figures or sentences; made when asked for."""

    def __init__(
        self,
        people: Mapping[str, Respondent],
        form: InventoryForm,
        asserted: Asserted,
        prompts: Prompts,
    ) -> None:
        """Raises `InputError` if a table of words cannot be used."""
        self._people = people
        self._form: InventoryForm = form
        self._asserted: Asserted = asserted
        self._traits = parse_trait_words(prompts.text("traits/hexaco"))
        self._decision = parse_decision_words(prompts.text("traits/decision"))
        self._figures = _parse(_Figures, prompts, "traits/figures")
        self._behaviours = _parse(_Behaviours, prompts, "traits/behaviours")
        self._recent = lru_cache(maxsize=KEPT)(self._made)

    def __getitem__(self, respondent_id: str) -> tuple[str, ...]:
        return self._recent(respondent_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)

    def _made(self, respondent_id: str) -> tuple[str, ...]:
        person = self._people[respondent_id]
        traits = () if self._asserted == "decision" else self._of_traits(person.traits)
        decision = () if self._asserted == "traits" else self._of_decision(person.decision)
        return (*traits, *decision)

    def _of_traits(self, traits: Hexaco) -> tuple[str, ...]:
        match self._form:
            case "words" | "third_person":
                return describe_traits(traits, self._traits, most=ALL)
            case "numbers":
                return tuple(
                    f"{self._figures.names[name]} {percent_below(level)}"
                    for name, level in traits.domains.items()
                )
            case "vignette":
                return self._behaviours.traits.of(traits.domains)
            case _:
                assert_never(self._form)

    def _of_decision(self, decision: Decision) -> tuple[str, ...]:
        match self._form:
            case "words" | "third_person":
                return describe_decision(decision, self._decision, most=ALL)
            case "numbers":
                return tuple(f"{self._figures.names[name]} {round(share * 100)}" for name, share in decision)
            case "vignette":
                return self._behaviours.decision.of(dict(decision))
            case _:
                assert_never(self._form)


def percent_below(level: float) -> int:
    """People in percent whose standard score is below `level`, under the normal distribution; 1 to 99."""
    share = (1 + math.erf(level / math.sqrt(2))) / 2
    return min(99, max(1, round(share * 100)))


Table = TypeVar("Table", _Figures, _Behaviours)


def _parse(table: type[Table], prompts: Prompts, name: str) -> Table:
    try:
        return table.model_validate(yaml.safe_load(prompts.text(name)))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"the word table {name!r} cannot be used: {error}") from error
