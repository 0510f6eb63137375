"""Reports of stored runs, derived from the kept answers alone."""

from pathlib import Path

from panelsim.cli import output
from panelsim.cli.options import FormatName
from panelsim.cli.runlist import facts_of, find_run
from panelsim.cli.summary import print_report, summary
from panelsim.errors import InputError
from panelsim.reporting import formats
from panelsim.service.output import check_folder, write_text
from panelsim.service.reports import report_of
from panelsim.service.outcome import Outcome
from panelsim.service.run import recall
from panelsim.service.workspace import Workspace, open_workspace

FORMS: dict[FormatName, formats.FormatName] = {
    "html": "html",
    "md": "markdown",
    "json": "json",
    "csv": "csv",
    "jsonl": "transcripts",
}


def recalled(name: str, workspace: Workspace) -> Outcome:
    """A stored run as it is now. Raises `InputError` if nothing was ever answered in it."""
    run = find_run(name, workspace)
    outcome = recall(run, workspace)
    if not outcome.calls:
        raise InputError(
            f"run {run.id!r} ({run.state}) has no answer yet, so there is nothing to report; "
            f"go on with: panelsim runs resume {run.id}"
        )
    return outcome


def report_text(name: str, form: FormatName) -> str:
    """The report of a run in one format."""
    with open_workspace() as workspace:
        report, _ = report_of(recalled(name, workspace))
        draw = workspace.draw
    if form == "csv" and report.study_kind == "interview":
        raise InputError("an interview has no table of answers; expected --format html, md, json or jsonl")
    return formats.render(report, FORMS[form], draw)


def write_to(path: Path, text: str) -> None:
    """Writes a report to a file, and says so."""
    if path.is_dir():
        raise InputError(f"--out {path} is a folder, expected a file such as {path / 'report.html'}")
    check_folder(path.parent)
    write_text(path, text)
    output.err().print(f"Written: {path}", markup=False)


def show_run(name: str, *, as_json: bool) -> None:
    """One run, its report derived anew from the kept answers."""
    with open_workspace() as workspace:
        outcome = recalled(name, workspace)
        run = outcome.run
        report, analysis = report_of(outcome)
    if as_json:
        output.print_json(summary(report, analysis, outcome, ()))
        return
    print_report(report, ())
    facts = facts_of(run) | {
        "calls": outcome.calls,
        "seed": run.study.seed,
        "panel": run.panel.id,
        "cost_usd": round(outcome.cost_usd, 6),
    }
    output.print_table(("Fact", "Value"), ((key, str(value)) for key, value in facts.items()))
    if run.state != "done":
        output.err().print(f"Go on with: panelsim runs resume {run.id}", markup=False)
