"""Reports of stored runs, derived from the kept answers alone."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from panelsim.cli import output
from panelsim.cli.options import FormatName
from panelsim.cli.printing import print_report
from panelsim.cli.runlist import facts_of, find_run
from panelsim.cli.usage import compared_json, span
from panelsim.errors import InputError
from panelsim.files.writing import check_folder
from panelsim.reporting import formats
from panelsim.service.control import shown_state
from panelsim.service.outcome import Outcome
from panelsim.service.output import write_pieces
from panelsim.service.reports import pieces_of, report_of, table_of
from panelsim.service.run import recall
from panelsim.service.summary import summary
from panelsim.service.usage import compare
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
    if not any(one.call_keys for transcript in outcome.transcripts for one in transcript.responses):
        raise InputError(
            f"run {run.id!r} ({run.state}) has no answer yet, so there is nothing to report; "
            f"go on with: panelsim runs resume {run.id}"
        )
    return outcome


def report_pieces(name: str, form: FormatName) -> Iterator[str]:
    """The report of a run in one format, as pieces of text."""
    with open_workspace() as workspace:
        outcome = recalled(name, workspace)
        wanted = table_of(outcome.job.study) if form == "csv" else FORMS[form]
        if wanted is None:
            raise InputError(
                "an interview has no table of answers; expected --format html, md, json or jsonl"
            )
        yield from pieces_of(outcome, wanted, workspace.draw)


def write_to(path: Path, pieces: Iterable[str]) -> None:
    """Writes a report to a file, and says so."""
    if path.is_dir():
        raise InputError(f"--out {path} is a folder, expected a file such as {path / 'report.html'}")
    check_folder(path.parent)
    write_pieces(path, pieces)
    output.err().print(f"Written: {path}", markup=False)


def show_run(name: str, *, as_json: bool) -> None:
    """One run, its report derived anew from the kept answers."""
    with open_workspace() as workspace:
        outcome = recalled(name, workspace)
        run = outcome.run
        report, analysis = report_of(outcome)
        state = shown_state(run.head, workspace.store)
        compared = compare(run.head, workspace.store)
    if as_json:
        told = None if compared is None else compared_json(compared)
        output.print_json(summary(report, analysis, outcome, ()) | {"state": state, "estimate": told})
        return
    print_report(report, ())
    facts = facts_of(run.head) | {
        "state": state,
        "calls": outcome.calls,
        "seed": run.study.seed,
        "panel": run.panel.id,
        "cost_usd": round(outcome.cost_usd, 6),
    }
    if compared is not None:
        facts |= {
            "calls expected": span(compared.calls, lambda value: f"{value:,.0f}"),
            "calls made for it": f"{compared.calls.actual:,.0f}",
            "dollars expected": span(compared.cost_usd, output.dollars),
            "dollars spent on it": output.dollars(compared.cost_usd.actual),
        }
    output.print_table(("Fact", "Value"), ((key, str(value)) for key, value in facts.items()))
    if state == "running":
        output.err().print(f"Follow it with: panelsim runs watch {run.id}", markup=False)
    elif state != "done":
        output.err().print(f"Go on with: panelsim runs resume {run.id}", markup=False)
