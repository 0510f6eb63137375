"""What a committee study says: vetoes stand, missing stays missing, a slot is no stance, controls void."""

from collections.abc import Mapping

import pytest

from panelsim.analysis.committee import analyse_committee
from panelsim.analysis.objections import like
from panelsim.errors import InputError
from panelsim.model.committee import CommitteeAnalysis, OutcomeWord, Shares
from panelsim.model.plan import CommitteeAssignment, Transcript
from panelsim.model.study import CommitteeStudy
from panelsim.service.prepare import Job
from tests.committees import (
    NO,
    REFUSES,
    TORN,
    UNSURE,
    YES,
    analysed,
    answered,
    job_of,
    sources_of,
    study_of,
    transcript,
)

SURE = Shares(yes=1, no=0, unsure=0)


def word_of(analysis: CommitteeAnalysis) -> OutcomeWord:
    (proposal,) = analysis.proposals
    return proposal.word


def analysis_of(job: Job, said: list[Transcript]) -> CommitteeAnalysis:
    assert isinstance(job.study, CommitteeStudy)
    return analyse_committee(job.study, job.panel, job.sources, job.plan, said)


def test_a_committee_of_friends_goes_ahead() -> None:
    analysis = analysed(job_of(study_of()), {}, SURE)
    assert analysis.verdict.word == "go_ahead"
    (company,) = (one for one in analysis.outcomes if one.proposal == "a")
    assert (company.go_ahead.low, company.blocked.high) == (1, 0)
    assert company.champions == ("c1-sdr-manager", "c1-revops-champion")


@pytest.mark.parametrize("veto", ["cfo", "it-security-lead", "vp-sales"])
def test_five_of_six_yes_and_one_veto_is_blocked(veto: str) -> None:
    analysis = analysed(job_of(study_of()), {veto: NO}, SURE)
    assert analysis.verdict.word == "blocked"
    (company,) = (one for one in analysis.outcomes if one.proposal == "a")
    assert company.stopped_by == (f"c1-{veto}",)
    assert company.blocked.low == pytest.approx(0.9)
    assert analysis.verdict.reasons == (f"c1-{veto} can stop it and would.",)


def test_a_seat_without_a_veto_that_refuses_stops_nothing() -> None:
    assert word_of(analysed(job_of(study_of()), {"sales-ops": REFUSES}, SURE)) == "go_ahead"


def test_in_a_flat_company_the_signer_follows_the_majority_and_a_blocker_still_blocks() -> None:
    job = job_of(study_of(), sources_of(structure="flat"))
    assert word_of(analysed(job, {"cfo": REFUSES}, SURE)) == "go_ahead"
    assert word_of(analysed(job, {"it-security-lead": REFUSES}, SURE)) == "blocked"
    against = dict.fromkeys(("cfo", "vp-sales", "sales-ops", "sdr-manager"), REFUSES)
    assert word_of(analysed(job, against, SURE)) == "blocked"


def test_without_a_champion_it_gets_stuck() -> None:
    analysis = analysed(job_of(study_of()), {"revops-champion": NO, "sdr-manager": NO}, SURE)
    assert word_of(analysis) == "stuck"
    assert "a champion" in analysis.outcomes[0].reason


def test_a_signer_who_cannot_say_leaves_it_stuck() -> None:
    analysis = analysed(job_of(study_of()), {"cfo": UNSURE}, SURE)
    assert word_of(analysis) == "stuck"
    assert analysis.outcomes[0].waiting_for == ("c1-cfo",)


def test_three_half_hearted_vetoes_name_no_outcome() -> None:
    # each can say no: P(blocked) = 1 - .5 ** 3 = .875, yet nobody refuses
    torn = dict.fromkeys(("cfo", "it-security-lead", "vp-sales"), TORN)
    analysis = analysed(job_of(study_of()), torn, SURE)
    assert analysis.outcomes[0].blocked.low == pytest.approx(0.875)
    assert word_of(analysis) == "cannot_say"


def test_a_signer_without_an_answer_leaves_the_outcome_open() -> None:
    job = job_of(study_of(rule={"max_missing": 0.5}))
    analysis = analysed(job, {"cfo": None}, SURE)
    assert word_of(analysis) == "cannot_say"
    company = analysis.outcomes[0]
    assert company.unknown == ("c1-cfo",)
    # whatever the missing seat would have said is possible, and nothing is filled in
    assert (company.go_ahead.low, company.go_ahead.high) == (0, 1)
    assert analysis.proposals[0].go_ahead is None


def test_a_refusal_stands_whoever_else_is_missing() -> None:
    job = job_of(study_of(rule={"max_missing": 0.5}))
    assert word_of(analysed(job, {"cfo": None, "it-security-lead": REFUSES}, SURE)) == "blocked"


def test_too_many_missing_answers_void_the_verdict() -> None:
    verdict = analysed(job_of(study_of()), {"cfo": None, "sales-ops": None}, SURE).verdict
    assert verdict.word == "cannot_say"
    assert verdict.is_void
    # 6 seats on 3 proposals and 2 seats outside on one, in both orders: 40; 2 seats on 2 of them: 8
    assert "20% of the stances are missing (8 of 40)" in " ".join(verdict.reasons)


def test_a_panel_in_which_nobody_signs_cannot_say() -> None:
    sources = sources_of()
    personas = tuple(
        one.model_copy(update={"authority": "influences"}) if one.id == "cfo" else one
        for one in sources.personas
    )
    analysis = analysed(job_of(study_of(), sources.model_copy(update={"personas": personas})), {}, SURE)
    assert analysis.verdict.word == "cannot_say"
    assert "Nobody in this committee signs" in analysis.verdict.reasons[0]


def test_who_always_takes_the_first_option_has_no_stance() -> None:
    job = job_of(study_of())
    said = [transcript(one, SURE, REFUSES) for one in job.plan if isinstance(one, CommitteeAssignment)]
    analysis = analysis_of(job, said)
    assert {one.state for one in analysis.stances} == {"position_bias"}
    assert analysis.quality.order_consistency == 0
    assert analysis.quality.first_slot_bias == 0.5
    assert analysis.verdict.word == "cannot_say"
    assert "Position bias" in analysis.verdict.reasons[0]
    assert all(control.state == "not_computed" for control in analysis.controls)


def test_a_pull_of_the_slot_cancels_over_the_orders() -> None:
    # .7 yes first, .5 yes second: mean .6, consistency 1 - .2, bias (.7 + .5) / 2 - .5 = .1
    job = job_of(study_of())
    said = [
        transcript(one, Shares(yes=0.7, no=0.3, unsure=0), Shares(yes=0.5, no=0.5, unsure=0))
        for one in job.plan
        if isinstance(one, CommitteeAssignment)
    ]
    analysis = analysis_of(job, said)
    stance = analysis.stances[0]
    assert stance.shares == Shares(yes=0.6, no=0.4, unsure=0)
    assert stance.state == "yes"
    assert stance.order_consistency == pytest.approx(0.8)
    assert analysis.quality.first_slot_bias == pytest.approx(0.1)


def test_a_committee_that_takes_the_decoy_is_not_believed() -> None:
    job = job_of(study_of())
    said = [
        transcript(one, SURE if one.respondent.startswith("c1") else REFUSES)
        for one in job.plan
        if isinstance(one, CommitteeAssignment)
    ]
    verdict = analysis_of(job, said).verdict
    assert verdict.word == "cannot_say"
    assert verdict.reasons[0].startswith("Control decoy failed: 0 of 6 seats")


def test_a_company_outside_the_icp_that_goes_ahead_voids_the_verdict() -> None:
    job = job_of(study_of())
    said = [
        transcript(one, REFUSES if one.stimulus == "control-decoy" else SURE)
        for one in job.plan
        if isinstance(one, CommitteeAssignment)
    ]
    verdict = analysis_of(job, said).verdict
    assert verdict.word == "cannot_say"
    assert verdict.reasons[0].startswith("Control anti_icp failed")


def test_a_copy_that_fares_otherwise_voids_the_verdict() -> None:
    job = job_of(study_of())
    said = []
    for one in answered(job, {}, SURE):
        assert isinstance(one.assignment, CommitteeAssignment)
        is_copy = one.assignment.stimulus == "control-duplicate" and one.assignment.respondent == "c1-cfo"
        said.append(transcript(one.assignment, REFUSES) if is_copy else one)
    verdict = analysis_of(job, said).verdict
    assert verdict.reasons[0].startswith("Control duplicate failed")
    assert "The outcome changes in c1." in verdict.reasons[0]


def test_a_session_that_was_not_held_is_missing() -> None:
    job = job_of(study_of(rule={"max_missing": 1.0}))
    said = [one for one in answered(job, {}, SURE) if one.assignment.respondent != "c1-cfo"]
    analysis = analysis_of(job, said)
    # three sessions of the cfo: the proposal with 5 questions, copy and decoy with 2 each
    assert analysis.quality.missing == 9
    assert dict(analysis.quality.missing_reasons) == {"failed": 9}
    assert word_of(analysis) == "cannot_say"


def test_a_transcript_of_a_stranger_is_refused() -> None:
    job = job_of(study_of())
    stranger = CommitteeAssignment(respondent="nobody", stimulus="a", words=False, wording=0)
    with pytest.raises(InputError, match="'nobody'"):
        analysis_of(job, [transcript(stranger, YES)])


def compared(companies: int, said: Mapping[str, Mapping[str, Shares | None]]) -> CommitteeAnalysis:
    study = study_of("Ninety days on trial, then 2,000 a month", "24,000 a year up front", n=companies)
    return analysed(job_of(study), said, SURE)


def test_over_enough_companies_a_lead_is_clear() -> None:
    analysis = compared(8, {"b": {"cfo": NO}})
    # in every company P(go ahead) is 1 for a and .1 for b: 2 of 2 ** 8 sign patterns are as far out
    (contrast,) = analysis.contrasts
    assert contrast.difference.value == pytest.approx(0.9)
    assert contrast.p == pytest.approx(2 / 256, abs=1e-6)
    assert (analysis.verdict.word, analysis.verdict.leader) == ("clear_lead", "a")
    assert [one.word for one in analysis.proposals] == ["go_ahead", "blocked"]


def test_one_company_gives_a_lean_at_most() -> None:
    analysis = compared(1, {"b": {"cfo": NO}})
    assert (analysis.verdict.word, analysis.verdict.leader) == ("lean", "a")


def test_proposals_that_fare_alike_are_no_difference() -> None:
    assert compared(8, {}).verdict.word == "no_difference"


def test_the_veto_against_the_leader_is_told_first() -> None:
    analysis = compared(8, {"a": {"cfo": NO}, "b": {"cfo": NO, "it-security-lead": NO}})
    assert analysis.verdict.reasons[0].startswith("'a' in c1: c1-cfo can stop it")
    assert "would be blocked" in analysis.verdict.sentence


def test_the_share_of_companies_has_an_interval_over_companies() -> None:
    job = job_of(study_of(n=6), anti=1)
    half = {f"c{at}-cfo" for at in (1, 2, 3)}
    said = [
        transcript(one.assignment, REFUSES)
        if one.assignment.respondent in half and isinstance(one.assignment, CommitteeAssignment)
        else one
        for one in answered(job, {}, SURE)
    ]
    (proposal,) = analysis_of(job, said).proposals
    assert dict(proposal.counts) == {"go_ahead": 3, "blocked": 3}
    assert proposal.word == "cannot_say"  # no outcome has more than half
    assert proposal.share is not None
    assert proposal.share.value == 0.5
    assert 0 <= proposal.share.low < 0.5 < proposal.share.high <= 1
    assert "companies" in proposal.share.method


def test_the_same_transcripts_give_the_same_analysis() -> None:
    job = job_of(study_of(n=3))
    assert analysed(job, {"cfo": NO}) == analysed(job, {"cfo": NO})


@pytest.mark.parametrize(
    ("raised", "found"),
    [
        ("Where is our data kept, and for how long?", "where is our data kept"),
        ("I see no single sign-on here.", "no single sign-on on this plan"),
        ("The price is too high.", None),
        ("It asks for our personal data.", None),
        ("", None),
    ],
)
def test_objections_are_matched_by_their_content_words(raised: str, found: str | None) -> None:
    expected = (
        "where is our data kept",
        "no single sign-on on this plan",
        "it asks for too many permissions",
    )
    assert like(raised, expected) == found
