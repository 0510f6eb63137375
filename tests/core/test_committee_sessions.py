"""Committee plans and sessions: one company for all its seats, each alone, both orders, and who says what."""

from collections import Counter

import pytest

from panelsim.errors import InputError
from panelsim.execution.replay import replay
from panelsim.model.account import Predicate
from panelsim.model.call import ChatCall, Completion
from panelsim.model.plan import CommitteeAssignment, Transcript
from panelsim.model.response import ChoiceAnswer, Missing
from panelsim.model.study import Elicitation, Frame
from panelsim.planning.committee import draw_committees
from panelsim.planning.predicates import facts_of, holds
from panelsim.planning.stimuli import DECOY, DUPLICATE
from panelsim.script import Script
from panelsim.service.prepare import Job
from panelsim.sessions import failed_transcript, script_of, session_id
from tests.committees import PROPOSAL, job_of, sources_of, study_of
from tests.core.test_sessions import WORDS, digit, said_to

JSON_A = Completion(text='{"choice": "A"}')


def session(
    persona: str, elicit: Elicitation = "logprob", frame: Frame = "third_person", *, stimulus: str = "a"
) -> Script[Transcript]:
    job = job_of(study_of(), elicit=elicit, frame=frame)
    (assignment,) = (
        one for one in job.plan if one.respondent == f"c1-{persona}" and one.shown == (stimulus,)
    )
    return script_of(assignment, job.scene)


def chats(calls: list[object]) -> list[ChatCall]:
    found = [call for call in calls if isinstance(call, ChatCall)]
    assert len(found) == len(calls)
    return found


# ---- who sits where


def test_every_persona_holds_one_seat_in_every_company_and_all_share_its_facts() -> None:
    panel = draw_committees(sources_of(), 3, seed=7)
    assert len(panel.respondents) == 3 * 6
    for account in ("c1", "c2", "c3"):
        people = [one for one in panel.respondents if one.account == account]
        assert len({one.company for one in people}) == 1
        assert len({one.persona for one in people}) == 6
        assert len({one.name for one in people}) == 6
        assert {one.id for one in people} == {f"{account}-{one.persona}" for one in people}
    assert len({one.company for one in panel.respondents}) == 3


def test_more_companies_begin_with_the_fewer() -> None:
    few, many = (draw_committees(sources_of(), n, seed=7).respondents for n in (2, 5))
    assert many[: len(few)] == few


def test_a_quota_gives_a_persona_several_seats() -> None:
    sources = sources_of()
    shares = tuple(
        share.model_copy(update={"min": 2}) if share.persona == "cfo" else share
        for share in sources.spec.personas
    )
    spec = sources.spec.model_copy(update={"personas": shares})
    panel = draw_committees(sources.model_copy(update={"spec": spec}), 2, seed=7)
    ids = [one.id for one in panel.respondents if one.persona == "cfo"]
    assert ids == ["c1-cfo", "c1-cfo-2", "c2-cfo", "c2-cfo-2"]
    assert len({one.traits for one in panel.respondents if one.persona == "cfo"}) == 4


def test_the_company_lets_every_seat_exist() -> None:
    sources = sources_of()
    bounds = {
        "cfo": Predicate(field="headcount", op="at_least", value=300.0),
        "sales-ops": Predicate(field="headcount", op="at_most", value=400.0),
    }
    personas = tuple(
        one.model_copy(update={"valid_in": (bounds[one.id],)}) if one.id in bounds else one
        for one in sources.personas
    )
    panel = draw_committees(sources.model_copy(update={"personas": personas}), 5, seed=7)
    for one in panel.respondents:
        facts = facts_of(one.company, sources.icps[0])
        assert all(holds(bound, facts) for bound in bounds.values())


def test_seats_that_no_company_can_hold_together_are_refused() -> None:
    sources = sources_of()
    bounds = {
        "cfo": Predicate(field="headcount", op="at_least", value=500.0),
        "sales-ops": Predicate(field="headcount", op="at_most", value=100.0),
    }
    personas = tuple(
        one.model_copy(update={"valid_in": (bounds[one.id],)}) if one.id in bounds else one
        for one in sources.personas
    )
    with pytest.raises(InputError, match="no company"):
        draw_committees(sources.model_copy(update={"personas": personas}), 1, seed=7)


def test_the_companies_outside_the_icp_have_seats_of_their_own() -> None:
    panel = draw_committees(sources_of(), 1, seed=7, anti=1)
    anti = [one for one in panel.respondents if one.arm == "anti"]
    assert [one.id for one in anti] == ["x1-owner-operator", "x1-office-manager"]
    assert len({one.company for one in anti}) == 1


# ---- what is asked


def test_each_seat_judges_each_proposal_once_and_controls_without_words() -> None:
    job = job_of(study_of("One", "Two", n=2))
    asked = Counter((one.respondent, *one.shown) for one in job.plan)
    assert set(asked.values()) == {1}
    seats = [one.id for one in job.panel.respondents if one.arm == "target"]
    assert {shown for name, shown in asked if name == seats[0]} == {"a", "b", DUPLICATE, DECOY}
    assert {shown for name, shown in asked if name.startswith("x1")} == {"a", "b"}
    for one in job.plan:
        assert isinstance(one, CommitteeAssignment)
        is_asked = one.stimulus in ("a", "b") and one.respondent.startswith("c")
        assert one.words is is_asked


def first_keys(job: Job) -> list[str]:
    keys = []
    for assignment in job.plan:
        script = script_of(assignment, job.scene)
        keys += [call.key for call in next(script)]
        script.close()
    return keys


def test_no_two_first_calls_of_a_plan_are_alike_and_two_plans_ask_the_same() -> None:
    study = study_of("One", "Two", n=2, design={"replicates": 2})
    keys = first_keys(job_of(study))
    assert len(set(keys)) == len(keys)
    assert first_keys(job_of(study)) == keys
    assert len({session_id(one) for one in job_of(study).plan}) == len(job_of(study).plan)


def test_both_orders_are_asked_at_once_and_the_letter_becomes_the_option_of_its_slot() -> None:
    transcript, asked = said_to(session("cfo"), digit("A"), digit("A"), WORDS)
    first, second = chats([*asked[:2]])
    assert "A: Yes, would sign it\nB: No, would not sign it\nC: Cannot say" in first.messages[-1].content
    assert "A: No, would not sign it\nB: Yes, would sign it\nC: Cannot say" in second.messages[-1].content
    yes, no = (one.answer for one in transcript.responses[:2])
    assert isinstance(yes, ChoiceAnswer)
    assert isinstance(no, ChoiceAnswer)
    assert (yes.options, yes.share_of("yes")) == (("yes", "no", "unsure"), 1)
    assert (no.options, no.share_of("no")) == (("no", "yes", "unsure"), 1)


def test_reason_objection_and_condition_follow_in_one_conversation() -> None:
    transcript, asked = said_to(session("cfo"), digit("A"), digit("B"), WORDS)
    questions = ["stance", "stance.swapped", "reason", "objection", "condition"]
    assert [one.question for one in transcript.responses] == questions
    assert [call.purpose for call in asked] == [f"committee/{name}" for name in questions]
    reason, objection, condition = chats([*asked[2:]])
    assert reason.messages[-1].content.endswith("You would sign it. Why?")
    assert condition.messages[: len(objection.messages)] == objection.messages
    assert objection.messages[: len(reason.messages)] == reason.messages
    assert condition.messages[-1].content == (
        "What must be true, or what must you be shown, before you sign it?"
    )


def test_a_seat_that_refuses_in_both_orders_is_asked_why_not() -> None:
    _, asked = said_to(session("it-security-lead"), digit("B"), digit("A"), WORDS)
    assert chats([asked[2]])[0].messages[-1].content.endswith("You would not let it pass. Why not?")


def test_a_seat_whose_answer_went_with_the_slot_is_put_no_stance_into_its_mouth() -> None:
    _, asked = said_to(session("cfo"), digit("A"), digit("A"), WORDS)
    assert chats([asked[2]])[0].messages[-1].content.endswith("Would you sign it, and why?")


def test_no_seat_hears_of_another() -> None:
    job = job_of(study_of())
    heard: dict[str, str] = {}
    for assignment in job.plan:
        if assignment.shown == ("a",) and assignment.respondent.startswith("c1"):
            mark = f"mark of {assignment.respondent}"
            _, asked = said_to(
                script_of(assignment, job.scene), digit("A"), digit("B"), Completion(text=mark)
            )
            heard[assignment.respondent] = "\n".join(
                turn.content for call in chats([*asked]) for turn in call.messages
            )
    for name, text in heard.items():
        assert not [other for other in heard if other != name and f"mark of {other}" in text]


def test_every_card_says_the_seats_part_in_the_decision() -> None:
    _, asked = said_to(session("it-security-lead"), digit("A"))
    assert "Part in the decision: can stop it." in chats([asked[0]])[0].messages[-1].content


@pytest.mark.parametrize("frame", ["first_person", "few_shot", "third_person"])
def test_a_stance_asked_outright_is_one_letter_in_json(frame: Frame) -> None:
    transcript, asked = said_to(session("cfo", "direct", frame, stimulus=DECOY), JSON_A)
    assert len(asked) == 2
    assert all('{"choice": "A"}' in call.messages[0].content for call in chats([*asked]))
    answer = transcript.responses[1].answer
    assert isinstance(answer, ChoiceAnswer)
    assert answer.share_of("no") == 1


def test_by_reaction_the_words_come_first_and_the_stance_carries_on_from_them() -> None:
    transcript, asked = said_to(session("cfo", "reaction", "first_person"), WORDS, WORDS, WORDS, JSON_A)
    assert [call.purpose for call in asked] == [
        f"committee/{name}" for name in ("reason", "objection", "condition", "stance", "stance.swapped")
    ]
    stance = chats([asked[3]])[0]
    assert stance.messages[-2].content == WORDS.text
    assert stance.sampling.temperature == 0
    assert isinstance(transcript.responses[3].answer, ChoiceAnswer)


def test_an_answer_that_cannot_be_read_is_asked_once_more_and_then_missing() -> None:
    transcript, asked = said_to(session("cfo", "direct", stimulus=DECOY), Completion(text="Perhaps"))
    assert len(asked) == 4
    assert [one.answer for one in transcript.responses] == [Missing(reason="unreadable", raw="Perhaps")] * 2


def test_a_session_that_failed_has_no_stance_in_either_order() -> None:
    assignment = CommitteeAssignment(respondent="c1-cfo", stimulus="a", words=True, wording=0)
    lost = failed_transcript(assignment, "the server is away")
    assert [one.question for one in lost.responses] == [
        "stance", "stance.swapped", "reason", "objection", "condition",
    ]  # fmt: skip


def test_a_session_replays_from_its_completions() -> None:
    replies = (digit("A"), digit("B"), WORDS)
    transcript, asked = said_to(session("cfo"), *replies)
    known = {call.key: replies[min(place, 2)] for place, call in enumerate(asked)}
    assert replay(session("cfo"), known) == transcript


def test_a_long_proposal_is_shown_whole() -> None:
    text = f"{PROPOSAL}\n\nPrice: 24,000 dollars\nTerm: one year"
    job = job_of(study_of(text))
    assignment = next(iter(job.plan))
    _, asked = said_to(script_of(assignment, job.scene), digit("A"))
    assert f'Proposal: "{text}"' in chats([asked[0]])[0].messages[-1].content
