"""Hypotheses: both orders, every wording, a way out, and controls that catch a respondent with a habit."""

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from pydantic import ValidationError

from panelsim.analysis.hypothesis import HypothesisHearing, hypothesis_analysis
from panelsim.model.call import Call, ChatCall, Completion, TokenLogprob
from panelsim.model.hypothesis import HypothesisAnalysis, Posed
from panelsim.model.plan import HypothesisAssignment, Transcript
from panelsim.model.report import Report
from panelsim.model.study import HypothesisControls, HypothesisStudy
from panelsim.reporting.gleaning import glean
from panelsim.reporting.hypothesis import hypothesis_report
from panelsim.service.prepare import Job
from tests import builders
from tests.core.asked import Reply, few, job_of, transcripts_of

OPTION = re.compile(r'^([A-Z]): "(.*)"$', re.MULTILINE)
Mind = Callable[[Mapping[str, str]], Mapping[str, float]]
"""Option text by letter -> probability by letter."""
RIGHT = ("One that works", "Your data are safe", "100 dollars", "A colleague who")


def study_of(**fields: object) -> HypothesisStudy:
    return HypothesisStudy.model_validate(
        {
            "id": "cost-or-speed",
            "n": 12,
            "wordings": ["Does cost or speed come first?", "What matters more, cost or speed?"],
            "a": "Cost comes first",
            "b": "Speed comes first",
            **fields,
        }
    )


def reply_of(mind: Mind) -> Reply:
    def reply(call: Call) -> Completion:
        assert isinstance(call, ChatCall)
        shares = mind(dict(OPTION.findall(call.messages[-1].content)))
        best = max(shares, key=lambda letter: shares[letter])
        if call.response_schema:
            return Completion(text=json.dumps({"choice": best}))
        top = tuple((letter, math.log(max(share, 1e-6))) for letter, share in shares.items())
        return Completion(text=best, logprobs=(TokenLogprob(token=best, logprob=0.0, top=top),))

    return reply


def sound(options: Mapping[str, str], *, speed: float = 0.8) -> Mapping[str, float]:
    """Takes what is plainly right, has no taste among equals, and puts speed first."""
    shares = dict.fromkeys(options, 0.45)
    shares["C"] = 0.1
    for letter, text in options.items():
        if text.startswith(RIGHT):
            return {one: 0.9 if one == letter else 0.05 for one in options}
        if text.startswith("Speed"):
            return {one: speed if one == letter else (1 - speed) / 2 for one in options}
    return shares


@cache
def _a_texts() -> frozenset[str]:
    positions = job_of(study_of(n=2)).scene.positions
    assert positions is not None
    return frozenset(one.a for one in positions.posed.values())


def always_a(options: Mapping[str, str]) -> Mapping[str, float]:
    """Always the position that the file calls a, whatever is asked and in whichever slot it stands."""
    return {letter: 0.9 if text in _a_texts() else 0.05 for letter, text in options.items()}


def first_slot(options: Mapping[str, str]) -> Mapping[str, float]:
    return {one: 0.98 if one == "A" else 0.01 for one in options}


def way_out(options: Mapping[str, str]) -> Mapping[str, float]:
    known = sound(options)
    return known if max(known.values()) >= 0.9 else {"A": 0.1, "B": 0.1, "C": 0.8}


def asked(mind: Mind, study: HypothesisStudy | None = None) -> tuple[Job, list[Transcript]]:
    job = job_of(study or study_of())
    return job, transcripts_of(job, reply_of(mind))


def found_of(job: Job, said: list[Transcript]) -> HypothesisAnalysis:
    assert isinstance(job.study, HypothesisStudy)
    assert job.scene.positions is not None
    heard = HypothesisHearing(job.study, job.panel, job.plan, tuple(job.scene.positions.posed.values()))
    for transcript in said:
        heard.hear(transcript)
    return hypothesis_analysis(heard, draws=200)


def hypothesis_study_report() -> Report:
    """A hypothesis that is supported, with few of its transcripts."""
    job, said = asked(sound, study_of(n=6))
    assert isinstance(job.study, HypothesisStudy)
    found = found_of(job, said)
    gleaning = glean(job.study, job.panel, few(said, (0, 2, 3)))
    return hypothesis_report(
        job.study, job.panel, job.plan, gleaning, found, builders.facts(), job.sources.personas
    )


def test_a_respondent_gets_every_wording_one_placebo_and_one_known_question() -> None:
    plan = job_of(study_of()).plan
    own = [one for one in plan if isinstance(one, HypothesisAssignment) and one.respondent == plan.people[0]]
    assert [(one.posed, one.wording) for one in own[:2]] == [("hypothesis", 0), ("hypothesis", 1)]
    assert [one.posed.partition("-")[0] for one in own[2:]] == ["placebo", "known"]
    posed = [one.posed for one in plan if isinstance(one, HypothesisAssignment)]
    # 12 respondents over 3 placebos and 4 known questions
    assert {posed.count(f"placebo-{at}") for at in (1, 2, 3)} == {4}
    assert {posed.count(f"known-{at}") for at in (1, 2, 3, 4)} == {3}


def test_both_orders_are_asked_and_the_way_out_stands_last_in_both() -> None:
    _, said = asked(sound)
    first, second = (one.answer for one in said[0].responses)
    assert getattr(first, "options", ()) == ("a", "b", "neither")
    assert getattr(second, "options", ()) == ("b", "a", "neither")


def test_a_position_that_is_held_in_both_orders_is_supported() -> None:
    found = found_of(*asked(sound))
    assert found.verdict.word == "supports_b"
    assert found.share is not None
    # (1 + .1 - .8) / 2 in both orders and wordings
    assert found.share.value == pytest.approx(0.15)
    assert {one.state for one in found.controls} == {"passed"}
    assert found.p < 0.01  # 12 respondents that all agree: 2 / 2^12


def test_a_first_slot_respondent_gets_no_verdict_and_its_position_effect_is_told() -> None:
    found = found_of(*asked(first_slot))
    assert found.verdict.word == "cannot_say"
    assert found.order_consistency == pytest.approx(0.03, abs=0.01)  # 1 - (.985 - .015)
    assert found.first_slot_bias == pytest.approx(0.485, abs=0.01)
    assert any("survived a swap of slots" in reason for reason in found.verdict.reasons)


def test_a_respondent_who_always_takes_one_side_is_caught_by_placebo_and_known() -> None:
    found = found_of(*asked(always_a))
    assert found.verdict.word == "cannot_say"
    assert {one.name: one.state for one in found.controls} == {"placebo": "failed", "known": "failed"}


def test_a_panel_that_says_neither_gets_no_verdict() -> None:
    found = found_of(*asked(way_out))
    assert found.verdict.word == "cannot_say"
    assert "is 'Neither, or cannot say'" in found.verdict.reasons[0]


def test_a_lead_too_small_to_count_is_no_difference() -> None:
    found = found_of(*asked(lambda options: sound(options, speed=0.36)))
    assert found.verdict.word == "no_difference"


def test_without_a_control_the_panel_leans_at_most() -> None:
    found = found_of(*asked(sound, study_of(controls=HypothesisControls(placebo=False))))
    assert found.verdict.word == "leans_b"
    assert "Without the control placebo" in found.verdict.reasons[0]


def test_sessions_that_were_not_held_count_as_missing() -> None:
    job, said = asked(sound)
    found = found_of(job, said[:24])
    assert found.missing == 2 * (len(job.plan) - 24)
    assert found.verdict.word == "cannot_say"


def test_an_answer_said_outright_is_read_too() -> None:
    job = job_of(study_of(), elicit="direct", frame="first_person")
    found = found_of(job, transcripts_of(job, reply_of(sound)))
    assert found.verdict.word == "supports_b"
    assert found.valid_mass is None


def test_personas_have_shares_of_their_own() -> None:
    cuts = {one.value: one for one in found_of(*asked(sound)).cuts if one.dimension == "persona"}
    assert {one.n for one in cuts.values()} == {4}
    assert all(one.share is not None and one.share.value == pytest.approx(0.15) for one in cuts.values())


def test_positions_that_say_the_same_are_refused() -> None:
    with pytest.raises(ValidationError, match="expected two positions and a way out"):
        study_of(a="cost  comes first", b="Cost comes first")


def test_known_questions_are_right_on_either_side() -> None:
    positions = job_of(study_of()).scene.positions
    assert positions is not None
    known: list[Posed] = [one for one in positions.posed.values() if one.right is not None]
    assert sorted(str(one.right) for one in known) == ["a", "a", "b", "b"]
