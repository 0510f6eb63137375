"""Transcripts of a survey → the distribution of each question, what its slots did, and whether it stands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from panelsim.analysis import words
from panelsim.analysis.scene import SHARE, Differences
from panelsim.analysis.streams import stream
from panelsim.analysis.voids import missing_voids
from panelsim.errors import InputError
from panelsim.metrics import bootstrap, distance, scale
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.bootstrap import DRAWS, Bounds, Resamples
from panelsim.metrics.invariance import slot_test
from panelsim.model.analysis import Estimate
from panelsim.model.panel import Panel
from panelsim.model.plan import SurveyAssignment, Transcript
from panelsim.model.questionnaire import (
    NO_ANSWER,
    Closed,
    MultipleChoice,
    NumberQuestion,
    OpenText,
    RatingScale,
    SurveyQuestion,
)
from panelsim.model.response import (
    ChoiceAnswer,
    ChoicesAnswer,
    Missing,
    NumberAnswer,
    Response,
    TextAnswer,
)
from panelsim.model.rows import column_of
from panelsim.model.study import SurveyStudy
from panelsim.model.survey import (
    OpenAnswer,
    OptionShare,
    PositionEffect,
    QuestionCut,
    QuestionResult,
    ReferenceDistances,
    SurveyAnalysis,
)

QUOTED = 4
"""Answers in words that are shown of each open question."""
DECIMALS = 6
LEAST_SUBSTANCE = 0.05
"""Probability outside "no answer" below which a respondent gives no point of a scale."""
HALF = Bounds(-0.5, 0.5)


@dataclass
class _Heard:
    """The answers to one question by row of the panel."""

    question: SurveyQuestion
    shares: Floats
    """(respondents, choices + 1): the last column is "no answer"."""
    values: Floats
    """(respondents,): numbers."""
    present: Flags
    odd: Flags
    """(respondents,): whose slots were turned."""
    slots: Floats
    """(choices,): summed probability of each slot."""
    asked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    masses: list[float] = field(default_factory=list)
    by_letter: bool = False
    """Whether a multiple choice was asked option by option."""
    said: list[OpenAnswer] = field(default_factory=list)
    spoke: set[str] = field(default_factory=set)
    """Personas among those quoted."""

    @property
    def missing(self) -> int:
        """Answers that could not be had."""
        return self.reasons.total()

    @property
    def valid_mass(self) -> float | None:
        """Mean share of probability on the letters shown; absent if it was not measured."""
        measured = self.masses and min(self.masses) < 1
        return round(float(np.mean(self.masses)), DECIMALS) if measured else None


class SurveyHearing:
    """The transcripts of a survey while they are heard."""

    def __init__(self, study: SurveyStudy, panel: Panel) -> None:
        self.study, self.panel = study, panel
        self._rows = {str(name): row for row, name in enumerate(panel.ids)}
        self.personas = [str(one) for one in panel.personas]
        self.heard = {one.id: _nothing(one, len(self._rows)) for one in study.questions}
        self._held: set[int] = set()

    def hear(self, transcript: Transcript) -> None:
        """Takes one session in. Raises `InputError` if it is none of this study's."""
        assignment = transcript.assignment
        row = self._rows.get(assignment.respondent)
        if not isinstance(assignment, SurveyAssignment) or row is None:
            raise InputError(
                f"study {self.study.id!r}: a transcript of {assignment.respondent!r} that is not of its plan"
            )
        self._held.add(row)
        for response in transcript.responses:
            self._hear(response, row, assignment.turn)

    def _hear(self, response: Response, row: int, turn: int) -> None:
        heard = self.heard[response.question]
        heard.asked += 1
        heard.odd[row] = bool(turn % 2)
        match response.answer:
            case Missing() as missing:
                heard.reasons[missing.reason] += 1
            case NumberAnswer() as number:
                heard.values[row], heard.present[row] = number.value, True
            case TextAnswer() as text:
                heard.present[row] = True
                self._quote(heard, response, text.text, self.personas[row])
            case ChoiceAnswer() | ChoicesAnswer() as answer:
                self._count(heard, answer, row)
            case _:
                raise InputError(
                    f"question {response.question!r} was answered by a rating, expected a choice"
                )

    def _count(self, heard: _Heard, answer: ChoiceAnswer | ChoicesAnswer, row: int) -> None:
        question = heard.question
        if isinstance(question, NumberQuestion | OpenText):
            raise InputError(f"question {question.id!r} has no options, expected a number or words")
        names = (*question.choices, NO_ANSWER)
        heard.shares[row] = [answer.share_of(one) if one in answer.options else 0.0 for one in names]
        heard.present[row] = True
        heard.masses.append(answer.valid_mass)
        heard.by_letter |= isinstance(answer, ChoicesAnswer) and answer.options == question.choices
        shown = [one for one in answer.options if one != NO_ANSWER]
        heard.slots += [answer.share_of(one) for one in shown]

    def _quote(self, heard: _Heard, response: Response, text: str, persona: str) -> None:
        """Keeps the first answers, a new persona before one that was heard."""
        said = OpenAnswer(
            question=response.question,
            respondent=response.respondent,
            text=text,
            call_key=response.call_keys[-1] if response.call_keys else "",
        )
        if persona not in heard.spoke:
            heard.said.insert(len(heard.spoke), said)
            heard.spoke.add(persona)
        elif len(heard.said) < QUOTED:
            heard.said.append(said)
        del heard.said[QUOTED:]

    def close(self) -> None:
        """Counts what was planned and not held as failed."""
        lost = len(self._rows) - len(self._held)
        for heard in self.heard.values():
            heard.asked += lost
            if lost:
                heard.reasons["failed"] += lost


def _nothing(question: SurveyQuestion, people: int) -> _Heard:
    choices = 0 if isinstance(question, NumberQuestion | OpenText) else len(question.choices)
    return _Heard(
        question=question,
        shares=np.zeros((people, choices + 1)),
        values=np.zeros(people),
        present=np.zeros(people, dtype=np.bool_),
        odd=np.zeros(people, dtype=np.bool_),
        slots=np.zeros(choices),
    )


@dataclass(frozen=True)
class _Scene:
    """What every result reads."""

    study: SurveyStudy
    resamples: Resamples
    weights: Floats
    personas: Sequence[str]

    def mean(self, of: Differences, bounds: Bounds) -> Estimate | None:
        """Weighted mean over respondents with its interval; absent without any."""
        confidence = self.study.rule.confidence
        return bootstrap.estimate_mean(
            self.resamples, of.values, self.weights, of.present, bounds=bounds, confidence=confidence
        )

    def segments(self) -> Iterator[tuple[str, Flags]]:
        """Each persona with its rows."""
        names = np.array(self.personas)
        for name in dict.fromkeys(self.personas):
            yield name, names == name


def survey_analysis(hearing: SurveyHearing, *, draws: int = DRAWS) -> SurveyAnalysis:
    """Everything that can be said of the run: the same transcripts always give the same analysis."""
    hearing.close()
    scene = _Scene(
        hearing.study,
        bootstrap.resamples_of(hearing.personas, stream(hearing.study.seed, "bootstrap/target"), draws),
        np.array(column_of(hearing.panel.respondents, "weight"), dtype=np.float64),
        hearing.personas,
    )
    results = tuple(_result(one, scene) for one in hearing.heard.values())
    standing = sum(one.state == "stands" for one in results)
    reasons = sum((one.reasons for one in hearing.heard.values()), Counter[str]())
    masses = [mass for one in hearing.heard.values() for mass in one.masses]
    return SurveyAnalysis(
        word="stands" if standing == len(results) else "stands_in_part" if standing else "cannot_say",
        results=results,
        said=tuple(said for one in hearing.heard.values() for said in one.said),
        asked=sum(one.asked for one in hearing.heard.values()),
        missing=reasons.total(),
        missing_reasons=_counted(reasons),
        valid_mass=round(float(np.mean(masses)), DECIMALS) if masses and min(masses) < 1 else None,
    )


def _counted(reasons: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))


def _result(heard: _Heard, scene: _Scene) -> QuestionResult:
    found = QuestionResult(
        question=heard.question,
        state="stands",
        reasons=(),
        asked=heard.asked,
        skipped=len(scene.personas) - heard.asked,
        missing=heard.missing,
        missing_reasons=_counted(heard.reasons),
        valid_mass=heard.valid_mass,
    )
    if heard.present.any():
        match heard.question:
            case NumberQuestion() as question:
                found = found.model_copy(update=_of_number(question, heard, scene))
            case OpenText():
                pass
            case _ as question:
                found = found.model_copy(update=_of_closed(question, heard, scene))
    reasons = tuple(_voids(heard, found, scene.study))
    return found.model_copy(update={"reasons": reasons, "state": "cannot_say" if reasons else "stands"})


def _of_number(question: NumberQuestion, heard: _Heard, scene: _Scene) -> Mapping[str, object]:
    values, weights = heard.values[heard.present], scene.weights[heard.present]
    cuts = [
        QuestionCut(
            persona=name,
            n=int((rows & heard.present).sum()),
            shares=(),
            mean=_mean_within(heard.values, heard.present & rows, scene.weights),
        )
        for name, rows in scene.segments()
    ]
    mean = float(np.average(values, weights=weights))
    return {
        "mean": scene.mean(Differences(heard.values, heard.present), Bounds(question.low, question.high)),
        "sd": round(float(np.sqrt(np.average((values - mean) ** 2, weights=weights))), DECIMALS),
        "median": round(float(np.median(values)), DECIMALS),
        "cuts": tuple(cuts),
    }


def _mean_within(values: Floats, present: Flags, weights: Floats) -> float | None:
    if not present.any():
        return None
    return round(bootstrap.weighted_mean(values, weights, present), DECIMALS)


def _of_closed(question: Closed, heard: _Heard, scene: _Scene) -> Mapping[str, object]:
    names = (*question.choices, *((NO_ANSWER,) if question.no_answer and not heard.by_letter else ()))
    shares = []
    for at, name in enumerate(names):
        share = scene.mean(Differences(heard.shares[:, at], heard.present), SHARE)
        if share is not None:
            shares.append(OptionShare(option=name, share=share))
    points = _points(question, heard)
    pooled = _substance(heard, heard.present, scene.weights)
    cuts = [
        QuestionCut(
            persona=name,
            n=int((rows & heard.present).sum()),
            shares=tuple(_rounded(heard.shares[rows & heard.present], scene.weights[rows & heard.present])),
            mean=None
            if points is None
            else _mean_within(points.values, points.present & rows, scene.weights),
        )
        for name, rows in scene.segments()
    ]
    whole = len(question.choices)
    return {
        "shares": tuple(shares),
        "mean": None if points is None else scene.mean(points, Bounds(1.0, float(whole))),
        "sd": None if points is None or pooled is None else round(scale.spread(pooled), DECIMALS),
        "position": _position(question, heard, scene),
        "cuts": tuple(cuts),
        "reference": _reference(question, heard, scene),
    }


def _rounded(shares: Floats, weights: Floats) -> list[float]:
    """Weighted mean shares of the choices, without "no answer"; nothing without anybody."""
    if not len(shares):
        return []
    return [round(float(one), DECIMALS) for one in np.average(shares, axis=0, weights=weights)[:-1]]


def _points(question: Closed, heard: _Heard) -> Differences | None:
    """Each respondent's expected point, "no answer" left out; absent unless it is a scale."""
    if not isinstance(question, RatingScale):
        return None
    substance = heard.shares[:, :-1].sum(axis=1)
    present: Flags = np.logical_and(heard.present, substance > LEAST_SUBSTANCE)
    points = heard.shares[:, :-1] @ np.arange(1.0, heard.shares.shape[1])
    return Differences(points / np.maximum(substance, LEAST_SUBSTANCE), present)


def _substance(heard: _Heard, rows: Flags, weights: Floats) -> Floats | None:
    """The pooled distribution over the choices, "no answer" left out; absent if it took all."""
    pooled = np.average(heard.shares[rows], axis=0, weights=weights[rows])[:-1]
    total = float(pooled.sum())
    if total <= LEAST_SUBSTANCE:
        return None
    distribution: Floats = pooled / total
    return distribution


def _reference(question: Closed, heard: _Heard, scene: _Scene) -> ReferenceDistances | None:
    if question.reference is None:
        return None
    people = np.array(question.reference.shares)
    if isinstance(question, MultipleChoice):
        pooled: Floats | None = np.average(
            heard.shares[heard.present], axis=0, weights=scene.weights[heard.present]
        )[:-1]
    else:
        pooled, people = _substance(heard, heard.present, scene.weights), people / people.sum()
    if pooled is None:
        return None
    ordered, single = isinstance(question, RatingScale), not isinstance(question, MultipleChoice)
    return ReferenceDistances(
        source=question.reference.source,
        n=question.reference.n,
        shares=tuple(round(float(one), DECIMALS) for one in people),
        ks_similarity=round(distance.ks_similarity(pooled, people), DECIMALS) if ordered else None,
        wasserstein=round(distance.ordinal_wasserstein(pooled, people), DECIMALS) if ordered else None,
        jensen_shannon=round(distance.jensen_shannon(pooled, people), DECIMALS) if single else None,
        mean_gap=round(float(np.mean(np.abs(pooled - people))), DECIMALS),
    )


def _position(question: Closed, heard: _Heard, scene: _Scene) -> PositionEffect | None:
    """What the slots did; absent where too few answered to tell."""
    if isinstance(question, RatingScale):
        k = len(question.choices)
        points = _points(question, heard)
        if points is None:
            return None
        shown = np.where(heard.odd, k + 1 - points.values, points.values)
        return _pull(Differences(0.5 - (shown - 1) / (k - 1), points.present), heard, scene)
    if isinstance(question, MultipleChoice) and heard.by_letter:
        yes = heard.shares[:, :-1].mean(axis=1)
        return _pull(Differences(np.where(heard.odd, 1 - yes, yes) - 0.5, heard.present), heard, scene)
    if heard.slots.sum() <= 0 or int(heard.present.sum()) < len(question.choices):
        return None  # before every option stood in every slot, a slot's share is that of what stood there
    found, rule = slot_test(heard.slots), scene.study.rule
    return PositionEffect(
        kind="slots",
        value=round(found.cramers_v, DECIMALS),
        p=round(found.p, DECIMALS),
        holds=found.cramers_v <= rule.max_position_effect or found.p >= rule.alpha,
    )


def _pull(towards_first: Differences, heard: _Heard, scene: _Scene) -> PositionEffect | None:
    """Mean over both directions of how far answers lie towards the first slot: content cancels out."""
    groups = [towards_first.within(heard.odd), towards_first.within(~heard.odd)]
    if not all(one.present.any() for one in groups):
        return None
    means = [bootstrap.weighted_mean(one.values, scene.weights, one.present) for one in groups]
    drawn = [bootstrap.mean_draws(scene.resamples, one.values, scene.weights, one.present) for one in groups]
    usable = min(len(one) for one in drawn)
    rule = scene.study.rule
    estimate = bootstrap.estimate_of(
        sum(means) / 2,
        (drawn[0][:usable] + drawn[1][:usable]) / 2,
        n=int(towards_first.present.sum()),
        freedom=bootstrap.freedom_of(scene.resamples, towards_first.present) - 1,
        bounds=HALF,
        confidence=rule.confidence,
        method="mean of both directions",
    )
    includes_zero = estimate.low <= 0 <= estimate.high
    return PositionEffect(
        kind="pull",
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        holds=abs(estimate.value) <= rule.max_pull or includes_zero,
    )


def _voids(heard: _Heard, found: QuestionResult, study: SurveyStudy) -> Iterator[str]:
    rule = study.rule
    if not heard.present.any():
        yield "Nobody answered it." if heard.asked else "It was put to nobody."
        return
    yield from missing_voids("the answers", heard.asked, heard.missing, rule.max_missing)
    if found.valid_mass is not None and found.valid_mass < rule.min_valid_mass:
        yield (
            f"Only {words.percent(found.valid_mass)} of the probability lay on the letters shown; "
            f"the rule asks for {words.percent(rule.min_valid_mass)}."
        )
    present = int(heard.present.sum())
    if found.sd == 0 and isinstance(found.question, NumberQuestion) and present >= rule.min_alike:
        yield (
            f"All {present} gave the same number: that is one answer of the model, "
            f"not {present} of respondents."
        )
    position = found.position
    if position is None and found.shares:
        yield "Too few answered to tell what the slot does from what the answers say: ask more respondents."
    if position is None or position.holds:
        return
    if position.kind == "slots":
        yield (
            f"The slot draws the answer, whatever stands in it: Cramer's V {position.value:.2f} "
            f"({words.chance(position.p or 0.0)}); the rule allows {rule.max_position_effect:.2f}."
        )
    else:
        yield (
            f"The first slot draws the answer, whatever stands in it: a pull of {position.value:+.2f} "
            f"[{position.low or 0.0:+.2f}, {position.high or 0.0:+.2f}] of the range; "
            f"the rule allows {rule.max_pull:.2f}."
        )
