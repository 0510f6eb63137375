"""Identity: whether replies tell their speakers apart."""

from typing import NamedTuple

import numpy as np

from panelsim.metrics.arrays import Floats, Ints

PERMUTATIONS = 9999


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
    anybody's: speakers are permuted 9,999 times and p = (b + 1) / (m + 1) (Phipson & Smyth 2010).
    """
    best = np.isclose(nearness, nearness.max(axis=1, keepdims=True), rtol=0, atol=1e-12)
    hits = best / best.sum(axis=1, keepdims=True)
    rows = np.arange(len(speakers))
    observed = float(hits[rows, speakers].mean())
    shuffled = [hits[rows, rng.permutation(speakers)].mean() for _ in range(PERMUTATIONS)]
    at_least = int(np.sum(np.asarray(shuffled) >= observed - 1e-12))
    return Identified(observed, 1 / nearness.shape[1], (at_least + 1) / (PERMUTATIONS + 1))


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
