"""Transcripts of a hypothesis → shares, both orders, controls and the verdict."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from panelsim.analysis import words
from panelsim.analysis.scene import SHARE, Differences
from panelsim.analysis.streams import stream
from panelsim.analysis.voids import mass_voids, missing_voids
from panelsim.errors import InputError
from panelsim.metrics import bootstrap, choice, inference
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.bootstrap import DRAWS, Bounds, Resamples
from panelsim.model.analysis import ControlState, Estimate
from panelsim.model.hypothesis import (
    HYPOTHESIS,
    SIDES,
    HypothesisAnalysis,
    HypothesisControl,
    HypothesisVerdict,
    HypothesisWord,
    Posed,
    PositionCut,
    Side,
    WordingShare,
)
from panelsim.model.panel import Panel
from panelsim.model.plan import POSITION, POSITION_SWAPPED, HypothesisAssignment, Plan, Transcript
from panelsim.model.response import ChoiceAnswer, Missing
from panelsim.model.rows import column_of
from panelsim.model.study import HypothesisStudy

ORDERS = (POSITION, POSITION_SWAPPED)
MIN_PERSONAS = 6
"""Fewer personas cannot reach p < .05 (2 of 2^5 is .0625); then respondents are flipped."""
DECIMALS = 6


class _Item:
    """Shares of one thing that is posed: sums and counts by wording, respondent, order and side."""

    def __init__(self, wordings: int, people: int) -> None:
        self.sums = np.zeros((wordings, people, len(ORDERS), len(SIDES)))
        self.counts = np.zeros((wordings, people, len(ORDERS)), dtype=np.int64)

    def hear(self, wording: int, row: int, order: int, answer: ChoiceAnswer) -> None:
        """Keeps one answer; replicates are averaged."""
        self.sums[wording, row, order] += [answer.share_of(side) for side in SIDES]
        self.counts[wording, row, order] += 1

    @property
    def present(self) -> Flags:
        """(wordings, respondents): answered in both orders."""
        both: Flags = np.min(self.counts, axis=2) > 0
        return both

    def in_order(self, order: int) -> Floats:
        """(wordings, respondents, sides): mean shares with the options in that order."""
        counts = np.maximum(self.counts[:, :, order, None], 1)
        means: Floats = self.sums[:, :, order] / counts
        return means

    def lean(self, order: int) -> Floats:
        """(wordings, respondents): share for a over b, neither counting half: (1 + a - b) / 2."""
        shares = self.in_order(order)
        lean: Floats = (1 + shares[:, :, 0] - shares[:, :, 1]) / 2
        return lean

    def side(self, at: int) -> Differences:
        """Each respondent's share of a side, over orders and wordings."""
        return self.over_wordings((self.in_order(0)[:, :, at] + self.in_order(1)[:, :, at]) / 2)

    @property
    def share(self) -> Differences:
        """Each respondent's share for a over b, over orders and wordings."""
        return self.over_wordings((self.lean(0) + self.lean(1)) / 2)

    def over_wordings(self, figures: Floats) -> Differences:
        """Each respondent's mean over the wordings that were answered in both orders."""
        counts = self.present.sum(axis=0)
        sums = np.where(self.present, figures, 0.0).sum(axis=0)
        return Differences(sums / np.maximum(counts, 1), counts > 0)

    def within(self, wording: int) -> Differences:
        """Each respondent's share in one wording."""
        return Differences(((self.lean(0) + self.lean(1)) / 2)[wording], self.present[wording])


class HypothesisHearing:
    """The transcripts of a hypothesis while they are heard."""

    def __init__(self, study: HypothesisStudy, panel: Panel, plan: Plan, posed: Sequence[Posed]) -> None:
        self.study, self.panel, self.posed = study, panel, {one.id: one for one in posed}
        self._rows = {str(name): row for row, name in enumerate(panel.ids)}
        self.items = {one.id: _Item(len(one.wordings), len(self._rows)) for one in posed}
        self.planned = sum(len(one.questions) for one in plan)
        self.heard = 0
        self.reasons: Counter[str] = Counter()
        self.masses: list[float] = []

    def hear(self, transcript: Transcript) -> None:
        """Takes one session in. Raises `InputError` if it is none of this study's."""
        assignment = transcript.assignment
        row = self._rows.get(assignment.respondent)
        known = isinstance(assignment, HypothesisAssignment) and assignment.posed in self.items
        if not isinstance(assignment, HypothesisAssignment) or row is None or not known:
            raise InputError(
                f"study {self.study.id!r}: a transcript of {assignment.respondent!r} that is not of its plan"
            )
        for response in transcript.responses:
            self.heard += 1
            if isinstance(response.answer, ChoiceAnswer):
                order = ORDERS.index(response.question)
                self.items[assignment.posed].hear(assignment.wording, row, order, response.answer)
                self.masses.append(response.answer.valid_mass)
            elif isinstance(response.answer, Missing):
                self.reasons[response.answer.reason] += 1


@dataclass(frozen=True)
class _Evidence:
    """What every figure and the verdict read."""

    heard: HypothesisHearing
    resamples: Resamples
    weights: Floats

    @property
    def study(self) -> HypothesisStudy:
        """The study."""
        return self.heard.study

    @property
    def own(self) -> _Item:
        """The hypothesis itself."""
        return self.heard.items[HYPOTHESIS]

    def mean(self, of: Differences, bounds: Bounds = SHARE) -> Estimate | None:
        """Weighted mean over respondents with its interval; absent without any."""
        confidence = self.study.rule.confidence
        return bootstrap.estimate_mean(
            self.resamples, of.values, self.weights, of.present, bounds=bounds, confidence=confidence
        )


def hypothesis_analysis(heard: HypothesisHearing, *, draws: int = DRAWS) -> HypothesisAnalysis:
    """Everything that can be said of the run; what was planned and not held counts as failed."""
    personas = [str(one) for one in column_of(heard.panel.respondents, "persona")]
    evidence = _Evidence(
        heard,
        bootstrap.resamples_of(personas, stream(heard.study.seed, "bootstrap/target"), draws),
        np.array(column_of(heard.panel.respondents, "weight"), dtype=np.float64),
    )
    heard.reasons["failed"] += heard.planned - heard.heard
    reasons = +heard.reasons
    own = evidence.own
    share = evidence.mean(own.share)
    sides: list[tuple[Side, Estimate]] = []
    for at, side in enumerate(SIDES):
        estimate = evidence.mean(own.side(at))
        if estimate is not None:
            sides.append((side, estimate))
    p, blocks = _chance(evidence, personas)
    controls = _controls(evidence)
    consistency = _mean_of(own, choice.order_consistency(own.lean(0), own.lean(1)))
    mass = float(np.mean(heard.masses)) if heard.masses and min(heard.masses) < 1 else None
    found = HypothesisAnalysis(
        share=share,
        sides=tuple(sides),
        p=round(p, DECIMALS),
        blocks=blocks,
        wordings=tuple(
            WordingShare(text=text, share=evidence.mean(own.within(at)))
            for at, text in enumerate(heard.study.wordings)
        ),
        cuts=tuple(_cuts(evidence)),
        controls=controls,
        order_consistency=consistency,
        first_slot_bias=_mean_of(own, choice.first_slot_bias(own.lean(0), own.lean(1))),
        asked=max(heard.planned, heard.heard),
        missing=reasons.total(),
        missing_reasons=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        valid_mass=None if mass is None else round(mass, DECIMALS),
        verdict=HypothesisVerdict(word="cannot_say", reasons=(), next_step=""),
    )
    return found.model_copy(update={"verdict": verdict_of(heard.study, found)})


def _mean_of(item: _Item, figures: Floats) -> float | None:
    """Mean over respondents and wordings that were answered in both orders."""
    return round(float(figures[item.present].mean()), DECIMALS) if item.present.any() else None


def _chance(evidence: _Evidence, personas: Sequence[str]) -> tuple[float, str]:
    """Sign-flip p of the share against one half, and what was flipped as one.

    All wordings of a respondent move together, so they are one block; from six personas on, personas are.
    """
    share = evidence.own.share
    gaps = np.where(share.present, evidence.weights * (share.values - 0.5), 0.0)
    names = {name: place for place, name in enumerate(dict.fromkeys(personas))}
    rng = stream(evidence.study.seed, "sign_flip/hypothesis")
    if len(names) >= MIN_PERSONAS:
        sums = np.bincount([names[one] for one in personas], weights=gaps, minlength=len(names))
        return inference.sign_flip_p(sums.astype(np.float64), rng), f"{len(names)} personas"
    kept = gaps[share.present]
    return inference.sign_flip_p(kept, rng), f"{len(kept)} respondents"


def _cuts(evidence: _Evidence) -> Iterator[PositionCut]:
    people = evidence.heard.panel.respondents
    share = evidence.own.share
    for dimension in ("persona", "role", "icp"):
        values = np.array([str(one) for one in column_of(people, dimension)])
        for value in dict.fromkeys(values.tolist()):
            rows = values == value
            yield PositionCut(
                dimension=dimension,
                value=value,
                n=int(rows.sum()),
                share=evidence.mean(share.within(rows)),
            )


def _controls(evidence: _Evidence) -> tuple[HypothesisControl, ...]:
    switches = evidence.study.controls
    return (_placebo(evidence, wanted=switches.placebo), _known(evidence, wanted=switches.known))


def _placebo(evidence: _Evidence, *, wanted: bool) -> HypothesisControl:
    """Mean over placebos of how far their mean share lies from one half."""
    most = evidence.study.rule.max_placebo_lead
    expectation = f"Two positions that say the same come out within {words.percent(most)} of a tie."
    items = [evidence.heard.items[one.id].share for one in evidence.heard.posed.values() if _is_placebo(one)]
    means = [float(one.values[one.present].mean()) for one in items if one.present.any()]
    if not wanted or not means:
        state: ControlState = "not_computed" if wanted else "off"
        said = "Nobody answered a placebo in both orders." if wanted else "Switched off in the study."
        return HypothesisControl(name="placebo", state=state, expectation=expectation, found=said)
    away = sum(abs(mean - 0.5) for mean in means) / len(means)
    shares = ", ".join(words.percent(mean) for mean in means)
    return HypothesisControl(
        name="placebo",
        state="passed" if away <= most else "failed",
        expectation=expectation,
        found=f"Shares for one of two equal positions: {shares}; on average {words.percent(away)} off.",
    )


def _is_placebo(posed: Posed) -> bool:
    return posed.id != HYPOTHESIS and posed.right is None


def _known(evidence: _Evidence, *, wanted: bool) -> HypothesisControl:
    """The share for the plainly right position, which must have an interval above one half."""
    expectation = "Of two positions of which one is plainly right, the panel takes that one."
    size = len(evidence.weights)
    sums: Floats = np.zeros(size)
    present: Flags = np.zeros(size, dtype=np.bool_)
    for one in evidence.heard.posed.values():
        if one.right is not None:
            share = evidence.heard.items[one.id].share
            right = share.values if one.right == "a" else 1 - share.values
            sums += np.where(share.present, right, 0.0)
            present = np.logical_or(present, share.present)
    estimate = evidence.mean(Differences(sums, present)) if wanted else None
    if estimate is None:
        state: ControlState = "not_computed" if wanted else "off"
        said = "Nobody answered a known question in both orders." if wanted else "Switched off in the study."
        return HypothesisControl(name="known", state=state, expectation=expectation, found=said)
    return HypothesisControl(
        name="known",
        state="passed" if estimate.low > 0.5 else "failed",
        expectation=expectation,
        found=f"Share for the right position: {words.share(estimate)}; expected above 50%.",
    )


def verdict_of(study: HypothesisStudy, found: HypothesisAnalysis) -> HypothesisVerdict:
    """The verdict by the rule that the study fixed before the run."""
    voids = tuple(_voids(study, found))
    if voids or found.share is None:
        return HypothesisVerdict(
            word="cannot_say",
            reasons=voids,
            next_step="Do not decide on this run: mend what the first reason names, or ask people.",
        )
    rule, share = study.rule, found.share.value
    side, position = ("a", study.a) if share >= 0.5 else ("b", study.b)
    lead = abs(share - 0.5)
    told = max(share, 1 - share)
    reason = (
        f"{words.percent(told)} for {position!r}, {words.chance(found.p)} over {found.blocks}; "
        f"the rule asks for {words.percent(0.5 + rule.min_lead)} and p < {rule.alpha}."
    )
    off = [one.name for one in found.controls if one.state == "off"]
    reasons: tuple[str, ...] = (reason,)
    word: HypothesisWord = "no_difference"
    if lead >= rule.min_lead and found.p < rule.lean_alpha:
        clear = found.p < rule.alpha and not off
        word = ("supports_a" if side == "a" else "supports_b") if clear else _lean(side)
        if off and found.p < rule.alpha:
            reasons = (f"Without the control {' and '.join(off)} the panel leans at most.", reason)
    return HypothesisVerdict(word=word, reasons=reasons, next_step=_next(word))


def _lean(side: str) -> HypothesisWord:
    return "leans_a" if side == "a" else "leans_b"


def _next(word: HypothesisWord) -> str:
    if word == "no_difference":
        return "Take neither position for granted: ask people, or put it in terms that differ more."
    if word in ("leans_a", "leans_b"):
        return "Ask a handful of people, or add personas and wordings and run again."
    return "Ask a handful of people whether they see it so; the simulation is no proof."


def _voids(study: HypothesisStudy, found: HypothesisAnalysis) -> Iterator[str]:
    rule = study.rule
    for state, said in (("failed", "failed"), ("not_computed", "could not be computed")):
        for control in found.controls:
            if control.state == state:
                yield f"Control {control.name} {said}: {control.found}"
    if found.share is None:
        yield "Nobody answered the hypothesis in both orders."
    yield from missing_voids("all answers", found.asked, found.missing, rule.max_missing)
    yield from mass_voids(found.valid_mass, rule.min_valid_mass)
    if found.order_consistency is not None and found.order_consistency < rule.min_order_consistency:
        yield (
            f"Only {words.percent(found.order_consistency)} of the position survived a swap of slots; "
            f"the rule asks for {words.percent(rule.min_order_consistency)}."
        )
    neither = next((one.value for side, one in found.sides if side == "neither"), 0.0)
    if neither > rule.max_neither:
        yield (
            f"{words.percent(neither)} of the panel's answer is {study.neither!r}; "
            f"the rule allows {words.percent(rule.max_neither)}."
        )
