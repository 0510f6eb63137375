"""Surveys: rotated options, turned scales, filters, missing answers, and slots that draw."""

import json
import math
import re
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from panelsim.analysis.survey import SurveyHearing, survey_analysis
from panelsim.model.call import Call, ChatCall, Completion, TokenLogprob
from panelsim.model.plan import Transcript
from panelsim.model.report import Report
from panelsim.model.response import ChoicesAnswer, Missing, NumberAnswer
from panelsim.model.study import SurveyStudy
from panelsim.model.survey import QuestionResult, SurveyAnalysis
from panelsim.questions.choices import DirectChoices
from panelsim.questions.number import DirectNumber
from panelsim.reporting.gleaning import glean
from panelsim.reporting.survey import survey_report
from panelsim.service.prepare import Job
from tests import builders
from tests.core.asked import few, job_of, transcripts_and_calls, transcripts_of

OPTION = re.compile(r'^([A-Z]): "(.*)"$', re.MULTILINE)
QUESTIONS: list[dict[str, object]] = [
    {
        "id": "tool",
        "type": "single",
        "text": "What do you forecast with?",
        "options": ["The CRM", "A spreadsheet", "Gut feeling"],
        "no_answer": True,
        "reference": {"source": "own survey", "n": 200, "shares": [0.5, 0.4, 0.1]},
    },
    {
        "id": "trouble",
        "type": "multiple",
        "text": "What troubles you?",
        "options": ["Deals that slip", "Missing data"],
    },
    {
        "id": "trust",
        "type": "scale",
        "text": "How far do you trust the forecast?",
        "labels": ["Not at all", "A little", "Half", "Mostly", "Fully"],
        "reference": {"source": "own survey", "shares": [0.1, 0.2, 0.4, 0.2, 0.1]},
    },
    {"id": "hours", "type": "number", "text": "Hours a week?", "low": 0, "high": 60, "unit": "hours"},
    {
        "id": "why",
        "type": "open",
        "text": "Why a spreadsheet?",
        "only_if": {"question": "tool", "any_of": ["A spreadsheet"]},
    },
]
LIKED = {"A spreadsheet": 5.0, "Mostly": 5.0, "Fully": 3.0, "Yes": 2.0}
"""Weight of the options that a sound respondent likes; others have 1."""


def study_of(questions: list[dict[str, object]] | None = None, n: int = 12) -> SurveyStudy:
    return SurveyStudy.model_validate({"id": "crm", "n": n, "questions": questions or QUESTIONS})


def reply_of(call: Call, *, by_slot: bool = False) -> Completion:
    assert isinstance(call, ChatCall)
    options = dict(OPTION.findall(call.messages[-1].content))
    if call.response_schema and "number" in call.response_schema:
        return Completion(text=f'{{"number": {10 + int(call.key[-1], 16) % 3}}}')
    if not options:
        return Completion(text="We never trusted the CRM.")
    weights = {
        letter: (50.0 if letter == "A" else 0.1) if by_slot else LIKED.get(text, 1.0)
        for letter, text in options.items()
    }
    best = max(weights, key=lambda letter: weights[letter])
    if '"choices"' in call.response_schema:
        return Completion(text=json.dumps({"choices": [best]}))
    if call.response_schema:
        return Completion(text=json.dumps({"choice": best}))
    total = sum(weights.values())
    top = tuple((letter, math.log(weight / total)) for letter, weight in weights.items())
    return Completion(text=best, logprobs=(TokenLogprob(token=best, logprob=0.0, top=top),))


def always_first(call: Call) -> Completion:
    return reply_of(call, by_slot=True)


def found_of(job: Job, said: list[Transcript]) -> SurveyAnalysis:
    assert isinstance(job.study, SurveyStudy)
    hearing = SurveyHearing(job.study, job.panel)
    for transcript in said:
        hearing.hear(transcript)
    return survey_analysis(hearing, draws=200)


def results_of(found: SurveyAnalysis) -> dict[str, QuestionResult]:
    return {one.question.id: one for one in found.results}


@pytest.fixture(scope="module")
def sound() -> dict[str, QuestionResult]:
    job = job_of(study_of())
    return results_of(found_of(job, transcripts_of(job, reply_of)))


def survey_study_report() -> Report:
    """A survey of every type, with few of its transcripts."""
    job = job_of(study_of(n=6))
    said = transcripts_of(job, reply_of)
    assert isinstance(job.study, SurveyStudy)
    gleaning = glean(job.study, job.panel, few(said, (0, 1)))
    return survey_report(
        job.study, job.panel, gleaning, found_of(job, said), builders.facts(), job.sources.personas
    )


def test_options_stand_in_every_slot_equally_often_and_no_answer_stands_last() -> None:
    calls: list[Call] = []
    transcripts_and_calls(job_of(study_of()), calls, reply_of)
    shown = [
        OPTION.findall(call.messages[-1].content)
        for call in calls
        if isinstance(call, ChatCall) and call.purpose == "survey/tool"
    ]
    firsts = [options[0][1] for options in shown]
    assert {firsts.count(name) for name in ("The CRM", "A spreadsheet", "Gut feeling")} == {4}
    assert {options[-1][1] for options in shown} == {"Cannot or would rather not say"}


def test_no_question_sees_another_answer() -> None:
    calls: list[Call] = []
    transcripts_and_calls(job_of(study_of(n=1)), calls, reply_of)
    chats = [call for call in calls if isinstance(call, ChatCall)]
    assert all("never trusted the CRM" not in turn.content for call in chats for turn in call.messages)


def test_shares_are_those_of_the_options_whatever_slot_they_stood_in(
    sound: dict[str, QuestionResult],
) -> None:
    shares = {one.option: one.share.value for one in sound["tool"].shares}
    # weights 1, 5, 1 and 1 for "no answer": of 8
    assert shares == pytest.approx(
        {"The CRM": 1 / 8, "A spreadsheet": 5 / 8, "Gut feeling": 1 / 8, "no answer": 1 / 8}
    )
    assert sound["tool"].state == "stands"


def test_a_scale_has_mean_sd_and_no_pull_if_turning_it_turns_the_answer(
    sound: dict[str, QuestionResult],
) -> None:
    trust = sound["trust"]
    assert trust.mean is not None
    # weights 1 1 1 5 3 of 11: (1 + 2 + 3 + 20 + 15) / 11
    assert trust.mean.value == pytest.approx(41 / 11, abs=1e-6)
    # mean square (1 + 4 + 9 + 80 + 75) / 11 = 169 / 11
    assert trust.sd == pytest.approx(math.sqrt(169 / 11 - (41 / 11) ** 2), abs=1e-6)
    assert trust.position is not None
    assert trust.position.value == pytest.approx(0, abs=1e-6)


def test_distances_to_answers_of_people_leave_no_answer_out(sound: dict[str, QuestionResult]) -> None:
    tool, trust = sound["tool"].reference, sound["trust"].reference
    assert tool is not None
    assert trust is not None
    # panel 1/7, 5/7, 1/7 against .5, .4, .1
    assert tool.mean_gap == pytest.approx((0.5 - 1 / 7 + 5 / 7 - 0.4 + 1 / 7 - 0.1) / 3, abs=1e-6)
    assert tool.ks_similarity is None
    # cumulated 1/11 2/11 3/11 8/11 against .1 .3 .7 .9: the largest gap is .7 - 3/11
    assert trust.ks_similarity == pytest.approx(1 - (0.7 - 3 / 11), abs=1e-6)
    gaps = (0.1 - 1 / 11) + (0.3 - 2 / 11) + (0.7 - 3 / 11) + (0.9 - 8 / 11)
    assert trust.wasserstein == pytest.approx(gaps / 4, abs=1e-6)


def test_a_respondent_who_takes_the_first_slot_is_found_out_in_every_closed_question() -> None:
    job = job_of(study_of())
    found = found_of(job, transcripts_of(job, always_first))
    results = results_of(found)
    assert {name: results[name].state for name in ("tool", "trouble", "trust")} == {
        "tool": "cannot_say",
        "trouble": "cannot_say",
        "trust": "cannot_say",
    }
    assert found.word == "stands_in_part"  # hours and why have no slots
    assert "The slot draws the answer" in results["tool"].reasons[0]
    assert results["trust"].position is not None
    assert results["trust"].position.value == pytest.approx(0.5, abs=0.02)


def test_where_the_slot_cannot_be_told_from_the_content_a_question_cannot_be_read() -> None:
    job = job_of(study_of(n=1))
    results = results_of(found_of(job, transcripts_of(job, reply_of)))
    assert {name for name, one in results.items() if one.state == "cannot_say"} == {
        "tool",
        "trouble",
        "trust",
    }
    assert "ask more respondents" in results["tool"].reasons[0]


def test_a_filter_lets_through_only_whose_likeliest_answer_it_names() -> None:
    questions = [one for one in QUESTIONS if one["id"] in ("tool", "why")]
    job = job_of(study_of(questions))
    kept = results_of(found_of(job, transcripts_of(job, reply_of)))["why"]
    assert (kept.asked, kept.skipped) == (12, 0)
    changed = [{**one, "only_if": {"question": "tool", "any_of": ["The CRM"]}} for one in questions[1:]]
    job = job_of(study_of([questions[0], *changed]))
    left_out = results_of(found_of(job, transcripts_of(job, reply_of)))["why"]
    assert (left_out.asked, left_out.skipped, left_out.missing) == (0, 12, 0)
    assert left_out.reasons == ("It was put to nobody.",)


def test_refusals_are_missing_with_their_reason_and_nothing_can_be_read() -> None:
    job = job_of(study_of(), mind="refuses")
    found = found_of(job, transcripts_of(job))
    assert found.word == "cannot_say"
    assert found.missing_reasons == (("refused", 12 * 4),)  # the filtered question is put to nobody


def test_every_type_is_answered_outright_too() -> None:
    job = job_of(study_of(n=6), elicit="direct", frame="first_person")
    results = results_of(found_of(job, transcripts_of(job, reply_of)))
    assert sum(one.missing for one in results.values()) == 0
    assert {one.option: one.share.value for one in results["tool"].shares}["A spreadsheet"] == 1
    assert results["hours"].mean is not None
    assert 10 <= results["hours"].mean.value <= 12


def test_one_number_from_everybody_is_an_answer_of_the_model_and_cannot_be_read() -> None:
    def twelve(call: Call) -> Completion:
        is_number = isinstance(call, ChatCall) and "number" in (call.response_schema or "")
        return Completion(text='{"number": 12}') if is_number else reply_of(call)

    def hours(n: int, reply: Callable[[Call], Completion]) -> QuestionResult:
        job = job_of(study_of(n=n))
        return results_of(found_of(job, transcripts_of(job, reply)))["hours"]

    alike = hours(12, twelve)
    assert alike.state == "cannot_say"
    assert alike.reasons == (
        "All 12 gave the same number: that is one answer of the model, not 12 of respondents.",
    )
    assert hours(4, twelve).state == "stands"  # so few may well agree
    assert hours(12, reply_of).state == "stands"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ('{"choices": ["A", "C"]}', ChoicesAnswer(options=("x", "y", "z"), shares=(1, 0, 1))),
        ('{"choices": []}', ChoicesAnswer(options=("x", "y", "z"), shares=(0, 0, 0))),
        ('{"choices": ["D"]}', Missing(reason="unreadable", raw='{"choices": ["D"]}')),
        ("A and C", Missing(reason="unreadable", raw="A and C")),
    ],
)
def test_a_list_of_letters_is_read_or_missing(said: str, answer: ChoicesAnswer | Missing) -> None:
    assert DirectChoices(id="q", options=("x", "y", "z")).parse(Completion(text=said)) == answer


def test_no_answer_beside_another_letter_is_missing() -> None:
    question = DirectChoices(id="q", options=("x", "no answer"), alone="no answer")
    assert isinstance(question.parse(Completion(text='{"choices": ["A", "B"]}')), Missing)
    assert isinstance(question.parse(Completion(text='{"choices": ["B"]}')), ChoicesAnswer)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ('{"number": 12.5}', NumberAnswer(value=12.5)),
        (" 40.", NumberAnswer(value=40)),
        ('{"number": 61}', Missing(reason="unreadable", raw='{"number": 61}')),
        ("about 12 or 13", Missing(reason="unreadable", raw="about 12 or 13")),
    ],
)
def test_a_number_is_read_or_missing_and_never_pushed_into_its_bounds(
    said: str, answer: NumberAnswer | Missing
) -> None:
    assert DirectNumber(id="q", low=0, high=60).parse(Completion(text=said)) == answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"only_if": {"question": "later", "any_of": ["x"]}}, "expected an earlier question with options"),
        ({"only_if": {"question": "tool", "any_of": ["Fax"]}}, "depends on 'Fax', expected one of The CRM"),
        ({"id": "tool"}, "question id 'tool' is used twice"),
    ],
)
def test_a_questionnaire_that_cannot_be_asked_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        study_of([QUESTIONS[0], {**QUESTIONS[4], **change}])


def test_a_reference_that_does_not_fit_is_refused() -> None:
    wrong = {**QUESTIONS[0], "reference": {"source": "x", "shares": [0.5, 0.2, 0.1]}}
    with pytest.raises(ValidationError, match=r"sums to 0\.80, expected 1"):
        study_of([wrong])
