"""How measured scores follow assigned levels: slope, order, side, and what leaks into other scales."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelsim.analysis.readings import Readings, Scores
from panelsim.analysis.streams import stream
from panelsim.metrics import bootstrap, dose
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.bootstrap import Bounds, Resamples
from panelsim.model.analysis import Estimate
from panelsim.model.panel import DOMAINS, Respondent
from panelsim.model.recovery import Dose, DoseResponse, Point
from panelsim.model.study import PARAMETERS, InventoryStudy

CONFIDENCE = 0.90
MOST_CELLS = 20_000_000
"""Draws times rows that are weighed at once."""


@dataclass(frozen=True)
class Redrawn:
    """The panel drawn again by its units: base respondents with all their profiles, or respondents."""

    resamples: Resamples
    unit_of: Ints
    """(respondents,): place of the unit that each belongs to."""

    def counts(self, rows: Flags) -> Floats:
        """(draws, rows): how much each of `rows` counts in each redrawn panel."""
        counted: Floats = self.resamples.counts()[:, self.unit_of[rows]]
        return counted

    def freedom(self, rows: Flags) -> int:
        """Degrees of freedom behind a figure over `rows`."""
        units = np.zeros(len(self.resamples.strata), dtype=np.bool_)
        units[self.unit_of[rows]] = True
        return bootstrap.freedom_of(self.resamples, units) if units.any() else 0

    def units(self, rows: Flags) -> int:
        """How many units have one of `rows`."""
        return len(np.unique(self.unit_of[rows]))


def redrawn_of(study: InventoryStudy, people: Sequence[Respondent], draws: int) -> Redrawn:
    """The panel of `study` drawn again. Base respondents are drawn whole, as personas are."""
    size = 1 + len(study.profiles)
    rng = stream(study.seed, "inventory")
    if study.doses is None:
        personas = [one.persona for one in people]
        return Redrawn(bootstrap.resamples_of(personas, rng, draws), np.arange(len(people)))
    bases = len(people) // size
    resamples = bootstrap.resamples_of([str(base) for base in range(bases)], rng, draws)
    told = resamples._replace(scheme=f"bootstrap over {bases} base respondents")
    return Redrawn(told, np.arange(len(people)) // size)


@dataclass(frozen=True)
class Series:
    """The respondents among whom one assigned level varies."""

    assigned: str
    rows: Flags
    levels: Floats
    """(respondents,): the assigned level; of no meaning outside `rows`."""
    bases: Ints
    """(respondents,): row of each one's base; itself in a drawn panel."""


def series_of(study: InventoryStudy, people: Sequence[Respondent]) -> tuple[Series, ...]:
    """With doses: each base with its profiles of one name; without: the whole panel for every name."""
    n = len(people)
    if study.doses is None:
        names = {"traits": DOMAINS, "decision": PARAMETERS, "both": (*DOMAINS, *PARAMETERS)}[study.asserted]
        every = np.ones(n, dtype=np.bool_)
        return tuple(Series(name, every, _levels(people, name), np.arange(n)) for name in names)
    place = np.arange(n) % (1 + len(study.profiles))
    found = []
    for name in study.dosed:
        own = [0, *(at for at, (dosed, _) in enumerate(study.profiles, start=1) if dosed == name)]
        found.append(Series(name, np.isin(place, own), _levels(people, name), np.arange(n) - place))
    return tuple(found)


def _levels(people: Sequence[Respondent], name: str) -> Floats:
    return np.array(
        [float(getattr(one.decision if name in PARAMETERS else one.traits, name)) for one in people]
    )


def doses_of(readings: Readings, redrawn: Redrawn) -> tuple[Dose, ...]:
    """One row for each assigned trait or parameter."""
    scores = {scale: readings.scores(scale) for scale in readings.instrument.scales}
    return tuple(
        _dose(series, scores, redrawn, by_design=readings.study.doses is not None)
        for series in series_of(readings.study, readings.people)
    )


def _dose(series: Series, scores: dict[str, Scores], redrawn: Redrawn, *, by_design: bool) -> Dose:
    responses = tuple(_response(series, scale, one, redrawn) for scale, one in scores.items())
    own = next((one for one in responses if one.measured == series.assigned), None)
    others = [one for one in responses if one is not own]
    slopes = [one.slope.value for one in others if one.slope is not None]
    # without a scale of its own nothing can be missing on it: then any score counts
    scored = (
        scores[series.assigned].present
        if series.assigned in scores
        else np.any([one.present for one in scores.values()], axis=0)
    )
    n = int((series.rows & scored).sum())
    return Dose(
        assigned=series.assigned,
        slope=own.slope if own else None,
        rho=own.rho if own else None,
        right_side=_right_side(series, scores[series.assigned]) if own and by_design else None,
        leak_slope=max(slopes, key=abs, default=None),
        leak_rho=bootstrap.rounded(float(np.mean([abs(one.rho or 0.0) for one in others])))
        if others
        else None,
        n=n,
        missing=int(series.rows.sum()) - n,
        points=_points(series, scores[series.assigned]) if own and by_design else (),
        responses=responses,
    )


def _response(series: Series, scale: str, scores: Scores, redrawn: Redrawn) -> DoseResponse:
    rows = series.rows & scores.present
    x, y = series.levels[rows], scores.values[rows]
    rho = dose.spearman(x, y) if rows.any() else None
    return DoseResponse(
        measured=scale,
        slope=_slope(x, y, rows, redrawn),
        rho=None if rho is None else bootstrap.rounded(rho),
    )


def _slope(x: Floats, y: Floats, rows: Flags, redrawn: Redrawn) -> Estimate | None:
    slope = dose.slope_of(x, y) if rows.any() else None
    if slope is None:
        return None
    method = f"least squares; {redrawn.resamples.method}"
    freedom = redrawn.freedom(rows)
    if freedom < 1:
        return Estimate(
            value=bootstrap.rounded(slope),
            low=bootstrap.rounded(slope),
            high=bootstrap.rounded(slope),
            n=redrawn.units(rows),
            method="least squares; too few respondents for an interval",
            confidence=CONFIDENCE,
        )
    widest = float(np.ptp(y)) / max(float(np.ptp(x)), dose.NOTHING)
    return bootstrap.estimate_of(
        slope,
        dose.slope_draws(x, y, redrawn.counts(rows)),
        n=redrawn.units(rows),
        freedom=freedom,
        bounds=Bounds(-widest, widest),
        confidence=CONFIDENCE,
        method=method,
    )


def _right_side(series: Series, scores: Scores) -> float | None:
    """Profiles against their own base, where both were scored."""
    rows = series.rows & scores.present & scores.present[series.bases]
    rows &= series.bases != np.arange(len(rows))
    assigned = series.levels - series.levels[series.bases]
    measured = scores.values - scores.values[series.bases]
    share = dose.right_side_share(assigned[rows], measured[rows])
    return None if share is None else bootstrap.rounded(share)


def _points(series: Series, scores: Scores) -> tuple[Point, ...]:
    rows = series.rows & scores.present
    return tuple(
        Point(
            level=float(level),
            score=bootstrap.rounded(float(scores.values[rows & (series.levels == level)].mean())),
            n=int((rows & (series.levels == level)).sum()),
        )
        for level in np.unique(series.levels[rows])
    )
