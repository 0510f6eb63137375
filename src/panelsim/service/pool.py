"""The pool: runs driven by the durable engine, in this process and in any other on the same store."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from operator import add

from panelsim.errors import BudgetError, ProviderError
from panelsim.execution.durable import (
    Attempt,
    Ending,
    EngineBusy,
    Gone,
    Shape,
    migrate,
    open_engine,
    submit,
    system_url,
)
from panelsim.execution.durable_start import make_if_new
from panelsim.execution.durable_system import OPEN, System, is_embedded, patiently
from panelsim.execution.loop import run_loop
from panelsim.execution.part import CALLS_PER_PART
from panelsim.model.progress import ENDED, Progress, Progressed, RunState, StateChanged
from panelsim.service.duties import PoolDuties, state_of
from panelsim.service.outcome import Outcome, recall_job
from panelsim.service.parts import planned_calls
from panelsim.service.prepare import Job
from panelsim.service.run import LOOKED_AT_S, Ended, OnEvent, enter, ignore
from panelsim.service.workspace import Workspace
from panelsim.store import Run, Store

SHARES = 64
"""Parts that even a small run is cut into where workers share it..."""
FEWEST_CALLS = 20
"""...unless they would hold fewer calls than that."""
LOOKED_S = 0.2
ONE_WISH_S = 0.5
LENT_GRACE_S = 0.5
"""How long parts go on in a process whose user has stopped it."""
LOOKS_SHARE = 10
"""A look at the parts of a run is followed by at least so many times its own time without one."""


def migrate_pool(workspace: Workspace) -> str:
    """Makes or updates the tables of store and engine; returns where they are."""
    migrate(system_url(workspace.settings.store_url))
    return workspace.store.place


def serve(workspace: Workspace, told: Callable[[str], None], *, until_eof: bool = False) -> None:
    """Drives whatever is queued on the workspace's store until the process is told to end: see `work`.

    With `until_eof` it also ends when its standard input does: whoever started it is gone then.
    """
    run_loop(_until_signal(workspace, told, until_eof=until_eof))


async def _until_signal(workspace: Workspace, told: Callable[[str], None], *, until_eof: bool) -> None:
    over, hurried = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    if until_eof:
        watch_input(loop, over)

    def listen(heard: Callable[[], None]) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task
                loop.add_signal_handler(number, heard)

    def end() -> None:
        if not over.is_set():
            over.set()
            # one Ctrl-C can arrive twice: from the terminal, and from a program that passes it on
            loop.call_later(ONE_WISH_S, listen, hurried.set)

    listen(end)
    await work(workspace, over, told, hurried)


def watch_input(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    """Sets `over` when standard input ends."""

    def wait() -> None:
        while sys.stdin.read(1):
            pass
        with suppress(RuntimeError):  # the loop may be closed by then
            loop.call_soon_threadsafe(over.set)

    threading.Thread(target=wait, daemon=True).start()


async def work(
    workspace: Workspace,
    over: asyncio.Event,
    told: Callable[[str], None],
    hurried: asyncio.Event | None = None,
) -> None:
    """Drives whatever is queued on the workspace's store until `over` is set; says what it does to `told`.

    Parts have a few seconds to end then, unless `hurried` is set too. Raises `EngineBusy` if the store is a
    file and another process drives its runs.
    """
    duties = PoolDuties(workspace)
    try:
        url, gone = system_url(workspace.settings.store_url), workspace.telemetry.taken_over
        async with open_engine(url, duties, told=told, gone=gone) as engine:
            engine.hurried = hurried or engine.hurried
            told(f"Worker {engine.executor} drives the runs of {workspace.store.place}.")
            await over.wait()
            told("Ending: parts have a few seconds, the rest goes back in the queue.")
    finally:
        await duties.close()


def queue_run(job: Job, run: Run, workspace: Workspace, on_event: OnEvent = ignore) -> Attempt:
    """Queues `run` for the workers on its store and returns at once; `service.follow` tells the rest.

    A run that is queued or under way already is left as it is. Raises `RunBusy` if a process drives it alone.
    """
    with open_queue(workspace) as queue:
        return queue.add(job, run, on_event)


def nothing() -> None:
    """Does nothing."""


class Queue:
    """The way to the workers on a store, for a process that queues many runs and drives none itself."""

    def __init__(self, workspace: Workspace, system: System) -> None:
        self._workspace = workspace
        self._system = system
        self.added: Callable[[], None] = nothing
        """Called after each run that is queued, from whatever thread queues it."""

    def add(self, job: Job, run: Run, on_event: OnEvent = ignore) -> Attempt:
        """Queues a run, and one that ended before its time once more. As `queue_run`."""
        attempt = _submit(job, run, self._workspace, self._system, on_event)
        self.added()
        return attempt

    def knows(self, run_id: str) -> bool:
        """Whether a run was ever queued."""
        return self._system.last_attempt(run_id) is not None


@contextmanager
def open_queue(workspace: Workspace) -> Iterator[Queue]:
    """The queue of the workspace's store; makes its tables if they are not there."""
    url = system_url(workspace.settings.store_url)
    make_if_new(url)
    system = System(url)
    try:
        yield Queue(workspace, system)
    finally:
        system.close()


def execute_pooled(job: Job, run: Run, workspace: Workspace, on_event: OnEvent = ignore) -> Ended:
    """Queues `run` for all workers on its store, is one of them until it has ended, and says how it ended.

    State and errors are those of `panelsim.service.run.execute`. An interruption ends the run if the store is
    a file; on a server the other workers go on with it.
    """
    return run_loop(_execute_pooled(job, run, workspace, on_event))


async def _execute_pooled(job: Job, run: Run, workspace: Workspace, on_event: OnEvent) -> Ended:
    duties = PoolDuties(workspace)
    url = system_url(workspace.settings.store_url)
    await asyncio.to_thread(make_if_new, url)
    system = System(url)
    attempt: Attempt | None = None
    try:
        attempt = _submit(job, run, workspace, system, on_event)
        watch = asyncio.create_task(_watch(job, run, workspace.store, on_event))
        await _lend_a_hand(url, duties, watch, workspace.telemetry.taken_over)
        ending, progress = await _ending_of(attempt, system), await watch
    except asyncio.CancelledError:
        if attempt is not None and is_embedded(url):
            # nobody else may go on with it, and the next process must not do so unasked
            await asyncio.to_thread(system.withdraw, attempt)
            enter(run.id, "interrupted", workspace, on_event)
        raise
    finally:
        await duties.close()
        system.close()
    return _ended(ending, progress, recall_job(run, job, workspace.store))


def _submit(job: Job, run: Run, workspace: Workspace, system: System, on_event: OnEvent) -> Attempt:
    store = workspace.store
    last = system.last_attempt(run.id)
    is_open = last is not None and last[1]
    # one that was cancelled before a worker took it is still in the queue
    if not is_open or store.head(run.id).state in ENDED:
        with store.claim(run.id, LOOKED_AT_S):  # raises `RunBusy` if a process drives it by itself
            store.set_wish(run.id, "run")
            for part in store.parts(run.id):
                store.save_part(run.id, part, Progress())
            calls = planned_calls(job)
            enter(run.id, "queued", workspace, on_event)
            planned = Progressed(progress=Progress(sessions=len(job.plan), calls=calls))
            store.append_event(run.id, planned)
            on_event(planned)
    return submit(system, run.id, _shape(job, is_shared=store.is_shared))


def _shape(job: Job, *, is_shared: bool) -> Shape:
    respondents, calls = len(job.plan.people), planned_calls(job)
    per_part = min(CALLS_PER_PART, max(FEWEST_CALLS, calls // SHARES)) if is_shared else CALLS_PER_PART
    return Shape(respondents, calls / respondents, per_part, job.study.max_cost_usd)


async def _lend_a_hand(url: str, duties: PoolDuties, watch: "asyncio.Task[Progress]", gone: Gone) -> None:
    """Works on the run until it has ended; where only one process can, another one's end is waited for."""
    while not watch.done():
        with suppress(EngineBusy):
            async with open_engine(url, duties, gone=gone, grace_s=LENT_GRACE_S):
                await asyncio.wait((watch,))
        await asyncio.wait((watch,), timeout=1.0)


async def _watch(job: Job, run: Run, store: Store, on_event: OnEvent) -> Progress:
    """Tells what the store says of the run until it has ended; returns how far it came."""
    loop = asyncio.get_running_loop()
    state: RunState = "queued"
    whole = Progress(sessions=len(job.plan), calls=planned_calls(job))
    while True:
        before = loop.time()
        now = (await patiently(lambda: store.head(run.id))).state
        parts = await patiently(lambda: store.parts(run.id))
        progress = reduce(add, parts.values(), Progress())
        progress = progress.model_copy(update={"sessions": whole.sessions, "calls": whole.calls})
        on_event(Progressed(progress=progress))
        if now != state:
            state = now
            on_event(StateChanged(state=state))
        if state in ENDED:
            return progress
        await asyncio.sleep(max(LOOKED_S, LOOKS_SHARE * (loop.time() - before)))


async def _ending_of(attempt: Attempt, system: System) -> Ending:
    """What the driving of a run came to; the run's state is written a moment before."""
    while True:
        row = await patiently(lambda: system.outcome(attempt))
        if row is not None and row.output is not None:
            return Ending.model_validate(row.output)
        if row is None or row.status not in OPEN:
            told = row.error if row is not None and row.error else "its driving was withdrawn"
            raise ProviderError(f"run {attempt.run_id!r} did not come to its end: {told}")
        await asyncio.sleep(LOOKED_S)


def _ended(ending: Ending, progress: Progress, outcome: Outcome) -> Ended:
    state = state_of(ending)
    if state == "stopped":
        raise BudgetError(ending.reason)
    if state == "failed":
        raise ProviderError(ending.reason)
    return Ended(state, progress, progress.answered - progress.cached, outcome)
