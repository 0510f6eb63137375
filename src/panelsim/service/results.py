"""Last results: what the newest finished message test said, by persona and ICP."""

from collections.abc import Iterable

from panelsim.errors import PanelsimError
from panelsim.model.matrix import LastResult
from panelsim.model.plan import Transcript
from panelsim.model.study import MessageTest
from panelsim.service.profiles import newest_runs
from panelsim.service.reports import report_of
from panelsim.service.run import recall
from panelsim.service.workspace import Workspace
from panelsim.store import Run

Pair = tuple[str, str]
"""A persona and an ICP."""


def last_results(wanted: Iterable[Pair], workspace: Workspace) -> dict[Pair, LastResult]:
    """The newest finished message test of each pair in which one of its respondents answered.

    Looks at the newest 50 runs, and reads as many of them as it needs; nothing is asked.
    """
    missing, found = set(wanted), dict[Pair, LastResult]()
    for run in newest_runs(workspace.store):
        if not missing:
            break
        if not isinstance(run.study, MessageTest) or run.state not in ("done", "partial"):
            continue
        if missing & {(one.persona, one.icp) for one in run.panel.respondents}:
            said = _read(run, missing, workspace)
            found |= said
            missing -= set(said)
    return found


def _read(run: Run, wanted: set[Pair], workspace: Workspace) -> dict[Pair, LastResult]:
    """What one run says of the wanted pairs that answered in it."""
    arms = {(one.persona, one.icp): one.arm for one in run.panel.respondents}
    answered: set[str] = set()

    def hear(transcript: Transcript) -> None:
        if any(response.answer.kind != "missing" for response in transcript.responses):
            answered.add(transcript.assignment.respondent)

    date = run.created_at.date().isoformat()
    try:
        report, analysis = report_of(recall(run, workspace), hear)
    except PanelsimError as error:
        return {
            pair: LastResult(
                run_id=run.id, date=date, as_control=arms[pair] == "anti", word=None, problem=str(error)
            )
            for pair in wanted & set(arms)
        }
    if analysis is None:
        return {}
    verdict = analysis.verdict
    texts = {stimulus.id: stimulus.text for stimulus in report.stimuli}
    leads = verdict.word in ("clear_lead", "lean")
    own = dict(verdict.by_persona)
    heard = {(one.persona, one.icp) for one in run.panel.respondents if one.id in answered}
    return {
        pair: LastResult(
            run_id=run.id,
            date=date,
            as_control=arms[pair] == "anti",
            word=verdict.word,
            leader=texts.get(verdict.leader or "", "") if leads and arms[pair] == "target" else "",
            own_leader=texts.get(own.get(pair[0]) or "", ""),
        )
        for pair in wanted & heard
    }
