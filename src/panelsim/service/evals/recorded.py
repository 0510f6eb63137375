"""Recordings of a benchmark: made from a model that is asked, played with the network off."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from panelsim.errors import InputError, RefusedRequest
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
from panelsim.service.evals.asking import Answers, Live, Tell, ask_live, gathered, tell_nobody
from panelsim.service.evals.prepare import EvalJob, check_models, slug
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
    too large; earlier ones stay as they are if asking fails.
    """
    if job.material.asking.model.provider == "scripted":
        raise InputError(f"{job.material.asking.model} answers by rule: there is nothing to record")
    if job.benchmark.reference is not None:
        raise InputError(
            f"{job.benchmark.id!r} asks with data that do not ship, so no recording of it is kept; "
            "--live asks the model, and what it answered once is not asked again"
        )
    check_models(job, settings)
    files, recorder = files_of(job), Recorder()
    files.http.parent.mkdir(parents=True, exist_ok=True)
    live = Live(settings, Journal(), lambda complete: _kept(complete, job, recorder))
    about = {"benchmark": job.benchmark.id, "model": str(job.material.asking.model)}
    with recording(files.http, about) if job.benchmark.recording == "http" else nullcontext():
        run = ask_live(job, live, tell)
    if recorder.said:
        write_calls(files.calls, recorder.said.values())
    size = sum(path.stat().st_size for path in files.there)
    if size > MOST_BYTES:
        raise InputError(
            f"the recordings of {job.benchmark.id!r} take {size:,} bytes, expected at most {MOST_BYTES:,}"
        )
    return run, files


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
    names = tuple(path.name for path in files.there)
    with _playing(files) as calls:
        run = run_loop(_replayed(job, calls, names, tell))
        if calls is not None:
            calls.check()
    return run


@contextmanager
def _playing(files: Files) -> Iterator[RecordedCalls | None]:
    calls = RecordedCalls(files.calls) if files.calls.is_file() else None
    with replaying(files.http) if files.http.is_file() else offline():
        yield calls


async def _replayed(job: EvalJob, calls: RecordedCalls | None, names: tuple[str, ...], tell: Tell) -> EvalRun:
    opened: dict[str, Provider] = {}

    async def answer(call: Call) -> Completion:
        name = call.model.provider
        if name != "scripted" and not is_wired(call, job):
            if calls is None:
                raise RefusedRequest(f"no calls of {call.model} were recorded for {job.benchmark.id!r}")
            return await calls.complete(call)
        if name not in opened:
            opened[name] = _provider(name)
        return await opened[name].complete(call)

    try:
        answers = Answers(cached(answer, Journal()), AT_ONCE, paced_by_lane=False)
        return await gathered(job, answers, mode="replayed", tell=tell, recordings=names)
    finally:
        for provider in opened.values():
            await provider.close()


def _provider(name: str) -> Provider:
    """The provider of that name as it is when a cassette answers for its server."""
    if name == "embedded":
        return recorded_embedded()
    return open_provider(name, Options(cache_dir=Path(), openai_api_key=SecretStr("none")))
