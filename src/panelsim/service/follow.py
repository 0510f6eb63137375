"""Following a run that another process drives, from what the store says of it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import reduce
from operator import add

from panelsim.errors import RunBusy
from panelsim.model.progress import ENDED, Event, Progress, Progressed, RunState, StateChanged
from panelsim.store import RunHead, Store, StoredEvent

BEAT_S = 0.5
"""Between two looks, at least..."""
LOOKS_SHARE = 10
"""...and so many times what a look took: a run of a million sessions has many parts to add up."""
SILENT_S, SILENT_SHARED_S = 3.0, 45.0
"""How long a run may say nothing before it is asked whether somebody drives it; where a pool of workers
shares a store, another of them takes over within half a minute."""
PAGE = 1000


def is_driven(run_id: str, store: Store) -> bool:
    """Whether a process that lives drives the run at this moment."""
    try:
        with store.claim(run_id):
            return False
    except RunBusy:
        return True


class Follower:
    """Reads the events of a run as they come; with several parts their progress is added up.

    The event stream of a process and of the store is one: an API or a bar reads the same from both.
    """

    def __init__(self, run: RunHead, store: Store, after: int = 0) -> None:
        """Events with a number up to `after` are left out."""
        self.state: RunState = run.state
        self.seq = after
        self._run_id = run.id
        self._store = store
        self._is_paused = False
        self._planned = Progress()
        """As it was last written by whoever drives the whole run."""
        self._last: Progress | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the run's last event was read."""
        return self.state in ENDED

    def look(self) -> list[StoredEvent]:
        """What is new since the last look; what the store does not number carries the number before it."""
        found: list[StoredEvent] = []
        while page := self._store.events(self._run_id, self.seq, PAGE):
            self.seq = page[-1].seq
            found += page
        for one in found:
            if isinstance(one.event, StateChanged):
                self.state = one.event.state
            else:
                self._planned = one.event.progress
        return found + [StoredEvent(self.seq, datetime.now(UTC), event) for event in self._unwritten()]

    def _unwritten(self) -> Iterator[Event]:
        """What the store knows beside its events: a wish to pause, and how far the parts are."""
        if self.has_ended:
            return
        is_paused = self._store.wish(self._run_id) == "pause"
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            yield StateChanged(state="paused" if is_paused else self.state)
        parts = self._store.parts(self._run_id)
        if len(parts) > 1:
            progress = reduce(add, parts.values())
            # parts that were not begun are not kept yet
            sessions = max(progress.sessions, self._planned.sessions)
            calls = max(progress.calls, self._planned.calls)
            progress = progress.model_copy(update={"sessions": sessions, "calls": calls})
            if progress != self._last:
                self._last = progress
                yield Progressed(progress=progress)

    def is_deserted(self) -> bool:
        """Whether nobody drives a run that has begun and not ended."""
        return self.state not in (*ENDED, "queued") and not is_driven(self._run_id, self._store)


def follow(
    run: RunHead, store: Store, after: int = 0, *, wait: Callable[[float], None] = time.sleep
) -> Iterator[StoredEvent]:
    """The events of `run` after the number `after`, those to come too, until it ends or nobody drives it."""
    follower = Follower(run, store, after)
    patience = SILENT_SHARED_S if store.is_shared else SILENT_S
    silent = 0.0
    while True:
        began = time.monotonic()
        found = follower.look()
        beat = max(BEAT_S, LOOKS_SHARE * (time.monotonic() - began))
        yield from found
        if follower.has_ended:
            return
        silent = 0.0 if found else silent + beat
        if silent >= patience:
            if follower.is_deserted():
                return
            silent = 0.0
        wait(beat)
