"""From the readings of an inventory to its analysis: scores by scale and facet, and how levels come back."""

import numpy as np

from panelsim.analysis.readings import MIDPOINT, Readings, turned
from panelsim.analysis.recovery import CONFIDENCE, Redrawn, doses_of, redrawn_of
from panelsim.metrics import bootstrap
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.bootstrap import DRAWS, Bounds
from panelsim.metrics.reliability import acquiescence, cronbach_alpha, first_component_share
from panelsim.model.analysis import Estimate
from panelsim.model.inventory import Item
from panelsim.model.recovery import FacetScore, InventoryAnalysis, ScaleScore


def inventory_analysis(readings: Readings, *, draws: int = DRAWS) -> InventoryAnalysis:
    """Everything that can be said of the run: the same readings always give the same analysis."""
    study, instrument = readings.study, readings.instrument
    redrawn = redrawn_of(study, readings.people, draws)
    doses = doses_of(readings, redrawn)
    reasons = readings.reasons
    return InventoryAnalysis(
        unit="z" if instrument.has_norms else "share",
        layout="drawn" if study.doses is None else "doses",
        bases=len(redrawn.resamples.strata),
        scales=tuple(_scale(scale, readings, redrawn) for scale in instrument.scales),
        facets=tuple(
            _facet(facet, readings) for facet in dict.fromkeys(i.facet for i in instrument.items) if facet
        ),
        doses=doses,
        acquiescence=_acquiescence(readings, redrawn),
        convergent=_mean([dose.rho for dose in doses if dose.slope is not None]),
        discriminant=_mean(
            [r.rho for dose in doses for r in dose.responses if r.measured != dose.assigned], amount=True
        ),
        first_component=_first_component(readings),
        valid_mass=None if readings.valid_mass is None else bootstrap.rounded(readings.valid_mass),
        asked=readings.asked,
        missing=reasons.total(),
        missing_reasons=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _mean(rhos: list[float | None], *, amount: bool = False) -> float | None:
    """Mean rho, or of its amount; a scale that never moves counts 0."""
    values = [abs(rho or 0.0) if amount else rho or 0.0 for rho in rhos]
    return bootstrap.rounded(float(np.mean(values))) if values else None


def _scale(scale: str, readings: Readings, redrawn: Redrawn) -> ScaleScore:
    items = readings.instrument.items_of(scale)
    scores = readings.scores(scale)
    n = int(scores.present.sum())
    asked, missing = readings.counted(items)
    return ScaleScore(
        scale=scale,
        items=len(items),
        score=_mean_score(scores.values, scores.present, redrawn),
        raw=bootstrap.rounded(float(scores.raw[scores.present].mean())) if n else None,
        sd=bootstrap.rounded(float(np.std(scores.values[scores.present], ddof=1))) if n > 1 else None,
        alpha=_alpha(items, readings),
        scored=n,
        asked=asked,
        missing=missing,
    )


def _mean_score(values: Floats, present: Flags, redrawn: Redrawn) -> Estimate | None:
    """Mean over respondents; with doses all profiles of a base are drawn together."""
    if not present.any():
        return None
    units = len(redrawn.resamples.strata)
    sums = np.bincount(redrawn.unit_of[present], weights=values[present], minlength=units)
    counts = np.bincount(redrawn.unit_of[present], minlength=units)
    low, high = float(values[present].min()), float(values[present].max())
    return bootstrap.estimate_mean(
        redrawn.resamples,
        sums / np.maximum(counts, 1),
        counts.astype(np.float64),
        counts > 0,
        bounds=Bounds(low, high),
        confidence=CONFIDENCE,
    )


def _alpha(items: tuple[Item, ...], readings: Readings) -> float | None:
    """Cronbach's alpha over the respondents who answered every one of `items`."""
    answers, present = readings.columns_of(items)
    alpha = cronbach_alpha(turned(answers, items)[present.all(axis=1)])
    return None if alpha is None else bootstrap.rounded(alpha)


def _facet(facet: str, readings: Readings) -> FacetScore:
    items = tuple(item for item in readings.instrument.items if item.facet == facet)
    answers, present = readings.columns_of(items)
    keyed = turned(answers, items)
    return FacetScore(
        scale=items[0].scale,
        facet=facet,
        items=len(items),
        raw=bootstrap.rounded(float(keyed[present].mean())) if present.any() else None,
        alpha=_alpha(items, readings),
    )


def leans_of(readings: Readings) -> tuple[Floats, Flags]:
    """(respondents,): lean between items keyed up and down, mean over scales, and where there is one."""
    leans, all_present = [], []
    for scale in readings.instrument.scales:
        halves = []
        for key in (1, -1):
            items = tuple(item for item in readings.instrument.items_of(scale) if item.key == key)
            answers, present = readings.columns_of(items)
            n = present.sum(axis=1)
            halves.append((np.where(present, answers, 0.0).sum(axis=1) / np.maximum(n, 1), n > 0))
        (up, has_up), (down, has_down) = halves
        leans.append(acquiescence(up, down, MIDPOINT))
        all_present.append(has_up & has_down)
    present = np.stack(all_present)
    counts = present.sum(axis=0)
    means = np.where(present, np.stack(leans), 0.0).sum(axis=0) / np.maximum(counts, 1)
    return means, counts > 0


def _acquiescence(readings: Readings, redrawn: Redrawn) -> Estimate | None:
    return _mean_score(*leans_of(readings), redrawn)


def _first_component(readings: Readings) -> float | None:
    """Over the respondents with a score on every scale."""
    scores = [readings.scores(scale) for scale in readings.instrument.scales]
    rows = np.all([one.present for one in scores], axis=0)
    share = first_component_share(np.stack([one.values[rows] for one in scores], axis=1))
    return None if share is None else bootstrap.rounded(share)
