"""What a worker does for the runs of a store: parts driven, states written."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from panelsim.execution.durable import (
    Ending,
)
from panelsim.execution.part import Part, PartResult
from panelsim.model.progress import RunState, Wish
from panelsim.service.desk import Desk
from panelsim.service.prepare import Job
from panelsim.service.run import end_state, enter, job_of, perform
from panelsim.service.workspace import Workspace
from panelsim.store import Run

KEPT_JOBS = 8
"""Prepared runs that a worker keeps at hand."""


class _Prepared(NamedTuple):
    run: Run
    job: Job


class PoolDuties:
    """What a worker does for the runs of a store: see `panelsim.execution.durable_panel.Duties`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._desk = Desk(workspace)
        self._answering: set[str] = set()
        """Runs whose model is known to answer."""
        self._jobs: dict[str, asyncio.Task[_Prepared]] = {}
        self._free: list[Desk] = []
        self._made = count()

    async def close(self) -> None:
        """Closes the lines."""
        await self._desk.close()

    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Claims the run and says that it is running."""
        with self._store.claim(run_id), self._workspace.telemetry.run(run_id):
            enter(run_id, "running", self._workspace)
            yield

    def wish(self, run_id: str) -> Wish:
        """What somebody wants of the run."""
        return self._store.wish(run_id)

    async def perform(self, run_id: str, part: Part, cap_usd: float) -> PartResult:
        """Drives a part over this worker's lines."""
        run, job = await self._prepared(run_id)
        job = replace(job, study=job.study.model_copy(update={"max_cost_usd": cap_usd}))
        desk = self._free.pop() if self._free else self._another_desk()
        try:
            is_whole = part.stop - part.start == len(job.plan.people)
            sounds_out = run_id not in self._answering
            result, _ = await perform(job, run, part, desk, publishes=is_whole, sounds_out=sounds_out)
        finally:
            self._free.append(desk)
        if result.done:
            self._answering.add(run_id)
        return result

    def _another_desk(self) -> Desk:
        """A desk of the same lines and another holder.

        A part that ends gives back what its holder leased, which must not be what its neighbours did.
        """
        desk = copy(self._desk)
        desk.holder = f"{self._desk.holder}-{next(self._made)}"
        return desk

    async def _prepared(self, run_id: str) -> _Prepared:
        """The run and its job, built once for all its parts, and in a thread: the loop has calls to make."""
        if run_id not in self._jobs:
            while len(self._jobs) >= KEPT_JOBS:
                del self._jobs[next(iter(self._jobs))]
            self._jobs[run_id] = asyncio.create_task(asyncio.to_thread(self._build, run_id))
        try:
            return await asyncio.shield(self._jobs[run_id])
        except Exception:
            self._jobs.pop(run_id, None)
            raise

    def _build(self, run_id: str) -> _Prepared:
        run = self._store.run(run_id)
        return _Prepared(run, job_of(run, self._workspace))

    def finish(self, run_id: str, ending: Ending) -> None:
        """Writes the run's end state, by the same rules as a run in one process."""
        enter(run_id, state_of(ending), self._workspace)


def state_of(ending: Ending) -> RunState:
    """The state of a run whose parts came to `ending`."""
    match ending.stopped:
        case "error":
            return "failed"
        case "budget":
            return "stopped"
        case _:
            return end_state(ending.done, ending.failed, is_cancelled=ending.stopped == "cancel")
