"""Session types: generators that yield calls and return a transcript; listed here by hand."""

from typing import assert_never

from panelsim.model.plan import (
    Assignment,
    CommitteeAssignment,
    DiscussionAssignment,
    HypothesisAssignment,
    InterviewAssignment,
    InventoryAssignment,
    MonadicAssignment,
    PairedAssignment,
    SurveyAssignment,
    Transcript,
)
from panelsim.model.response import Missing, Response
from panelsim.script import Script
from panelsim.sessions import (
    committee,
    discussion,
    hypothesis,
    interview,
    inventory,
    monadic,
    paired,
    survey,
)
from panelsim.sessions.scene import Scene


def script_of(assignment: Assignment, scene: Scene) -> Script[Transcript]:
    """The script of the session that `assignment` asks for, not started."""
    match assignment:
        case MonadicAssignment():
            return monadic.script(assignment, scene)
        case PairedAssignment():
            return paired.script(assignment, scene)
        case InterviewAssignment():
            return interview.script(assignment, scene)
        case InventoryAssignment():
            return inventory.script(assignment, scene)
        case CommitteeAssignment():
            return committee.script(assignment, scene)
        case DiscussionAssignment():
            return discussion.script(assignment, scene)
        case HypothesisAssignment():
            return hypothesis.script(assignment, scene)
        case SurveyAssignment():
            return survey.script(assignment, scene)
        case _:
            assert_never(assignment)


def session_id(assignment: Assignment) -> str:
    """The session's name in a run: unique within a plan, the same on every run."""
    part = assignment.shown
    if isinstance(assignment, InventoryAssignment):
        part = (str(assignment.block),)
    elif isinstance(assignment, HypothesisAssignment):
        part = (assignment.posed, str(assignment.wording))
    return "/".join((assignment.kind, assignment.respondent, *part, str(assignment.replicate)))


def failed_transcript(assignment: Assignment, reason: str) -> Transcript:
    """The transcript of a session that could not be finished: each of its questions is Missing."""
    asked = (
        assignment.answers
        if isinstance(assignment, DiscussionAssignment)
        else [(assignment.respondent, question) for question in assignment.questions]
    )
    responses = tuple(
        Response(
            respondent=respondent,
            question=question,
            shown=assignment.shown,
            answer=Missing(reason="failed", raw=reason),
            call_keys=(),
            replicate=assignment.replicate,
        )
        for respondent, question in asked
    )
    return Transcript(assignment=assignment, turns=(), responses=responses)
