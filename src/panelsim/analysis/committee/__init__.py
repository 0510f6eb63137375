"""From the transcripts of a committee study to its analysis: stances, outcomes, controls and the verdict."""

from collections.abc import Iterable, Sequence

from panelsim.analysis.committee import controls
from panelsim.analysis.committee.hearing import CommitteeHearing
from panelsim.analysis.committee.outcomes import Heard, company_outcome, proposal_outcome
from panelsim.analysis.committee.seats import seats_of
from panelsim.analysis.committee.verdict import Evidence, contrasts_of, verdict_of
from panelsim.model.committee import CommitteeAnalysis, CompanyOutcome, Seat, SeatStance
from panelsim.model.panel import Arm, Panel
from panelsim.model.plan import Plan, Transcript
from panelsim.model.sources import PanelSources
from panelsim.model.study import CommitteeStudy


def analyse_committee(
    study: CommitteeStudy,
    panel: Panel,
    sources: PanelSources,
    plan: Plan,
    transcripts: Iterable[Transcript],
) -> CommitteeAnalysis:
    """Everything that can be said of the run: the same transcripts always give the same analysis.

    A planned session without a transcript counts as missing. Raises `InputError` if a transcript names a
    respondent or a proposal that panel or plan do not hold.
    """
    hearing = CommitteeHearing(study, panel, plan)
    for transcript in transcripts:
        hearing.hear(transcript)
    return committee_analysis(hearing, sources)


def committee_analysis(hearing: CommitteeHearing, sources: PanelSources) -> CommitteeAnalysis:
    """The analysis of all that `hearing` heard, which ends it."""
    hearing.close()
    study, plan = hearing.study, hearing.plan
    seats = seats_of(hearing.panel, sources)
    stances = hearing.stances()
    outcomes = _outcomes(study, seats, stances, [one.id for one in plan.stimuli], "target")
    anti = _outcomes(study, seats, stances, [one.id for one in study.proposals], "anti")
    icps = _icps(hearing.panel)
    tested = {one.id for one in study.proposals}
    proposals = tuple(
        proposal_outcome(
            one.id, [found for found in outcomes if found.proposal == one.id], icps, study.rule, study.seed
        )
        for one in study.proposals
    )
    found = controls.controls_of(
        controls.Hearing(
            study=study,
            stimuli=plan.stimuli,
            seats=seats,
            stances=stances,
            outcomes=outcomes,
            anti_outcomes=anti,
            has_anti=any(seat.arm == "anti" for seat in seats),
        )
    )
    quality = hearing.quality(stances)
    contrasts = contrasts_of(study, [one for one in outcomes if one.proposal in tested], icps)
    evidence = Evidence(study, proposals, outcomes, contrasts, found, quality)
    return CommitteeAnalysis(
        seats=seats,
        stances=stances,
        words=tuple(hearing.words),
        outcomes=outcomes,
        anti_outcomes=anti,
        proposals=proposals,
        contrasts=contrasts,
        controls=found,
        quality=quality,
        verdict=verdict_of(evidence),
    )


def _icps(panel: Panel) -> tuple[str, ...]:
    """The ICP of each target company, in their order."""
    return tuple({one.account: one.icp for one in panel.respondents if one.arm == "target"}.values())


def _outcomes(
    study: CommitteeStudy,
    seats: Sequence[Seat],
    stances: Sequence[SeatStance],
    proposals: Sequence[str],
    arm: Arm,
) -> tuple[CompanyOutcome, ...]:
    """What each company of an arm comes to, proposal by proposal."""
    found = {(one.respondent, one.proposal): one for one in stances}
    companies: dict[str, list[Seat]] = {}
    for seat in seats:
        if seat.arm == arm:
            companies.setdefault(seat.account, []).append(seat)
    return tuple(
        company_outcome(
            account,
            proposal,
            Heard(members, [found.get((seat.respondent, proposal)) for seat in members]),
            study.rule,
        )
        for proposal in proposals
        for account, members in companies.items()
    )
