"""Preference: the pairs, their strengths, and what the slots did."""

from collections.abc import Sequence

import numpy as np

from panelsim.analysis.scene import SHARE, SHARE_GAP, Differences, Scene, share_for
from panelsim.analysis.table import Compared
from panelsim.metrics import bootstrap, choice
from panelsim.metrics.arrays import Floats
from panelsim.metrics.bootstrap import Bounds
from panelsim.model.analysis import Estimate, Pair, Preference

STRENGTH_SHARE = 10
"""One redrawn panel in this many is fitted with the Bradley-Terry model; a fit takes about a millisecond."""


def preference_of(scene: Scene) -> Preference | None:
    """All pairs of the target arm; absent if none was asked."""
    if not scene.target.pairs:
        return None
    between = scene.variant_pairs()
    return Preference(
        pairs=tuple(_pair(scene, pair) for pair in scene.target.pairs.values()),
        strengths=strengths_of(scene),
        order_consistency=_over_pairs(scene, between, [_consistent(pair) for pair in between], SHARE),
        first_slot_bias=_over_pairs(scene, between, [_bias(pair) for pair in between], SHARE_GAP),
    )


def _pair(scene: Scene, pair: Compared) -> Pair:
    asked, reasons = pair.counts(scene.target.everyone())
    seen = pair.present
    weights = scene.target.weights[seen]
    return Pair(
        first=pair.first,
        second=pair.second,
        win_share=scene.mean(scene.target, share_for(pair, pair.first), SHARE),
        order_consistency=(
            round(float(np.average(_consistent(pair)[seen], weights=weights)), 6) if seen.any() else None
        ),
        asked=asked,
        missing=sum(count for _, count in reasons),
    )


def _consistent(pair: Compared) -> Floats:
    return choice.order_consistency(pair.a_first, pair.a_second)


def _bias(pair: Compared) -> Floats:
    return choice.first_slot_bias(pair.a_first, pair.a_second)


def _over_pairs(
    scene: Scene, pairs: Sequence[Compared], figures: Sequence[Floats], bounds: Bounds
) -> Estimate | None:
    """The mean over respondents of each one's mean over the pairs it answered."""
    if not pairs:
        return None
    present = np.stack([pair.present for pair in pairs])
    counts = present.sum(axis=0)
    sums = np.where(present, np.stack(figures), 0.0).sum(axis=0)
    return scene.mean(scene.target, Differences(sums / np.maximum(counts, 1), counts > 0), bounds)


def strengths_of(scene: Scene) -> tuple[tuple[str, Estimate], ...]:
    """Each variant's mean win probability against the others (Bradley-Terry), strongest first."""
    pairs = [pair for pair in scene.variant_pairs() if pair.present.any()]
    names = [name for name in scene.variants if any(name in (pair.first, pair.second) for pair in pairs)]
    if len(names) < 2:
        return ()
    arm = scene.target
    value = choice.bradley_terry(_wins(pairs, names, arm.weights))
    redrawn = arm.resamples.counts(STRENGTH_SHARE) * arm.weights
    draws = np.stack([choice.bradley_terry(_wins(pairs, names, weights)) for weights in redrawn])
    answered = np.logical_or.reduce([pair.present for pair in pairs])
    estimates = [
        bootstrap.estimate_of(
            float(value[place]),
            draws[:, place],
            n=int(answered.sum()),
            freedom=bootstrap.freedom_of(arm.resamples, answered),
            bounds=SHARE,
            confidence=scene.confidence,
            method=f"Bradley-Terry mean win probability; {arm.resamples.scheme}, {len(draws)} draws",
        )
        for place in range(len(names))
    ]
    ranked = sorted(zip(names, estimates, strict=True), key=lambda named: -named[1].value)
    return tuple(ranked)


def _wins(pairs: Sequence[Compared], names: Sequence[str], weights: Floats) -> Floats:
    """(variants, variants): weighted, fractional wins of the row over the column."""
    wins = np.zeros((len(names), len(names)))
    for pair in pairs:
        shares = choice.win_shares(pair.a_first, pair.a_second)
        counted = np.where(pair.present, weights, 0.0)
        first, second = names.index(pair.first), names.index(pair.second)
        wins[first, second] = float(np.sum(counted * shares))
        wins[second, first] = float(np.sum(counted * (1 - shares)))
    return wins


def mean_shares(scene: Scene, rows: Floats | None = None) -> dict[str, float]:
    """Each variant's mean share over its pairs, by weighted respondents; without variants that have none."""
    weights = scene.target.weights if rows is None else scene.target.weights * rows
    found: dict[str, list[float]] = {}
    for pair in scene.variant_pairs():
        counted = np.where(pair.present, weights, 0.0)
        if counted.sum() > 0:
            share = float(np.average(choice.win_shares(pair.a_first, pair.a_second), weights=counted))
            found.setdefault(pair.first, []).append(share)
            found.setdefault(pair.second, []).append(1 - share)
    return {name: float(np.mean(found[name])) for name in scene.variants if name in found}
