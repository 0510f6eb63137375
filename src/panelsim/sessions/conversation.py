"""The conversation: one more answer of a respondent in an open talk, in the voice of an interview."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.model.call import ChatCall, Message
from panelsim.model.conversation import Talk
from panelsim.model.note import Ground
from panelsim.model.plan import Turn
from panelsim.questions.open import OpenQuestion
from panelsim.script import Script
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.grounds import IN_AN_INTERVIEW, turns_of
from panelsim.sessions.scene import Scene


class Replied(NamedTuple):
    """The answer, and the whole talk with it."""

    asked: Asked
    turns: tuple[Turn, ...]


def script(talk: Talk, scene: Scene) -> Script[Replied]:
    """The respondent's answer to the last question of `talk`; asked once more if it cannot be read.

    The first question stands in the opening of an interview, whose card and voice no text of the caller
    comes before or replaces: a note and a record are told by the interviewer, quoted.
    """
    check_turns(talk.turns)
    buyer = scene.buyers[talk.respondent]
    messages, grounds = _messages(talk, buyer, scene)
    form = OpenQuestion(id=talk.purpose, max_tokens=talk.max_tokens, stop=talk.stop)
    call = scene.call(messages, form.form, lane=buyer.id, purpose=talk.purpose)
    asked = yield from ask(form, _narrowed(call, talk.top_p), scene.prompts)
    question = talk.turns[-1].text
    last = turns_of(question, asked.said.text, asked.call, grounds)
    return Replied(asked, (*talk.turns[:-1], *last))


def check_turns(turns: tuple[Turn, ...]) -> None:
    """Raises `InputError` unless interviewer and respondent take turns, the interviewer first and last."""
    if turns[0].speaker != "interviewer" or turns[-1].speaker != "interviewer":
        raise InputError(
            "the conversation must begin and end with the interviewer (role user): the respondent answers"
        )
    if any(one.speaker == other.speaker for one, other in pairwise(turns)):
        raise InputError("interviewer and respondent must take turns, found two turns of one in a row")


def _narrowed(call: ChatCall, top_p: float) -> ChatCall:
    if top_p == call.sampling.top_p:
        return call
    return call.model_copy(update={"sampling": call.sampling.model_copy(update={"top_p": top_p})})


def _messages(talk: Talk, buyer: Buyer, scene: Scene) -> tuple[tuple[Message, ...], tuple[Ground, ...]]:
    """The whole prompt, and the passages that are given with the last question."""
    messages: list[Message] = []
    given: tuple[Ground, ...] = ()
    grounds: tuple[Ground, ...] = ()
    for turn in talk.turns:
        if turn.speaker == "respondent":
            messages.append(Message(role="assistant", content=turn.text))
            continue
        grounds = scene.grounds.of(buyer, turn.text, IN_AN_INTERVIEW, but=given)
        given += grounds
        put = _put(turn.text, grounds, scene)
        if messages:
            messages.append(Message(role="user", content=put))
        else:
            opening = "\n\n".join(_opening(talk, scene))
            messages += scene.prompts.render("sessions/interview", buyer=buyer, opening=opening, question=put)
    return tuple(messages), grounds


def _put(text: str, grounds: tuple[Ground, ...], scene: Scene) -> str:
    if not grounds:
        return text
    (message,) = scene.prompts.render("sessions/question", notes=grounds, question=text)
    return message.content


def _opening(talk: Talk, scene: Scene) -> Iterator[str]:
    """What is said before the first question."""
    if talk.opening:
        yield talk.opening
    if talk.note:
        (message,) = scene.prompts.render("sessions/situation", note=talk.note)
        yield message.content
    if talk.record:
        (message,) = scene.prompts.render("sessions/record", record=talk.record)
        yield message.content
