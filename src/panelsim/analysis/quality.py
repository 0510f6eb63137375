"""Quality: what is missing, and how loud the noise is beside the signal."""

import numpy as np

from panelsim.analysis.hearing import Counts
from panelsim.analysis.scene import SCALE_GAP, SHARE, Scene, difference, mean_over, share_for
from panelsim.analysis.table import Rated
from panelsim.metrics.arrays import Floats
from panelsim.model.analysis import Quality


def quality_of(scene: Scene, counts: Counts) -> Quality:
    """Counts over all responses of both arms; noise from the target arm's ratings on the rule's measure."""
    reasons = counts.reasons
    ratings = scene.target.rated(scene.variants, scene.measure)
    return Quality(
        asked=counts.asked,
        missing=reasons.total(),
        missing_reasons=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        valid_mass=_valid_mass(counts),
        noise_floor=_noise_floor(scene),
        preference_noise_floor=_preference_noise_floor(scene),
        between_respondent_sd=_between_sd(ratings),
        wording_sd=_wording_sd(ratings),
        scale_range_used=_range(scene),
    )


def _valid_mass(counts: Counts) -> float | None:
    """The lower of the two kinds' means; a kind whose every mass is 1 was not read by log-probability."""
    kinds = (counts.ratings, counts.choices)
    means = [kind.total / kind.count for kind in kinds if kind.count and kind.least < 1]
    return round(min(means), 6) if means else None


def _noise_floor(scene: Scene) -> float | None:
    """The end furthest from 0 of the interval of a text minus its copy; the largest of several copies."""
    floors = []
    for copy in scene.controls("duplicate"):
        columns = scene.target.rated((copy.of, copy.id), scene.measure)
        if len(columns) == 2:
            estimate = scene.mean(scene.target, difference(*columns), SCALE_GAP)
            if estimate is not None:
                floors.append(max(abs(estimate.low), abs(estimate.high)))
    return round(max(floors), 6) if floors else None


def _preference_noise_floor(scene: Scene) -> float | None:
    floors = []
    for copy in scene.controls("duplicate"):
        for pair in scene.target.pairs.values():
            if {pair.first, pair.second} == {copy.of, copy.id}:
                estimate = scene.mean(scene.target, share_for(pair, copy.of), SHARE)
                if estimate is not None:
                    floors.append(max(abs(estimate.low - 0.5), abs(estimate.high - 0.5)))
    return round(max(floors), 6) if floors else None


def _between_sd(ratings: tuple[Rated, ...]) -> float | None:
    """SD (n - 1) of the respondents' mean ratings; absent for fewer than two respondents."""
    if not ratings:
        return None
    means = mean_over(ratings)
    kept = means.values[means.present]
    return round(float(np.std(kept, ddof=1)), 6) if len(kept) > 1 else None


def _wording_sd(ratings: tuple[Rated, ...]) -> float | None:
    """SD (k - 1) over wordings of the mean deviation from the stimulus's own mean.

    Deviations, because the wordings rotate over stimuli and a strong stimulus is no strong wording.
    """
    rated = [column for column in ratings if column.present.any()]
    if not rated:
        return None
    wordings = np.concatenate([column.wordings[column.present] for column in rated])
    deviations = np.concatenate([_deviations(column) for column in rated])
    means = [float(deviations[wordings == wording].mean()) for wording in sorted(set(wordings.tolist()))]
    return round(float(np.std(means, ddof=1)), 6) if len(means) > 1 else None


def _deviations(column: Rated) -> Floats:
    kept = column.values[column.present]
    deviations: Floats = kept - kept.mean()
    return deviations


def _range(scene: Scene) -> tuple[float, float] | None:
    columns = scene.target.rated([stimulus.id for stimulus in scene.stimuli], scene.measure)
    values = np.concatenate([column.values[column.present] for column in columns]) if columns else np.zeros(0)
    return (round(float(values.min()), 6), round(float(values.max()), 6)) if len(values) else None
