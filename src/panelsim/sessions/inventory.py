"""The inventory session: one respondent answers a block of items, each in a call of its own."""

from panelsim.errors import InputError
from panelsim.model.plan import InventoryAssignment, Transcript, Turn
from panelsim.model.response import Response
from panelsim.questions.rating import DirectRating, LogprobRating
from panelsim.script import Script, gather
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.scene import Inventory, Scene


def script(assignment: InventoryAssignment, scene: Scene) -> Script[Transcript]:
    """Every item of the block, asked alone: no item sees another's answer. The shared start comes first."""
    inventory = scene.inventory
    if inventory is None:
        raise InputError(f"respondent {assignment.respondent!r} cannot answer items without an instrument")
    answers = yield from gather(*(_answer(name, assignment, scene, inventory) for name in assignment.items))
    turns: list[Turn] = []
    for asked in answers:
        turns += (
            Turn(speaker="interviewer", text=asked.call.messages[-1].content),
            Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1]),
        )
    responses = tuple(
        Response(
            respondent=assignment.respondent,
            question=name,
            shown=(),
            answer=asked.answer,
            call_keys=asked.keys,
            replicate=assignment.replicate,
        )
        for name, asked in zip(assignment.items, answers, strict=True)
    )
    return Transcript(assignment=assignment, turns=tuple(turns), responses=responses)


def _answer(name: str, assignment: InventoryAssignment, scene: Scene, inventory: Inventory) -> Script[Asked]:
    by_logprob = scene.asking.elicit == "logprob"
    question = LogprobRating(id=name) if by_logprob else DirectRating(id=name)
    start = "rating" if by_logprob else "direct"
    messages = scene.prompts.render(
        f"inventory/{start}.{inventory.kind}.{inventory.form}",
        buyer=scene.buyers[assignment.respondent],
        nature=inventory.natures[assignment.respondent],
        item=inventory.items[name].text,
    )
    call = scene.call(
        messages,
        question.form,
        lane=assignment.respondent,
        purpose=f"inventory/{inventory.items[name].scale}",
        replicate=assignment.replicate,
    )
    return (yield from ask(question, call, scene.prompts))
