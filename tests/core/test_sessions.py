"""Sessions driven by hand: what is asked, in which order, and what is kept."""

import math

import pytest

from panelsim.model.call import ChatCall, Completion, EmbeddingCall, TokenLogprob
from panelsim.model.plan import InterviewAssignment, MonadicAssignment, PairedAssignment, Transcript
from panelsim.model.response import ChoiceAnswer, Missing, RatingAnswer
from panelsim.model.study import Elicitation, Frame, Guide, GuideQuestion
from panelsim.script import Script
from panelsim.service.prepare import Job
from panelsim.sessions import failed_transcript, interview, monadic, paired
from panelsim.sessions.scene import Scene
from tests.core.test_plan import job_of, study_of

WORDS = Completion(text="In May we lost two reps over this.")
VAGUE = Completion(text="It depends.")


def digit(point: str) -> Completion:
    return Completion(text=point, logprobs=(TokenLogprob(token=point, logprob=math.log(0.9)),))


def said_to(
    script: Script[Transcript], *replies: Completion
) -> tuple[Transcript, list[ChatCall | EmbeddingCall]]:
    """Drives `script`, answering every call with the next reply; the last one repeats."""
    asked: list[ChatCall | EmbeddingCall] = []
    queue = list(replies)
    try:
        calls = next(script)
        while True:
            asked += calls
            calls = script.send(tuple(queue.pop(0) if len(queue) > 1 else queue[0] for _ in calls))
    except StopIteration as end:
        transcript = end.value
    assert isinstance(transcript, Transcript)
    return transcript, asked


def first_of(
    job: Job, kind: type[MonadicAssignment] | type[PairedAssignment]
) -> MonadicAssignment | PairedAssignment:
    return next(a for a in job.plan if isinstance(a, kind))


def monadic_of(elicit: Elicitation, frame: Frame = "third_person") -> tuple[MonadicAssignment, Scene]:
    job = job_of(study_of(), elicit, frame)
    assignment = first_of(job, MonadicAssignment)
    assert isinstance(assignment, MonadicAssignment)
    return assignment, job.scene


def test_reaction_comes_first_then_comprehension_then_each_measure_alone() -> None:
    assignment, scene = monadic_of("logprob")
    transcript, asked = said_to(monadic.script(assignment, scene), WORDS, WORDS, digit("4"))
    questions = ["reaction", "comprehension", "relevance", "clarity", "believability"]
    assert [call.purpose for call in asked] == [f"monadic/{question}" for question in questions]
    assert [r.question for r in transcript.responses] == questions
    ratings = [call for call in asked[2:] if isinstance(call, ChatCall)]
    assert len({call.messages[-1].content for call in ratings}) == 3
    assert all("4" not in message.content for call in ratings for message in call.messages[-1:])


def test_every_response_names_the_call_it_was_read_from() -> None:
    assignment, scene = monadic_of("logprob")
    transcript, asked = said_to(monadic.script(assignment, scene), WORDS, WORDS, digit("4"))
    assert [r.call_keys for r in transcript.responses] == [(call.key,) for call in asked]
    assert [turn.call_key for turn in transcript.turns[1::2]] == [call.key for call in asked]


def test_spoken_answers_are_drawn_and_readings_are_not() -> None:
    assignment, scene = monadic_of("logprob")
    _, asked = said_to(monadic.script(assignment, scene), WORDS, WORDS, digit("4"))
    assert [call.sampling.temperature for call in asked if isinstance(call, ChatCall)] == [0.7, 0.7, 0, 0, 0]


def test_an_unreadable_answer_is_asked_once_more_with_what_was_wrong_then_it_is_missing() -> None:
    assignment, scene = monadic_of("direct")
    assignment = assignment.model_copy(update={"open_questions": False, "measures": ("clarity",)})
    transcript, asked = said_to(monadic.script(assignment, scene), Completion(text="quite a lot"))
    assert len(asked) == 2
    again = asked[1]
    assert isinstance(again, ChatCall)
    assert "quite a lot" in again.messages[-1].content
    assert "whole number from 1 to 5" in again.messages[-1].content
    (response,) = transcript.responses
    assert response.answer == Missing(reason="unreadable", raw="quite a lot")
    assert response.call_keys == (asked[0].key, asked[1].key)


def test_a_readable_second_answer_counts() -> None:
    assignment, scene = monadic_of("direct")
    assignment = assignment.model_copy(update={"open_questions": False, "measures": ("clarity",)})
    transcript, _ = said_to(
        monadic.script(assignment, scene), Completion(text="quite a lot"), Completion(text='{"rating": 2}')
    )
    answer = transcript.responses[0].answer
    assert isinstance(answer, RatingAnswer)
    assert answer.value == 2


def test_a_refusal_is_not_pressed() -> None:
    assignment, scene = monadic_of("direct")
    assignment = assignment.model_copy(update={"open_questions": False, "measures": ("clarity",)})
    transcript, asked = said_to(
        monadic.script(assignment, scene), Completion(text="No.", finish_reason="refusal")
    )
    assert len(asked) == 1
    assert transcript.responses[0].answer == Missing(reason="refused", raw="No.")


def test_reaction_elicitation_asks_in_words_and_rates_by_nearness_to_anchors() -> None:
    assignment, scene = monadic_of("reaction", "first_person")
    assignment = assignment.model_copy(update={"measures": ("relevance",)})
    script = monadic.script(assignment, scene)
    said: tuple[Completion, ...] = (WORDS,)
    calls = next(script)
    while not isinstance(calls[0], EmbeddingCall):
        calls = script.send(said)
    # the answer's vector equals the fourth anchor of each set; anchors are orthogonal
    anchors = [
        Completion(vector=tuple(float(i == point) for i in range(5))) for _ in range(3) for point in range(5)
    ]
    with pytest.raises(StopIteration) as end:
        script.send((Completion(vector=(0.0, 0.0, 0.0, 1.0, 0.0)), *anchors))
    transcript = end.value.value
    assert isinstance(transcript, Transcript)
    answer = transcript.responses[-1].answer
    assert isinstance(answer, RatingAnswer)
    assert answer.value == pytest.approx(4)


def test_a_pair_keeps_what_was_shown_in_which_slot() -> None:
    job = job_of(study_of())
    assignment = PairedAssignment(respondent=job.panel.respondents[0].id, first="b", second="a", wording=0)
    transcript, (call,) = said_to(paired.script(assignment, job.scene), digit("A"))
    assert isinstance(call, ChatCall)
    text = call.messages[-1].content
    assert text.index("The future of revenue") < text.index("Forecast your quarter")
    (response,) = transcript.responses
    assert response.shown == ("b", "a")
    assert isinstance(response.answer, ChoiceAnswer)
    assert response.answer.share_of("b") == 1


GUIDE = Guide(
    id="g",
    opening="Thank you for your time.",
    questions=(
        GuideQuestion(
            id="trigger", text="What made you look?", probes=("When was that?", "Who noticed?", "More?")
        ),
        GuideQuestion(id="success", text="What would success be?"),
    ),
)


def interviewed(guide: Guide, *replies: Completion) -> tuple[Transcript, list[ChatCall | EmbeddingCall]]:
    job = job_of(study_of())
    scene = Scene(
        asking=job.asking, prompts=job.scene.prompts, buyers=job.scene.buyers, stimuli={}, measures={},
        guide=guide, probes=job.scene.probes,
    )  # fmt: skip
    return said_to(
        interview.script(InterviewAssignment(respondent=job.panel.respondents[0].id), scene), *replies
    )


def test_a_specific_answer_is_not_probed() -> None:
    transcript, asked = interviewed(GUIDE, WORDS)
    assert [r.question for r in transcript.responses] == ["trigger", "success"]
    assert len(asked) == 2


def test_a_vague_answer_is_probed_until_it_is_specific() -> None:
    transcript, _ = interviewed(GUIDE, VAGUE, WORDS, WORDS)
    assert [r.question for r in transcript.responses] == ["trigger", "trigger.probe1", "success"]
    assert transcript.turns[2].text == "When was that?"


def test_who_stays_vague_twice_is_left_in_peace() -> None:
    transcript, _ = interviewed(GUIDE, VAGUE)
    assert [r.question for r in transcript.responses] == [
        "trigger", "trigger.probe1", "trigger.probe2", "success", "success.probe1", "success.probe2",
    ]  # fmt: skip


def test_an_interview_ends_at_its_turn_limit() -> None:
    transcript, asked = interviewed(GUIDE.model_copy(update={"max_turns": 2}), VAGUE)
    assert len(asked) == 2
    assert len(transcript.turns) == 4


def test_an_interview_is_one_conversation() -> None:
    _, asked = interviewed(GUIDE, WORDS, Completion(text="Fewer slips, 5% by June."))
    last = asked[-1]
    assert isinstance(last, ChatCall)
    said = [message.content for message in last.messages]
    assert said[-3].endswith("What made you look?")
    assert said[-2:] == [WORDS.text, "What would success be?"]


def test_a_session_that_failed_is_missing_on_every_question() -> None:
    assignment, _ = monadic_of("logprob")
    transcript = failed_transcript(assignment, "the server is away")
    assert [r.question for r in transcript.responses] == [
        "reaction", "comprehension", "relevance", "clarity", "believability",
    ]  # fmt: skip
    assert {r.answer for r in transcript.responses} == {Missing(reason="failed", raw="the server is away")}
