"""Contrasts: the leader against every other variant, on the rule's measure and in the pairs."""

from typing import NamedTuple

import numpy as np

from panelsim.analysis.preference import mean_shares
from panelsim.analysis.scene import SCALE_GAP, SHARE_GAP, Differences, Scene, difference, share_for
from panelsim.analysis.streams import stream
from panelsim.analysis.table import Compared
from panelsim.metrics import inference
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.bootstrap import Bounds, weighted_mean
from panelsim.model.analysis import Contrast
from panelsim.model.plan import PREFERENCE

MIN_BLOCKS = 6
"""Fewer persona-wording blocks cannot reach p < .05 (2 of 2^5 is .0625); then respondents are flipped."""


class Gap(NamedTuple):
    """The leader minus another variant, per respondent, with what each respondent was asked."""

    differences: Differences
    wordings: Ints
    """(respondents,): a number for each combination of wordings behind the difference."""
    bounds: Bounds


def leader_of(scene: Scene) -> str | None:
    """The variant with the highest primary figure, the first of equals; absent without any answer."""
    figures = mean_shares(scene) if scene.primary == PREFERENCE else mean_ratings(scene)
    return max(figures, key=lambda name: round(figures[name], 9)) if figures else None


def mean_ratings(scene: Scene) -> dict[str, float]:
    """Each variant's weighted mean on the rule's measure; without variants that nobody rated."""
    arm = scene.target
    rated = {name: arm.ratings.get((name, scene.measure)) for name in scene.variants}
    return {
        name: weighted_mean(column.values, arm.weights, column.present)
        for name, column in rated.items()
        if column is not None and column.present.any()
    }


def contrasts_of(scene: Scene, leader: str | None) -> tuple[Contrast, ...]:
    """The leader's contrasts; Holm-corrected among those on the same measure."""
    if leader is None:
        return ()
    found: list[Contrast] = []
    for measure in (PREFERENCE, scene.measure):
        contrasts = [_contrast(scene, leader, other, measure) for other in scene.rivals(leader)]
        made = [contrast for contrast in contrasts if contrast is not None]
        corrected = inference.holm([contrast.p for contrast in made])
        found.extend(
            contrast.model_copy(update={"p_holm": round(p, 6)})
            for contrast, p in zip(made, corrected, strict=True)
        )
    return tuple(found)


def _contrast(scene: Scene, leader: str, other: str, measure: str) -> Contrast | None:
    gap = _pair_gap(scene, leader, other) if measure == PREFERENCE else _rating_gap(scene, leader, other)
    if gap is None:
        return None
    estimate = scene.mean(scene.target, gap.differences, gap.bounds)
    if estimate is None:
        return None
    sums, blocks = _block_sums(scene, gap)
    p = inference.sign_flip_p(sums, stream(scene.study.seed, f"sign_flip/{measure}/{leader}/{other}"))
    return Contrast(
        leader=leader,
        other=other,
        measure=measure,
        difference=estimate,
        p=round(p, 6),
        p_holm=round(p, 6),
        blocks=blocks,
    )


def _rating_gap(scene: Scene, leader: str, other: str) -> Gap | None:
    columns = scene.target.rated((leader, other), scene.measure)
    if len(columns) < 2:
        return None
    one, two = columns
    return Gap(difference(one, two), one.wordings * 1000 + two.wordings, SCALE_GAP)


def _pair_gap(scene: Scene, leader: str, other: str) -> Gap | None:
    pair = pair_of(scene, leader, other)
    if pair is None:
        return None
    shares = share_for(pair, leader)
    return Gap(Differences(shares.values - 0.5, shares.present), pair.wordings, SHARE_GAP)


def pair_of(scene: Scene, one: str, other: str) -> Compared | None:
    """The pair of two stimuli, whichever stands first; absent if it was not asked."""
    pairs = scene.target.pairs
    return pairs.get((one, other)) or pairs.get((other, one))


def _block_sums(scene: Scene, gap: Gap) -> tuple[Floats, str]:
    """Weighted sums of the differences per persona and wording, or per respondent where those are too few."""
    seen = gap.differences.present
    weighted = (scene.target.weights * gap.differences.values)[seen]
    personas = [one for one, kept in zip(scene.target.personas, seen, strict=True) if kept]
    keys = list(zip(personas, gap.wordings[seen].tolist(), strict=True))
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    if len(places) < MIN_BLOCKS:
        return weighted, f"{len(weighted)} respondents"
    sums = np.bincount([places[key] for key in keys], weights=weighted, minlength=len(places))
    return sums.astype(np.float64), f"{len(places)} persona-wording blocks"
