"""The hypothesis session: one respondent, one wording, both orders of the positions.

"Neither" stands last both times, so what a slot adds to a in one order it adds to b in the other.
"""

import yaml
from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.model.hypothesis import SIDES, ControlHypotheses, Side
from panelsim.model.note import Ground
from panelsim.model.plan import POSITION, POSITION_SWAPPED, HypothesisAssignment, Transcript
from panelsim.model.response import Response
from panelsim.prompts import Prompts
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.script import Script, gather
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.grounds import WITH_A_LABEL, grounded, turns_of
from panelsim.sessions.scene import Positions, Scene

ORDERS: dict[str, tuple[Side, ...]] = {POSITION: SIDES, POSITION_SWAPPED: ("b", "a", "neither")}
"""Positions in the order of their slots, by question."""


def script(assignment: HypothesisAssignment, scene: Scene) -> Script[Transcript]:
    """The position in both orders, asked at the same time."""
    positions = scene.positions
    if positions is None:
        raise InputError(f"respondent {assignment.respondent!r} cannot take a position without a hypothesis")
    asked = yield from gather(
        *(_position(name, order, assignment, scene, positions) for name, order in ORDERS.items())
    )
    grounds = _grounds(assignment, scene, positions)
    turns = [turns_of(one.call.messages[-1].content, one.said.text, one.call, grounds) for one in asked]
    return Transcript(
        assignment=assignment,
        turns=tuple(turn for pair in turns for turn in pair),
        responses=tuple(
            Response(
                respondent=assignment.respondent,
                question=name,
                shown=assignment.shown,
                answer=one.answer,
                call_keys=one.keys,
                wording=assignment.wording,
                replicate=assignment.replicate,
            )
            for name, one in zip(ORDERS, asked, strict=True)
        ),
    )


def _position(
    name: str, order: tuple[Side, ...], assignment: HypothesisAssignment, scene: Scene, positions: Positions
) -> Script[Asked]:
    by_letter = scene.asking.elicit == "logprob"
    question = (LogprobChoice if by_letter else DirectChoice)(id=name, options=order)
    posed = positions.posed[assignment.posed]
    buyer = scene.buyers[assignment.respondent]
    first, second, third = (posed.text_of(side, positions.neither) for side in order)
    messages = scene.prompts.render(
        f"questions/position.{scene.asking.frame}",
        buyer=grounded(buyer, _grounds(assignment, scene, positions)),
        question=posed.wordings[assignment.wording],
        first=first,
        second=second,
        third=third,
        json=not by_letter,
    )
    call = scene.call(
        messages,
        question.form,
        lane=buyer.id,
        purpose=f"hypothesis/{name}",
        replicate=assignment.replicate,
    )
    return (yield from ask(question, call, scene.prompts))


def _grounds(assignment: HypothesisAssignment, scene: Scene, positions: Positions) -> tuple[Ground, ...]:
    """The passages that stand with the question, the same in both orders."""
    posed = positions.posed[assignment.posed]
    about = "\n".join(sorted((posed.a, posed.b)))
    buyer = scene.buyers[assignment.respondent]
    return scene.grounds.of(buyer, posed.wordings[assignment.wording], WITH_A_LABEL, about)


def read_control_hypotheses(prompts: Prompts) -> ControlHypotheses:
    """The controls of every hypothesis. Raises `InputError` if the file cannot be used."""
    try:
        return ControlHypotheses.model_validate(yaml.safe_load(prompts.text("sessions/hypothesis")))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"prompt file 'sessions/hypothesis' cannot be used: {error}") from error
