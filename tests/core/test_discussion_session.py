"""Discussions driven by hand: what goes out together, who hears what, and what is kept of it."""

import asyncio

import pytest

from panelsim.errors import ProviderError
from panelsim.execution.drive import drive
from panelsim.execution.replay import replay
from panelsim.model.call import Call, ChatCall, Completion
from panelsim.model.plan import DiscussionAssignment, MonadicAssignment, Transcript
from panelsim.model.response import Missing, RatingAnswer, TextAnswer
from panelsim.model.study import DiscussionStudy, Elicitation, Frame
from panelsim.providers.scripted import Scripted
from panelsim.service.prepare import Job
from panelsim.sessions import failed_transcript, monadic, script_of
from tests.core.test_discussion_plan import GUIDE
from tests.core.test_sessions import digit
from tests.discussions import groups_in, job_of, study_of

SMALL = {"groups": 1, "size": 3, "rounds": 2}


def held(
    job: Job, spoken: dict[int, Completion] | None = None
) -> tuple[DiscussionAssignment, Transcript, list[tuple[Call, ...]]]:
    """The first group's session; `spoken` are turns by place, others say what they are."""
    group = next(groups_in(job))
    script = script_of(group, job.scene)
    asked: list[tuple[Call, ...]] = []
    turns = 0
    try:
        calls = next(script)
        while True:
            asked.append(calls)
            said = []
            for call in calls:
                assert isinstance(call, ChatCall)
                if call.top_logprobs:
                    said.append(digit("4"))
                elif call.response_schema:
                    said.append(Completion(text='{"rating": 4}'))
                elif call.purpose.startswith("discussion/round"):
                    said.append((spoken or {}).get(turns, Completion(text=f"Turn {turns} by {call.lane}.")))
                    turns += 1
                else:
                    said.append(Completion(text=f"Words of {call.lane} alone."))
            calls = script.send(tuple(said))
    except StopIteration as end:
        transcript = end.value
    assert isinstance(transcript, Transcript)
    return group, transcript, asked


def chats(calls: tuple[Call, ...]) -> list[ChatCall]:
    return [call for call in calls if isinstance(call, ChatCall)]


def test_what_is_private_goes_out_together_and_turns_go_out_one_by_one() -> None:
    _, _, asked = held(job_of(study_of(**SMALL)))
    # reactions; objection and three ratings of each; two rounds of three; the ratings after
    assert [len(calls) for calls in asked] == [3, 3 * 4, 1, 1, 1, 1, 1, 1, 3]


def test_a_private_rating_before_the_talk_is_the_call_of_a_message_test() -> None:
    job = job_of(study_of(**SMALL))
    group, transcript, _ = held(job)
    keys = {(r.respondent, r.question): r.call_keys for r in transcript.responses}
    for member in group.members:
        alone = MonadicAssignment(
            respondent=member,
            stimulus="a",
            measures=("relevance",),
            open_questions=False,
            wording=group.wording,
        )
        (call,) = next(monadic.script(alone, job.scene))
        assert keys[member, "relevance.before"] == (call.key,)


@pytest.mark.parametrize("frame", ["third_person", "first_person", "few_shot"])
@pytest.mark.parametrize("elicit", ["logprob", "direct"])
def test_a_rating_after_the_talk_differs_by_what_was_heard_alone(elicit: Elicitation, frame: Frame) -> None:
    job = job_of(study_of(**SMALL), elicit, frame)
    group, transcript, asked = held(job)
    ratings = [call for call in chats(asked[1]) if call.purpose == "monadic/relevance"]
    before = {call.lane: call for call in ratings[::3]}
    for call in chats(asked[-1]):
        own = before[call.lane]
        assert call.messages[:-1] == own.messages[:-1]
        heard, after, question = call.messages[-1].content.partition(own.messages[-1].content)
        assert (after, question) == (own.messages[-1].content, "")
        for turn in transcript.turns:
            if turn.question.startswith("round") and turn.speaker == "respondent":
                assert f"{job.scene.buyers[turn.respondent].name}: {turn.text}" in heard
        assert "alone." not in heard
        assert heard.startswith("The buyer below is" if frame == "third_person" else "You are ")
    assert {call.lane for call in chats(asked[-1])} == set(group.members)


def test_the_rating_again_is_the_same_question_and_another_call() -> None:
    _, _, asked = held(job_of(study_of(**SMALL)))
    ratings = [call for call in chats(asked[1]) if call.top_logprobs]
    before, again, unrelated = ratings[:3]
    assert again.messages == before.messages
    assert (before.replicate, again.replicate) == (0, 1)
    assert unrelated.messages[-1].content.endswith(before.messages[-1].content)


def test_the_unrelated_talk_has_as_many_turns_and_bears_on_nothing_that_is_shown() -> None:
    job = job_of(study_of(**SMALL))
    group, _, asked = held(job)
    unrelated = [call for call in chats(asked[1]) if call.top_logprobs][2].messages[-1].content
    heard = unrelated.partition("Buyer:")[0]
    assert heard.count("\n- ") == sum(len(order) for order in group.orders)
    assert "where to meet next time" in heard
    assert "forecast" not in heard.lower()


def test_each_speaker_has_its_own_card_and_hears_all_that_was_said_before_it() -> None:
    job = job_of(study_of(**SMALL))
    group, _, asked = held(job)
    names = {member: job.scene.buyers[member].name for member in group.members}
    turns = [chats(calls)[0] for calls in asked[2:-1]]
    assert [call.lane for call in turns] == [name for order in group.orders for name in order]
    for at, call in enumerate(turns):
        prompt = call.messages[-1].content
        assert f"Buyer: {job.scene.buyers[call.lane].title} at" in prompt
        assert f"Name: {names[call.lane]}. With " in prompt
        assert f"What you thought before anybody spoke: Words of {call.lane} alone." in prompt
        assert prompt.endswith(f"\n{names[call.lane]}:")
        heard = [
            f"- {names[turns[one].lane]}: Turn {one} by {turns[one].lane}." in prompt for one in range(6)
        ]
        assert heard == [one < at for one in range(6)]
        others = [f"Words of {other} alone." in prompt for other in group.members if other != call.lane]
        assert not any(others)


def test_every_turn_names_its_speaker_and_its_call() -> None:
    _, transcript, asked = held(job_of(study_of(**SMALL)))
    keys = {call.key for calls in asked for call in chats(calls)}
    spoken = [turn for turn in transcript.turns if turn.speaker == "respondent"]
    assert {turn.call_key for turn in spoken} == keys
    assert all(turn.respondent and turn.question for turn in spoken)
    asked_aloud = [
        turn for turn in transcript.turns if turn.question.startswith("round") and not turn.call_key
    ]
    assert [turn.question for turn in asked_aloud] == ["round1", "round2"]


def test_a_speaker_says_nothing_for_others_and_not_its_own_name() -> None:
    job = job_of(study_of(**SMALL))
    group = next(groups_in(job))
    first, second, _ = (job.scene.buyers[member].name for member in group.orders[0])
    talkative = Completion(text=f"{first}: I would read on.\n\n{second}: So would I.")
    _, transcript, _ = held(job, {0: talkative})
    said = next(r for r in transcript.responses if r.question == "round1")
    assert said.answer == TextAnswer(text="I would read on.")


def test_who_refuses_a_turn_is_missing_and_is_not_heard() -> None:
    job = job_of(study_of(**SMALL))
    refusal = Completion(text="I cannot.", finish_reason="refusal")
    group, transcript, asked = held(job, {0: refusal})
    said = next(r for r in transcript.responses if r.question == "round1")
    assert isinstance(said.answer, Missing)
    assert all("I cannot." not in call.messages[-1].content for call in chats(asked[-1]))
    assert len(transcript.responses) == len(group.answers)


def test_words_can_be_rated_by_their_nearness_to_anchors() -> None:
    job = job_of(study_of(**SMALL), "reaction", "first_person")
    group = next(groups_in(job))
    script = script_of(group, job.scene)
    calls = next(script)
    try:
        while True:
            calls = script.send(
                tuple(
                    Completion(text=f"Words {call.key[-6:]}.")
                    if isinstance(call, ChatCall)
                    else Completion(vector=(1.0, len(call.text) % 7, len(call.text) % 5))
                    for call in calls
                )
            )
    except StopIteration as end:
        responses = end.value.responses
    rated = [r for r in responses if r.question.startswith("relevance.")]
    assert len(rated) == 4 * 3
    assert all(isinstance(r.answer, RatingAnswer) for r in rated)


@pytest.mark.parametrize("stopped_after", [1, 3, 16, 19])
def test_a_group_that_was_stopped_goes_on_where_it_was_and_asks_nothing_twice(stopped_after: int) -> None:
    job = job_of(study_of(**SMALL))
    group = next(groups_in(job))
    known: dict[str, Completion] = {}
    asked: list[str] = []

    async def say(call: Call) -> Completion:
        if call.key not in known:
            if len(asked) == stopped_after and not again:
                raise ProviderError("pulled the plug")
            asked.append(call.key)
            known[call.key] = await Scripted().complete(call)
        return known[call.key]

    again = False
    with pytest.raises(ProviderError):
        asyncio.run(drive(script_of(group, job.scene), say, one_by_one=True))
    again = True
    transcript = asyncio.run(drive(script_of(group, job.scene), say))
    assert len(asked) == len(set(asked)) == len(group.answers)
    assert replay(script_of(group, job.scene), known) == transcript


def test_the_same_words_give_the_same_calls() -> None:
    one, other = (held(job_of(study_of(**SMALL)))[2] for _ in range(2))
    assert [[call.key for call in calls] for calls in one] == [
        [call.key for call in calls] for calls in other
    ]


def test_a_guide_alone_is_talked_about_question_by_question_and_nothing_is_rated() -> None:
    study = DiscussionStudy.model_validate({"id": "s", "guide": GUIDE, **SMALL})
    _, transcript, asked = held(job_of(study))
    questions = [
        turn.text for turn in transcript.turns if turn.speaker == "interviewer" and not turn.respondent
    ]
    assert (questions[0], questions[2]) == ("How do you choose?", "Who signs?")
    assert not any(call.top_logprobs for calls in asked for call in chats(calls))


def test_a_group_that_could_not_be_asked_has_every_answer_of_every_member_missing() -> None:
    group = next(groups_in(job_of(study_of(**SMALL))))
    failed = failed_transcript(group, "the model is down")
    assert [(r.respondent, r.question) for r in failed.responses] == list(group.answers)
    assert {r.answer for r in failed.responses} == {Missing(reason="failed", raw="the model is down")}
