"""One pass over the transcripts of a committee study: where every seat stands, and what it said."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from panelsim.errors import InputError
from panelsim.model.committee import (
    STANCES,
    CommitteeQuality,
    SeatStance,
    SeatWords,
    Shares,
    StanceState,
)
from panelsim.model.panel import Panel
from panelsim.model.plan import CONDITION, OBJECTION, REASON, STANCE, SWAPPED, Plan, Transcript
from panelsim.model.response import ChoiceAnswer, Missing, Response, TextAnswer
from panelsim.model.study import CommitteeRule, CommitteeStudy

DECIMALS = 6


@dataclass
class _Order:
    """Answers of one seat on one proposal in one order, replicates summed."""

    sums: list[float] = field(default_factory=lambda: [0.0] * len(STANCES))
    count: int = 0

    def hear(self, answer: ChoiceAnswer) -> None:
        for place, stance in enumerate(STANCES):
            self.sums[place] += answer.share_of(stance)
        self.count += 1

    def mean(self) -> Shares | None:
        """The mean shares; absent without an answer."""
        if not self.count:
            return None
        yes, no, unsure = (round(one / self.count, DECIMALS) for one in self.sums)
        return Shares(yes=yes, no=no, unsure=unsure)


@dataclass
class _Cell:
    """One seat on one proposal."""

    orders: dict[str, _Order] = field(default_factory=lambda: {STANCE: _Order(), SWAPPED: _Order()})
    asked: int = 0
    missing: int = 0
    keys: list[str] = field(default_factory=list)


class CommitteeHearing:
    """The transcripts of a committee study while they are heard, one after the other."""

    def __init__(self, study: CommitteeStudy, panel: Panel, plan: Plan) -> None:
        self.study, self.panel, self.plan = study, panel, plan
        self.words: list[SeatWords] = []
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._people = {one.id for one in panel.respondents}
        self._shown = {one.id for one in plan.stimuli}
        self._asked, self._reasons = 0, Counter[str]()
        self._masses: list[float] = []
        self._held: set[tuple[str, tuple[str, ...], int]] = set()

    def hear(self, transcript: Transcript) -> None:
        """Takes one session in. Raises `InputError` if its respondent or proposal is not of this study."""
        assignment = transcript.assignment
        if assignment.respondent not in self._people or not self._shown.issuperset(assignment.shown):
            raise InputError(
                f"study {self.study.id!r}: a transcript of {assignment.respondent!r} on "
                f"{list(assignment.shown)}, who or which is not in panel {self.panel.id!r} or its plan"
            )
        self._held.add((assignment.respondent, assignment.shown, assignment.replicate))
        for response in transcript.responses:
            self._hear(response)

    def _hear(self, response: Response) -> None:
        answer, proposal = response.answer, response.shown[0]
        self._asked += 1
        if isinstance(answer, Missing):
            self._reasons[answer.reason] += 1
        if response.question in (STANCE, SWAPPED):
            self._hear_stance(response, self._cells.setdefault((response.respondent, proposal), _Cell()))
            return
        if isinstance(answer, TextAnswer) and response.question in (REASON, OBJECTION, CONDITION):
            self.words.append(
                SeatWords(
                    respondent=response.respondent,
                    proposal=proposal,
                    question=response.question,
                    text=answer.text,
                    call_key=response.call_keys[-1] if response.call_keys else "",
                )
            )

    def _hear_stance(self, response: Response, cell: _Cell) -> None:
        cell.asked += 1
        cell.keys += response.call_keys[-1:]
        if isinstance(response.answer, ChoiceAnswer):
            cell.orders[response.question].hear(response.answer)
            self._masses.append(response.answer.valid_mass)
        else:
            cell.missing += 1

    def close(self) -> None:
        """Counts what was planned and not held as failed."""
        for one in self.plan:
            if (one.respondent, one.shown, one.replicate) in self._held:
                continue
            self._asked += len(one.questions)
            self._reasons["failed"] += len(one.questions)
            cell = self._cells.setdefault((one.respondent, one.shown[0]), _Cell())
            cell.asked += 2
            cell.missing += 2

    def stances(self) -> tuple[SeatStance, ...]:
        """Where every seat stands on all that it was shown, in the order of panel and plan."""
        return tuple(
            _stance(person.id, stimulus.id, cell, self.study.rule)
            for person in self.panel.respondents
            for stimulus in self.plan.stimuli
            if (cell := self._cells.get((person.id, stimulus.id))) is not None
        )

    def quality(self, stances: Iterable[SeatStance]) -> CommitteeQuality:
        """The noise beside the signal; `stances` are those heard."""
        cells = tuple(self._cells.values())
        read = [one for one in stances if one.order_consistency is not None]
        biases = [bias for one in read if (bias := _slot_bias(one)) is not None]
        return CommitteeQuality(
            asked=self._asked,
            missing=self._reasons.total(),
            missing_reasons=tuple(sorted(self._reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
            stances_asked=sum(cell.asked for cell in cells),
            stances_missing=sum(cell.missing for cell in cells),
            valid_mass=_mean(self._masses),
            order_consistency=_mean([one.order_consistency or 0.0 for one in read]),
            first_slot_bias=_mean(biases),
            biased=sum(one.state == "position_bias" for one in read),
        )


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), DECIMALS) if values else None


def _stance(respondent: str, proposal: str, cell: _Cell, rule: CommitteeRule) -> SeatStance:
    first, second = (cell.orders[name].mean() for name in (STANCE, SWAPPED))
    shares, consistency = None, None
    if first is not None and second is not None:
        pairs = [(first.of(name), second.of(name)) for name in STANCES]
        yes, no, unsure = (round((one + other) / 2, DECIMALS) for one, other in pairs)
        shares = Shares(yes=yes, no=no, unsure=unsure)
        consistency = round(max(0.0, 1 - sum(abs(one - other) for one, other in pairs) / 2), DECIMALS)
    return SeatStance(
        respondent=respondent,
        proposal=proposal,
        state=state_of(shares, consistency, rule),
        shares=shares,
        yes_first=first,
        no_first=second,
        order_consistency=consistency,
        asked=cell.asked,
        missing=cell.missing,
        call_keys=tuple(cell.keys),
    )


def state_of(shares: Shares | None, consistency: float | None, rule: CommitteeRule) -> StanceState:
    """What the shares of a seat amount to by the rule; nothing is read from one that went with the slot."""
    if shares is None or consistency is None:
        return "missing"
    if consistency < rule.min_order_consistency:
        return "position_bias"
    best = max(STANCES, key=shares.of)
    return best if shares.of(best) >= rule.min_stance else "unclear"


def _slot_bias(stance: SeatStance) -> float | None:
    """P(first slot) - .5 among yes and no: (y1 / (y1 + n1) + n2 / (y2 + n2)) / 2 - .5."""
    one, other = stance.yes_first, stance.no_first
    if one is None or other is None or not (one.yes + one.no and other.yes + other.no):
        return None
    return (one.yes / (one.yes + one.no) + other.no / (other.yes + other.no)) / 2 - 0.5
