"""Recordings of a benchmark: made from a model that is asked, played with the network off."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import SecretStr

from panelsim.errors import InputError, NotRecorded, ProviderError
from panelsim.execution.loop import run_loop
from panelsim.model.benchmark import EvalRun
from panelsim.model.call import Call, Completion, EmbeddingCall
from panelsim.providers import Complete, Options, open_provider
from panelsim.providers.base import Provider
from panelsim.providers.cache import cached
from panelsim.recording.calls import Journal, RecordedCalls, Recorder, write_calls
from panelsim.recording.cassette import recording, replaying
from panelsim.recording.offline import offline
from panelsim.recording.shelf import AT_ONCE, recorded_embedded
from panelsim.service.evals.asking import (
    Answers,
    Live,
    Tell,
    Unasked,
    ask_live,
    check_answered,
    gathered,
    tell_nobody,
    unasked_of,
)
from panelsim.service.evals.prepare import EvalJob, check_gates, check_models, slug
from panelsim.settings import Settings

FOLDER = "cassettes"
MOST_BYTES = 10_000_000
"""Of a benchmark's recordings together."""


class Files(NamedTuple):
    """Where a job's recordings are."""

    http: Path
    """Traffic with a model's server."""
    calls: Path
    """Completions by call: of models that run in this process, and of large panels."""

    @property
    def there(self) -> tuple[Path, ...]:
        """Those that exist."""
        return tuple(path for path in self if path.is_file())


def files_of(job: EvalJob) -> Files:
    """The recordings of the job's model."""
    start = job.folder / FOLDER / slug(job.material.asking.model)
    return Files(Path(f"{start}.http.jsonl.zst"), Path(f"{start}.calls.jsonl.zst"))


def recorded_models(folder: Path) -> list[str]:
    """Names of the models that the benchmark in `folder` was recorded with, as its files have them."""
    endings = (".http.jsonl.zst", ".calls.jsonl.zst")
    names = {path.name.removesuffix(end) for end in endings for path in (folder / FOLDER).glob(f"*{end}")}
    return sorted(names)


def has_recording(job: EvalJob) -> bool:
    """Whether the job can be replayed. Scripted respondents need no recording."""
    return job.material.asking.model.provider == "scripted" or bool(files_of(job).there)


def is_wired(call: Call, job: EvalJob) -> bool:
    """Whether the call is kept as traffic: it goes to a server, and the benchmark is recorded so."""
    in_process = call.model.provider == "embedded" and isinstance(call, EmbeddingCall)
    return job.benchmark.recording == "http" and not in_process


# ---- recording


def record_benchmark(job: EvalJob, settings: Settings, tell: Tell = tell_nobody) -> tuple[EvalRun, Files]:
    """Asks the job anew and keeps what was said beside the benchmark, in place of what is there.

    Raises `InputError` if a model cannot be asked, the benchmark's data may not ship, or the recordings are
    too large, and `ProviderError` if a trial could not be asked and a replay would lack its calls. Earlier
    recordings stay as they are then.
    """
    if job.material.asking.model.provider == "scripted":
        raise InputError(f"{job.material.asking.model} answers by rule: there is nothing to record")
    if job.benchmark.reference is not None:
        raise InputError(
            f"{job.benchmark.id!r} asks with data that do not ship, so no recording of it is kept; "
            "--live asks the model, and what it answered once is not asked again"
        )
    check_models(job, settings)
    check_gates(job)
    files = files_of(job)
    files.http.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="recording-", dir=files.http.parent) as place:
        fresh = Files(*(Path(place) / path.name for path in files))
        run = _recorded_to(fresh, job, settings, tell)
        _check_plays(fresh, job, unasked_of(run))
        _check_size(fresh, files, job.benchmark.id)
        for old, new in zip(files, fresh, strict=True):
            if new.is_file():
                new.replace(old)
            else:
                old.unlink(missing_ok=True)
    return run, files


def _recorded_to(fresh: Files, job: EvalJob, settings: Settings, tell: Tell) -> EvalRun:
    """Asks the job and writes what was said to `fresh`."""
    recorder = Recorder()
    live = Live(settings, Journal(), lambda complete: _kept(complete, job, recorder))
    about = {"benchmark": job.benchmark.id, "model": str(job.material.asking.model)}
    with recording(fresh.http, about) if job.benchmark.recording == "http" else nullcontext():
        run = ask_live(job, live, tell)
        check_answered(run)
    if recorder.said:
        write_calls(fresh.calls, recorder.said.values())
    return run


def _check_size(fresh: Files, files: Files, name: str) -> None:
    """Raises `InputError` if `fresh`, in place of `files`, and other models' recordings are too large."""
    others = [path for path in files.http.parent.glob("*.jsonl.zst") if path not in files]
    size = sum(path.stat().st_size for path in (*fresh.there, *others))
    if size > MOST_BYTES:
        beside = f" with {len(others)} of other models" if others else ""
        raise InputError(
            f"the recordings of {name!r} would take {size:,} bytes{beside}, expected at most "
            f"{MOST_BYTES:,}; what was recorded before is kept"
        )


def _check_plays(fresh: Files, job: EvalJob, unasked: Unasked) -> None:
    """Raises `ProviderError` if trials could not be asked and the recording cannot be played because of it.

    A request that its server refused is in the recording and is refused again; one that never got an answer,
    a busy server's or none, is not.
    """
    if not unasked.trials:
        return
    try:
        _played(job, fresh, tell_nobody)
    except NotRecorded:
        raise ProviderError(f"{unasked.told()}. Nothing is kept: a replay would lack its calls") from None


def _kept(complete: Complete, job: EvalJob, recorder: Recorder) -> Complete:
    """`complete`, with calls kept that are not kept as traffic; scripted ones are not kept at all."""
    noted = recorder.around(complete)

    async def ask(call: Call) -> Completion:
        if call.model.provider == "scripted" or is_wired(call, job):
            return await complete(call)
        return await noted(call)

    return ask


# ---- replaying


def replay_benchmark(job: EvalJob, tell: Tell = tell_nobody) -> EvalRun:
    """The run of a job from its recordings, with the network off and no model on this machine.

    Raises `InputError` if there is none, and `NotRecorded` where the recordings and what is asked differ.
    """
    files = files_of(job)
    if not has_recording(job):
        raise InputError(
            f"there is no recording of {job.benchmark.id!r} for {job.material.asking.model}; "
            "--live asks the model, `panelsim eval record` keeps what it says"
        )
    return _played(job, files, tell)


def _played(job: EvalJob, files: Files, tell: Tell) -> EvalRun:
    with _playing(files) as calls:
        run = run_loop(_replayed(job, calls, files, tell))
        if calls is not None:
            calls.check()
    return run


@contextmanager
def _playing(files: Files) -> Iterator[RecordedCalls | None]:
    calls = RecordedCalls(files.calls) if files.calls.is_file() else None
    with replaying(files.http) if files.http.is_file() else offline():
        yield calls


async def _replayed(job: EvalJob, calls: RecordedCalls | None, files: Files, tell: Tell) -> EvalRun:
    opened: dict[str, Provider] = {}

    async def answer(call: Call) -> Completion:
        name = call.model.provider
        if name != "scripted":
            lacking = files.http if is_wired(call, job) else files.calls
            if not lacking.is_file():
                raise NotRecorded(
                    f"{call.purpose or call.kind} of {call.model} was asked; there is no {lacking}"
                )
            if calls is not None and lacking == files.calls:
                return await calls.complete(call)
        if name not in opened:
            opened[name] = _provider(name)
        return await opened[name].complete(call)

    try:
        answers = Answers(cached(answer, Journal()), AT_ONCE, paced_by_lane=False)
        names = tuple(path.name for path in files.there)
        return await gathered(job, answers, mode="replayed", tell=tell, recordings=names)
    finally:
        for provider in opened.values():
            await provider.close()


def _provider(name: str) -> Provider:
    """The provider of that name as it is when a cassette answers for its server."""
    if name == "embedded":
        return recorded_embedded()
    return open_provider(name, Options(cache_dir=Path(), openai_api_key=SecretStr("none")))
