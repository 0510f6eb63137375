"""Plans: the exact list of assignments of a study."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.discussion_design import DiscussionControlName
from panelsim.model.note import Ground
from panelsim.model.response import Response
from panelsim.model.study import Stimulus

REACTION = "reaction"
COMPREHENSION = "comprehension"
PREFERENCE = "preference"
"""Questions that no measure asks."""

POSITION, POSITION_SWAPPED = "position", "position.swapped"
"""The position of a respondent, with a in the first slot and with b in it."""

STANCE = "stance"
SWAPPED = "stance.swapped"
"""The stance of a seat, with yes in the first slot and with no in it."""
REASON, OBJECTION, CONDITION = "reason", "objection", "condition"
"""What a seat says in words."""

BEFORE, AFTER = "before", "after"
"""When a member of a discussion rates in private; controls are the names of `DiscussionControls`."""


def rated(measure: str, when: str) -> str:
    """The question id of a private rating: `relevance.before`."""
    return f"{measure}.{when}"


def round_name(place: int) -> str:
    """The question id of what is said in a round, counted from 0: `round1`."""
    return f"round{place + 1}"


SEAT_WORDS = (REASON, OBJECTION, CONDITION)


class MonadicAssignment(Frozen):
    """One respondent meets one stimulus alone."""

    kind: Literal["monadic"] = "monadic"
    respondent: str
    stimulus: str
    measures: tuple[str, ...]
    open_questions: bool
    wording: Annotated[int, Field(ge=0)]
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Stimulus ids in the order of their slots."""
        return (self.stimulus,)

    @property
    def questions(self) -> tuple[str, ...]:
        """Ids of the questions that the session puts."""
        return (*((REACTION, COMPREHENSION) if self.open_questions else ()), *self.measures)


class PairedAssignment(Frozen):
    """One respondent compares two stimuli in one order; the plan holds both orders."""

    kind: Literal["paired"] = "paired"
    respondent: str
    first: str
    second: str
    wording: Annotated[int, Field(ge=0)]
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Stimulus ids in the order of their slots."""
        return (self.first, self.second)

    @property
    def questions(self) -> tuple[str, ...]:
        """Ids of the questions that the session puts."""
        return (PREFERENCE,)


class InterviewAssignment(Frozen):
    """One respondent is interviewed along the study's guide."""

    kind: Literal["interview"] = "interview"
    respondent: str
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def questions(self) -> tuple[str, ...]:
        """The whole conversation counts as one question until it is held."""
        return ("interview",)


class CommitteeAssignment(Frozen):
    """One seat of a committee judges one proposal alone; the stance is asked in both orders."""

    kind: Literal["committee"] = "committee"
    respondent: str
    stimulus: str
    words: bool
    """Whether the reason, the objection and the condition are asked too."""
    wording: Annotated[int, Field(ge=0)]
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """The proposal."""
        return (self.stimulus,)

    @property
    def questions(self) -> tuple[str, ...]:
        """Ids of the questions that the session puts."""
        return (STANCE, SWAPPED, *(SEAT_WORDS if self.words else ()))


class HypothesisAssignment(Frozen):
    """One respondent is asked for a position in one wording, in both orders of the options."""

    kind: Literal["hypothesis"] = "hypothesis"
    respondent: str
    posed: str
    """The hypothesis or a control."""
    wording: Annotated[int, Field(ge=0)]
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """What is posed."""
        return (self.posed,)

    @property
    def questions(self) -> tuple[str, ...]:
        """The position with a in the first slot, and with b in it."""
        return (POSITION, POSITION_SWAPPED)


class SurveyAssignment(Frozen):
    """One respondent answers the questionnaire."""

    kind: Literal["survey"] = "survey"
    respondent: str
    asked: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids of the questions, in their order."""
    turn: Annotated[int, Field(ge=0)]
    """How far options are rotated; scales are turned where it is odd."""
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def questions(self) -> tuple[str, ...]:
        """All questions; some may be skipped because of an earlier answer."""
        return self.asked


class InventoryAssignment(Frozen):
    """One respondent answers a block of items, each asked alone."""

    kind: Literal["inventory"] = "inventory"
    respondent: str
    block: Annotated[int, Field(ge=0)]
    items: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids, in the order in which they are asked."""
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def questions(self) -> tuple[str, ...]:
        """Each item is a question."""
        return self.items


class DiscussionAssignment(Frozen):
    """One group: every member reacts and rates in private, all speak in turn, and rate in private again."""

    kind: Literal["discussion"] = "discussion"
    respondent: str
    """The group's id: `g1`."""
    members: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids of respondents."""
    orders: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    """The members in the order in which they speak, round by round."""
    stimulus: str = ""
    """What is talked about and rated; empty: the guide alone."""
    measure: str = ""
    """What is rated; empty without a stimulus."""
    controls: tuple[DiscussionControlName, ...] = ()
    wording: Annotated[int, Field(ge=0)] = 0
    replicate: Annotated[int, Field(ge=0)] = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """What is talked about, if it is a text."""
        return (self.stimulus,) if self.stimulus else ()

    @property
    def alone(self) -> tuple[str, ...]:
        """Ids of the questions that every member is asked in private, before and after."""
        if not self.stimulus:
            return (REACTION,)
        return (REACTION, OBJECTION, *(rated(self.measure, when) for when in (BEFORE, *self.controls, AFTER)))

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """(member, question) of everything that is asked."""
        spoken = ((name, round_name(at)) for at, order in enumerate(self.orders) for name in order)
        return (*((name, question) for name in self.members for question in self.alone), *spoken)

    @property
    def questions(self) -> tuple[str, ...]:
        """The question of each of `answers`."""
        return tuple(question for _, question in self.answers)


Assignment: TypeAlias = Annotated[
    MonadicAssignment
    | PairedAssignment
    | InterviewAssignment
    | CommitteeAssignment
    | InventoryAssignment
    | DiscussionAssignment
    | HypothesisAssignment
    | SurveyAssignment,
    Field(discriminator="kind"),
]


@dataclass(frozen=True)
class Plan:
    """What will be asked, in order: a respondent's assignments stand together.

    Held as one sheet per way of being asked, so that a plan of millions of sessions takes no more memory
    than its panel; the assignments are made when they are iterated, the same ones each time.
    """

    stimuli: tuple[Stimulus, ...]
    """Variants first, then the controls made from them; empty for interviews."""
    people: tuple[str, ...]
    """Ids of the respondents, each once, in the order of the panel; of the groups, in a discussion."""
    sheets: tuple[tuple[Assignment, ...], ...]
    """What one respondent is asked, with no respondent named."""
    sheet_of: tuple[int, ...]
    """For each of `people` the place of its sheet in `sheets`."""

    def __len__(self) -> int:
        """Sessions in all."""
        return sum(len(sheet) * times for sheet, times in self.sheets_used())

    def __iter__(self) -> Iterator[Assignment]:
        return self.assignments_of(0, len(self.people))

    def assignments_of(self, start: int, stop: int) -> Iterator[Assignment]:
        """The assignments of the respondents at the places `start` to `stop` (not included) of the panel."""
        for respondent, sheet in zip(self.people[start:stop], self.sheet_of[start:stop], strict=True):
            for assignment in self.sheets[sheet]:
                yield assignment.model_copy(update={"respondent": respondent})

    def sheets_used(self) -> Iterator[tuple[tuple[Assignment, ...], int]]:
        """Each sheet and how many respondents are asked it: sums over a plan without its assignments."""
        times = Counter(self.sheet_of)
        return ((sheet, times[place]) for place, sheet in enumerate(self.sheets))


class Turn(Frozen):
    """One thing said in a session, with the key of the call that holds its whole prompt."""

    speaker: Literal["interviewer", "respondent"]
    text: str
    call_key: str = ""
    """Empty for the interviewer's turns."""
    respondent: Annotated[str, Field(exclude_if=lambda name: name == "")] = ""
    """Who speaks or is asked alone, in a session of several; empty for a question put to all."""
    question: Annotated[str, Field(exclude_if=lambda name: name == "")] = ""
    """In a session of several: id of the question that the turn belongs to."""
    grounds: Annotated[tuple[Ground, ...], Field(exclude_if=lambda grounds: not grounds)] = ()
    """The passages of notes that were given with the interviewer's question; not written where none were."""


class Transcript(Frozen):
    """All that was said in a session, and the responses read from it."""

    assignment: Assignment
    turns: tuple[Turn, ...]
    responses: tuple[Response, ...]
