"""Planted defects: each is caught by the metrics made to catch it, and moves no other.

A panel of 12 buyers rates 6 texts in 3 wordings and 3 repeats, compares pairs in both orders, picks one of
four texts in a Latin square, rates on a turned scale, and says things that are vectors. One defect at a time.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from panelsim.metrics.agreement import icc, krippendorff_alpha
from panelsim.metrics.arrays import Floats
from panelsim.metrics.choice import first_slot_bias, order_consistency, winners
from panelsim.metrics.components import component_shares, crossed_components
from panelsim.metrics.identity import between_within, identification
from panelsim.metrics.invariance import flip_rate, mean_shift, scale_pull, scale_reversal_shift, slot_test

BUYERS, TEXTS, WORDINGS, REPEATS, SLOTS = 12, 6, 3, 3, 4
SPEAKERS = np.repeat(np.arange(BUYERS), REPEATS)


class Defect(NamedTuple):
    """What is wrong with the panel; all 0: nothing."""

    noise: float = 0.0
    """SD of a rating over repeats, on top of .05."""
    wording: float = 0.0
    """SD of what a wording does to each answer."""
    sameness: float = 0.0
    """How far buyers are drawn to one opinion and one voice, 0 to 1."""
    slot: float = 0.0
    """Probability moved to the first slot."""
    scale: float = 0.0
    """Points by which answers are drawn to the high end of the printed scale."""


class Panel(NamedTuple):
    """What the panel said."""

    ratings: Floats
    """(buyers, texts, wordings, repeats)."""
    turned: Floats
    """(buyers, texts): on a scale whose ends were swapped, as given."""
    first: Floats
    second: Floats
    """(buyers, repeats): share of A when it stood first, and second."""
    slots: Floats
    """(slots,): how often each was chosen over the Latin square."""
    said: Floats
    """(buyers x repeats, dimensions)."""
    cards: Floats


def panel(defect: Defect) -> Panel:
    """The same panel each time, with the defect."""
    dice = np.random.default_rng(11)
    opinion = 3 + dice.normal(0, 0.7, (1, TEXTS)) + dice.normal(0, 0.8, (BUYERS, TEXTS))
    opinion = (1 - defect.sameness) * opinion + defect.sameness * opinion.mean(axis=0)
    noise = dice.normal(0, 0.05 + defect.noise, (BUYERS, TEXTS, WORDINGS, REPEATS))
    said_in = dice.normal(0, 0.02 + defect.wording, (BUYERS, TEXTS, WORDINGS, 1))
    ratings = opinion[:, :, None, None] + noise + said_in + defect.scale
    turned = 6 - opinion + dice.normal(0, 0.05, opinion.shape) + defect.scale
    liking = dice.choice([0.15, 0.85], BUYERS)[:, None]
    first = (1 - defect.slot) * liking + defect.slot + dice.normal(0, 0.02, (BUYERS, REPEATS))
    second = (1 - defect.slot) * liking + dice.normal(0, 0.02, (BUYERS, REPEATS))
    slots = np.full(SLOTS, (1 - defect.slot) * BUYERS) + defect.slot * SLOTS * BUYERS * np.eye(SLOTS)[0]
    voices = dice.normal(0, 1, (BUYERS, 30))
    heard = (1 - defect.sameness) * voices + defect.sameness * voices.mean(axis=0)
    said = np.repeat(heard, REPEATS, axis=0) + dice.normal(0, 0.3, (BUYERS * REPEATS, 30))
    return Panel(ratings, turned, first, second, slots, said, voices)


def _icc(table: Floats) -> float:
    found = icc(table)
    assert found is not None
    return found.single


def _alpha(one: Panel) -> float:
    found = krippendorff_alpha(one.ratings[:, :, 0, :].reshape(-1, REPEATS).tolist(), "interval")
    assert found is not None
    return found


def _buyer_share(one: Panel) -> float:
    shares = component_shares(crossed_components(one.ratings[:, :, 0, :]))
    assert shares is not None
    return shares[0,] + shares[0, 1]


METRICS: dict[str, Callable[[Panel], float]] = {
    "retest icc": lambda one: _icc(one.ratings[:, :, 0, :].reshape(-1, REPEATS)),
    "retest alpha": _alpha,
    "retest shift": lambda one: mean_shift(one.ratings[:, :, 0, :].reshape(-1, REPEATS), width=4),
    "wording icc": lambda one: _icc(one.ratings.mean(axis=3).reshape(-1, WORDINGS)),
    "wording shift": lambda one: mean_shift(one.ratings.mean(axis=3).reshape(-1, WORDINGS), width=4),
    "buyers' share": _buyer_share,
    "order consistency": lambda one: float(order_consistency(one.first, one.second).mean()),
    "first slot": lambda one: float(first_slot_bias(one.first, one.second).mean()),
    "verdict flips": lambda one: flip_rate(winners((one.first + one.second) / 2)),
    "slots' V": lambda one: slot_test(one.slots).cramers_v,
    "scale reversal": lambda one: scale_reversal_shift(one.ratings[:, :, 0, 0], one.turned, low=1, high=5),
    "scale pull": lambda one: scale_pull(one.ratings[:, :, 0, 0], one.turned, low=1, high=5),
    "identification": lambda one: (
        identification(one.said @ one.cards.T, SPEAKERS, np.random.default_rng(0)).accuracy
    ),
    "between to within": lambda one: min(9.0, between_within(one.said, SPEAKERS).ratio) / 9,
}
"""Every one between -1 and 1."""

CASES = {
    "repeats differ": (Defect(noise=0.8), {"retest icc", "retest alpha", "retest shift"}, {
        "wording icc", "wording shift", "buyers' share", "scale reversal",
    }),
    "wordings differ": (
        Defect(wording=0.8), {"wording icc", "wording shift"}, {"scale reversal", "buyers' share"}
    ),
    "buyers are one": (
        Defect(sameness=0.97), {"buyers' share", "identification", "between to within"}, set()
    ),
    "the first slot wins": (Defect(slot=0.6), {"order consistency", "first slot", "slots' V"}, set()),
    "the scale draws": (Defect(scale=0.8), {"scale reversal", "scale pull"}, set()),
}  # fmt: skip
"""The defect, the metrics that must move, and those that contain it by their definition."""
SMALL, LARGE = 0.06, 0.12


@pytest.mark.parametrize("case", CASES)
def test_a_planted_defect_moves_its_metrics_and_no_other(case: str) -> None:
    defect, must, may = CASES[case]
    sound, spoilt = panel(Defect()), panel(defect)
    moved = {name: abs(metric(spoilt) - metric(sound)) for name, metric in METRICS.items()}
    assert {name for name in must if moved[name] < LARGE} == set()
    assert {name: by for name, by in moved.items() if name not in must | may and by > SMALL} == {}


def test_a_sound_panel_reads_as_sound() -> None:
    found = {name: metric(panel(Defect())) for name, metric in METRICS.items()}
    for name in ("retest icc", "retest alpha", "wording icc", "order consistency", "identification"):
        assert found[name] > 0.9, name
    for name in (
        "retest shift",
        "wording shift",
        "verdict flips",
        "slots' V",
        "scale reversal",
        "scale pull",
    ):
        assert abs(found[name]) < 0.05, name
    assert abs(found["first slot"]) < 0.02


@pytest.mark.parametrize("always", [1.0])
def test_who_always_takes_the_first_slot_reads_as_position_alone(always: float) -> None:
    spoilt = panel(Defect(slot=always))
    assert METRICS["slots' V"](spoilt) == pytest.approx(1, abs=0.01)
    assert METRICS["first slot"](spoilt) == pytest.approx(0.5, abs=0.01)
    assert METRICS["order consistency"](spoilt) == pytest.approx(0, abs=0.01)
