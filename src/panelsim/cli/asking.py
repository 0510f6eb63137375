"""Asking a study from the command line: models fetched, costs said, sessions driven, the report written."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from pydantic import JsonValue
from rich.console import Console

from panelsim.cli import output
from panelsim.cli.edge import Stopped
from panelsim.cli.options import EngineName
from panelsim.cli.printing import print_report
from panelsim.cli.progress import pull_progress, run_progress
from panelsim.cli.runlist import find_run
from panelsim.cli.watch import tell
from panelsim.errors import EXIT_PARTIAL, InputError, PanelsimError
from panelsim.files.writing import check_folder
from panelsim.model.study import Study
from panelsim.providers import parse_model_ref
from panelsim.providers.prices import PICO, parse_prices, price_of
from panelsim.reporting.words import count
from panelsim.service.control import go_on
from panelsim.service.estimate import CostEstimate, estimate_job, estimate_prepared
from panelsim.service.models import pull_models, stood_in
from panelsim.service.output import write_report
from panelsim.service.prepare import Job, prepare
from panelsim.service.reports import model_facts
from panelsim.service.run import Ended, OnEvent, execute, job_of, new_run
from panelsim.service.summary import summary
from panelsim.service.usage import save_estimate
from panelsim.service.vectors import keep_vectors
from panelsim.service.workspace import Workspace, observed, open_workspace
from panelsim.settings import Settings, read_settings
from panelsim.store.records import Run

REPORTS = Path("panelsim-report")


@dataclass(frozen=True)
class Manner:
    """How the user wants to be told."""

    out: Path | None = None
    as_json: bool = False
    yes: bool = False
    fresh: bool = False
    """Whether answers that were given before are left aside."""
    database: str = ""
    """The store, if it is not the one of the settings."""
    engine: EngineName | None = None
    """What drives the run; with a database of its own the durable one, else the local one."""

    @property
    def is_durable(self) -> bool:
        """Whether any worker on the store may drive the run."""
        return self.engine == "durable" or (self.engine is None and bool(self.database))

    @property
    def settings(self) -> Settings:
        """Of this process, with the store that was given."""
        return read_settings().model_copy(update={"store": self.database} if self.database else {})


def ask_study(study: Study, manner: Manner) -> None:
    """Asks `study` as a new run, writes and shows its report. Exits with 5 if answers are missing."""
    console = output.err()
    with open_workspace(manner.settings) as opened, observed(opened) as workspace:
        check_access(study, workspace.settings)
        ready = stood_in(study, workspace.settings)
        job = prepare(ready, workspace, fresh=manner.fresh)  # all faults before the first download
        check_folder(manner.out or REPORTS)
        if ready != study:
            pull_models(study, workspace.settings, lambda entry: pull_progress(console, entry))
            job = prepare(study, workspace, fresh=manner.fresh)
        introduce(job, console)
        estimate = None
        if job.asking.model.provider != "scripted":
            estimate = estimate_prepared(job, workspace, fresh=manner.fresh)
            settle_cost(estimate, study, manner, console)
        run = new_run(job, workspace)
        if estimate is not None:
            save_estimate(run, estimate, workspace.store)
        finish(job, run, workspace, manner, console)


def resume_run(run_id: str, max_cost_usd: float | None, manner: Manner) -> None:
    """Goes on with a run that did not end; what was answered is not asked again."""
    console = output.err()
    with open_workspace(manner.settings) as opened, observed(opened) as workspace:
        run = find_run(run_id, workspace)
        if run.state == "done":
            raise InputError(
                f"run {run.id!r} is done, nothing is left to ask; see it with: panelsim report {run.id}"
            )
        told = go_on(run.head, workspace.store)
        if told is not None:
            tell(told, as_json=manner.as_json)
            return
        check_folder(manner.out or REPORTS)
        check_access(run.study, workspace.settings)
        pull_models(run.study, workspace.settings, lambda entry: pull_progress(console, entry))
        job = job_of(run, workspace)
        if max_cost_usd is not None:
            job = replace(job, study=job.study.model_copy(update={"max_cost_usd": max_cost_usd}))
        introduce(job, console)
        tell_spent(run, job.study.max_cost_usd, workspace, console)
        if job.asking.model.provider != "scripted":
            # of the run as it was stored, whatever its files say by now
            prices = parse_prices(workspace.settings.prices)
            is_timed = job.asking.model.provider == "embedded"
            left = estimate_job(job_of(run, workspace), prices, workspace.store.get, is_timed=is_timed)
            settle_cost(left, job.study, manner, console)
        finish(job, run, workspace, manner, console)


def tell_spent(run: Run, cap_usd: float, workspace: Workspace, console: Console) -> None:
    """Says what a run that is resumed has cost; the cap holds for all of it."""
    spent = workspace.store.spent(run.id)
    usd = (spent.pico + spent.unsettled_pico) / PICO
    if usd:
        console.print(
            f"Spent {output.dollars(usd)} of the cap of {output.dollars(cap_usd)}; --max-cost-usd raises it.",
            markup=False,
        )


def finish(job: Job, run: Run, workspace: Workspace, manner: Manner, console: Console) -> None:
    """Drives the run to its end and tells of it."""
    keep_vectors(job.study, workspace)
    ended = _executed(job, run, workspace, manner, console)
    outcome = ended.outcome
    report, analysis, files = write_report(outcome, manner.out or REPORTS / run.id, workspace.draw)
    if manner.as_json:
        output.print_json(summary(report, analysis, outcome, files, ended))
    else:
        print_report(report, files)
    if outcome.failures:
        failed, planned = len(outcome.failures), len(outcome.transcripts)
        console.print(
            f"{failed} of {planned} sessions failed, first: {next(iter(outcome.failures.values()))}\n"
            f"Ask them again with: panelsim runs resume {run.id}",
            markup=False,
        )
        raise typer.Exit(EXIT_PARTIAL)


def _engine(manner: Manner) -> Callable[[Job, Run, Workspace, OnEvent], Ended]:
    if not manner.is_durable:
        return execute
    from panelsim.service.pool import execute_pooled  # its library takes seconds to import

    return execute_pooled


def _executed(job: Job, run: Run, workspace: Workspace, manner: Manner, console: Console) -> Ended:
    """How the run ended; if it is cut short, what is kept and how to go on is said."""
    again = f"panelsim runs resume {run.id}"
    with run_progress(console) as meter:
        try:
            ended = _engine(manner)(job, run, workspace, meter)
        except KeyboardInterrupt:
            if manner.is_durable and workspace.store.is_shared:
                raise Stopped(
                    f"No longer waiting: the workers on the store go on with run {run.id}. Follow it with: "
                    f"panelsim runs watch {run.id}; end it with: panelsim runs cancel {run.id}"
                ) from None
            kept = meter.progress.answered
            raise Stopped(
                f"Interrupted: {kept} answers are kept and are not asked again. Go on with: {again}"
            ) from None
        except PanelsimError as error:
            kept = meter.progress.answered
            if manner.as_json:
                output.print_json(_cut_short(run.id, workspace, kept, str(error)))
            if kept:
                error.args = (f"{error}\n{kept} answers are kept. Go on with: {again}",)
            raise
    if ended.state == "cancelled":
        kept = ended.progress.answered
        told = f"Cancelled on request: {kept} answers are kept and are not asked again. Go on with: {again}"
        if manner.as_json:
            output.print_json(_cut_short(run.id, workspace, kept, told))
        raise Stopped(told)
    made, known, cost = ended.made, ended.progress.cached, output.dollars(ended.progress.cost_usd)
    console.print(f"Run {run.id}: {made} calls made ({cost}), {known} known already.", markup=False)
    return ended


def _cut_short(run_id: str, workspace: Workspace, kept: int, told: str) -> dict[str, JsonValue]:
    return {
        "simulated": True,
        "run_id": run_id,
        "state": workspace.store.run(run_id).state,
        "verdict": None,
        "answers_kept": kept,
        "error": told,
        "resume": f"panelsim runs resume {run_id}",
    }


def introduce(job: Job, console: Console) -> None:
    """Says who will speak for the panel, and what is known of it."""
    facts = model_facts(job.asking.model)
    people = count(len(job.panel.respondents), "simulated respondent")
    sessions = count(len(job.plan), "session")
    known = ", ".join(fact for fact in (facts.size, facts.licence) if fact != "not stated")
    named = f"{facts.name} ({known})" if known else facts.name
    measured = facts.measured[0].upper() + facts.measured[1:].rstrip(".")
    console.print(f"Model {named}. {measured}.", markup=False)
    notes = f", with {count(len(job.sources.notes), 'note')} on them" if job.sources.notes else ""
    console.print(f"Asking {people} of panel {job.panel.id} in {sessions}{notes}.", markup=False)


def check_access(study: Study, settings: Settings) -> None:
    """Raises `InputError` for what would make every call fail or its cost unknown."""
    model = parse_model_ref(study.model, study.base_url)
    price_of(model, parse_prices(settings.prices))
    if model.provider == "openai" and not model.base_url and settings.openai_api_key is None:
        raise InputError(f"model {str(model)!r} needs a key; set OPENAI_API_KEY in the environment")


def settle_cost(estimate: CostEstimate, study: Study, manner: Manner, console: Console) -> None:
    """Says what a run will take; before a paid one asks on a terminal. Raises `Stopped` if declined."""
    console.print(estimate_line(estimate), markup=False)
    if not estimate.likely.cost_usd or manner.yes or not (sys.stdin.isatty() and console.is_terminal):
        return
    cap = output.dollars(study.max_cost_usd)
    if not typer.confirm(f"Ask, and never spend more than {cap}?", default=True, err=True):
        raise Stopped("Nothing was asked and nothing was spent.")


def estimate_line(estimate: CostEstimate) -> str:
    """The estimate in one line."""
    low, likely, high = estimate.low, estimate.likely, estimate.high
    parts = [f"about {likely.calls:,} calls ({low.calls:,} to {high.calls:,})"]
    if high.cost_usd:
        low_usd, high_usd = output.dollars(low.cost_usd), output.dollars(high.cost_usd)
        parts.append(f"{output.dollars(likely.cost_usd)} ({low_usd} to {high_usd})")
    if likely.seconds:
        parts.append(f"very roughly {output.duration(likely.seconds)} on two cores")
    known = f"; {estimate.known_calls:,} answers are known already" if estimate.known_calls else ""
    return f"Expected: {', '.join(parts)}{known}."
