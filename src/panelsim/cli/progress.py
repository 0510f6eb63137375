"""Progress on stderr: a live bar on a terminal, a line every quarter of a minute elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import assert_never

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import (
    Progress as Bars,
)

from panelsim.cli.output import dollars, duration, size
from panelsim.model.progress import Event, Progress, Progressed, RunState, StateChanged
from panelsim.providers.catalogue import ModelEntry

SHOWN = 60
"""Characters of a provider's reason to wait that are shown."""
NOTED_S = 5.0
"""How long a reason to wait is shown after the last wait."""
WIDE = 110
"""Columns from which there is room for a bar beside the words."""
LINE_EVERY_S = 15.0
"""Between two lines where there is no terminal."""

Show = Callable[[RunState, Progress, str], None]
"""Shows a run's state, how far it is, and what it waits for (or nothing)."""
Now = Callable[[], float]


class Meter:
    """The last that was heard of a run, and a place that shows it."""

    def __init__(self, show: Show, now: Now = time.monotonic) -> None:
        self.progress = Progress()
        self.state: RunState = "queued"
        self._show = show
        self._now = now
        self._noted = float("-inf")

    def __call__(self, event: Event) -> None:
        """Takes the event in."""
        match event:
            case StateChanged():
                self.state = event.state
            case Progressed():
                if event.progress.waits > self.progress.waits:
                    self._noted = self._now()
                self.progress = event.progress
            case _:
                assert_never(event)
        self._show(self.state, self.progress, self._note())

    def _note(self) -> str:
        """Why the run waits; a wait that is over is not told for ever."""
        return self.progress.note if self._now() - self._noted < NOTED_S else ""


@contextmanager
def run_progress(console: Console, now: Now = time.monotonic) -> Iterator[Meter]:
    """A meter that is shown on `console` while the block runs."""
    if not console.is_terminal:
        yield Meter(_lines(console, now), now)
        return
    bars = Bars(
        SpinnerColumn(),
        *_columns(console.width),
        console=console,
        transient=True,
    )
    task = bars.add_task("Starting", total=None, told="")

    def show(state: RunState, progress: Progress, note: str) -> None:
        bars.update(
            task,
            description=DOING[state],
            total=progress.sessions or None,
            completed=progress.done + progress.failed,
            told=told(progress, note, is_going=state == "running"),
        )

    with bars:
        yield Meter(show, now)


def _columns(width: int) -> Sequence[ProgressColumn]:
    """What is done, a bar, and how far it is; in a narrow place one text, cut at its end."""
    if width < WIDE:
        return [TextColumn("{task.description} {task.fields[told]}", markup=False)]
    told = TextColumn("{task.fields[told]}", markup=False)
    return [TextColumn("{task.description}"), BarColumn(bar_width=24), told]


def _lines(console: Console, now: Now) -> Show:
    """Says how far the run is, at most once in `LINE_EVERY_S`; its start and end are told elsewhere."""
    last = now()

    def show(state: RunState, progress: Progress, note: str) -> None:
        nonlocal last
        if now() - last >= LINE_EVERY_S:
            last = now()
            going = state == "running"
            console.print(f"{DOING[state]}: {told(progress, note, is_going=going)}", markup=False)

    return show


DOING: dict[RunState, str] = {
    "queued": "Waiting to start",
    "running": "Asking",
    "paused": "Paused",
    "done": "Done",
    "partial": "Done, with answers missing",
    "stopped": "Stopped by the cost cap",
    "interrupted": "Interrupted",
    "cancelled": "Cancelled",
    "failed": "Failed",
}


def told(progress: Progress, note: str = "", *, is_going: bool = False) -> str:
    """How far a run is, in one line: `3/90 sessions · 41 calls answered · $0.0110 · about 4 min left`.

    The time left is told while it is going.
    """
    known = f" ({progress.cached:,} known)" if progress.cached else ""
    parts = [
        f"{progress.done + progress.failed:,}/{progress.sessions:,} sessions",
        f"{progress.answered:,} calls answered{known}",
    ]
    if progress.missing:
        parts.append(f"{progress.missing:,} missing")
    if progress.failed:
        parts.append(f"{progress.failed:,} sessions failed")
    parts.append(dollars(progress.cost_usd))
    left = progress.seconds_left if is_going else None
    if left:
        parts.append(f"about {duration(left)} left")
    if note:
        parts.append(" ".join(note.split())[:SHOWN])
    return " · ".join(parts)


@contextmanager
def pull_progress(console: Console, entry: ModelEntry) -> Iterator[Callable[[int, int], None]]:
    """A listener for a model's download, shown as a bar; the size is said first."""
    console.print(f"Fetching {entry.title} ({size(entry.bytes)}, {entry.licence}), once for this machine.")
    if not console.is_terminal:
        yield lambda _done, _total: None
        console.print(f"Fetched {entry.name}.")
        return
    columns = (
        TextColumn(entry.name),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task(entry.name, total=entry.bytes)
        yield lambda done, total: bars.update(task, completed=done, total=total or entry.bytes)
    console.print(f"Fetched {entry.name}.")
