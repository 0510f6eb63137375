"""Watching a part while it is driven: what is wished for its run is obeyed, how far it is told and stored."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

from panelsim.errors import StoreError
from panelsim.execution.control import Control
from panelsim.execution.part import Part
from panelsim.execution.tally import Tally
from panelsim.model.progress import Progress, Progressed, Wish
from panelsim.service.desk import Desk
from panelsim.store import Run

Tell: TypeAlias = Callable[[Progress], None]

TOLD_EVERY_S = 0.2
"""How often progress is told and a wish is looked up."""
STORED_EVERY = 3
"""Every which telling is stored."""
LONG_PAUSE_S = 4.0
"""After a pause as long as this the part may have been parked, which its worker learns within a second."""
LET_GO_S = 2.0
"""How long a part waits after a long pause, to be dropped if it was: it would lose the calls it sends."""


def tell_nobody(_progress: Progress) -> None:
    """Tells nobody."""


@asynccontextmanager
async def watched(
    run: Run, part: Part, desk: Desk, tally: Tally, *, tell: Tell = tell_nobody, publishes: bool = False
) -> AsyncIterator[Control]:
    """What is wished for the run, while its part is driven; at the end failures and progress are stored.

    Progress goes to `tell` in this process and to the store's parts; with `publishes` the part is all of the
    run, and its progress is also an event of the run.
    """
    watch = _Watch(run, part, desk, tally, tell, publishes=publishes)
    watch.control.obey(await asyncio.to_thread(desk.workspace.store.wish, run.id))
    looking = asyncio.create_task(watch.look())
    try:
        yield watch.control
    finally:
        watch.over.set()
        await looking
        tally.close()
        await asyncio.to_thread(watch.keep_the_end)
        watch.tell()


class _Watch:
    """Blocking work with the store goes to a thread: the loop has calls to make."""

    def __init__(
        self, run: Run, part: Part, desk: Desk, tally: Tally, tell: Tell, *, publishes: bool
    ) -> None:
        self.control = Control()
        self.over = asyncio.Event()
        self._run = run
        self._part = part
        self._desk = desk
        self._store = desk.workspace.store
        self._telemetry = desk.workspace.telemetry
        self._tally = tally
        self._tell = tell
        self._publishes = publishes
        self._paused_at: float | None = None
        self._taken_up_at: float | None = None

    async def look(self) -> None:
        """Tells, stores and looks, until the part is over."""
        beat = 0
        while not self.over.is_set():
            self.tell()
            # a store that is away is told to whoever puts an answer, and here looked at again
            with suppress(StoreError):
                if beat % STORED_EVERY == 0:
                    await asyncio.to_thread(self._keep, self._tally.progress())
                self._obey(await asyncio.to_thread(self._store.wish, self._run.id))
            beat += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), TOLD_EVERY_S)

    def _obey(self, wish: Wish) -> None:
        now = asyncio.get_running_loop().time()
        if wish == "pause":
            self._paused_at = now if self._paused_at is None else self._paused_at
            self._taken_up_at = None
        elif wish == "run" and self._paused_at is not None:
            self._taken_up_at = now if self._taken_up_at is None else self._taken_up_at
            if self._taken_up_at - self._paused_at >= LONG_PAUSE_S and now - self._taken_up_at < LET_GO_S:
                return
            self._paused_at = self._taken_up_at = None
        self.control.obey(wish)

    def tell(self) -> None:
        """Tells how far the part is."""
        progress = self._tally.progress()
        self._telemetry.progressed(self._run.id, self._part.index, progress)
        self._tell(progress)

    def keep_the_end(self) -> None:
        """Stores what became of the part."""
        self._desk.settle(self._run)
        self._store.set_failures(self._run.id, self._tally.failures, self._part.index)
        self._keep(self._tally.progress())

    def _keep(self, progress: Progress) -> None:
        self._store.save_part(self._run.id, self._part.index, progress)
        if self._publishes:
            self._store.append_event(self._run.id, Progressed(progress=progress))
