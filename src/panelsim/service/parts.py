"""What a part of a run holds: its sessions, the calls they begin with, and the two that sound out a model."""

import asyncio
from functools import partial

from panelsim.errors import ProviderError
from panelsim.execution.drive import Session
from panelsim.execution.part import Part
from panelsim.model.call import Call
from panelsim.model.plan import SEAT_WORDS, Assignment, Transcript
from panelsim.model.questionnaire import MultipleChoice
from panelsim.providers import Complete
from panelsim.service.prepare import Job
from panelsim.sessions import script_of, session_id
from panelsim.sessions.scene import Scene


async def sound_out(job: Job, part: Part, complete: Complete) -> None:
    """Makes the first call of the first and of the last session before all others.

    Raises the first `ProviderError` if none of them can be answered: a server that is down or a key that is
    wrong then costs a few attempts and not several for every session.
    """
    calls = {call.key: call for call in (_first_call(one, job) for one in _ends(job, part))}
    outcomes = await asyncio.gather(*(complete(call) for call in calls.values()), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for error in errors:
        if len(errors) == len(outcomes) or not isinstance(error, ProviderError):
            raise error


def _ends(job: Job, part: Part) -> tuple[Assignment, Assignment]:
    """The first and the last session of a part."""
    asked = [place for place in range(part.start, part.stop) if job.plan.sheets[job.plan.sheet_of[place]]]
    first = next(job.plan.assignments_of(asked[0], asked[0] + 1))
    *_, last = job.plan.assignments_of(asked[-1], asked[-1] + 1)
    return first, last


def _first_call(assignment: Assignment, job: Job) -> Call:
    script = script_of(assignment, job.scene)
    try:
        return next(script)[0]
    finally:
        script.close()


def sessions_in(job: Job, part: Part) -> int:
    """Sessions of a part."""
    places = job.plan.sheet_of[part.start : part.stop]
    return sum(len(job.plan.sheets[place]) for place in places)


def planned_calls(job: Job, part: Part | None = None) -> int:
    """First calls of the plan or a part of it: re-asks, probes and embeddings come on top."""
    of_sheet = [sum(_first_calls(one, job) for one in sheet) for sheet in job.plan.sheets]
    places = job.plan.sheet_of if part is None else job.plan.sheet_of[part.start : part.stop]
    return sum(of_sheet[place] for place in places)


def _first_calls(assignment: Assignment, job: Job) -> int:
    match assignment.kind:
        case "monadic":
            return len(assignment.measures) + 2 * assignment.open_questions
        case "paired":
            return 1
        case "committee":
            return 2 + len(SEAT_WORDS) * assignment.words
        case "interview":
            guide = job.scene.guide
            return min(guide.max_turns, len(guide.questions)) if guide else 0
        case "inventory":
            return len(assignment.items)
        case "discussion":
            return len(assignment.answers)
        case "hypothesis":
            return 2
        case "survey":
            return sum(_calls_for(job.scene, name) for name in assignment.asked)


def _calls_for(scene: Scene, name: str) -> int:
    """Calls for one question of a survey, as if its filter let it through."""
    form = scene.questionnaire
    question = None if form is None else form.questions[name]
    each = isinstance(question, MultipleChoice) and scene.asking.elicit == "logprob"
    return len(question.options) if each and isinstance(question, MultipleChoice) else 1


def session_of(assignment: Assignment, job: Job) -> Session[Transcript]:
    """The session that `assignment` asks for, not started."""
    start = partial(script_of, assignment, job.scene)
    asked = len(assignment.questions)
    return Session(session_id(assignment), assignment.respondent, start, asked)
