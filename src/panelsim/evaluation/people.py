"""Benchmarks with answers of people: what is asked of a general panel, and of somebody without a persona."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from panelsim.errors import InputError
from panelsim.evaluation.material import Evidence, Material, Trial, held_trial
from panelsim.metrics.arrays import Floats
from panelsim.model.base import Frozen
from panelsim.model.benchmark import Held, Outcome
from panelsim.model.plan import MonadicAssignment, Transcript, Turn
from panelsim.model.response import RatingAnswer, Response
from panelsim.model.study import Stimulus
from panelsim.questions import AnyQuestion
from panelsim.questions.rating import DirectRating, LogprobRating
from panelsim.script import Script
from panelsim.sessions.ask import ask
from panelsim.sessions.buyer import Buyer, buyer_of
from panelsim.sessions.scene import Scene

PEOPLE = "people"
NOBODY = "nobody"
ANSWER = "answer"
MOST_POINTS = 9
"""An answer is one digit."""


class PeopleSettings(Frozen):
    """Who is asked if the benchmark names no panel."""

    people: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """A general panel, one sketch each; empty if only somebody without a persona is asked."""
    nobody: Annotated[str, Field(min_length=1)] = "an adult"
    """All that is said of somebody without a persona."""


class Item(NamedTuple):
    """One question about one text, on a scale of its own."""

    id: str
    text: str
    """What is shown; empty if the question stands alone."""
    question: str
    low: str
    """Label of point 1."""
    high: str
    """Label of the last point."""
    points: int


def trials(material: Material, settings: PeopleSettings, items: Sequence[Item]) -> Iterator[Trial]:
    """Every item singly of every respondent, and once of somebody without a persona.

    Raises `InputError` for a panel beside people, and for an elicitation without a scale.
    """
    if material.asking.elicit == "reaction":
        raise InputError(
            f"benchmark {material.benchmark.id!r}: elicit: found 'reaction', expected 'logprob' or 'direct'"
        )
    asked = _respondents(material, settings)
    nobody = buyer_of({"id": NOBODY, "title": settings.nobody})
    scene = material.scene(
        (Stimulus(id=item.id, text=item.text or item.question) for item in items),
        buyers={**asked, NOBODY: nobody},
    )
    for part, names in ((PEOPLE, tuple(asked)), (NOBODY, (NOBODY,))):
        for name in names:
            for item in items:
                start = partial(_answered, name, item, scene)
                yield held_trial(f"{part}/{name}/{item.id}", name, scene, start)


def _respondents(material: Material, settings: PeopleSettings) -> Mapping[str, Buyer]:
    if material.buyers and settings.people:
        raise InputError(
            f"benchmark {material.benchmark.id!r} names a panel and settings.people, expected one of them"
        )
    if material.buyers:
        return material.buyers
    names = [f"person-{at}" for at in range(len(settings.people))]
    return {
        name: buyer_of({"id": name, "title": who}) for name, who in zip(names, settings.people, strict=True)
    }


def _answered(respondent: str, item: Item, scene: Scene) -> Script[Outcome]:
    """One answer on the item's scale."""
    kind = LogprobRating if scene.asking.elicit == "logprob" else DirectRating
    question: AnyQuestion = kind(id=ANSWER, points=item.points)
    messages = scene.prompts.render(
        f"questions/item.{scene.asking.frame}",
        buyer=scene.buyers[respondent],
        text=item.text,
        question=item.question,
        low=item.low,
        high=item.high,
        points=item.points,
        as_json=scene.asking.elicit == "direct",
    )
    call = scene.call(messages, question.form, lane=respondent, purpose=f"people/{ANSWER}")
    asked = yield from ask(question, call, scene.prompts)
    assignment = MonadicAssignment(
        respondent=respondent, stimulus=item.id, measures=(ANSWER,), open_questions=False, wording=0
    )
    response = Response(
        respondent=respondent, question=ANSWER, shown=(item.id,), answer=asked.answer, call_keys=asked.keys
    )
    turn = Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1])
    return Held(transcript=Transcript(assignment=assignment, turns=(turn,), responses=(response,)))


# ---- what was answered


class Answered(NamedTuple):
    """Distributions by item, over the respondents who answered it; None where nobody did."""

    panel: tuple[Floats | None, ...]
    """Somebody without a persona, if no panel was asked."""
    nobody: tuple[Floats | None, ...] | None
    """Absent if no panel was asked besides."""


def answered(evidence: Evidence, items: Sequence[str]) -> Answered:
    """The mean distribution of every item, of the panel and of somebody without a persona."""
    nobody = _means(evidence, NOBODY, items)
    if not any(name.startswith(f"{PEOPLE}/") for name in evidence.said):
        return Answered(nobody, None)
    return Answered(_means(evidence, PEOPLE, items), nobody)


def _means(evidence: Evidence, part: str, items: Sequence[str]) -> tuple[Floats | None, ...]:
    found: dict[str, list[tuple[float, ...]]] = {}
    for one in evidence.responses(part):
        if isinstance(one.answer, RatingAnswer):
            found.setdefault(one.shown[0], []).append(one.answer.distribution)
    return tuple(np.mean(found[item], axis=0) if item in found else None for item in items)


def counts_of(text: str, where: str) -> Floats:
    """How many people gave each point, from `12 30 40 8`. Raises `InputError` that names the place."""
    cells = text.split()
    if not 2 <= len(cells) <= MOST_POINTS or not all(cell.isascii() and cell.isdigit() for cell in cells):
        raise InputError(
            f"{where}: found {text!r}, expected 2 to {MOST_POINTS} whole counts, one for each point"
        )
    counts = np.array([float(cell) for cell in cells])
    if counts.sum() < 2:
        raise InputError(f"{where}: found {text!r}, expected the answers of 2 people or more")
    return counts
