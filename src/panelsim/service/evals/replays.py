"""Replays by name: which benchmarks are at hand, with which models they were recorded, and one scored."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.evaluation.scoring import score_run
from panelsim.files.benchmarks import benchmark_folder, has_reference, list_benchmarks, read_benchmark
from panelsim.files.faults import did_you_mean
from panelsim.model.benchmark import Benchmark, Scorecard
from panelsim.model.call import ModelRef
from panelsim.service.evals.kept import kept_results, recorded_refs
from panelsim.service.evals.prepare import EvalJob, prepare
from panelsim.service.evals.recorded import has_recording, replay_benchmark

SCRIPTED = "scripted/"


class AtHand(NamedTuple):
    """A benchmark, and what it can be run from."""

    benchmark: Benchmark
    recorded: tuple[str, ...]
    """PROVIDER/NAME of the models whose recordings and scorecards ship."""
    has_data: bool
    """Whether the answers of people that it needs are here; true if it needs none."""


def benchmark_at_hand(name: str, data: Path | None) -> AtHand:
    """The benchmark of that name, never of a path. Raises `InputError` if there is none."""
    known = list_benchmarks()
    if name not in known:
        expected = f"expected one of {', '.join(known)}{did_you_mean(name, known)}"
        raise InputError(f"there is no benchmark {name[:80]!r}, {expected}")
    folder = benchmark_folder(name)
    benchmark = read_benchmark(folder)
    recorded = tuple(_plain(ref) for ref in recorded_refs(folder))
    return AtHand(benchmark, recorded, has_reference(benchmark, data))


def results_of(name: str, data: Path | None) -> tuple[Scorecard, ...]:
    """The scorecards that ship with a benchmark's recordings. Raises `InputError` as `benchmark_at_hand`."""
    benchmark_at_hand(name, data)
    return kept_results(benchmark_folder(name))


def recorded_jobs(name: str, job: EvalJob) -> Iterator[EvalJob]:
    """The job with each model whose scorecard is kept, whether or not its recording is there."""
    for ref in recorded_refs(job.folder):
        yield prepare(name, model=_plain(ref), base_url=ref.base_url)


def recorded_job(name: str, job: EvalJob) -> EvalJob | None:
    """The job with the first model that it was recorded with; None if there is none."""
    return next((other for other in recorded_jobs(name, job) if has_recording(other)), None)


def check_recorded(name: str, model: str, data: Path | None) -> None:
    """Raises `InputError` unless the benchmark was recorded with the model, or that needs no recording."""
    recorded = benchmark_at_hand(name, data).recorded
    if model and not model.startswith(SCRIPTED) and model not in recorded:
        expected = ", ".join(recorded) or "there are none"
        raise InputError(f"benchmark {name!r} was not recorded with {model[:80]!r}, expected {expected}")


def replay_scorecard(name: str, model: str, data: Path | None) -> str:
    """The scorecard of a replay as JSON; the network of this process is off meanwhile.

    `model` is one that it was recorded with, or a scripted one; empty: the benchmark's own, else the first
    that was recorded. Raises `InputError` if there is no such recording, `NeedsData`, `NotRecorded`.
    """
    check_recorded(name, model, data)
    if model:
        refs = recorded_refs(benchmark_folder(name))
        base_url = next((ref.base_url for ref in refs if _plain(ref) == model), "")
        job = prepare(name, model=model, base_url=base_url, data=data)
    else:
        job = prepare(name, data=data)
        if not has_recording(job):
            job = recorded_job(name, job) or job
    return score_run(replay_benchmark(job)).model_dump_json(by_alias=True)


def _plain(ref: ModelRef) -> str:
    """A model without the hash of its file."""
    return f"{ref.provider}/{ref.name.partition('@')[0]}"
