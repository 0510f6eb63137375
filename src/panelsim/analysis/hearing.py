"""One pass over the transcripts of a message test: what an analysis keeps of each, and what it lets go."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from panelsim.analysis.reactions import Reactions
from panelsim.analysis.table import ArmHeard
from panelsim.errors import InputError
from panelsim.model.panel import Panel
from panelsim.model.plan import (
    PREFERENCE,
    REACTION,
    Assignment,
    MonadicAssignment,
    PairedAssignment,
    Plan,
    Transcript,
)
from panelsim.model.response import (
    AnswerOrMissing,
    ChoiceAnswer,
    Missing,
    RatingAnswer,
    Response,
    TextAnswer,
)
from panelsim.model.rows import Some
from panelsim.model.study import StimulusTest

NOT_HELD = Missing(reason="failed", raw="the session was planned and not held")


@dataclass
class Masses:
    """Shares of probability on valid answers, as a running sum."""

    total: float = 0
    count: int = 0
    least: float = 1.0

    def hear(self, mass: float) -> None:
        """Counts one answer."""
        self.total += mass
        self.count += 1
        self.least = min(self.least, mass)


@dataclass
class Counts:
    """Counts over all responses of both arms."""

    asked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    ratings: Masses = field(default_factory=Masses)
    choices: Masses = field(default_factory=Masses)

    def hear(self, answer: AnswerOrMissing) -> None:
        """Counts one response."""
        self.asked += 1
        if isinstance(answer, RatingAnswer):
            self.ratings.hear(answer.valid_mass)
        elif isinstance(answer, ChoiceAnswer):
            self.choices.hear(answer.valid_mass)
        elif isinstance(answer, Missing):
            self.reasons[answer.reason] += 1


class Held:
    """Which planned sessions were held, as one byte each; transcripts may come in any order."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._places = {name: place for place, name in enumerate(plan.people)}
        self._within = [{_question(one): at for at, one in enumerate(sheet)} for sheet in plan.sheets]
        sizes = [len(plan.sheets[sheet]) for sheet in plan.sheet_of]
        self._starts = np.cumsum([0, *sizes]).tolist()
        self._held = bytearray(self._starts[-1])

    def mark(self, assignment: Assignment) -> None:
        """Notes that a session was held; one that was never planned is no matter."""
        place = self._places.get(assignment.respondent)
        if place is not None:
            at = self._within[self._plan.sheet_of[place]].get(_question(assignment))
            if at is not None:
                self._held[self._starts[place] + at] = 1

    def lost(self) -> Iterator[Assignment]:
        """The planned sessions that were not held, in the order of the plan."""
        if self._held.count(0):
            for assignment, held in zip(self._plan, self._held, strict=True):
                if not held:
                    yield assignment


def _question(assignment: Assignment) -> tuple[object, ...]:
    """What a session asks, whoever it asks."""
    match assignment:
        case MonadicAssignment():
            return (
                assignment.stimulus,
                assignment.measures,
                assignment.open_questions,
                assignment.wording,
                assignment.replicate,
            )
        case PairedAssignment():
            return assignment.first, assignment.second, assignment.wording, assignment.replicate
        case _:
            return assignment.kind, assignment.replicate


class Hearing:
    """The transcripts of a message test while they are heard, one after the other."""

    def __init__(self, study: StimulusTest, panel: Panel, plan: Plan) -> None:
        """Raises `InputError` if the rule's measure is not among the study's."""
        if study.rule.measure not in study.measures:
            raise InputError(
                f"study {study.id!r}: the rule's measure {study.rule.measure!r} is not in "
                f"{sorted(study.measures)}"
            )
        self.study, self.panel, self.plan = study, panel, plan
        order = [stimulus.id for stimulus in plan.stimuli]
        self.target, self.anti = ArmHeard("target", order), ArmHeard("anti", order)
        self.counts = Counts()
        self._rows: dict[str, tuple[ArmHeard, int]] = {}
        ids, arms, personas = panel.ids, panel.arms, panel.personas
        for arm in (self.target, self.anti):
            places = [at for at, its in enumerate(arms) if its == arm.arm]
            arm.respondents = Some(panel.respondents, places)
            self._rows |= {ids[at]: (arm, row) for row, at in enumerate(places)}
        self._personas = [persona for persona, its in zip(personas, arms, strict=True) if its == "target"]
        self.reactions = Reactions(plan.stimuli, study.rule.measure)
        self._held = Held(plan)
        self._measures, self._stimuli = frozenset(study.measures), frozenset(order)
        self._strangers: set[str] = set()
        self._unplanned: set[str] = set()

    def hear(self, transcript: Transcript) -> None:
        """Keeps the figures of one session; its words only as long as they may be quoted."""
        self._held.mark(transcript.assignment)
        for response in transcript.responses:
            self._hear(response)
            if response.question == REACTION and isinstance(response.answer, TextAnswer):
                arm, row = self._rows.get(response.respondent, (self.anti, 0))
                if arm is self.target:
                    self.reactions.hear(row, self._personas[row], response, transcript)

    def _hear(self, response: Response) -> None:
        self.counts.hear(response.answer)
        found, question, shown = self._rows.get(response.respondent), response.question, response.shown
        if not self._stimuli.issuperset(shown):
            self._unplanned.update(shown)
        if found is None:
            self._strangers.add(response.respondent)
        elif self._unplanned:
            return  # all is lost, but the error names everything that is wrong
        elif question == PREFERENCE and len(shown) == 2:
            found[0].hear_choice(found[1], shown, response.answer, response.wording)
        elif question in self._measures and len(shown) == 1:
            found[0].hear_rating(found[1], shown[0], question, response.answer, response.wording)

    def close(self) -> None:
        """Counts what was planned and not held as failed.

        Raises `InputError` if a transcript named a respondent or a stimulus that panel or plan do not hold.
        """
        if self._strangers:
            raise InputError(
                f"study {self.study.id!r}: transcripts of {sorted(self._strangers)}, who are not in panel "
                f"{self.panel.id!r}"
            )
        if shown := self._unplanned - self._stimuli:
            raise InputError(
                f"study {self.study.id!r}: transcripts show {sorted(shown)}, which the plan does not hold"
            )
        for response in _failed(self._held.lost()):
            self._hear(response)


def _failed(assignments: Iterable[Assignment]) -> Iterator[Response]:
    """The responses of sessions that were not held: `failed` for each measure and pair."""
    for assignment in assignments:
        questions: tuple[str, ...]
        shown: tuple[str, ...]
        match assignment:
            case MonadicAssignment():
                questions, shown = assignment.measures, (assignment.stimulus,)
            case PairedAssignment():
                questions, shown = (PREFERENCE,), (assignment.first, assignment.second)
            case _:
                continue
        for question in questions:
            yield Response(
                respondent=assignment.respondent,
                question=question,
                shown=shown,
                answer=NOT_HELD,
                call_keys=(),
                wording=assignment.wording,
                replicate=assignment.replicate,
            )
