"""The benchmark `identity`: what it is told, and what is so of each respondent beside what is not."""

from collections.abc import Sequence
from string import Formatter
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, field_validator

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.panel import Panel, Respondent

FactName = Literal["role", "industry", "headcount", "region", "incumbent"]
FACTS: tuple[FactName, ...] = ("role", "industry", "headcount", "region", "incumbent")


class Claim(Frozen):
    """Something a buyer may hold, and its exact contrary: of the two one is so and one is not."""

    says: str
    contrary: str


class Stand(Frozen):
    """A question on which a buyer takes one of two sides."""

    question: str
    a: str
    b: str


class Lead(Frozen):
    """One question of yes or no, put so that it leans towards yes, and towards no."""

    positive: str
    negative: str


class Answers(Frozen):
    """The words of the options that every premise, claim and lead is answered with."""

    so: str
    not_so: str
    yes: str
    no: str


class IdentitySettings(Frozen):
    """What the benchmark needs to be told."""

    questions: Annotated[tuple[str, ...], Field(min_length=2, max_length=6)]
    """Asked in words; no card holds them, so that a reply is known by its speaker alone."""
    repeats: Annotated[int, Field(ge=2, le=10)] = 2
    """Replies of each buyer to each question."""
    words: Annotated[int, Field(ge=5, le=100)] = 20
    """Words of a reply that are compared: all that a longer one says beyond is cut."""
    bands: Annotated[tuple[int, ...], Field(min_length=1)] = (100, 200, 400, 1000)
    """Upper ends of the bands of headcount, rising."""
    foils: dict[FactName, str] = Field(default_factory=dict)
    """Stands beside the truth where everybody in the panel shares it."""
    answers: Answers
    premises: Annotated[tuple[str, ...], Field(min_length=1)]
    """Invented pieces of a life, asserted of every buyer."""
    truths: Annotated[tuple[str, ...], Field(min_length=1)]
    """What is so of every buyer, with `{role}` and the other facts filled in."""
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
    stands: Annotated[tuple[Stand, ...], Field(min_length=1)]
    leads: Annotated[tuple[Lead, ...], Field(min_length=1)]

    @field_validator("bands")
    @classmethod
    def _rising(cls, bands: tuple[int, ...]) -> tuple[int, ...]:
        if list(bands) != sorted(set(bands)) or bands[0] < 1:
            raise ValueError(f"found {list(bands)}, expected rising numbers above 0")
        return bands

    @field_validator("truths")
    @classmethod
    def _known_facts(cls, truths: tuple[str, ...]) -> tuple[str, ...]:
        for text in truths:
            try:
                used = set(named_in(text))
            except ValueError as error:
                raise ValueError(f"{text!r}: {error}, expected facts as {{role}}") from error
            if not used <= set(FACTS):
                raise ValueError(f"{text!r} names {sorted(used - set(FACTS))}, expected one of {list(FACTS)}")
        return truths


def band_of(headcount: int, bands: Sequence[int]) -> str:
    """The band of a headcount in words: `101 to 200 people`."""
    floor = 1
    for top in bands:
        if headcount <= top:
            return f"{floor} to {top} people"
        floor = top + 1
    return f"more than {bands[-1]} people"


def facts_of(respondent: Respondent, settings: IdentitySettings) -> dict[FactName, str]:
    """What is so of a respondent; a fact that nobody stated of it is left out."""
    company = respondent.company
    known: dict[FactName, str] = {
        "role": respondent.title,
        "industry": company.industry,
        "headcount": band_of(company.headcount, settings.bands),
        "region": company.place,
        "incumbent": company.incumbent,
    }
    return {name: text for name, text in known.items() if text}


class Sheet(NamedTuple):
    """One respondent's facts, each with something else that it could be."""

    facts: dict[FactName, str]
    foils: dict[FactName, str]


def sheets_of(panel: Panel, settings: IdentitySettings) -> dict[str, Sheet]:
    """The sheet of every respondent: a foil is what is so of the next one in the panel of whom it is not.

    Raises `InputError` if all share a fact and the settings have no foil for it.
    """
    facts = {one.id: facts_of(one, settings) for one in panel.respondents}
    people, sheets = list(facts), {}
    for place, who in enumerate(people):
        others = people[place + 1 :] + people[:place]
        foils: dict[FactName, str] = {}
        for name, truth in facts[who].items():
            given = [facts[other][name] for other in others if name in facts[other]]
            choices = (*given, settings.foils.get(name, truth))
            found = next((text for text in choices if text != truth), truth)
            if found == truth:
                raise InputError(
                    f"settings.foils: every respondent has the {name} {truth!r}, expected something else "
                    f"it could be under {name!r}"
                )
            foils[name] = found
        sheets[who] = Sheet(facts[who], foils)
    return sheets


def panel_of(panel: Panel | None) -> Panel:
    """The panel. Raises `InputError` if there is none, or if nobody could be taken for another."""
    if panel is None or len(panel.respondents) < 2:
        raise InputError("benchmark 'identity': expected a panel of two respondents or more")
    return panel


def named_in(text: str) -> tuple[str, ...]:
    """Names in braces in `text`. ValueError if its braces do not match."""
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def filled(text: str, facts: dict[FactName, str]) -> str | None:
    """`text` with the facts filled in; None if one that it names is not stated."""
    stated = {str(name): said for name, said in facts.items()}
    return text.format(**stated) if set(named_in(text)) <= set(stated) else None


def swapped_card(panel: Panel, place: int) -> str:
    """Whose card the respondent at `place` is given in the control: the next one of another persona."""
    personas, ids = panel.personas, panel.ids
    order = [*range(place + 1, len(ids)), *range(place)]
    at = next((at for at in order if personas[at] != personas[place]), order[0])
    return str(ids[at])
