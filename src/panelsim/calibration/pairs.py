"""Pairs: every two texts of a past test, with what was observed and how noisy it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.rates import false_discovery_q, gap_variance, log_odds, two_proportions
from panelsim.model.calibration import PastTest, Subset

ALPHA = 0.05


@dataclass(frozen=True)
class Pairs:
    """Pairs of texts as columns, all of one length but `texts`."""

    texts: tuple[str, ...]
    """Each different text once."""
    a: Ints
    b: Ints
    """Places in `texts`."""
    test: Ints
    group: Ints
    """Tests that share a group or a text have one group, counted from 0."""
    gap: Floats
    """log odds of a minus log odds of b, as observed."""
    variance: Floats
    """Sampling variance of `gap`."""
    weight: Floats
    """2 / k for each pair of a test of k texts: its k (k - 1) / 2 pairs hold k - 1 free differences."""
    won: Floats
    """1 if a had the higher rate, 0 if b had, .5 for a tie."""
    p: Floats
    """Two-sided, of equal rates."""
    q: Floats
    """Benjamini-Hochberg, over all pairs."""

    def __len__(self) -> int:
        return len(self.a)

    @property
    def groups(self) -> int:
        """Different groups."""
        return len(np.unique(self.group))

    def of(self, subset: Subset) -> Flags:
        """Which pairs belong to a subset."""
        match subset:
            case "all":
                return np.ones(len(self), dtype=np.bool_)
            case "p<.05":
                return self.p < ALPHA
            case "FDR 5%":
                return self.q < ALPHA


def pairs_of(tests: Sequence[PastTest]) -> Pairs:
    """All pairs of all tests, in their order. A test has at least two texts, all different."""
    texts = tuple(dict.fromkeys(variant.text for test in tests for variant in test.variants))
    place = {text: at for at, text in enumerate(texts)}
    groups = groups_of(tests)
    rows = [
        (place[one.text], place[other.text], at, groups[at], 2 / len(test.variants), one, other)
        for at, test in enumerate(tests)
        for one, other in combinations(test.variants, 2)
    ]
    a, b, test_of, group, weight, first, second = zip(*rows, strict=True)
    acted_a, shown_a = _counts(v.acted for v in first), _counts(v.shown for v in first)
    acted_b, shown_b = _counts(v.acted for v in second), _counts(v.shown for v in second)
    p = two_proportions(acted_a, shown_a, acted_b, shown_b).p
    return Pairs(
        texts=texts,
        a=np.asarray(a, dtype=np.int64),
        b=np.asarray(b, dtype=np.int64),
        test=np.asarray(test_of, dtype=np.int64),
        group=np.asarray(group, dtype=np.int64),
        gap=log_odds(acted_a, shown_a) - log_odds(acted_b, shown_b),
        variance=gap_variance(acted_a, shown_a, acted_b, shown_b),
        weight=np.asarray(weight, dtype=np.float64),
        won=0.5 + 0.5 * np.sign(acted_a * shown_b - acted_b * shown_a),
        p=p,
        q=false_discovery_q(p),
    )


def _counts(values: Iterator[int]) -> Floats:
    return np.fromiter(values, dtype=np.float64)


def groups_of(tests: Sequence[PastTest]) -> tuple[int, ...]:
    """The group of each test: tests are joined if they name one group or show one text, and so on.

    Texts are one if their letters and digits are, case aside.
    """
    head = list(range(len(tests)))

    def root(at: int) -> int:
        while head[at] != at:
            head[at] = head[head[at]]
            at = head[at]
        return at

    seen: dict[str, int] = {}
    for at, test in enumerate(tests):
        marks = [f"group {test.group}"] if test.group else []
        for mark in (*marks, *(f"text {plain(variant.text)}" for variant in test.variants)):
            head[root(at)] = root(seen.setdefault(mark, at))
    number: dict[int, int] = {}
    return tuple(number.setdefault(root(at), len(number)) for at in range(len(tests)))


def plain(text: str) -> str:
    """The letters and digits of `text` in lower case: equal for texts that differ in dress alone."""
    return "".join(character for character in text.casefold() if character.isalnum())


def duplicate_texts(tests: Sequence[PastTest]) -> int:
    """Texts that stand in more than one test."""
    where: dict[str, set[int]] = {}
    for at, test in enumerate(tests):
        for variant in test.variants:
            where.setdefault(plain(variant.text), set()).add(at)
    return sum(len(places) > 1 for places in where.values())


def exchanged(tests: Sequence[PastTest], rng: np.random.Generator) -> tuple[PastTest, ...]:
    """The tests with their outcomes exchanged at random between the texts of each: nothing can be learned."""
    mixed = []
    for test in tests:
        order = rng.permutation(len(test.variants))
        variants = tuple(
            variant._replace(shown=test.variants[at].shown, acted=test.variants[at].acted)
            for variant, at in zip(test.variants, order, strict=True)
        )
        mixed.append(test._replace(variants=variants))
    return tuple(mixed)
