import numpy as np
import pytest

from panelsim.calibration.pairs import duplicate_texts, exchanged, groups_of, pairs_of
from panelsim.calibration.ridge import folds_of
from panelsim.model.calibration import PastTest, PastVariant
from tests.past_results import past_tests


def past(name: str, *texts: str, group: str = "") -> PastTest:
    return PastTest(
        name, tuple(PastVariant(text, 1000, 10 + at) for at, text in enumerate(texts)), group=group
    )


def test_every_two_texts_of_a_test_are_a_pair_and_none_across_tests() -> None:
    pairs = pairs_of([past("t", "a", "b", "c"), past("u", "d", "e")])
    named = [(pairs.texts[a], pairs.texts[b]) for a, b in zip(pairs.a, pairs.b, strict=True)]
    assert named == [("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")]
    # three pairs of three texts hold two differences: 2 / 3 each; the pair of two texts counts whole
    assert pairs.weight.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 1.0])
    assert pairs.won.tolist() == [0.0] * 4


def test_rates_decide_who_won_not_counts() -> None:
    (won,) = pairs_of([PastTest("t", (PastVariant("a", 100, 5), PastVariant("b", 1000, 20)))]).won
    assert won == 1.0  # 5% against 2%


def test_equal_rates_are_a_tie() -> None:
    (won,) = pairs_of([PastTest("t", (PastVariant("a", 300, 3), PastVariant("b", 700, 7)))]).won
    assert won == 0.5


def test_tests_that_share_a_text_or_a_group_are_one_group_in_a_chain() -> None:
    tests = [
        past("t", "Sell more", "b"),
        past("u", "c", "d", group="story"),
        past("v", "SELL more!", "e", group="story"),
        past("w", "f", "g"),
    ]
    assert groups_of(tests) == (0, 0, 0, 1)
    assert duplicate_texts(tests) == 1


def test_no_group_is_ever_in_two_folds() -> None:
    pairs = pairs_of([*past_tests(40, variants=3), past("x", "one", "two"), past("y", "two", "three")])
    folds = folds_of(pairs.group, 10, np.random.default_rng(3))
    for group in np.unique(pairs.group):
        assert len(np.unique(folds.of[pairs.group == group])) == 1
    assert sorted(np.unique(folds.of).tolist()) == list(range(10))


def test_exchanging_outcomes_keeps_every_test_its_counts() -> None:
    tests = past_tests(20, variants=4)
    mixed = exchanged(tests, np.random.default_rng(1))
    assert mixed != tests
    for before, after in zip(tests, mixed, strict=True):
        assert [one.text for one in before.variants] == [one.text for one in after.variants]
        assert sorted(one.acted for one in before.variants) == sorted(one.acted for one in after.variants)
