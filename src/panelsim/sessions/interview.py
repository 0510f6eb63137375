"""The interview: a guide's questions in one conversation, with probes while an answer stays vague."""

from collections.abc import Iterator

from panelsim.errors import InputError
from panelsim.model.call import ChatCall, Message
from panelsim.model.note import Ground
from panelsim.model.plan import InterviewAssignment, Transcript, Turn
from panelsim.model.response import Response, TextAnswer
from panelsim.model.study import Guide, GuideQuestion
from panelsim.questions.open import OpenQuestion, is_vague
from panelsim.script import Script
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.grounds import IN_AN_INTERVIEW, turns_of
from panelsim.sessions.scene import Scene

MAX_PROBES = 2
"""Probes per question: a buyer who stays vague twice is left in peace."""


def script(assignment: InterviewAssignment, scene: Scene) -> Script[Transcript]:
    """The whole conversation, up to the guide's turn limit; every answer carries on from all before it."""
    guide = scene.guide
    if guide is None:
        raise InputError(f"respondent {assignment.respondent!r} cannot be interviewed without a guide")
    turns: list[Turn] = []
    responses: list[Response] = []
    asked: Asked | None = None
    given: tuple[Ground, ...] = ()
    left = guide.max_turns
    for question in guide.questions:
        for place, text in enumerate(_put(question, scene)):
            if left == 0 or (place and not _calls_for_probe(asked)):
                break
            buyer = scene.buyers[assignment.respondent]
            grounds = scene.grounds.of(buyer, text, IN_AN_INTERVIEW, but=given)
            given += grounds
            put = _with_notes(text, grounds, scene)
            asked = yield from _say(put, question, assignment, scene, guide, asked)
            left -= 1
            turns += turns_of(text, asked.said.text, asked.call, grounds)
            name = question.id if place == 0 else f"{question.id}.probe{place}"
            responses.append(_response(name, asked, assignment))
    return Transcript(assignment=assignment, turns=tuple(turns), responses=tuple(responses))


def _put(question: GuideQuestion, scene: Scene) -> Iterator[str]:
    """The question, then the probes it may need."""
    yield question.text
    yield from (question.probes or scene.probes)[:MAX_PROBES]


def _with_notes(text: str, grounds: tuple[Ground, ...], scene: Scene) -> str:
    """The question as it is put: with its passages before it, if there are any."""
    if not grounds:
        return text
    (message,) = scene.prompts.render("sessions/question", notes=grounds, question=text)
    return message.content


def _calls_for_probe(asked: Asked | None) -> bool:
    return asked is not None and isinstance(asked.answer, TextAnswer) and is_vague(asked.answer.text)


def _say(
    text: str,
    question: GuideQuestion,
    assignment: InterviewAssignment,
    scene: Scene,
    guide: Guide,
    before: Asked | None,
) -> Script[Asked]:
    form = OpenQuestion(id=question.id, max_tokens=110)
    if before is None:
        call = _opening(text, form, assignment, scene, guide)
    else:
        call = before.call.followed_by(before.said, (Message(role="user", content=text),))
    call = call.model_copy(update={"purpose": f"interview/{question.id}"})
    return (yield from ask(form, call, scene.prompts))


def _opening(
    text: str, form: OpenQuestion, assignment: InterviewAssignment, scene: Scene, guide: Guide
) -> ChatCall:
    buyer = scene.buyers[assignment.respondent]
    messages = scene.prompts.render("sessions/interview", buyer=buyer, opening=guide.opening, question=text)
    return scene.call(messages, form.form, lane=buyer.id, purpose="interview", replicate=assignment.replicate)


def _response(name: str, asked: Asked, assignment: InterviewAssignment) -> Response:
    return Response(
        respondent=assignment.respondent,
        question=name,
        shown=(),
        answer=asked.answer,
        call_keys=asked.keys,
        replicate=assignment.replicate,
    )
