"""The paired session: one respondent compares two stimuli in one order; the plan holds both orders."""

from panelsim.model.plan import PREFERENCE, PairedAssignment, Transcript, Turn
from panelsim.model.response import Response
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.script import Script
from panelsim.sessions.ask import ask
from panelsim.sessions.scene import Scene


def script(assignment: PairedAssignment, scene: Scene) -> Script[Transcript]:
    """Which of two, in the order of the assignment; what was shown in which slot is kept with the answer."""
    buyer = scene.buyers[assignment.respondent]
    shown = (assignment.first, assignment.second)
    kind = LogprobChoice if scene.asking.elicit == "logprob" else DirectChoice
    question = kind(id=PREFERENCE, options=shown)
    form = "choice" if scene.asking.elicit == "logprob" else "choice_direct"
    messages = scene.prompts.render(
        f"questions/{form}.{scene.asking.frame}",
        buyer=buyer,
        channel=scene.channel,
        first=scene.stimuli[assignment.first].text,
        second=scene.stimuli[assignment.second].text,
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
    turns = (
        Turn(speaker="interviewer", text=asked.call.messages[-1].content),
        Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1]),
    )
    return Transcript(assignment=assignment, turns=turns, responses=(response,))
