"""Asking one question: the call, one re-ask if the answer cannot be read, then Missing."""

from typing import NamedTuple

from panelsim.model.call import ChatCall, Completion
from panelsim.model.response import AnswerOrMissing, Missing
from panelsim.prompts import Prompts
from panelsim.questions import AnyQuestion
from panelsim.script import Script

QUOTED = 200
"""Characters of an unreadable answer that are quoted back."""


class Asked(NamedTuple):
    """An answer with the call and completion it was read from."""

    answer: AnswerOrMissing
    call: ChatCall
    said: Completion
    keys: tuple[str, ...]
    """Keys of all calls made, in order."""


def ask(question: AnyQuestion, call: ChatCall, prompts: Prompts) -> Script[Asked]:
    """Asks once; if the answer cannot be read, once more with what was wrong. A refusal is not pressed."""
    (said,) = yield (call,)
    answer = question.parse(said)
    if not isinstance(answer, Missing) or answer.reason == "refused":
        return Asked(answer, call, said, (call.key,))
    reask = prompts.render("sessions/reask", said=said.text.strip()[:QUOTED], expected=question.expected)
    again = call.followed_by(said, reask)
    (said,) = yield (again,)
    return Asked(question.parse(said), again, said, (call.key, again.key))
