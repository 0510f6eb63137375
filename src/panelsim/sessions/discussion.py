"""The discussion session: a group reacts and rates in private, speaks in turn, and rates in private again.

All that is private goes out at the same time for all members; in a round a member speaks after having heard
those before. A private rating after the talk is the same question as before it, with what was heard at its
start; it sees neither the member's earlier rating nor its reaction, which it would only have to agree with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from panelsim.errors import InputError
from panelsim.model.discussion_design import DiscussionControlName
from panelsim.model.plan import (
    AFTER,
    BEFORE,
    OBJECTION,
    REACTION,
    DiscussionAssignment,
    MonadicAssignment,
    Transcript,
    Turn,
    rated,
    round_name,
)
from panelsim.model.response import AnswerOrMissing, Missing, Response, TextAnswer
from panelsim.questions.open import OpenQuestion
from panelsim.script import Script, gather
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.grounds import WITH_A_REACTION, grounded, turns_of
from panelsim.sessions.moderating import ModeratorWords
from panelsim.sessions.monadic import REACT, rate, reaction_call
from panelsim.sessions.scene import Scene

SPOKEN_TOKENS = 80
"""Of one turn."""
OBJECTION_TOKENS = 48
MOST_HEARD = 32
"""Turns that a member is given of what was said, the last ones: what a small model can hold beside a card."""
TALK = "this headline"
"""What a group talked about, where its text stands in the same prompt."""


@dataclass(frozen=True)
class _Group:
    """What every question of the session reads."""

    assignment: DiscussionAssignment
    scene: Scene
    words: ModeratorWords
    asked: tuple[str, ...]
    """What the moderator asks, round by round."""
    names: dict[str, str]
    """How each member is called, by id."""

    def buyer(self, member: str) -> Buyer:
        """The buyer behind a member."""
        return self.scene.buyers[member]

    @property
    def headline(self) -> str:
        """What is talked about; empty for a guide alone."""
        name = self.assignment.stimulus
        return self.scene.stimuli[name].text.strip() if name else ""

    def alone(self, member: str, replicate: int = 0) -> MonadicAssignment:
        """What a member is asked in private, as a message test asks it."""
        given = self.assignment
        return MonadicAssignment(
            respondent=member,
            stimulus=given.stimulus,
            measures=(given.measure,),
            open_questions=False,
            wording=given.wording,
            replicate=given.replicate + replicate,
        )


@dataclass(frozen=True)
class _Spoken:
    """One turn of a member, as the others hear it; no words if it cannot be read."""

    member: str
    text: str


_Said = tuple[Response, tuple[Turn, ...]]
"""A response with its turns."""


def script(assignment: DiscussionAssignment, scene: Scene) -> Script[Transcript]:
    """The private part before, every round, the private ratings after."""
    if scene.moderator is None:
        raise InputError(f"group {assignment.respondent!r} cannot talk without a moderator's words")
    rounds = scene.moderator.rounds(scene.guide, len(assignment.orders) // _questions(scene))
    group = _Group(assignment, scene, scene.moderator, rounds, _names(assignment, scene))
    before = yield from gather(*(_before(group, member) for member in assignment.members))
    reactions = dict(zip(assignment.members, (reaction for reaction, _ in before), strict=True))
    said: list[_Said] = [one for _, answers in before for one in answers]
    heard: list[str | _Spoken] = []
    for place, order in enumerate(assignment.orders):
        question = Turn(speaker="interviewer", text=group.asked[place], question=round_name(place))
        heard.append(group.asked[place])
        for member in order:
            response, turn = yield from _speak(group, member, place, heard, reactions[member])
            said.append((response, (question, turn) if member == order[0] else (turn,)))
            heard.append(_Spoken(member, _text(response.answer)))
    if assignment.stimulus:
        lines = _lines(group, [one for one in heard if isinstance(one, _Spoken)])
        said += yield from gather(
            *(
                _rate(group, one, AFTER, reactions[one], _heard(group, one, TALK, lines))
                for one in assignment.members
            )
        )
    return Transcript(
        assignment=assignment,
        turns=tuple(turn for _, turns in said for turn in turns),
        responses=tuple(response for response, _ in said),
    )


def _questions(scene: Scene) -> int:
    return len(scene.guide.questions) if scene.guide else 1


def _names(assignment: DiscussionAssignment, scene: Scene) -> dict[str, str]:
    """A name for each member; two of one name get their id beside it."""
    names = {member: scene.buyers[member].name for member in assignment.members}
    known = list(names.values())
    return {one: name if known.count(name) == 1 else f"{name} ({one})" for one, name in names.items()}


# ---- in private


def _before(group: _Group, member: str) -> Script[tuple[Asked, tuple[_Said, ...]]]:
    """The first reaction; then at once the objection, the rating and the controls."""
    reaction = yield from _react(group, member)
    first = _private(group, member, REACTION, reaction)
    if not group.assignment.stimulus:
        return reaction, (first,)
    rest = yield from gather(
        _object(group, member, reaction),
        _rate(group, member, BEFORE, reaction),
        *(_control(group, member, name, reaction) for name in group.assignment.controls),
    )
    return reaction, (first, *rest)


def _react(group: _Group, member: str) -> Script[Asked]:
    """What a member thinks before anybody speaks."""
    scene, buyer = group.scene, group.buyer(member)
    if group.assignment.stimulus:
        return (yield from ask(REACT, reaction_call(group.alone(member), scene, buyer), scene.prompts))
    opening = scene.guide.opening if scene.guide else ""
    messages = scene.prompts.render(
        "sessions/interview", buyer=buyer, opening=opening, question=group.asked[0]
    )
    question = OpenQuestion(id=REACTION, max_tokens=SPOKEN_TOKENS)
    call = scene.call(messages, question.form, lane=member, purpose="discussion/reaction")
    return (yield from ask(question, call, scene.prompts))


def _object(group: _Group, member: str, reaction: Asked) -> Script[_Said]:
    messages = group.scene.prompts.render("questions/seat_next", question=group.words.objection)
    call = reaction.call.followed_by(reaction.said, messages)
    call = call.model_copy(update={"purpose": "discussion/objection"})
    question = OpenQuestion(id=OBJECTION, max_tokens=OBJECTION_TOKENS)
    asked = yield from ask(question, call, group.scene.prompts)
    return _private(group, member, OBJECTION, asked)


def _private(group: _Group, member: str, name: str, asked: Asked) -> _Said:
    """An answer in words that nobody of the group hears."""
    turns = turns_of(asked.call.messages[-1].content, asked.said.text, asked.call)
    return _response(group, member, name, asked.answer, asked.keys), _marked(turns, member, name)


def _marked(turns: Sequence[Turn], member: str, name: str) -> tuple[Turn, ...]:
    return tuple(turn.model_copy(update={"respondent": member, "question": name}) for turn in turns)


def _control(group: _Group, member: str, name: DiscussionControlName, reaction: Asked) -> Script[_Said]:
    """The rating again with nothing in between, or after a group that talked about something else."""
    heard = ""
    if name == "unrelated":
        order = [one for round_order in group.assignment.orders for one in round_order]
        turns = group.words.unrelated.turns
        spoken = [_Spoken(one, turns[at % len(turns)]) for at, one in enumerate(order)]
        heard = _heard(group, member, group.words.unrelated.topic, _lines(group, spoken))
    return (yield from _rate(group, member, name, reaction, heard, replicate=int(name == "retest")))


def _rate(
    group: _Group, member: str, when: str, reaction: Asked, heard: str = "", *, replicate: int = 0
) -> Script[_Said]:
    """The private rating at one of its times."""
    measure = group.assignment.measure
    response, turns = yield from rate(
        measure, group.alone(member, replicate), group.scene, group.buyer(member), reaction, heard
    )
    name = rated(measure, when)
    return response.model_copy(update={"question": name}), _marked(turns, member, name)


def _heard(group: _Group, member: str, topic: str, lines: tuple[str, ...]) -> str:
    """The talk as it stands before a private rating."""
    asking = group.scene.asking
    (message,) = group.scene.prompts.render(
        "sessions/heard",
        name=group.names[member],
        topic=topic,
        lines=lines,
        of_another=asking.frame == "third_person" and asking.elicit != "reaction",
    )
    return message.content


# ---- in the group


def _speak(
    group: _Group, member: str, place: int, heard: Sequence[str | _Spoken], reaction: Asked
) -> Script[tuple[Response, Turn]]:
    """One turn of a member, who has heard everything so far."""
    scene, buyer = group.scene, group.buyer(member)
    grounds = scene.grounds.of(buyer, group.asked[place], WITH_A_REACTION, group.headline)
    question = OpenQuestion(id=round_name(place), max_tokens=SPOKEN_TOKENS)
    messages = scene.prompts.render(
        "sessions/discussion",
        buyer=grounded(buyer, grounds),
        name=group.names[member],
        others=tuple(name for one, name in group.names.items() if one != member),
        channel=scene.channel_of(buyer),
        headline=group.headline,
        opening=scene.guide.opening if scene.guide else "",
        first=" ".join(_text(reaction.answer).split()),
        lines=_lines(group, heard, moderated=True),
    )
    call = scene.call(
        messages,
        question.form,
        lane=member,
        purpose=f"discussion/{question.id}",
        replicate=group.assignment.replicate,
    )
    asked = yield from ask(question, call, scene.prompts)
    answer = _own_words(asked.answer, group, member)
    put, said = turns_of("", asked.said.text, asked.call, grounds)
    spoken = {"text": _text(answer) or asked.said.text, "grounds": put.grounds}
    turn = said.model_copy(update={**spoken, "respondent": member, "question": question.id})
    return _response(group, member, question.id, answer, asked.keys), turn


def _own_words(answer: AnswerOrMissing, group: _Group, member: str) -> AnswerOrMissing:
    """What a member says, without its own name before it and without words put into another's mouth."""
    if not isinstance(answer, TextAnswer):
        return answer
    text = " ".join(answer.text.split()).removeprefix(f"{group.names[member]}:").strip()
    for name in ("Moderator", *group.names.values()):
        text = text.partition(f"{name}:")[0]
    text = text.rstrip(" -")
    return TextAnswer(text=text) if text else Missing(reason="unreadable", raw=answer.text)


def _lines(group: _Group, heard: Sequence[str | _Spoken], *, moderated: bool = False) -> tuple[str, ...]:
    """What was said, a line each, the last `MOST_HEARD` of it; who said nothing readable is left out."""
    lines: list[str] = []
    for one in heard[-MOST_HEARD:]:
        if isinstance(one, str):
            lines.append(f"Moderator: {one}")
        elif one.text:
            mark = "- " if moderated else ""
            lines.append(f"{mark}{group.names[one.member]}: {one.text}")
    return tuple(lines)


def _text(answer: AnswerOrMissing) -> str:
    return answer.text if isinstance(answer, TextAnswer) else ""


def _response(
    group: _Group, member: str, name: str, answer: AnswerOrMissing, keys: tuple[str, ...]
) -> Response:
    return Response(
        respondent=member,
        question=name,
        shown=group.assignment.shown,
        answer=answer,
        call_keys=keys,
        wording=group.assignment.wording,
        replicate=group.assignment.replicate,
    )
