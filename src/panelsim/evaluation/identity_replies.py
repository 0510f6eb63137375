"""The benchmark `identity`, replies in words: whose card each is near, and how far buyers are apart."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from panelsim.evaluation.finding import Finding, absent, given, measured
from panelsim.evaluation.identity_settings import IdentitySettings, panel_of, swapped_card
from panelsim.evaluation.material import Evidence
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.identity import identification_of_speakers, own_card_hits, speaker_distances
from panelsim.model.base import Frozen
from panelsim.model.benchmark import FigureForm

SEED = 20
"""Of the permutations."""


def mean_there(values: Floats, places: Ints) -> float | None:
    """The mean of the rows at `places`, NaN left out; None if nothing is left."""
    return _mean_of(values[places])


def _mean_of(values: Floats) -> float | None:
    there = values[~np.isnan(values)]
    return float(there.mean()) if there.size else None


class Reply(Frozen):
    """One reply that was embedded."""

    speaker: int
    """Place in the panel."""
    question: int
    text: str
    vector: tuple[float, ...]


def replies_of(evidence: Evidence, part: str) -> tuple[Reply, ...]:
    """Replies with their vectors, in the order in which they were asked."""
    place = {buyer: at for at, buyer in enumerate(evidence.buyers)}
    found = []
    for name, vector in evidence.vectors(part).items():
        who, question = name.split("/")[:2]
        found.append(
            Reply(speaker=place[who], question=int(question), text=vector.text, vector=vector.values)
        )
    return tuple(found)


def nearness_of(replies: Sequence[Reply], cards: Floats, base: Sequence[Reply]) -> Floats:
    """(replies, cards): cosine, less the mean cosine of the `base` replies with the card.

    Some texts are near to everything; without the second term their cards would win most replies.
    """

    def cosines(some: Sequence[Reply]) -> Floats:
        vectors = np.array([one.vector for one in some])
        found: Floats = _unit(vectors) @ _unit(cards).T
        return found

    nearness: Floats = cosines(replies) - cosines(base).mean(axis=0)
    return nearness


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


IDENTIFICATION: tuple[tuple[str, str, FigureForm], ...] = (
    ("identification", "Replies matched with their own card", "share"),
    ("identification_ratio", "Replies matched, over chance", "number"),
    ("identification_p", "Chance of as many by luck", "number"),
    ("swap_ratio", "Under another's card, matched with one's own, over chance", "number"),
    ("swap_followed", "Under another's card, matched with that card, over chance", "number"),
)


def identification(evidence: Evidence, replies: tuple[Reply, ...]) -> Iterator[Finding]:
    """Matched with their own card: share, over chance, by luck; then the same under another's card."""
    embedded = evidence.vectors("cards")
    if len(embedded) < len(evidence.buyers) or len({one.speaker for one in replies}) < 2:
        for name, label, form in IDENTIFICATION:
            yield absent(name, label, "replies of two buyers and every card are needed", form=form)
        return
    cards = np.array([embedded[buyer].values for buyer in evidence.buyers])
    speakers = np.array([one.speaker for one in replies])
    nearness = nearness_of(replies, cards, replies)
    hits = _by_buyer(own_card_hits(nearness, speakers), speakers, len(cards))
    matched = identification_of_speakers(nearness, speakers, np.random.default_rng(SEED))
    yield _ratio(evidence, 0, hits)
    yield _ratio(evidence, 1, hits * len(cards))
    name, label, form = IDENTIFICATION[2]
    method = f"{len(replies)} replies, cards dealt out anew, (b + 1) / (m + 1)"
    yield given(name, label, matched.p, n=len(cards), unit="buyers", method=method, form=form)
    yield from _swap(evidence, cards, replies)


def _swap(evidence: Evidence, cards: Floats, base: tuple[Reply, ...]) -> Iterator[Finding]:
    swapped, panel = replies_of(evidence, "swap"), panel_of(evidence.panel)
    if not swapped:
        for name, label, form in IDENTIFICATION[3:]:
            yield absent(name, label, "no reply was given under another's card", form=form)
        return
    owners = np.array([one.speaker for one in swapped])
    shown = np.array([evidence.buyers.index(swapped_card(panel, owner)) for owner in owners])
    nearness = nearness_of(swapped, cards, base)
    for at, columns in ((3, owners), (4, shown)):
        hits = _by_buyer(own_card_hits(nearness, columns), owners, len(cards))
        yield _ratio(evidence, at, hits * len(cards))


def _by_buyer(values: Floats, speakers: Ints, buyers: int) -> Floats:
    """(buyers,): the mean of each one's replies, NaN for who gave none."""
    counts = np.bincount(speakers, minlength=buyers)
    sums = np.bincount(speakers, weights=values, minlength=buyers)
    means: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return means


def _ratio(evidence: Evidence, at: int, hits: Floats) -> Finding:
    name, label, form = IDENTIFICATION[at]
    method = "nearest card by cosine, less the card's mean; by buyer"
    return measured(
        name, label, evidence.buyers, partial(mean_there, hits), unit="buyers", method=method, form=form
    )


def distances(
    evidence: Evidence, replies: tuple[Reply, ...], settings: IdentitySettings
) -> Iterator[Finding]:
    """Replies to one question only are compared; a buyer drawn twice is not compared with itself."""
    table = _mean_distances(replies, len(evidence.buyers), len(settings.questions))

    def read(what: str, places: Ints) -> float | None:
        apart = _mean_of(table[np.ix_(places, places)][places[:, None] != places])
        own = _mean_of(np.diag(table)[places])
        if what == "between_distance" or apart is None:
            return apart
        if what == "within_distance" or own is None:
            return own
        return apart / (apart + own) if apart + own > 0 else None

    shapes: tuple[tuple[str, str, str, FigureForm], ...] = (
        ("between_distance", "Distance of two buyers' replies", "mean 1 - cosine, same question", "number"),
        ("within_distance", "Distance of one buyer's repeats", "mean 1 - cosine, same question", "number"),
        ("between_share", "Distance that lies between buyers", "between / (between + within)", "share"),
    )
    for name, label, method, form in shapes:
        yield measured(
            name, label, evidence.buyers, partial(read, name), unit="buyers", method=method, form=form
        )


def _mean_distances(replies: Sequence[Reply], buyers: int, questions: int) -> Floats:
    """(buyers, buyers): the mean over questions, NaN where no question gave a pair."""
    tables = []
    for question in range(questions):
        some = [one for one in replies if one.question == question]
        if some:
            vectors = np.array([one.vector for one in some])
            tables.append(speaker_distances(vectors, np.array([one.speaker for one in some]), buyers))
    stack = np.array(tables).reshape(len(tables), buyers, buyers)
    counts = (~np.isnan(stack)).sum(axis=0)
    means: Floats = np.where(counts > 0, np.nansum(stack, axis=0) / np.maximum(counts, 1), np.nan)
    return means


def short_replies(replies: Sequence[Reply], settings: IdentitySettings) -> str:
    """How many replies could not be brought to the same length, in a sentence."""
    short = sum(len(one.text.split()) < settings.words for one in replies)
    return f"Replies are compared by their first {settings.words} words; {short} of {len(replies)} had fewer."
