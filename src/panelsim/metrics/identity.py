"""Identity: whether replies tell their speakers apart."""

from itertools import permutations
from typing import NamedTuple

import numpy as np

from panelsim.metrics.arrays import Floats, Ints

PERMUTATIONS = 9999
EXACT = 7
"""Up to so many things all 7! = 5,040 orders are counted."""


class Identified(NamedTuple):
    """How many replies were matched with their own speaker."""

    accuracy: float
    chance: float
    """1 / number of speakers."""
    p: float
    """One-sided permutation p of an accuracy at least this high."""


def identification(nearness: Floats, speakers: Ints, rng: np.random.Generator) -> Identified:
    """Top-1 accuracy of matching replies (rows) with cards (columns) by `nearness`, and its permutation p.

    `speakers` holds the column of each reply's own card. A reply counts as matched if its own card is the
    nearest, and in part if others are as near (1 / number of nearest). Under the null the replies might be
    anybody's: up to EXACT replies p is the share of all their orders that do as well, beyond that speakers
    are permuted 9,999 times and p = (b + 1) / (m + 1) (Phipson & Smyth 2010).
    """
    hits = _hits(nearness)
    rows = np.arange(len(speakers))
    observed = float(hits[rows, speakers].mean())
    shuffled = hits[rows, speakers[orders_of(len(speakers), rng)]].mean(axis=1)
    return Identified(observed, 1 / nearness.shape[1], _share_at_least(shuffled, observed, len(speakers)))


def orders_of(n: int, rng: np.random.Generator) -> Ints:
    """(orders, n): all orders of n things up to EXACT of them, else PERMUTATIONS of them at random."""
    if n <= EXACT:
        return np.array(list(permutations(range(n))), dtype=np.int64)
    orders: Ints = rng.permuted(np.tile(np.arange(n), (PERMUTATIONS, 1)), axis=1)
    return orders


def _share_at_least(found: Floats, observed: float, n: int) -> float:
    """The share of orders of `n` things that do as well, the observed one counted once."""
    at_least = int(np.sum(found >= observed - 1e-12))
    return at_least / len(found) if n <= EXACT else (at_least + 1) / (len(found) + 1)


def own_card_hits(nearness: Floats, speakers: Ints) -> Floats:
    """For each reply 1 if its own card is the nearest, 1 / number of nearest if others are as near, else 0.

    `nearness` (replies, cards); `speakers` (replies,) holds the column of each reply's own card.
    """
    own: Floats = _hits(nearness)[np.arange(len(speakers)), speakers]
    return own


def _hits(nearness: Floats) -> Floats:
    """(replies, cards): the nearest card of each reply has 1, several that are as near share it."""
    best = np.isclose(nearness, nearness.max(axis=1, keepdims=True), rtol=0, atol=1e-12)
    hits: Floats = best / best.sum(axis=1, keepdims=True)
    return hits


def identification_of_speakers(nearness: Floats, speakers: Ints, rng: np.random.Generator) -> Identified:
    """As `identification`, with all replies of a speaker kept together in the permutations.

    Replies of one speaker are alike, whoever it is; moved one by one they would pass for more evidence than
    they are. So whole cards are dealt out anew: with h(s, c) the hits of speaker s on card c, the accuracy
    of a deal d is sum over s of h(s, d(s)) / replies. Up to EXACT cards p is the share of all deals that do
    as well; beyond, of 9,999 deals, p = (b + 1) / (m + 1) (Phipson & Smyth 2010).
    """
    cards = nearness.shape[1]
    held = np.zeros((cards, cards))
    np.add.at(held, speakers, _hits(nearness))
    held /= len(speakers)
    dealt = held[np.arange(cards), orders_of(cards, rng)].sum(axis=1)
    observed = float(np.trace(held))
    return Identified(observed, 1 / cards, _share_at_least(dealt, observed, cards))


class Distances(NamedTuple):
    """How far apart replies are."""

    between: float
    """Mean cosine distance of replies of different speakers."""
    within: float
    """Mean cosine distance of replies of one speaker."""

    @property
    def ratio(self) -> float:
        """Between over within; 1 if speakers cannot be told apart, infinite if repeats are all the same."""
        return self.between / self.within if self.within > 0 else float("inf")


def between_within(vectors: Floats, speakers: Ints) -> Distances:
    """Mean cosine distance (1 - cosine) between speakers, and between replies of the same speaker.

    `vectors` (replies, dimensions), `speakers` (replies,). Raises ValueError without a pair of each kind.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    distance = 1 - unit @ unit.T
    pairs = np.triu_indices(len(vectors), k=1)
    same = speakers[pairs[0]] == speakers[pairs[1]]
    if same.all() or not same.any():
        raise ValueError(f"between_within: speakers {speakers.tolist()!r}; expected two or more, one twice")
    gaps = distance[pairs]
    return Distances(max(0.0, float(gaps[~same].mean())), max(0.0, float(gaps[same].mean())))


def speaker_distances(vectors: Floats, speakers: Ints, count: int) -> Floats:
    """(count, count): mean cosine distance (1 - cosine) of the replies of two speakers; NaN without a pair.

    On the diagonal that of a speaker's own replies, none compared with itself; so that speakers can be drawn
    again without being compared with their copies.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    gaps = np.maximum(0.0, 1 - unit @ unit.T)
    np.fill_diagonal(gaps, 0.0)
    said = np.eye(count)[speakers]
    counts = said.sum(axis=0)
    pairs = np.outer(counts, counts) - np.diag(counts)
    sums = said.T @ gaps @ said
    means: Floats = np.where(pairs > 0, sums / np.maximum(pairs, 1), np.nan)
    return means
