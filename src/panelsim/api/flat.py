"""The flat summary of a run: words and numbers, taken from its report."""

from datetime import datetime
from functools import lru_cache
from typing import Literal

from panelsim.api.context import Api
from panelsim.api.views import Summary
from panelsim.model.analysis import Analysis
from panelsim.model.discussion_report import DiscussionAnswer
from panelsim.model.report import (
    Answer,
    CommitteeAnswer,
    HypothesisAnswer,
    Objections,
    Report,
    SurveyAnswer,
    Trust,
)
from panelsim.providers.prices import PICO
from panelsim.service.reports import report_of
from panelsim.service.run import recall
from panelsim.service.summary import nearest_rival
from panelsim.store import RunHead

TrustLevel = Literal["void", "limited", "checked", ""]


def summary_of(api: Api, head: RunHead) -> Summary:
    """The summary of a run as it is now; one that has ended is summed up once in this process."""
    if head.finished_at is None:
        made = _sum_up(api, head.id, head.state)
    else:
        made = _summed(api, head.id, head.state, head.finished_at)
    return made.model_copy(update={"cost_usd": api.workspace.store.spent(head.id).pico / PICO})


@lru_cache(maxsize=512)
def _summed(api: Api, run_id: str, state: str, _finished_at: datetime) -> Summary:
    return _sum_up(api, run_id, state)


def _sum_up(api: Api, run_id: str, state: str) -> Summary:
    run = api.workspace.store.run(run_id)
    outcome = recall(run, api.workspace)
    report, analysis = report_of(outcome)
    trust = next((one for one in report.measured if isinstance(one, Trust)), None)
    common = {
        "run_id": run_id,
        "kind": run.study.kind,
        "state": state,
        "trust_level": trust_level(trust),
        "calibrated": "yes" if trust is not None and trust.calibrated is not None else "no",
        "top_objection": top_objection(report),
        "respondents": len(run.panel.respondents),
        "missing": len(outcome.failures),
        "cost_usd": 0.0,
        "report_url": api.link(f"/v1/runs/{run_id}/report?format=html"),
    }
    return Summary.model_validate(_answer(report, analysis) | common)


def _answer(report: Report, analysis: Analysis | None) -> dict[str, object]:
    blank: dict[str, object] = {
        "verdict": "",
        "sentence": "",
        "winner_id": "",
        "winner_text": "",
        "leader_id": "",
        "lead_points": None,
        "interval_low": None,
        "interval_high": None,
        "next_step": "",
    }
    texts = {stimulus.id: stimulus.text for stimulus in report.stimuli}
    for section in report.measured:
        match section:
            case Answer():
                leads = section.word == "clear_lead"
                winner = section.leader if leads and section.leader else ""
                blank |= {
                    "verdict": section.word,
                    "sentence": section.sentence,
                    "winner_id": winner,
                    "winner_text": texts.get(winner, ""),
                    "leader_id": section.leader or "",
                    "next_step": section.next_step,
                }
            case CommitteeAnswer():
                blank |= {
                    "verdict": section.word,
                    "sentence": section.sentence,
                    "leader_id": section.leader or "",
                    "next_step": section.next_step,
                }
            case DiscussionAnswer():
                blank |= {
                    "verdict": section.word,
                    "sentence": section.sentence,
                    "next_step": section.next_step,
                }
            case HypothesisAnswer():
                blank |= _side(section)
            case SurveyAnswer():
                blank |= {"verdict": section.word, "sentence": section.sentence}
            case _:
                pass
    rival = None if analysis is None else nearest_rival(analysis)
    if rival is not None:
        scale = 100 if rival.measure == "preference" else 1
        lead = rival.difference
        blank |= {
            "lead_points": lead.value * scale,
            "interval_low": lead.low * scale,
            "interval_high": lead.high * scale,
        }
    return blank


def _side(answer: HypothesisAnswer) -> dict[str, object]:
    """The side that the panel takes; its lead is the share for it above one half, in points of 100."""
    share = answer.share
    leader = "" if share is None or share.value == 0.5 else "a" if share.value > 0.5 else "b"
    is_clear = answer.word in ("supports_a", "supports_b")
    told: dict[str, object] = {
        "verdict": answer.word,
        "sentence": answer.sentence,
        "next_step": answer.next_step,
        "leader_id": leader,
        "winner_id": leader if is_clear else "",
        "winner_text": {"a": answer.a, "b": answer.b}.get(leader, "") if is_clear else "",
    }
    if share is not None and leader:
        ends = [(end - 0.5) * 100 for end in (share.low, share.high)]
        low, high = ends if leader == "a" else (-ends[1], -ends[0])
        told |= {"lead_points": abs(share.value - 0.5) * 100, "interval_low": low, "interval_high": high}
    return told


def trust_level(trust: Trust | None) -> TrustLevel:
    """Whether the run's own checks hold: none of them compares with people."""
    if trust is None:
        return ""
    states = {check.state for check in trust.checks}
    if "failed" in states:
        return "void"
    return "limited" if states & {"not_computed", "off"} else "checked"


def top_objection(report: Report) -> str:
    """The expected objection that was raised most; empty if none was."""
    for section in report.sections:
        if isinstance(section, Objections):
            raised = max(section.heard, key=lambda one: one.raised, default=None)
            return raised.expected if raised is not None and raised.raised else ""
    return ""
