"""The probe of `upworthy` for memory: whether the model recites headlines that it can know only by heart.

A model that has read who won needs no judgement to name the winner. So it is told the first half of published
headlines, and of headlines that were made up for this benchmark, and asked for the rest word for word
(as Carlini et al. 2022, arXiv 2202.07646; naming the source as Golchin & Surdeanu 2023, arXiv 2308.08493).
What is guessed from the first half alone is guessed of invented headlines as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from panelsim.evaluation.finding import CONFIDENCE, Finding, absent, given, measured
from panelsim.evaluation.material import Evidence, Material, Trial, warmed
from panelsim.evaluation.upworthy_splits import over_stories
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.inference import wilson
from panelsim.metrics.recital import overlap_of, words_of
from panelsim.metrics.separation import share_difference
from panelsim.model.base import Frozen
from panelsim.model.benchmark import Held, Outcome, Table
from panelsim.model.plan import InterviewAssignment, Transcript, Turn
from panelsim.model.response import Response, TextAnswer
from panelsim.questions.open import OpenQuestion
from panelsim.reporting.figures import in_form
from panelsim.script import Script
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.scene import Scene

PART = "memory"
NEAR = 0.75
"""Share of the second half's words, in their order, from which on it counts as recited."""
MIN_WORDS = 10
"""Of a headline: half of a shorter one is too little to know it by."""
TOKENS = 32
GAIN = "recited_gain"
NOT_ASKED = "no headline was asked to be recited"


class MemorySettings(Frozen):
    """Which headlines are asked to be recited."""

    pairs: Annotated[int, Field(ge=2, le=500)] = 50
    """Pairs whose two headlines are asked, spread over the data."""
    invented: Annotated[tuple[str, ...], Field(min_length=2)]
    """Headlines of the same make that were never published."""


class Line(NamedTuple):
    """A headline in two halves."""

    id: str
    first: str
    rest: str


def halves(name: str, text: str) -> Line:
    """The headline cut after half of its words, the longer half first."""
    words = text.split()
    middle = (len(words) + 1) // 2
    return Line(name, " ".join(words[:middle]), " ".join(words[middle:]))


def pairs_asked(rows: Sequence[Mapping[str, str]], settings: MemorySettings) -> list[Mapping[str, str]]:
    """The pairs whose headlines are both long enough, so many of them, spread evenly."""
    long = [
        row
        for row in rows
        if min(len(row[f"headline_{side}"].split()) for side in "ab") >= MIN_WORDS
    ]  # fmt: skip
    chosen = np.linspace(0, len(long) - 1, min(settings.pairs, len(long))).round().astype(int)
    return [long[int(at)] for at in chosen]


def lines_of(rows: Sequence[Mapping[str, str]], settings: MemorySettings) -> Iterator[Line]:
    """Published headlines, winner and loser of each pair; then the invented ones."""
    for row in pairs_asked(rows, settings):
        for side in "ab":
            yield halves(f"{row['pair_id']}.{side}", row[f"headline_{side}"])
    for at, text in enumerate(settings.invented):
        yield halves(f"invented-{at}", text)


# ---- asking


def memory_trials(material: Material, settings: MemorySettings, lanes: int) -> Iterator[Trial]:
    """The first half of each headline in a conversation of its own, at temperature 0."""
    scene = material.scene(())
    for at, line in enumerate(lines_of(material.rows, settings)):
        lane = f"{PART}-{at % lanes}"
        yield Trial(f"{PART}/{line.id}", f"{scene.asking.model}/{lane}", partial(_held, line, lane, scene))


def _held(line: Line, lane: str, scene: Scene) -> Script[Outcome]:
    asked = yield from warmed(_recited(line, lane, scene), 0.0)
    response = Response(
        respondent=lane, question=PART, shown=(line.id,), answer=asked.answer, call_keys=asked.keys
    )
    turn = Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1])
    assignment = InterviewAssignment(respondent=lane)
    return Held(transcript=Transcript(assignment=assignment, turns=(turn,), responses=(response,)))


def _recited(line: Line, lane: str, scene: Scene) -> Script[Asked]:
    form = OpenQuestion(id=PART, max_tokens=TOKENS)
    messages = scene.prompts.render("memory/rest", first=line.first)
    call = scene.call(messages, form.form, lane=lane, purpose=f"upworthy/{PART}")
    return (yield from ask(form, call, scene.prompts))


# ---- scoring


class Recited(NamedTuple):
    """How much of each second half was said."""

    pairs: tuple[Mapping[str, str], ...]
    published: Floats
    """(pairs, 2): overlap of headline A and B."""
    invented: Floats
    """(headlines,)."""


def recited_of(
    evidence: Evidence, rows: Sequence[Mapping[str, str]], settings: MemorySettings
) -> Recited | None:
    """The overlaps; one that was not answered recites nothing. None if nothing was asked."""
    said = {
        one.shown[0]: one.answer.text if isinstance(one.answer, TextAnswer) else ""
        for one in evidence.responses(PART)
    }
    if not said:
        return None
    overlap = {
        line.id: overlap_of(_after(said.get(line.id, ""), line.first), line.rest)
        for line in lines_of(rows, settings)
    }
    pairs = tuple(pairs_asked(rows, settings))
    return Recited(
        pairs,
        np.array([[overlap[f"{row['pair_id']}.{side}"] for side in "ab"] for row in pairs]).reshape(-1, 2),
        np.array([overlap[f"invented-{at}"] for at in range(len(settings.invented))]),
    )


def _after(said: str, first: str) -> str:
    """What was said, without the beginning if that is said again."""
    heard, start = words_of(said), words_of(first)
    return " ".join(heard[len(start) :] if heard[: len(start)] == start else heard)


def memory_figures(recited: Recited | None) -> Iterator[Finding]:
    """Shares recited of published and of invented headlines and their difference; winners against losers."""
    labels = {
        "recited": "Published headlines it recites",
        "recited_invented": "Invented headlines it recites",
        GAIN: "Recites of published headlines beyond invented ones",
        "overlap_gain": "Words recalled of published headlines beyond invented ones",
        "recall_of_winners": "Words recalled of winners beyond losers",
    }
    if recited is None or not len(recited.pairs):
        for name, label in labels.items():
            yield absent(name, label, NOT_ASKED, form="signed" if "_" in name else "share")
        return
    published, invented = recited.published.ravel(), recited.invented
    hits, n = int(np.sum(published >= NEAR)), len(published)
    false_hits, m = int(np.sum(invented >= NEAR)), len(invented)
    how = f"{NEAR:.0%} of the second half's words in their order"
    for name, count, of in (("recited", hits, n), ("recited_invented", false_hits, m)):
        yield given(
            name, labels[name], count / of, n=of, unit="headlines", method=f"{how}; Wilson",
            form="share", bounds=wilson(count, of, CONFIDENCE),
        )  # fmt: skip
    gain = share_difference(hits, n, false_hits, m, CONFIDENCE)
    yield given(
        GAIN, labels[GAIN], gain.value, n=n + m, unit="headlines",
        method="difference of both shares; Newcombe", form="signed", bounds=(gain.low, gain.high),
    )  # fmt: skip
    yield _overlap_gain(labels["overlap_gain"], recited)
    a_won = np.array([row["winner"] == "a" for row in recited.pairs])
    ahead = np.where(a_won, 1, -1) * (recited.published[:, 0] - recited.published[:, 1])
    yield over_stories(
        [_story(row) for row in recited.pairs], "recall_of_winners", labels["recall_of_winners"], ahead,
        "difference in the share of words, pair by pair", "signed",
    )  # fmt: skip


def _overlap_gain(label: str, recited: Recited) -> Finding:
    """Mean share of words of published less that of invented headlines; pairs and headlines drawn again."""
    values = np.concatenate([recited.published.mean(axis=1), recited.invented])
    is_published = np.arange(len(values)) < len(recited.pairs)
    units = (
        *(row["pair_id"] for row in recited.pairs),
        *(f"invented-{at}" for at in range(len(recited.invented))),
    )

    def gap(drawn: Ints) -> float | None:
        found, there = values[drawn], is_published[drawn]
        if there.all() or not there.any():
            return None
        return float(found[there].mean() - found[~there].mean())

    return measured(
        "overlap_gain", label, units, gap, unit="pairs and invented headlines", form="signed",
        method="mean share of the second half's words, in their order",
    )  # fmt: skip


def _story(row: Mapping[str, str]) -> str:
    return row.get("story_id") or row["test_id"]


def memory_table(recited: Recited) -> Table:
    """What was recited, and how much of it word for word."""
    a_won = np.array([row["winner"] == "a" for row in recited.pairs])
    kinds = (
        ("Published, clicked more", np.where(a_won, recited.published[:, 0], recited.published[:, 1])),
        ("Published, clicked less", np.where(a_won, recited.published[:, 1], recited.published[:, 0])),
        ("Invented", recited.invented),
    )
    return Table(
        title="The rest of a headline, from its first half",
        columns=("Headlines", "Asked", "Whole", f"{NEAR:.0%} or more", "Words, mean"),
        rows=tuple(
            (
                name,
                str(len(overlaps)),
                str(int(np.sum(overlaps >= 1))),
                str(int(np.sum(overlaps >= NEAR))),
                in_form(float(overlaps.mean()), "share"),
            )
            for name, overlaps in kinds
        ),
        note=("Only recital word for word is seen: to know the outcome without the words is not caught."),
    )
