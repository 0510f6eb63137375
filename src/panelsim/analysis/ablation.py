"""From the transcripts of an ablation to where the variance of a rating comes from, and what traits move."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import get_args

import numpy as np
from scipy import special

from panelsim.analysis.streams import stream
from panelsim.errors import InputError
from panelsim.metrics import bootstrap
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.bootstrap import Bounds, rounded
from panelsim.metrics.variance import Components, swap_variance, variance_components
from panelsim.model.analysis import AblationAnalysis, Estimate, SourceName, TreatmentRow, VarianceSource
from panelsim.model.measure import POINTS
from panelsim.model.panel import Panel, Treatment
from panelsim.model.plan import MonadicAssignment, Transcript
from panelsim.model.response import Missing, RatingAnswer
from panelsim.model.study import AblationStudy

TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)
FEWEST = 4
"""Complete respondents below which no variance is told."""
MOST_PARTS = 200
"""Parts that are left out in turn; with more respondents several are left out together."""
SHARE = Bounds(0.0, 1.0)


class AblationHearing:
    """The transcripts of an ablation while they are heard: one number for each answer."""

    def __init__(self, study: AblationStudy, panel: Panel) -> None:
        originals = [one for one in panel.respondents if one.twin is None]
        self.study = study
        self.personas: list[str] = [one.persona for one in originals]
        places = {one.id: place for place, one in enumerate(originals)}
        self._rows: dict[str, tuple[int, int]] = {}
        for one in panel.respondents:
            treatment: Treatment = "on" if one.twin is None else one.twin.treatment
            row = places[one.id if one.twin is None else one.twin.of]
            self._rows[one.id] = (TREATMENTS.index(treatment), row)
        self._stimuli = {stimulus.id: place for place, stimulus in enumerate(study.stimuli)}
        shape = (len(TREATMENTS), len(originals), len(study.stimuli), study.wordings, study.replicates)
        self.ratings: Floats = np.zeros(shape)
        """(treatments, respondents, stimuli, wordings, replicates); 0 where nothing is present."""
        self.present: Flags = np.zeros(shape, dtype=np.bool_)
        self.reasons: Counter[str] = Counter()

    def hear(self, transcript: Transcript) -> None:
        """Keeps the rating of one session. InputError if it names what panel or study do not hold."""
        assignment = transcript.assignment
        if (
            not isinstance(assignment, MonadicAssignment)
            or assignment.respondent not in self._rows
            or assignment.stimulus not in self._stimuli
        ):
            raise InputError(
                f"study {self.study.id!r}: a transcript of {assignment.respondent!r} "
                f"({assignment.kind}), which the plan does not hold"
            )
        treatment, row = self._rows[assignment.respondent]
        repeat = assignment.replicate // self.study.wordings
        at = (treatment, row, self._stimuli[assignment.stimulus], assignment.wording, repeat)
        for response in transcript.responses:
            if response.question != self.study.measure:
                continue
            if isinstance(response.answer, RatingAnswer):
                self.ratings[at], self.present[at] = response.answer.value, True
            elif isinstance(response.answer, Missing):
                self.reasons[response.answer.reason] += 1


def analyse_ablation(hearing: AblationHearing) -> AblationAnalysis:
    """The figures of all that was heard; equal transcripts give equal figures.

    Respondents with a missing answer in any treatment are left out of every figure and counted.
    """
    study = hearing.study
    whole: Flags = np.asarray(hearing.present.all(axis=(0, 2, 3, 4)))
    ratings: Floats = hearing.ratings[:, whole]
    _, codes = np.unique(np.asarray(hearing.personas)[whole], return_inverse=True)
    personas: Ints = codes.astype(np.int64)
    enough = len(personas) >= FEWEST
    lost = int(hearing.present.size - hearing.present.sum())
    reasons = hearing.reasons.copy()
    if lost > reasons.total():
        reasons["failed"] += lost - reasons.total()
    return AblationAnalysis(
        measure=study.measure,
        carried=study.carried,
        respondents=len(whole),
        complete=len(personas),
        asked=int(hearing.present.size),
        missing=lost,
        missing_reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        sources=_sources(ratings, personas, study.confidence) if enough else (),
        swapped=_swapped(ratings, personas, study.confidence) if enough else (),
        treatments=_treatments(ratings, personas, study) if enough else (),
        replicate_noise=_replicate_noise(ratings[0]) if enough else None,
    )


def _sources(ratings: Floats, personas: Ints, confidence: float) -> tuple[VarianceSource, ...]:
    """The components of the ratings with own traits."""

    def components(kept: Ints) -> Floats:
        return np.asarray(variance_components(ratings[0][kept], personas[kept]))

    def shares(kept: Ints) -> Floats:
        found = components(kept)
        return found / found.sum() if found.sum() > 0 else found

    everyone: Ints = np.arange(len(personas))
    estimates = _jackknifed(shares, everyone, len(np.unique(personas)), confidence)
    names: tuple[SourceName, ...] = Components._fields  # type: ignore[assignment]  # the same ten names
    return tuple(
        VarianceSource(name=name, variance=rounded(float(variance)), share=share)
        for name, variance, share in zip(names, components(everyone), estimates, strict=True)
    )


def _swapped(ratings: Floats, personas: Ints, confidence: float) -> tuple[VarianceSource, ...]:
    """What goes with the traits: in levels, and in how respondents order the stimuli."""
    cells = ratings.mean(axis=(3, 4))

    def variances(kept: Ints) -> Floats:
        whole = variance_components(ratings[0][kept], personas[kept])
        noise = whole.replicate / (ratings.shape[3] * ratings.shape[4])
        return np.asarray([*swap_variance(cells[0][kept], cells[2][kept], noise), whole.total])

    def shares(kept: Ints) -> Floats:
        level, order, total = variances(kept)
        return np.minimum(1.0, np.asarray([level, order]) / total) if total > 0 else np.zeros(2)

    everyone: Ints = np.arange(len(personas))
    estimates = _jackknifed(shares, everyone, len(np.unique(personas)), confidence)
    names: tuple[SourceName, SourceName] = ("carried", "carried_stimulus")
    return tuple(
        VarianceSource(name=name, variance=rounded(float(variance)), share=share)
        for name, variance, share in zip(names, variances(everyone)[:2], estimates, strict=True)
    )


def _jackknifed(
    shares: Callable[[Ints], Floats], everyone: Ints, personas: int, confidence: float
) -> Sequence[Estimate]:
    """`shares` of all respondents, with intervals from leaving parts of them out in turn.

    se^2 = (g - 1) / g sum (share without part i - mean)^2 over g parts (Tukey 1958), and the interval is
    share +- t se with n - personas degrees of freedom, cut to [0, 1]. Drawing respondents with replacement
    would draw some twice, and two equal ones have no variance.
    """
    value = shares(everyone)
    parts = min(len(everyone), MOST_PARTS)
    without = np.stack([shares(everyone[everyone % parts != part]) for part in range(parts)])
    error = np.sqrt((parts - 1) / parts * np.sum((without - without.mean(axis=0)) ** 2, axis=0))
    freedom = max(1, min(parts, len(everyone)) - personas)
    half = -float(special.stdtrit(freedom, (1 - confidence) / 2)) * error
    return [
        Estimate(
            value=rounded(float(one)),
            low=rounded(max(SHARE.low, float(one - reach))),
            high=rounded(min(SHARE.high, float(one + reach))),
            n=len(everyone),
            method=f"analysis of variance; jackknife over {parts} parts of the respondents",
            confidence=confidence,
        )
        for one, reach in zip(value, half, strict=True)
    ]


def _treatments(ratings: Floats, personas: Ints, study: AblationStudy) -> tuple[TreatmentRow, ...]:
    cells = ratings.mean(axis=(3, 4))
    people = cells.shape[1]
    resamples = bootstrap.resamples_of([str(code) for code in personas], stream(study.seed, "ablation"))

    def mean(values: Floats, bounds: Bounds) -> Estimate:
        found = bootstrap.estimate_mean(
            resamples, values, np.ones(people), np.ones(people, dtype=np.bool_), bounds=bounds,
            confidence=study.confidence,
        )  # fmt: skip
        if found is None:
            raise RuntimeError("no respondent is complete")
        return found

    rows = []
    for place, treatment in enumerate(TREATMENTS):
        order = np.argsort(-cells[place].mean(axis=0), kind="stable")
        first, second = cells[place][:, order[0]], cells[place][:, order[1]]
        gaps = np.abs(cells[place] - cells[0]).mean(axis=1)
        rows.append(
            TreatmentRow(
                treatment=treatment,
                means=tuple(
                    (stimulus.id, mean(cells[place][:, at], Bounds(1.0, float(POINTS))))
                    for at, stimulus in enumerate(study.stimuli)
                ),
                leader=study.stimuli[int(order[0])].id,
                lead=mean(first - second, Bounds(1.0 - POINTS, POINTS - 1.0)),
                moved=None if place == 0 else mean(gaps, Bounds(0.0, POINTS - 1.0)),
            )
        )
    return tuple(rows)


def _replicate_noise(own: Floats) -> float | None:
    """Mean absolute difference of all pairs of replicates in a cell."""
    replicates = own.shape[3]
    if replicates < 2:
        return None
    one, other = np.triu_indices(replicates, k=1)
    return rounded(float(np.abs(own[..., one] - own[..., other]).mean()))
