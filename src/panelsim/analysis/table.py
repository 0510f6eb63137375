"""The answers of a run as columns: one row per respondent of an arm, one column per stimulus and question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from panelsim.analysis.streams import stream
from panelsim.metrics import bootstrap
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.bootstrap import Resamples
from panelsim.model.measure import POINTS
from panelsim.model.panel import Arm, Panel, Respondent
from panelsim.model.plan import (
    Assignment,
    InterviewAssignment,
    MonadicAssignment,
    PairedAssignment,
    Plan,
    Transcript,
)
from panelsim.model.response import ChoiceAnswer, Missing, RatingAnswer, Response

PREFERENCE = "preference"
NO_WORDING = -1


@dataclass(frozen=True)
class Asked:
    """How often each respondent was asked, and what is missing."""

    asked: Ints
    """(respondents,): questions put, replicates counted."""
    missing: tuple[tuple[int, str], ...]
    """(row of the respondent, reason) of each missing answer."""

    def counts(self, rows: Flags) -> tuple[int, tuple[tuple[str, int], ...]]:
        """Questions put to `rows`, and how many are missing for each reason, most frequent first."""
        reasons = sorted(reason for row, reason in self.missing if rows[row])
        counted = [(reason, len(list(group))) for reason, group in groupby(reasons)]
        return int(self.asked[rows].sum()), tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True)
class Rated(Asked):
    """One stimulus on one measure; replicates are averaged."""

    values: Floats
    """(respondents,): expected scale point; 0 where nothing is present."""
    present: Flags
    distributions: Floats
    """(respondents, points)."""
    wordings: Ints
    """(respondents,): wording of the question, NO_WORDING where nothing is present."""


@dataclass(frozen=True)
class Compared(Asked):
    """Two stimuli compared in both orders; a respondent is present with an answer to both."""

    first: str
    second: str
    a_first: Floats
    """(respondents,): share of `first` where it stood in the first slot."""
    a_second: Floats
    """(respondents,): share of `first` where it stood in the second slot."""
    present: Flags
    wordings: Ints


@dataclass(frozen=True)
class ArmTable:
    """The answers of one arm."""

    respondents: tuple[Respondent, ...]
    weights: Floats
    resamples: Resamples
    ratings: Mapping[tuple[str, str], Rated]
    """By (stimulus, measure)."""
    pairs: Mapping[tuple[str, str], Compared]
    """By (first, second), in the plan's order of stimuli."""

    def everyone(self) -> Flags:
        """True for each respondent."""
        return np.ones(len(self.respondents), dtype=np.bool_)

    def rated(self, stimuli: Iterable[str], measure: str) -> tuple[Rated, ...]:
        """The columns of `stimuli` that were asked for `measure`."""
        return tuple(
            self.ratings[key] for key in ((name, measure) for name in stimuli) if key in self.ratings
        )


def responses_of(plan: Plan, transcripts: Sequence[Transcript]) -> tuple[Response, ...]:
    """All responses; a planned session without a transcript is `failed` for each measure and pair it held."""
    held = {transcript.assignment for transcript in transcripts}
    lost = (assignment for assignment in plan if assignment not in held)
    said = tuple(response for transcript in transcripts for response in transcript.responses)
    return said + tuple(response for assignment in lost for response in _failed(assignment))


def _failed(assignment: Assignment) -> tuple[Response, ...]:
    questions: tuple[str, ...]
    shown: tuple[str, ...]
    match assignment:
        case MonadicAssignment():
            questions, shown = assignment.measures, (assignment.stimulus,)
        case PairedAssignment():
            questions, shown = (PREFERENCE,), (assignment.first, assignment.second)
        case InterviewAssignment():
            return ()
    return tuple(
        Response(
            respondent=assignment.respondent,
            question=question,
            shown=shown,
            answer=Missing(reason="failed", raw="the session was planned and not held"),
            call_keys=(),
            wording=assignment.wording,
            replicate=assignment.replicate,
        )
        for question in questions
    )


def arm_table(
    arm: Arm, panel: Panel, plan: Plan, responses: Sequence[Response], *, seed: int, draws: int
) -> ArmTable | None:
    """The columns of one arm; absent if the panel has nobody in it."""
    respondents = tuple(one for one in panel.respondents if one.arm == arm)
    if not respondents:
        return None
    rows = {one.id: row for row, one in enumerate(respondents)}
    own = [response for response in responses if response.respondent in rows]
    personas = [one.persona for one in respondents]
    return ArmTable(
        respondents=respondents,
        weights=np.array([one.weight for one in respondents], dtype=np.float64),
        resamples=bootstrap.resamples_of(personas, stream(seed, f"bootstrap/{arm}"), draws),
        ratings=_ratings(own, rows),
        pairs=_pairs(own, rows, [stimulus.id for stimulus in plan.stimuli]),
    )


def _ratings(responses: Sequence[Response], rows: Mapping[str, int]) -> dict[tuple[str, str], Rated]:
    groups: dict[tuple[str, str], list[Response]] = {}
    for response in responses:
        numbered = isinstance(response.answer, (RatingAnswer, Missing))
        if numbered and len(response.shown) == 1:
            groups.setdefault((response.shown[0], response.question), []).append(response)
    return {key: _rated(group, rows) for key, group in groups.items()}


def _rated(group: Sequence[Response], rows: Mapping[str, int]) -> Rated:
    size = len(rows)
    sums, counts = np.zeros((size, POINTS)), np.zeros(size)
    wordings = np.full(size, NO_WORDING, dtype=np.int64)
    for one in group:
        if isinstance(one.answer, RatingAnswer):
            row = rows[one.respondent]
            sums[row] += one.answer.distribution
            counts[row] += 1
            wordings[row] = one.wording
    distributions = sums / np.maximum(counts, 1)[:, None]
    return Rated(
        asked=_asked(group, rows),
        missing=_missing(group, rows),
        values=distributions @ np.arange(1, POINTS + 1, dtype=np.float64),
        present=counts > 0,
        distributions=distributions,
        wordings=wordings,
    )


def _pairs(
    responses: Sequence[Response], rows: Mapping[str, int], order: Sequence[str]
) -> dict[tuple[str, str], Compared]:
    groups: dict[tuple[str, str], list[Response]] = {}
    for response in responses:
        if response.question == PREFERENCE and len(response.shown) == 2:
            one, other = sorted(response.shown, key=order.index)
            groups.setdefault((one, other), []).append(response)
    by_plan = sorted(groups, key=lambda key: (order.index(key[0]), order.index(key[1])))
    return {key: _compared(key, groups[key], rows) for key in by_plan}


def _compared(key: tuple[str, str], group: Sequence[Response], rows: Mapping[str, int]) -> Compared:
    first, second = key
    sums, counts = np.zeros((2, len(rows))), np.zeros((2, len(rows)))
    wordings = np.full(len(rows), NO_WORDING, dtype=np.int64)
    for one in group:
        if isinstance(one.answer, ChoiceAnswer):
            slot, row = one.shown.index(first), rows[one.respondent]
            sums[slot, row] += one.answer.share_of(first)
            counts[slot, row] += 1
            wordings[row] = one.wording
    shares = sums / np.maximum(counts, 1)
    return Compared(
        asked=_asked(group, rows),
        missing=_missing(group, rows),
        first=first,
        second=second,
        a_first=shares[0],
        a_second=shares[1],
        present=counts.min(axis=0) > 0,
        wordings=wordings,
    )


def _asked(group: Sequence[Response], rows: Mapping[str, int]) -> Ints:
    return np.bincount([rows[one.respondent] for one in group], minlength=len(rows)).astype(np.int64)


def _missing(group: Sequence[Response], rows: Mapping[str, int]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (rows[one.respondent], one.answer.reason) for one in group if isinstance(one.answer, Missing)
    )
