"""The committee session: one seat judges one proposal alone, its stance in both orders, then in words.

No seat is told of another. The stance is asked twice, with yes and with no in the first slot; "cannot say"
stands last both times, so what a slot adds to yes in one order it adds to no in the other.
"""

from dataclasses import dataclass

from panelsim.errors import InputError
from panelsim.model.call import ChatCall, Message
from panelsim.model.committee import STANCES, Stance
from panelsim.model.plan import (
    CONDITION,
    OBJECTION,
    REASON,
    STANCE,
    SWAPPED,
    CommitteeAssignment,
    Transcript,
    Turn,
)
from panelsim.model.response import ChoiceAnswer, Response
from panelsim.questions import AnyQuestion
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.questions.open import OpenQuestion
from panelsim.script import Script, gather
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.scene import Scene
from panelsim.sessions.wordings import ACT, SeatWordings

ORDERS: dict[str, tuple[Stance, ...]] = {STANCE: ("yes", "no", "unsure"), SWAPPED: ("no", "yes", "unsure")}
"""Stances in the order of their slots, by question."""
MOST_TOKENS = 40
"""Of an answer in words."""


@dataclass(frozen=True)
class _Seat:
    """What every question of the session reads."""

    assignment: CommitteeAssignment
    scene: Scene
    buyer: Buyer
    words: SeatWordings

    def worded(self, text: str) -> str:
        """`text` with what this seat does in the place of `{act}`."""
        return text.replace(ACT, self.words.acts.of(self.buyer.authority))

    def options(self, order: tuple[Stance, ...]) -> tuple[str, ...]:
        """The answers in the order of their slots."""
        return tuple(self.worded(self.words.answers.of(stance)) for stance in order)

    def stance_wording(self, *, of_another: bool) -> str:
        """The stance question in the assignment's wording, about the buyer or to the buyer."""
        wordings = self.words.stance.third_person if of_another else self.words.stance.first_person
        return self.worded(wordings[self.assignment.wording % len(wordings)])

    @property
    def duty(self) -> str:
        """The seat's part in the decision."""
        return self.words.duties.of(self.buyer.authority)

    @property
    def proposal(self) -> str:
        """The proposal's text."""
        return self.scene.stimuli[self.assignment.stimulus].text.strip()


def script(assignment: CommitteeAssignment, scene: Scene) -> Script[Transcript]:
    """The stance in both orders, then reason, objection and condition in one conversation.

    With `elicit: reaction` the words come first, and both orders of the stance carry on from them.
    """
    if scene.committee is None:
        raise InputError(f"respondent {assignment.respondent!r} cannot judge without a committee's wordings")
    seat = _Seat(assignment, scene, scene.buyers[assignment.respondent], scene.committee)
    said: tuple[tuple[str, Asked], ...] = ()
    if scene.asking.elicit == "reaction":
        said = yield from _say(seat, None, whole=assignment.words)
        stances = yield from _stances(seat, said[0][1])
        asked = (*said, *stances) if assignment.words else stances
    else:
        stances = yield from _stances(seat, None)
        if assignment.words:
            said = yield from _say(seat, _held(stances), whole=True)
        asked = (*stances, *said)
    return Transcript(
        assignment=assignment,
        turns=tuple(turn for _, one in asked for turn in _turns(one)),
        responses=tuple(_response(assignment, name, one) for name, one in asked),
    )


def _stances(seat: _Seat, after: Asked | None) -> Script[tuple[tuple[str, Asked], ...]]:
    """The stance in both orders, asked at the same time."""
    asked = yield from gather(*(_stance(seat, name, order, after) for name, order in ORDERS.items()))
    return tuple(zip(ORDERS, asked, strict=True))


def _stance(seat: _Seat, name: str, order: tuple[Stance, ...], after: Asked | None) -> Script[Asked]:
    kind = LogprobChoice if seat.scene.asking.elicit == "logprob" else DirectChoice
    question = kind(id=name, options=order)
    put = _after(seat, order, after) if after is not None else _alone(seat, order)
    return (yield from ask(question, _call(seat, put, question, name), seat.scene.prompts))


def _alone(seat: _Seat, order: tuple[Stance, ...]) -> tuple[Message, ...]:
    """The stance asked of a seat that has said nothing yet."""
    asking = seat.scene.asking
    first, second, third = seat.options(order)
    return seat.scene.prompts.render(
        f"questions/stance.{asking.frame}",
        buyer=seat.buyer,
        duty=seat.duty,
        channel=seat.scene.channel_of(seat.buyer),
        proposal=seat.proposal,
        question=seat.stance_wording(of_another=asking.frame == "third_person"),
        first=first,
        second=second,
        third=third,
        json=asking.elicit != "logprob",
    )


def _after(seat: _Seat, order: tuple[Stance, ...], before: Asked) -> tuple[Message, ...]:
    """The stance asked after what the seat said in words."""
    first, second, third = seat.options(order)
    question = seat.stance_wording(of_another=False)
    put = seat.scene.prompts.render(
        "questions/stance.after", question=question, first=first, second=second, third=third
    )
    return before.call.followed_by(before.said, put).messages


def _held(stances: tuple[tuple[str, Asked], ...]) -> Stance | None:
    """The stance that is likeliest in both orders; none if they differ or one is missing."""
    found: set[Stance] = set()
    for _, asked in stances:
        if not isinstance(asked.answer, ChoiceAnswer):
            return None
        answer = asked.answer
        found.add(max(STANCES, key=answer.share_of))
    return found.pop() if len(found) == 1 else None


def _say(seat: _Seat, held: Stance | None, *, whole: bool) -> Script[tuple[tuple[str, Asked], ...]]:
    """The reason, and if `whole` the objection and the condition after it; `held` is the stance given."""
    wordings = seat.words.reason
    messages = seat.scene.prompts.render(
        "questions/seat_reason",
        buyer=seat.buyer,
        duty=seat.duty,
        channel=seat.scene.channel_of(seat.buyer),
        proposal=seat.proposal,
        question=seat.worded(wordings.open if held is None else wordings.of(held)),
    )
    question = OpenQuestion(id=REASON, max_tokens=MOST_TOKENS)
    asked = yield from ask(question, _call(seat, messages, question, REASON), seat.scene.prompts)
    said = [(REASON, asked)]
    for name, text in ((OBJECTION, seat.words.objection), (CONDITION, seat.words.condition)):
        if whole:
            asked = yield from _carry_on(seat, name, text, asked)
            said.append((name, asked))
    return tuple(said)


def _carry_on(seat: _Seat, name: str, text: str, before: Asked) -> Script[Asked]:
    messages = seat.scene.prompts.render("questions/seat_next", question=seat.worded(text))
    call = before.call.followed_by(before.said, messages)
    call = call.model_copy(update={"purpose": f"committee/{name}"})
    return (yield from ask(OpenQuestion(id=name, max_tokens=MOST_TOKENS), call, seat.scene.prompts))


def _call(seat: _Seat, messages: tuple[Message, ...], question: AnyQuestion, name: str) -> ChatCall:
    return seat.scene.call(
        messages,
        question.form,
        lane=seat.buyer.id,
        purpose=f"committee/{name}",
        replicate=seat.assignment.replicate,
    )


def _turns(asked: Asked) -> tuple[Turn, Turn]:
    """The last question put and what was said to it."""
    return (
        Turn(speaker="interviewer", text=asked.call.messages[-1].content),
        Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1]),
    )


def _response(assignment: CommitteeAssignment, name: str, asked: Asked) -> Response:
    return Response(
        respondent=assignment.respondent,
        question=name,
        shown=assignment.shown,
        answer=asked.answer,
        call_keys=asked.keys,
        wording=assignment.wording,
        replicate=assignment.replicate,
    )
