"""What a run comes to, as a JSON object for programs."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from panelsim.model.analysis import Analysis, Contrast
from panelsim.model.discussion_report import DiscussionAnswer, Shifts
from panelsim.model.recovery import Readback, Recovery, ScaleScores
from panelsim.model.report import (
    Ablation,
    Answer,
    Committee,
    CommitteeAnswer,
    HypothesisAnswer,
    Overview,
    Positions,
    Provenance,
    Quote,
    Report,
    SeatVoice,
    SurveyAnswer,
    SurveyResults,
    TopBox,
    Trust,
)
from panelsim.service.outcome import Outcome
from panelsim.service.run import Ended


def summary(
    report: Report,
    analysis: Analysis | None,
    outcome: Outcome,
    files: Sequence[Path],
    ended: Ended | None = None,
) -> dict[str, JsonValue]:
    """The flat summary that `--json` prints.

    `winner_*` is null unless the verdict is `clear_lead`; `leader_*` is whoever has the highest figure.
    `lead` is the leader's distance from its nearest rival, on `lead_on`. `ended` is given for a run that was
    driven just now.
    """
    facts = next(section for section in report.record if isinstance(section, Provenance)).facts
    paths: dict[str, JsonValue] = {path.name: str(path) for path in files}
    common: dict[str, JsonValue] = {
        "simulated": True,
        "run_id": report.run_id,
        "study": report.study,
        "state": ended.state if ended else outcome.run.state,
        "model": facts.model.name,
        "calls": facts.calls,
        "calls_made_now": ended.made if ended else 0,
        "cost_usd": facts.cost_usd,
        "sessions": len(outcome.transcripts),
        "sessions_failed": len(outcome.failures),
        "files": paths,
    }
    for section in report.measured:
        match section:
            case Ablation():
                return _ablation(section) | common
            case CommitteeAnswer():
                return _committee(section, report) | common
            case DiscussionAnswer():
                return common | _discussion(section, report)
            case Overview():
                return common | _interview(section)
            case Readback():
                return common | _inventory(report, section)
            case HypothesisAnswer():
                return _hypothesis(section, report) | common
            case SurveyAnswer():
                return _survey(section, report) | common
            case _:
                pass
    if analysis is None:
        raise RuntimeError(f"the report of run {report.run_id} has no section to sum up")
    return _verdict(report, analysis) | common


def _committee(outcome: CommitteeAnswer, report: Report) -> dict[str, JsonValue]:
    """What the committee would do; `champion` is the firmest one, and `null` if nobody clearly is."""
    table = next(section for section in report.measured if isinstance(section, Committee))
    trust = next(section for section in report.measured if isinstance(section, Trust))
    champion = max(outcome.champions, key=lambda one: (one.companies, one.share or 0.0), default=None)
    controls: dict[str, JsonValue] = {one.name: one.state for one in trust.checks if one.is_control}
    odds: dict[str, JsonValue] = {
        one.proposal: {
            "outcome": "cannot_say" if outcome.is_void else one.word,
            "companies": dict(one.counts),
            "share_go_ahead": None if one.share is None else one.share.value,
            "p_go_ahead": None if one.go_ahead is None else one.go_ahead.value,
        }
        for one in table.summaries
    }
    return {
        "verdict": outcome.word,
        "outcome": None if outcome.is_void or len(table.summaries) > 1 else table.summaries[0].word,
        "sentence": outcome.sentence,
        "leader_id": outcome.leader,
        "companies": table.companies,
        "vetoes": [_voice(one, one.said) for one in outcome.vetoes],
        "champion": None if champion is None else champion.persona,
        "champions": [_voice(one, one.said) for one in outcome.champions],
        "signer_needs": [_voice(one, one.needs) for one in outcome.signers],
        "proposals": odds,
        "reasons": list(outcome.reasons),
        "next_step": outcome.next_step,
        "controls": controls,
    }


def _voice(one: SeatVoice, quote: Quote | None) -> dict[str, JsonValue]:
    return {
        "proposal": one.proposal,
        "persona": one.persona,
        "authority": one.authority,
        "stance": one.state,
        "share": one.share,
        "companies": one.companies,
        "words": None if quote is None else quote.text,
        "call_key": None if quote is None else quote.call_key,
    }


def _verdict(report: Report, analysis: Analysis) -> dict[str, JsonValue]:
    verdict = analysis.verdict
    texts = {stimulus.id: stimulus.shown for stimulus in report.stimuli}
    answer = next(section for section in report.measured if isinstance(section, Answer))
    winner = verdict.leader if verdict.word == "clear_lead" else None
    nearest = nearest_rival(analysis)
    found: dict[str, JsonValue] = {
        "verdict": verdict.word,
        "sentence": answer.sentence,
        "winner_id": winner,
        "winner_text": texts.get(winner or ""),
        "leader_id": verdict.leader,
        "leader_text": texts.get(verdict.leader or ""),
        "not_separable": list(verdict.not_separable),
        "lead": nearest.difference.value if nearest else None,
        "lead_on": nearest.measure if nearest else None,
        "interval_low": nearest.difference.low if nearest else None,
        "interval_high": nearest.difference.high if nearest else None,
        "reasons": list(verdict.reasons),
        "next_step": verdict.next_step,
        "controls": {control.name: control.state for control in analysis.controls},
    }
    return found | _top_box(report)


def _top_box(report: Report) -> dict[str, JsonValue]:
    """The two highest points of every concept and control; nothing in a test of headlines."""
    for section in report.measured:
        if isinstance(section, TopBox):
            boxes: dict[str, JsonValue] = {
                row.stimulus.id: {"value": row.target.value, "low": row.target.low, "high": row.target.high}
                for row in section.rows
                if row.target is not None
            }
            return {"top_box": boxes}
    return {}


def nearest_rival(analysis: Analysis) -> Contrast | None:
    """The leader's contrast with its nearest rival: on pairs if they were asked, else on the ratings."""
    pairs = [one for one in analysis.contrasts if one.measure == "preference"]
    return min(pairs or analysis.contrasts, key=lambda one: one.difference.value, default=None)


def _ablation(section: Ablation) -> dict[str, JsonValue]:
    found = section.analysis
    shares: dict[str, JsonValue] = {one.name: one.share.value for one in (*found.sources, *found.swapped)}
    leaders: dict[str, JsonValue] = {row.treatment: row.leader for row in found.treatments}
    return {
        "sentence": section.answer,
        "variance_shares": shares,
        "leaders": leaders,
        "respondents": found.respondents,
        "complete": found.complete,
        "missing": found.missing,
    }


def _discussion(answer: DiscussionAnswer, report: Report) -> dict[str, JsonValue]:
    """The verdict, the figures it rests on, and who moved; figures are `null` where nothing was rated."""
    shifts = next((section for section in report.measured if isinstance(section, Shifts)), None)
    trust = next(section for section in report.measured if isinstance(section, Trust))
    movement = None if shifts is None else shifts.movement
    pull = None if movement is None else movement.net_pull
    return {
        "verdict": answer.word,
        "sentence": answer.sentence,
        "groups": answer.groups,
        "members": answer.members,
        "moved": None if movement is None else movement.moved.value,
        "moved_in_control": None if movement is None else movement.noise.value,
        "shift": None if movement is None else movement.shift.value,
        "net_shift": None if movement is None else movement.net.value,
        "net_low": None if movement is None else movement.net.low,
        "net_high": None if movement is None else movement.net.high,
        "net_pull": None if pull is None else pull.value,
        "who_moved": [one.shift.respondent for one in shifts.rows if one.shift.has_moved] if shifts else [],
        "reasons": list(answer.reasons),
        "next_step": answer.next_step,
        "controls": {one.name: one.state for one in trust.checks if one.is_control},
    }


def _interview(overview: Overview) -> dict[str, JsonValue]:
    return {
        "guide": overview.guide.id,
        "interviews": overview.interviews,
        "answers": overview.answers,
        "missing": overview.missing,
    }


def _inventory(report: Report, readback: Readback) -> dict[str, JsonValue]:
    """The dose-response table by assigned level, and the scores by scale."""
    recovery = next(section for section in report.measured if isinstance(section, Recovery))
    scores = next(section for section in report.measured if isinstance(section, ScaleScores))
    lean = readback.acquiescence
    return {
        "instrument": readback.instrument,
        "form": readback.form,
        "sentence": readback.sentence,
        "answers": readback.answers,
        "missing": readback.missing,
        "convergent": readback.convergent,
        "discriminant": readback.discriminant,
        "acquiescence": None if lean is None else lean.value,
        "recovery": {
            dose.assigned: {
                "slope": None if dose.slope is None else dose.slope.value,
                "rho": dose.rho,
                "right_side": dose.right_side,
                "leak_slope": dose.leak_slope,
                "leak_rho": dose.leak_rho,
            }
            for dose in recovery.doses
        },
        "scales": {
            one.scale: {"score": None if one.score is None else one.score.value, "alpha": one.alpha}
            for one in scores.scales
        },
    }


def _hypothesis(answer: HypothesisAnswer, report: Report) -> dict[str, JsonValue]:
    """The verdict, the share for a over b, and the shares of all three answers."""
    positions = next(section for section in report.measured if isinstance(section, Positions))
    trust = next(section for section in report.measured if isinstance(section, Trust))
    share = answer.share
    return {
        "verdict": answer.word,
        "sentence": answer.sentence,
        "share_a": None if share is None else share.value,
        "interval_low": None if share is None else share.low,
        "interval_high": None if share is None else share.high,
        "sides": {side: one.value for side, one in positions.sides},
        "by_persona": {
            one.value: None if one.share is None else one.share.value
            for one in positions.cuts
            if one.dimension == "persona"
        },
        "reasons": list(answer.reasons),
        "next_step": answer.next_step,
        "controls": {one.name: one.state for one in trust.checks if one.is_control},
    }


def _survey(answer: SurveyAnswer, report: Report) -> dict[str, JsonValue]:
    """What stands, and the figures of every question by its id."""
    results = next(section for section in report.measured if isinstance(section, SurveyResults)).results
    return {
        "verdict": answer.word,
        "sentence": answer.sentence,
        "answers": answer.answers,
        "missing": answer.missing,
        "questions": {
            one.question.id: {
                "state": one.state,
                "reasons": list(one.reasons),
                "asked": one.asked,
                "missing": one.missing,
                "shares": {share.option: share.share.value for share in one.shares},
                "mean": None if one.mean is None else one.mean.value,
                "sd": one.sd,
                "position_effect": None if one.position is None else one.position.value,
            }
            for one in results
        },
    }
