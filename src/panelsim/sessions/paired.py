"""The paired session: one respondent compares two stimuli in one order; the plan holds both orders."""

from panelsim.model.plan import PREFERENCE, PairedAssignment, Transcript
from panelsim.model.response import Response
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.script import Script
from panelsim.sessions.ask import ask
from panelsim.sessions.grounds import WITH_A_LABEL, grounded, turns_of
from panelsim.sessions.scene import Scene


def script(assignment: PairedAssignment, scene: Scene) -> Script[Transcript]:
    """Which of two, in the order of the assignment; what was shown in which slot is kept with the answer."""
    buyer = scene.buyers[assignment.respondent]
    shown = (assignment.first, assignment.second)
    kind = LogprobChoice if scene.asking.elicit == "logprob" else DirectChoice
    question = kind(id=PREFERENCE, options=shown)
    form = "choice" if scene.asking.elicit == "logprob" else "choice_direct"
    first, second = (scene.stimuli[name].text for name in shown)
    # the same passages in both orders, so that an order's effect is the order's alone
    about = "\n".join(sorted((first, second)))
    grounds = scene.grounds.of(buyer, "", WITH_A_LABEL, about)
    messages = scene.prompts.render(
        f"questions/{form}.{scene.asking.frame}",
        buyer=grounded(buyer, grounds),
        channel=scene.channel_of(buyer),
        first=first,
        second=second,
    )
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
