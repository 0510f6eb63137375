"""What the commands `eval ...` do: prepare, run or load, print, keep, and end with the right code."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import typer
from pydantic import JsonValue
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from panelsim.cli import output
from panelsim.cli.progress import LINE_EVERY_S
from panelsim.errors import EXIT_GATE, InputError, NeedsData
from panelsim.evaluation.compare import compare
from panelsim.evaluation.scoring import score_run
from panelsim.files.benchmarks import benchmark_folder, has_reference, list_benchmarks, read_benchmark
from panelsim.files.writing import check_folder
from panelsim.model.benchmark import Benchmark, EvalReport, EvalRun, GateState, Scorecard
from panelsim.reporting.eval_terminal import render_eval_terminal
from panelsim.reporting.evals import EVAL_FORMATS, EvalFormat
from panelsim.service.evals import (
    EvalJob,
    ask_benchmark,
    has_recording,
    load_run,
    prepare,
    record_benchmark,
    replay_benchmark,
    save_run,
)
from panelsim.service.evals.asking import Tell, unasked_of
from panelsim.service.evals.kept import differences, read_result, write_result
from panelsim.service.evals.recorded import recorded_models
from panelsim.service.evals.replays import recorded_job, recorded_jobs
from panelsim.service.output import write_text
from panelsim.settings import read_settings

BROKEN = 1
FORMS: dict[str, EvalFormat] = {
    "terminal": "terminal",
    "md": "markdown",
    "json": "json",
    "junit": "junit",
    "html": "html",
}
FULL_WIDTH = 100
FREE = ("embedded", "scripted")
"""Providers that cost nothing."""


class Wanted(NamedTuple):
    """How benchmarks are to be run."""

    model: str
    base_url: str
    live: bool
    data: Path | None
    check_results: bool
    allow_amber: bool
    form: str
    out: Path | None


def show_benchmarks(*, as_json: bool) -> None:
    """Prints what is at hand."""
    rows: list[JsonValue] = []
    shown: list[tuple[str, ...]] = []
    data = read_settings().eval_data
    for name in list_benchmarks():
        folder = benchmark_folder(name)
        one = read_benchmark(folder)
        tapes = recorded_models(folder)
        there = has_reference(one, data)
        rows.append(
            {
                "name": one.id,
                "version": one.version,
                "title": one.title,
                "question": one.question,
                "gates": len(one.gates),
                "model": one.model,
                "recorded": [*tapes],
                "needs_data": "" if one.reference is None else one.reference.what,
                "has_data": there,
            }
        )
        shown.append((one.id, str(len(one.gates)), _played(one, tapes, there=there), one.title))
    if as_json:
        output.print_json(rows)
    else:
        output.print_table(("Benchmark", "Gates", "Recorded with", "What it answers"), shown)


def _played(benchmark: Benchmark, tapes: list[str], *, there: bool) -> str:
    """What the benchmark is played from."""
    if benchmark.reference is not None:
        return "its data are here: --live" if there else "needs data"
    return ", ".join(tapes) or "no recording"


def run_benchmarks(names: tuple[str, ...], wanted: Wanted) -> None:
    """Runs each benchmark, prints the report, and ends with the code that gates or results call for."""
    jobs, lost = _jobs(names, wanted)
    _check_out(wanted.out)
    settings, cards = read_settings(), []
    told = [*lost] if wanted.check_results else []
    for job in jobs:
        if wanted.live:
            _say_cost(job)
        with _progress(job) as tell:
            run = ask_benchmark(job, settings, tell) if wanted.live else replay_benchmark(job, tell)
        run, path = save_run(run, settings.evals_dir)
        card = score_run(run)
        cards.append(card)
        _say_unasked(run)
        told += _against_result(job, card, wanted)
        output.err().print(f"Kept: {path}", markup=False, style="dim")
    _show(EvalReport(scorecards=tuple(cards)), wanted.form, wanted.out)
    for sentence in told:
        output.err().print(sentence, markup=False)
    if wanted.check_results:
        raise typer.Exit(BROKEN if told else 0)
    _end(cards, allow_amber=wanted.allow_amber)


def _jobs(names: tuple[str, ...], wanted: Wanted) -> tuple[list[EvalJob], list[str]]:
    """The jobs to run, and a sentence for each kept scorecard whose recording is not there any more.

    A benchmark whose own model was not recorded is played with one that was; to check results, with all that
    were. Without names: every benchmark that can be run so, of which there must be one. One whose data are
    not at hand is no failure then: it says so and is left out.
    """
    jobs, lost = [], []
    data = wanted.data or read_settings().eval_data
    for name in dict.fromkeys(names) or list_benchmarks():
        try:
            job = prepare(name, model=wanted.model, base_url=wanted.base_url, data=data)
        except NeedsData as lacking:
            if names:
                raise
            output.err().print(f"Not run: {lacking}", markup=False)
            continue
        if wanted.check_results and not wanted.live and not wanted.model:
            every = _every(name, job)
            jobs += [one for one in every if has_recording(one)] or [job] * bool(names and not every)
            lost += [_lost(one) for one in every if not has_recording(one)]
            continue
        if not wanted.live and not wanted.model and not has_recording(job):
            job = _with_recording(name, job)
        if names or wanted.live or has_recording(job):
            jobs.append(job)
        else:
            output.err().print(
                f"No recording: {job.benchmark.id} for {job.material.asking.model}", markup=False
            )
    if not jobs and not (lost and wanted.check_results):
        raise InputError("no benchmark has a recording for this model; --live asks it")
    return jobs, lost


def _every(name: str, job: EvalJob) -> list[EvalJob]:
    """The job with every model whose scorecard is kept, and as it is if its own recording has none."""
    kept = list(recorded_jobs(name, job))
    return kept if read_result(job) is not None or not has_recording(job) else [job, *kept]


def _lost(job: EvalJob) -> str:
    model = job.material.asking.model
    return f"{job.benchmark.id}: a scorecard of {model} is kept, and no recording to play it from"


def _with_recording(name: str, job: EvalJob) -> EvalJob:
    """The job with a model that it was recorded with, if there is one; says so."""
    other = recorded_job(name, job)
    if other is not None:
        said = f"{name} was not recorded with {job.benchmark.model}; playing {other.benchmark.model}"
        output.err().print(said, markup=False)
        return other
    return job


def _against_result(job: EvalJob, card: Scorecard, wanted: Wanted) -> list[str]:
    """A sentence for each figure that is not as it was kept with the recording."""
    kept = None if wanted.live else read_result(job)
    if kept is None:
        return (
            [f"{job.benchmark.id}: no scorecard was kept with the recording"] if wanted.check_results else []
        )
    return [f"{job.benchmark.id}: {sentence}" for sentence in differences(kept, card)]


def record_one(name: str, model: str, base_url: str, form: str) -> None:
    """Records a benchmark and keeps its scorecard."""
    settings = read_settings()
    job = prepare(name, model=model, base_url=base_url, data=settings.eval_data)
    if job.material.asking.model.provider != "scripted":
        _say_cost(job)
    with _progress(job) as tell:
        run, files = record_benchmark(job, settings, tell)
    run, _ = save_run(run, settings.evals_dir)
    card = score_run(run)
    _say_unasked(run)
    written = write_result(job, card)
    _show(EvalReport(scorecards=(card,)), form, None)
    for path in (*files.there, written):
        output.err().print(f"Written: {path} ({output.size(path.stat().st_size)})", markup=False)
    _end([card], allow_amber=False)


def report_one(name: str, form: str, out: Path | None, *, allow_amber: bool) -> None:
    """Shows a kept evaluation, scored anew."""
    _check_out(out)
    card = score_run(load_run(name, read_settings().evals_dir))
    _show(EvalReport(scorecards=(card,)), form, out)
    _end([card], allow_amber=allow_amber)


def compare_two(before: str, after: str, form: str, out: Path | None) -> None:
    """Shows what differs between two kept evaluations."""
    _check_out(out)
    folder = read_settings().evals_dir
    runs: list[EvalRun] = [load_run(name, folder) for name in (before, after)]
    _show(EvalReport(comparisons=(compare(runs[0], runs[1]),)), form, out)


def _say_cost(job: EvalJob) -> None:
    """What asking may cost, before anything is asked."""
    model = job.material.asking.model
    cap = (
        "at no cost"
        if model.provider in FREE
        else f"for at most {output.dollars(job.benchmark.max_cost_usd)}"
    )
    output.err().print(f"Asking {model} in {len(job.trials):,} trials, {cap}.", markup=False)


def _say_unasked(run: EvalRun) -> None:
    """How many trials have no answer because the model could not be asked, and why."""
    unasked = unasked_of(run)
    if unasked.trials:
        output.err().print(f"{unasked.told()}. They count as missing.", markup=False)


def _check_out(out: Path | None) -> None:
    if out is not None:
        check_folder(out)


def _show(report: EvalReport, form: str, out: Path | None) -> None:
    if form == "terminal":
        is_screen = sys.stdout.isatty()
        width = min(output.out().width, 140) if is_screen else FULL_WIDTH
        sys.stdout.write(render_eval_terminal(report, width=width, colour=is_screen))
    else:
        sys.stdout.write(EVAL_FORMATS[FORMS[form]].render(report))
    sys.stdout.flush()
    if out is not None:
        for page in EVAL_FORMATS.values():
            path = write_text(out / page.file, page.render(report))
            output.err().print(str(path), markup=False)


def _end(cards: list[Scorecard], *, allow_amber: bool) -> None:
    passing: tuple[GateState, ...] = ("holds", "amber") if allow_amber else ("holds",)
    if any(gate.state not in passing for card in cards for gate in card.gates):
        raise typer.Exit(EXIT_GATE)


@contextmanager
def _progress(job: EvalJob) -> Iterator[Tell]:
    """A bar on a terminal, a line every quarter of a minute elsewhere."""
    console = output.err()
    if not console.is_terminal:
        yield _line_by_line(job.benchmark.id)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(job.benchmark.id, total=len(job.trials))
        yield lambda done, of: bars.update(task, completed=done, total=of)


def _line_by_line(name: str) -> Tell:
    last = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_EVERY_S:
            last = time.monotonic()
            output.err().print(f"{name}: {done:,} of {of:,} trials", markup=False)

    return tell
