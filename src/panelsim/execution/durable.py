"""The durable engine: runs and their parts as workflows in a database, driven by whatever workers are alive.

Everything that was paid for is in the store; the engine's tables only say which parts are queued, whose they
are and how they ended. A part that is driven again hears what is known and pays for the rest.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

from pydantic import JsonValue
from sqlalchemy import make_url

from panelsim.errors import NotStored, PanelsimError, RunBusy, StoreError
from panelsim.execution.durable_panel import Duties, Ending, Panel
from panelsim.execution.durable_presence import Gone, Presence
from panelsim.execution.durable_start import config_of, launch, make_if_new, migrate, quiet
from panelsim.execution.durable_system import (
    RUN_PANEL,
    RUN_PART,
    Attempt,
    Shape,
    System,
    is_embedded,
    patiently,
    system_url,
)
from panelsim.execution.part import Part

__all__ = [
    "Attempt",
    "Duties",
    "Ending",
    "Engine",
    "EngineBusy",
    "Gone",
    "Shape",
    "migrate",
    "open_engine",
    "submit",
    "system_url",
]

EMBEDDED = "embedded"
"""The one executor of tables in a file: what it left is its own again when it starts."""
GRACE_S = 5.0
"""How long parts may go on when a worker is told to end."""
MINDED_S = 1.0
"""How often a worker looks whether what it works on is still its own."""
IDLE_S = 4.0
"""How long a worker may have work in the tables that it has not begun."""
STORE_WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Before a part is driven again whose store was away."""


class EngineBusy(RunBusy):
    """Another process drives the runs of a store that only one can."""


class Engine:
    """A worker: this process, while it is open."""

    def __init__(self, executor: str, system: System, duties: Duties, told: Callable[[str], None]) -> None:
        self.executor = executor
        """Names this worker in the engine's tables."""
        self._system = system
        self._duties = duties
        self._told = told
        self._working: dict[str, asyncio.Task[object]] = {}
        self._panels: dict[str, asyncio.Event] = {}
        self._is_closing = False
        self.hurried = asyncio.Event()
        """Set to end without waiting for parts."""

    # --- what the workflows do

    async def drive_panel(self, attempt: Attempt, shape: Shape) -> dict[str, JsonValue]:
        """Drives a run to its end and writes its end state."""
        self._take(attempt.id)
        stirred = self._panels[attempt.run_id] = asyncio.Event()
        hold = await self._held(attempt.run_id)
        self._told(f"Run {attempt.run_id}: driven from here, {shape.respondents:,} respondents.")
        with hold:
            ending = await Panel(attempt, shape, self._system, self._duties, stirred).drive()
            await patiently(lambda: self._duties.finish(attempt.run_id, ending))
        self._told(f"Run {attempt.run_id}: {_told_of(ending)}.")
        return ending.model_dump()

    async def _held(self, run_id: str) -> AbstractContextManager[None]:
        """The run in hand, as soon as nobody else drives it."""
        while True:
            hold = self._duties.hold(run_id)
            try:
                hold.__enter__()
            except (RunBusy, StoreError):
                await asyncio.sleep(MINDED_S)
            else:
                return _Entered(hold)

    async def perform_part(self, key: str, run_id: str, part: Part, cap_usd: float) -> dict[str, JsonValue]:
        """Drives a part; what goes wrong for good is returned, because it ends the run."""
        self._take(key)
        try:
            for seconds in (*STORE_WAITS_S, None):
                try:
                    return (await self._duties.perform(run_id, part, cap_usd)).model_dump()
                except NotStored:
                    raise
                except StoreError:
                    if seconds is None:
                        raise
                    await asyncio.sleep(seconds)
        except PanelsimError as error:
            return self._ended_with(str(error))
        except Exception as error:  # noqa: BLE001 - the run must end and say why, whatever the fault is
            return self._ended_with(f"panelsim has a fault ({type(error).__name__}: {error})")
        raise RuntimeError("a part neither ended nor failed")

    def _ended_with(self, told: str) -> dict[str, JsonValue]:
        """The outcome of a part that went wrong.

        Not of one that goes wrong while this worker ends, because what it needs is taken away: that part goes
        back in the queue, and a worker that stays meets the fault again if there is one.
        """
        if self._is_closing:
            raise asyncio.CancelledError
        return {"error": told}

    def _take(self, key: str) -> None:
        """Remembers what runs under `key`, until its outcome is written."""
        if self._is_closing:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a workflow needs a task")
        self._working[key] = task
        task.add_done_callback(lambda _task: self._left(key, task))

    def _left(self, key: str, task: "asyncio.Task[object]") -> None:
        if self._working.get(key) is task:
            del self._working[key]
        if stirred := self._panels.get(key.split("/")[1]):
            stirred.set()

    # --- the life of the worker

    async def mind(self) -> None:
        """Keeps what is worked on and what the tables say in step.

        What is not this worker's any more is dropped: parked, cancelled, or taken over while it was cut off.
        What the tables say it has and nobody works on goes back in the queue: a claim or an outcome can be
        lost with the database's connection.
        """
        idle: dict[str, float] = {}
        while True:
            await asyncio.sleep(MINDED_S)
            mine = dict(self._working)
            rows = await patiently(lambda: self._system.held(self.executor))
            held = {row.id for row in rows}
            for key, task in mine.items():
                if key not in held and self._working.get(key) is task:
                    task.cancel()
            now = asyncio.get_running_loop().time()
            idle = {key: idle.get(key, now) for key in held - self._working.keys()}
            lost = [row for row in rows if now - idle.get(row.id, now) >= IDLE_S]
            if lost:
                self._told(f"{len(lost)} pieces of work were lost with a connection and are queued again.")
                await patiently(partial(self._system.give_back, lost))

    async def end(self, grace_s: float) -> None:
        """Takes nothing new, lets parts go on for `grace_s` seconds unless hurried, and drops the rest."""
        self._is_closing = True
        until = asyncio.get_running_loop().time() + grace_s
        hurry = asyncio.create_task(self.hurried.wait())
        while parts := [task for key, task in self._working.items() if key.startswith("part/")]:
            left = until - asyncio.get_running_loop().time()
            if left <= 0 or hurry.done():
                break
            await asyncio.wait((*parts, hurry), timeout=left, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        rest = list(self._working.values())
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=10)


class _Entered(AbstractContextManager[None]):
    """A context that was entered before; only its end is left."""

    def __init__(self, context: AbstractContextManager[None]) -> None:
        self._context = context

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(None, None, None)


@asynccontextmanager
async def open_engine(
    url: str,
    duties: Duties,
    *,
    told: Callable[[str], None] = lambda _line: None,
    gone: Gone = lambda _executor, _left: None,
    grace_s: float = GRACE_S,
) -> AsyncIterator[Engine]:
    """A worker on the engine's tables at `url` (see `system_url`); a process can be one at a time.

    What it does is told to `told`, and what it takes over to `gone`. At the end its parts have `grace_s`
    seconds to end; what is left goes back in the queue. Raises `EngineBusy` if another process has the
    tables of a SQLite store, `InputError` if the tables are of an older DBOS, and `StoreError` if the
    database cannot be reached.
    """
    with _alone(url) if is_embedded(url) else nullcontext():
        await asyncio.to_thread(make_if_new, url)
        system = System(url)
        executor = EMBEDDED if is_embedded(url) else f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        presence = None if is_embedded(url) else Presence(url, executor, system, gone, told)
        engine = Engine(executor, system, duties, told)
        try:
            if presence is not None:
                await asyncio.to_thread(presence.arrive)
            await asyncio.to_thread(system.open_queues)
            async with _launched(engine, url, grace_s):
                yield engine
        finally:
            with suppress(StoreError):  # a database that is away is no reason not to end
                await asyncio.to_thread(lambda: system.give_back(system.held(executor)))
            if presence is not None:
                await asyncio.to_thread(presence.leave)
            system.close()


@asynccontextmanager
async def _launched(engine: Engine, url: str, grace_s: float) -> AsyncIterator[None]:
    """DBOS in this process, on the running loop."""
    from dbos import DBOS

    quiet()
    dbos = DBOS(config=config_of(url, engine.executor))
    _register(engine)
    loop = asyncio.get_running_loop()
    launch(url)
    minding: asyncio.Task[None] | None = None
    try:
        minding = asyncio.create_task(engine.mind())
        yield
    finally:
        for event in dbos.background_thread_stop_events:
            event.set()
        if minding is not None:
            minding.cancel()
        await engine.end(grace_s)
        # DBOS has put its own threads under this loop and takes them away as it goes
        loop.set_default_executor(ThreadPoolExecutor(4))
        await asyncio.to_thread(lambda: DBOS.destroy(destroy_registry=True))


def _register(engine: Engine) -> None:
    """The two workflows. One step each: what a step returned is not done again after a crash."""
    from dbos import DBOS

    @DBOS.step(name="drive_panel")
    async def drive_panel(
        run_id: str, number: int, respondents: int, per_respondent: float, per_part: int, cap_usd: float
    ) -> dict[str, JsonValue]:
        shape = Shape(respondents, per_respondent, per_part, cap_usd)
        return await engine.drive_panel(Attempt(run_id, number), shape)

    @DBOS.workflow(name=RUN_PANEL, max_recovery_attempts=None)
    async def run_panel(
        run_id: str, number: int, respondents: int, per_respondent: float, per_part: int, cap_usd: float
    ) -> dict[str, JsonValue]:
        return await drive_panel(run_id, number, respondents, per_respondent, per_part, cap_usd)

    @DBOS.step(name="perform_part")
    async def perform_part(
        key: str, run_id: str, index: int, start: int, stop: int, cap_usd: float
    ) -> dict[str, JsonValue]:
        return await engine.perform_part(key, run_id, Part(index=index, start=start, stop=stop), cap_usd)

    @DBOS.workflow(name=RUN_PART, max_recovery_attempts=None)
    async def run_part(
        run_id: str, index: int, start: int, stop: int, cap_usd: float
    ) -> dict[str, JsonValue]:
        return await perform_part(DBOS.workflow_id or "", run_id, index, start, stop, cap_usd)


def submit(system: System, run_id: str, shape: Shape) -> Attempt:
    """Queues the driving of a run, to be done by any worker; joins one that is queued or under way."""
    last = system.last_attempt(run_id)
    if last is not None and last[1]:
        return last[0]
    attempt = Attempt(run_id, last[0].number + 1 if last else 1)
    system.enqueue_run(attempt, shape)
    return attempt


def _alone(url: str) -> AbstractContextManager[object]:
    """The only process on the tables of a SQLite store. Raises `EngineBusy` if there is one already."""
    from filelock import FileLock, Timeout

    path = Path(make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock", thread_local=False)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        raise EngineBusy(
            f"another process drives the runs of this store (its engine is {path}); wait for it, or keep "
            "the store in Postgres, where any number can"
        ) from None


def _told_of(ending: Ending) -> str:
    told = f"{ending.done:,} sessions done, {ending.failed:,} failed"
    return f"{told}, stopped ({ending.stopped})" if ending.stopped else told
