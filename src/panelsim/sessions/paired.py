"""The paired session: one respondent compares two stimuli in one order; the plan holds both orders."""

from panelsim.model.call import Message
from panelsim.model.plan import PREFERENCE, PairedAssignment, Transcript
from panelsim.model.response import Response
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.script import Script
from panelsim.sessions.ask import ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.grounds import WITH_A_LABEL, grounded, turns_of
from panelsim.sessions.scene import Scene


def script(assignment: PairedAssignment, scene: Scene) -> Script[Transcript]:
    """Which of two, in the order of the assignment; what was shown in which slot is kept with the answer."""
    buyer = scene.buyers[assignment.respondent]
    shown = (assignment.first, assignment.second)
    kind = LogprobChoice if scene.asking.elicit == "logprob" else DirectChoice
    question = kind(id=PREFERENCE, options=shown)
    first, second = (scene.stimuli[name].shown for name in shown)
    # the same passages in both orders, so that an order's effect is the order's alone
    about = "\n".join(sorted((first, second)))
    grounds = scene.grounds.of(buyer, "", WITH_A_LABEL, about)
    messages = _messages(scene, grounded(buyer, grounds), first, second)
    call = scene.call(
        messages, question.form, lane=buyer.id, purpose="paired/preference", replicate=assignment.replicate
    )
    asked = yield from ask(question, call, scene.prompts)
    response = Response(
        respondent=buyer.id,
        question=PREFERENCE,
        shown=shown,
        answer=asked.answer,
        call_keys=asked.keys,
        wording=assignment.wording,
        replicate=assignment.replicate,
    )
    turns = turns_of(asked.call.messages[-1].content, asked.said.text, asked.call, grounds)
    return Transcript(assignment=assignment, turns=turns, responses=(response,))


def _messages(scene: Scene, buyer: Buyer, first: str, second: str) -> tuple[Message, ...]:
    """The question as it is put, in the wording for headlines or for concepts."""
    by_letter = scene.asking.elicit == "logprob"
    if scene.shows_concepts:
        return scene.prompts.render(
            f"questions/concept_choice.{scene.asking.frame}",
            buyer=buyer,
            channel=scene.channel_of(buyer),
            first=first,
            second=second,
            json=not by_letter,
        )
    return scene.prompts.render(
        f"questions/{'choice' if by_letter else 'choice_direct'}.{scene.asking.frame}",
        buyer=buyer,
        channel=scene.channel_of(buyer),
        first=first,
        second=second,
    )
