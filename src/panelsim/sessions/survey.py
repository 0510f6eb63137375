"""The survey session: a questionnaire, each question in a call of its own that knows no other answer.

Questions whose filters are settled are asked at the same time; one that depends on an earlier answer waits
for it, and is not put if that answer rules it out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml
from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.model.call import Message
from panelsim.model.note import Ground
from panelsim.model.plan import SurveyAssignment, Transcript, Turn
from panelsim.model.questionnaire import (
    NO_ANSWER,
    Closed,
    MultipleChoice,
    NumberQuestion,
    OpenText,
    RatingScale,
    SurveyQuestion,
    label_of,
)
from panelsim.model.response import (
    AnswerOrMissing,
    ChoiceAnswer,
    ChoicesAnswer,
    Missing,
    Response,
)
from panelsim.prompts import Prompts
from panelsim.questions import AnyQuestion
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.questions.choices import DirectChoices
from panelsim.questions.number import DirectNumber
from panelsim.questions.open import OpenQuestion
from panelsim.script import Script, gather
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.grounds import WITH_A_LABEL, grounded, turns_of
from panelsim.sessions.scene import Questionnaire, Scene, SurveyWords

YES, NO = "yes", "no"
OPTION = "{option}"
MOST_TOKENS = 60
"""Of an answer in words."""


@dataclass(frozen=True)
class _Seat:
    """What every question of a session reads."""

    assignment: SurveyAssignment
    scene: Scene
    buyer: Buyer
    form: Questionnaire

    @property
    def about(self) -> str:
        """What every question is put with."""
        return self.form.about

    @property
    def by_letter(self) -> bool:
        """Whether answers are read as probabilities of letters."""
        return self.scene.asking.elicit == "logprob"


def script(assignment: SurveyAssignment, scene: Scene) -> Script[Transcript]:
    """Every question that its filter lets through, in as few rounds as filters allow."""
    form = scene.questionnaire
    if form is None:
        raise InputError(f"respondent {assignment.respondent!r} cannot be surveyed without a questionnaire")
    seat = _Seat(assignment, scene, scene.buyers[assignment.respondent], form)
    left = [form.questions[name] for name in assignment.asked]
    answers: dict[str, AnswerOrMissing | None] = {}
    turns: list[Turn] = []
    responses: list[Response] = []
    while left:
        ready = [one for one in left if one.only_if is None or one.only_if.question in answers]
        left = [one for one in left if one not in ready]
        put = [one for one in ready if is_put(one, answers)]
        answers |= {one.id: None for one in ready}
        for response, said in (yield from gather(*(_answer(one, seat) for one in put))):
            answers[response.question] = response.answer
            responses.append(response)
            turns += said
    order = {name: place for place, name in enumerate(assignment.asked)}
    responses.sort(key=lambda one: order[one.question])
    return Transcript(assignment=assignment, turns=tuple(turns), responses=tuple(responses))


def is_put(question: SurveyQuestion, answers: Mapping[str, AnswerOrMissing | None]) -> bool:
    """Whether the filter lets the question through: never after a missing or a skipped answer."""
    if question.only_if is None:
        return True
    match answers[question.only_if.question]:
        case ChoiceAnswer() as one:
            return max(one.options, key=one.share_of) in question.only_if.any_of
        case ChoicesAnswer() as some:
            return any(some.share_of(option) >= 0.5 for option in question.only_if.any_of)
        case _:
            return False


def order_of(question: Closed, turn: int) -> tuple[str, ...]:
    """Ids of the choices in the order of their slots: rotated, or turned if it is a scale; no answer last."""
    choices = question.choices
    if isinstance(question, RatingScale):
        shown = choices[::-1] if turn % 2 else choices
    else:
        start = turn % len(choices)
        shown = choices[start:] + choices[:start]
    return (*shown, NO_ANSWER) if question.no_answer else shown


Said = tuple[Response, tuple[Turn, ...]]


def _answer(question: SurveyQuestion, seat: _Seat) -> Script[Said]:
    match question:
        case NumberQuestion():
            number = DirectNumber(id=question.id, low=question.low, high=question.high)
            put = seat.scene.prompts.render(
                "questions/survey_number",
                buyer=_with_notes(question, seat),
                about=seat.about,
                question=question.text,
                low=f"{question.low:g}",
                high=f"{question.high:g}",
                unit=question.unit,
            )
            asked = yield from _ask(number, put, question, seat)
        case OpenText():
            put = seat.scene.prompts.render(
                "questions/survey_open",
                buyer=_with_notes(question, seat),
                about=seat.about,
                question=question.text,
            )
            asked = yield from _ask(OpenQuestion(id=question.id, max_tokens=MOST_TOKENS), put, question, seat)
        case MultipleChoice() if seat.by_letter:
            return (yield from _each(question, seat))
        case _:
            order = order_of(question, seat.assignment.turn)
            asked = yield from _closed(question, order, seat)
    return _response(question, asked.answer, asked.keys, seat), _turns(question, asked, seat)


def _closed(question: Closed, order: tuple[str, ...], seat: _Seat) -> Script[Asked]:
    many = isinstance(question, MultipleChoice)
    form: AnyQuestion
    if many:
        form = DirectChoices(id=question.id, options=order, alone=NO_ANSWER if question.no_answer else "")
    else:
        form = (LogprobChoice if seat.by_letter else DirectChoice)(id=question.id, options=order)
    labels = [seat.form.words.no_answer if one == NO_ANSWER else label_of(question, one) for one in order]
    return (yield from _ask(form, _put(question, question.text, labels, seat, many=many), question, seat))


def _put(
    question: SurveyQuestion, text: str, labels: Sequence[str], seat: _Seat, *, many: bool = False
) -> tuple[Message, ...]:
    return seat.scene.prompts.render(
        f"questions/survey_choice.{seat.scene.asking.frame}",
        buyer=_with_notes(question, seat),
        about=seat.about,
        question=text,
        options=tuple(labels),
        many=many,
        json=not seat.by_letter,
    )


def _each(question: MultipleChoice, seat: _Seat) -> Script[Said]:
    """One yes-or-no question for each option, and for "no answer" none: who says no to all says nothing.

    Yes stands first for every other turn. One option without an answer makes the whole answer Missing.
    """
    order = (YES, NO) if seat.assignment.turn % 2 == 0 else (NO, YES)
    asked = yield from gather(*(_one(question, option, order, seat) for option in question.options))
    keys = tuple(key for one in asked for key in one.keys)
    turns = tuple(turn for one in asked for turn in _turns(question, one, seat))
    heard = [one.answer for one in asked if isinstance(one.answer, ChoiceAnswer)]
    if len(heard) < len(asked):
        lost = next(one.answer for one in asked if not isinstance(one.answer, ChoiceAnswer))
        answer = lost if isinstance(lost, Missing) else Missing(reason="unreadable")
        return _response(question, answer, keys, seat), turns
    given = ChoicesAnswer(
        options=question.options,
        shares=tuple(one.share_of(YES) for one in heard),
        valid_mass=min(one.valid_mass for one in heard),
    )
    return _response(question, given, keys, seat), turns


def _one(question: MultipleChoice, option: str, order: tuple[str, ...], seat: _Seat) -> Script[Asked]:
    form = LogprobChoice(id=question.id, options=order)
    text = f"{question.text} {seat.form.words.applies.replace(OPTION, option)}"
    labels = [seat.form.words.yes if one == YES else seat.form.words.no for one in order]
    return (yield from _ask(form, _put(question, text, labels, seat), question, seat))


def _ask(
    form: AnyQuestion, messages: tuple[Message, ...], question: SurveyQuestion, seat: _Seat
) -> Script[Asked]:
    call = seat.scene.call(
        messages,
        form.form,
        lane=seat.buyer.id,
        purpose=f"survey/{question.id}",
        replicate=seat.assignment.replicate,
    )
    return (yield from ask(form, call, seat.scene.prompts))


def _grounds(question: SurveyQuestion, seat: _Seat) -> tuple[Ground, ...]:
    return seat.scene.grounds.of(seat.buyer, question.text, WITH_A_LABEL)


def _with_notes(question: SurveyQuestion, seat: _Seat) -> Buyer:
    return grounded(seat.buyer, _grounds(question, seat))


def _turns(question: SurveyQuestion, asked: Asked, seat: _Seat) -> tuple[Turn, ...]:
    put = asked.call.messages[-1].content
    return turns_of(put, asked.said.text, asked.call, _grounds(question, seat))


def _response(
    question: SurveyQuestion, answer: AnswerOrMissing, keys: tuple[str, ...], seat: _Seat
) -> Response:
    return Response(
        respondent=seat.assignment.respondent,
        question=question.id,
        shown=(),
        answer=answer,
        call_keys=keys,
        wording=0,
        replicate=seat.assignment.replicate,
    )


def read_questionnaire(prompts: Prompts, questions: Sequence[SurveyQuestion], about: str) -> Questionnaire:
    """The questionnaire, with what stands beside its questions. Raises `InputError` if that is unusable."""
    try:
        words = SurveyWords.model_validate(yaml.safe_load(prompts.text("sessions/survey")))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"prompt file 'sessions/survey' cannot be used: {error}") from error
    return Questionnaire(questions={one.id: one for one in questions}, about=about, words=words)


def slots(question: Closed, turn: int) -> Iterator[tuple[int, str]]:
    """Each slot with the choice that stands in it, "no answer" left out."""
    return ((slot, one) for slot, one in enumerate(order_of(question, turn)) if one != NO_ANSWER)
