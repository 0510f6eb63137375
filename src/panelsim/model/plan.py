"""Plans: the exact list of assignments of a study."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.response import Response
from panelsim.model.study import Stimulus


class MonadicAssignment(Frozen):
    """One respondent meets one stimulus alone."""

    kind: Literal["monadic"] = "monadic"
    respondent: str
    stimulus: str
    measures: tuple[str, ...]
    open_questions: bool
    wording: Annotated[int, Field(ge=0)]
    replicate: Annotated[int, Field(ge=0)] = 0


class PairedAssignment(Frozen):
    """One respondent compares two stimuli in one order; the plan holds both orders."""

    kind: Literal["paired"] = "paired"
    respondent: str
    first: str
    second: str
    wording: Annotated[int, Field(ge=0)]
    replicate: Annotated[int, Field(ge=0)] = 0


class InterviewAssignment(Frozen):
    """One respondent is interviewed along the study's guide."""

    kind: Literal["interview"] = "interview"
    respondent: str
    replicate: Annotated[int, Field(ge=0)] = 0


Assignment: TypeAlias = Annotated[
    MonadicAssignment | PairedAssignment | InterviewAssignment, Field(discriminator="kind")
]


class Plan(Frozen):
    """What will be asked, in order: a respondent's assignments stand together."""

    stimuli: tuple[Stimulus, ...]
    """Variants first, then the controls made from them; empty for interviews."""
    assignments: Annotated[tuple[Assignment, ...], Field(min_length=1)]


class Turn(Frozen):
    """One thing said in a session, with the key of the call that holds its whole prompt."""

    speaker: Literal["interviewer", "respondent"]
    text: str
    call_key: str = ""
    """Empty for the interviewer's turns."""


class Transcript(Frozen):
    """All that was said in a session, and the responses read from it."""

    assignment: Assignment
    turns: tuple[Turn, ...]
    responses: tuple[Response, ...]
