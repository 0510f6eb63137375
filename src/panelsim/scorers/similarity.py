"""Similarity rating: an answer in words becomes a distribution over a scale, by its nearness to anchors.

The method is semantic similarity rating (Maier et al. 2025, arXiv 2510.08338): the cosine of the answer's
vector with each anchor statement, minus the least of them, normalised; then the mean over sets of anchors.
"""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.errors import ProviderError
from panelsim.metrics.arrays import Floats
from panelsim.metrics.scale import expected_value
from panelsim.model.call import Call, Completion, EmbeddingCall, ModelRef
from panelsim.model.response import Missing, RatingAnswer

FLAT = 1e-9
"""Cosines that differ by less than this say nothing about the scale."""


class Similarity(NamedTuple):
    """A rating read from words, with the keys of the embeddings behind it."""

    answer: RatingAnswer | Missing
    call_keys: tuple[str, ...]


def similarity(
    text: str, anchors: Sequence[Sequence[str]], embedding_model: ModelRef
) -> Generator[tuple[Call, ...], tuple[Completion, ...], Similarity]:
    """Embeds `text` and all anchors at once; the same anchors are the same calls for every respondent.

    `anchors` are sets of statements from point 1 up. Missing `unreadable` if the text is equally near to all
    anchors of a set. ProviderError if a vector is absent, zero or of another length.
    """
    statements = [statement for anchor_set in anchors for statement in anchor_set]
    calls = tuple(
        EmbeddingCall(model=embedding_model, text=one, purpose="similarity") for one in (text, *statements)
    )
    said = yield calls
    vectors = _vectors(calls, said)
    keys = tuple(call.key for call in calls)
    sets = _split(vectors[1:], [len(anchor_set) for anchor_set in anchors])
    distributions = [distribution_of(cosines(vectors[0], anchor_set)) for anchor_set in sets]
    found = [one for one in distributions if one is not None]
    if len(found) < len(distributions):
        return Similarity(Missing(reason="unreadable", raw=text), keys)
    mean = np.mean(found, axis=0)
    return Similarity(RatingAnswer(distribution=tuple(float(share) for share in mean)), keys)


def _vectors(calls: Sequence[EmbeddingCall], said: Sequence[Completion]) -> Floats:
    length = len(said[0].vector)
    for call, completion in zip(calls, said, strict=True):
        if len(completion.vector) != length or not any(completion.vector):
            raise ProviderError(
                f"embedding model {call.model}: {len(completion.vector)} numbers for {call.text[:40]!r}, "
                f"expected a vector of {length} that is not zero"
            )
    return np.array([completion.vector for completion in said], dtype=np.float64)


def _split(vectors: Floats, sizes: Sequence[int]) -> list[Floats]:
    ends = np.cumsum(sizes).tolist()
    return [vectors[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def cosines(vector: Floats, anchors: Floats) -> Floats:
    """Cosine of `vector` (dimensions,) with each row of `anchors` (points, dimensions); between -1 and 1."""
    lengths = np.linalg.norm(anchors, axis=1) * np.linalg.norm(vector)
    nearness: Floats = (anchors @ vector) / lengths
    return nearness


def distribution_of(nearness: Floats, *, epsilon: float = 0.0, temperature: float = 1.0) -> Floats | None:
    """Probability of each point: c - min c (epsilon at the least) over its sum, then p^(1 / temperature).

    Both steps are normalised. Without epsilon the least similar point has probability 0. A temperature below
    1 sharpens. Absent if all cosines are equal: such an answer has no place on the scale.
    """
    above = nearness - nearness.min()
    if above.max() < FLAT:
        return None
    above[int(np.argmin(nearness))] += epsilon
    shares = (above / above.sum()) ** (1 / temperature)
    distribution: Floats = shares / shares.sum()
    return distribution


class SelfTest(NamedTuple):
    """What the scale gives when the answers are the anchors themselves."""

    scores: tuple[tuple[float, ...], ...]
    """By set and point: the anchor's expected value against the other sets (its own if there is only one)."""
    low: float
    """Mean score of the lowest anchors: the least a plain answer can reach."""
    high: float
    """Mean score of the highest anchors."""
    is_monotone: bool
    """True if the mean score rises from each point to the next."""


def anchor_self_test(
    sets: Sequence[Floats], rate: Callable[[Floats], Floats | None] = distribution_of
) -> SelfTest:
    """Rates every anchor against the other sets; publishes the range that the scale can reach.

    `sets` hold one (points, dimensions) array of vectors each. A rating that cannot tell the anchors apart
    cannot tell answers apart. An anchor without a distribution scores the middle of the scale.
    """
    scores = np.array(
        [[_score(sets, place, anchor, rate) for anchor in own] for place, own in enumerate(sets)]
    )
    by_point = scores.mean(axis=0)
    return SelfTest(
        scores=tuple(tuple(float(score) for score in row) for row in scores),
        low=float(by_point[0]),
        high=float(by_point[-1]),
        is_monotone=bool(np.all(np.diff(by_point) > 0)),
    )


def _score(
    sets: Sequence[Floats], place: int, anchor: Floats, rate: Callable[[Floats], Floats | None]
) -> float:
    others = [one for at, one in enumerate(sets) if at != place] or [sets[place]]
    rated = [rate(cosines(anchor, other)) for other in others]
    middle = (len(sets[place]) + 1) / 2
    return float(np.mean([middle if one is None else expected_value(one) for one in rated]))
