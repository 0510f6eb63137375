"""The monadic session: one respondent meets one stimulus alone, reacts, plays it back, then rates it."""

from panelsim.model.call import ChatCall, Message
from panelsim.model.note import Ground
from panelsim.model.plan import COMPREHENSION, REACTION, MonadicAssignment, Transcript, Turn
from panelsim.model.response import AnswerOrMissing, Response, TextAnswer
from panelsim.questions import AnyQuestion
from panelsim.questions.open import OpenQuestion
from panelsim.questions.rating import DirectRating, LogprobRating
from panelsim.scorers.similarity import similarity
from panelsim.script import Script, gather
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.grounds import WITH_A_LABEL, WITH_A_REACTION, grounded, turns_of
from panelsim.sessions.scene import Scene

REACT = OpenQuestion(id=REACTION, max_tokens=48)
PLAY_BACK = OpenQuestion(id=COMPREHENSION, max_tokens=48)


def script(assignment: MonadicAssignment, scene: Scene) -> Script[Transcript]:
    """Reaction, comprehension, then every measure singly; a measure never sees another's answer."""
    buyer = scene.buyers[assignment.respondent]
    turns: list[Turn] = []
    responses: list[Response] = []
    reaction: Asked | None = None
    if assignment.open_questions:
        grounds = _grounds(assignment, scene, buyer, "", WITH_A_REACTION)
        reaction = yield from ask(REACT, reaction_call(assignment, scene, buyer), scene.prompts)
        asked = yield from _comprehension(reaction, scene)
        for question, one, beside in ((REACT, reaction, grounds), (PLAY_BACK, asked, ())):
            turns += _turns(one, beside)
            responses.append(_response(assignment, question.id, one.answer, one.keys))
    rated = yield from gather(
        *(rate(name, assignment, scene, buyer, reaction) for name in assignment.measures)
    )
    for response, said in rated:
        turns += said
        responses.append(response)
    return Transcript(assignment=assignment, turns=tuple(turns), responses=tuple(responses))


def _grounds(
    assignment: MonadicAssignment, scene: Scene, buyer: Buyer, question: str, most: int
) -> tuple[Ground, ...]:
    """The passages that stand on the buyer's card beside one question."""
    return scene.grounds.of(buyer, question, most, scene.stimuli[assignment.stimulus].shown)


def reaction_call(assignment: MonadicAssignment, scene: Scene, buyer: Buyer) -> ChatCall:
    """The call that asks for the first reaction."""
    shown = scene.stimuli[assignment.stimulus].shown
    messages = scene.prompts.render(
        "questions/concept_reaction" if scene.shows_concepts else "questions/reaction",
        buyer=grounded(buyer, _grounds(assignment, scene, buyer, "", WITH_A_REACTION)),
        channel=scene.channel_of(buyer),
        **({"concept": shown} if scene.shows_concepts else {"headline": shown}),
    )
    return scene.call(
        messages, REACT.form, lane=buyer.id, purpose="monadic/reaction", replicate=assignment.replicate
    )


def _comprehension(reaction: Asked, scene: Scene) -> Script[Asked]:
    messages = scene.prompts.render("questions/comprehension")
    call = reaction.call.followed_by(reaction.said, messages)
    return (
        yield from ask(PLAY_BACK, call.model_copy(update={"purpose": "monadic/comprehension"}), scene.prompts)
    )


def rate(
    name: str,
    assignment: MonadicAssignment,
    scene: Scene,
    buyer: Buyer,
    reaction: Asked | None,
    heard: str = "",
) -> Script[tuple[Response, tuple[Turn, Turn]]]:
    """One measure, asked by the study's elicitation; `heard` stands before the question's own message."""
    if scene.asking.elicit == "reaction":
        return (yield from _rate_by_words(name, assignment, scene, buyer, reaction, heard))
    kind = LogprobRating if scene.asking.elicit == "logprob" else DirectRating
    question: AnyQuestion = kind(id=name)
    grounds = _grounds(assignment, scene, buyer, _wording(name, assignment, scene), WITH_A_LABEL)
    call = scene.call(
        _after(heard, _rating_messages(name, assignment, scene, grounded(buyer, grounds))),
        question.form,
        lane=buyer.id,
        purpose=f"monadic/{name}",
        replicate=assignment.replicate,
    )
    asked = yield from ask(question, call, scene.prompts)
    return _response(assignment, name, asked.answer, asked.keys), _turns(asked, grounds)


def _wording(name: str, assignment: MonadicAssignment, scene: Scene) -> str:
    """How a measure's question is worded in this session."""
    wordings = scene.measures[name].wordings
    chosen = wordings.third_person if scene.asking.frame == "third_person" else wordings.first_person
    return chosen[assignment.wording % len(chosen)]


def _rating_messages(
    name: str, assignment: MonadicAssignment, scene: Scene, buyer: Buyer
) -> tuple[Message, ...]:
    measure = scene.measures[name]
    frame = scene.asking.frame
    if scene.shows_concepts:
        return scene.prompts.render(
            f"questions/concept_rating.{frame}",
            buyer=buyer,
            channel=scene.channel_of(buyer),
            concept=scene.stimuli[assignment.stimulus].shown,
            question=_wording(name, assignment, scene),
            low=measure.low,
            high=measure.high,
            json=scene.asking.elicit != "logprob",
        )
    form = "rating" if scene.asking.elicit == "logprob" else "direct"
    return scene.prompts.render(
        f"questions/{form}.{frame}",
        buyer=buyer,
        channel=scene.channel_of(buyer),
        headline=scene.stimuli[assignment.stimulus].text,
        question=_wording(name, assignment, scene),
        low=measure.low,
        high=measure.high,
    )


def _after(heard: str, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """`messages` with what was heard at the start of the last one."""
    if not heard:
        return messages
    last = messages[-1]
    return (*messages[:-1], last.model_copy(update={"content": f"{heard}\n\n{last.content}"}))


def _rate_by_words(
    name: str,
    assignment: MonadicAssignment,
    scene: Scene,
    buyer: Buyer,
    reaction: Asked | None,
    heard: str,
) -> Script[tuple[Response, tuple[Turn, Turn]]]:
    """The measure asked in words after the reaction, then placed on the scale by similarity rating."""
    measure = scene.measures[name]
    grounds: tuple[Ground, ...] = ()
    if reaction is None:
        grounds = _grounds(assignment, scene, buyer, "", WITH_A_REACTION)
        reaction = yield from ask(REACT, reaction_call(assignment, scene, buyer), scene.prompts)
    wordings = measure.wordings.first_person
    messages = scene.prompts.render(
        "questions/measure_text", question=wordings[assignment.wording % len(wordings)]
    )
    question = OpenQuestion(id=name, max_tokens=60)
    call = reaction.call.followed_by(reaction.said, _after(heard, messages))
    call = call.model_copy(update={"purpose": f"monadic/{name}", "replicate": assignment.replicate})
    asked = yield from ask(question, call, scene.prompts)
    answer, keys = asked.answer, asked.keys
    if isinstance(answer, TextAnswer):
        answer, embedded = yield from similarity(answer.text, measure.anchors, scene.asking.embedding_model)
        keys = (*keys, *embedded)
    return _response(assignment, name, answer, keys), _turns(asked, grounds)


def _turns(asked: Asked, grounds: tuple[Ground, ...] = ()) -> tuple[Turn, Turn]:
    """The last question put, with its passages, and what was said to it."""
    return turns_of(asked.call.messages[-1].content, asked.said.text, asked.call, grounds)


def _response(
    assignment: MonadicAssignment, question: str, answer: AnswerOrMissing, keys: tuple[str, ...]
) -> Response:
    return Response(
        respondent=assignment.respondent,
        question=question,
        shown=(assignment.stimulus,),
        answer=answer,
        call_keys=keys,
        wording=assignment.wording,
        replicate=assignment.replicate,
    )
