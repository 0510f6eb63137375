"""Progress on stderr: a live line on a terminal, one line at the start and one at the end elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import (
    Progress as Bars,
)

from panelsim.cli.output import dollars, size
from panelsim.execution.progress import Answered, Event, Progress, Waiting
from panelsim.providers.catalogue import ModelEntry

SHOWN = 60
"""Characters of a provider's reason to wait that are shown."""


class Meter:
    """The sums over a run's events, and a place that shows them."""

    def __init__(self, show: Callable[[Progress, str], None]) -> None:
        self.progress = Progress()
        self.keys: set[str] = set()
        """Of the calls that have an answer; a call can be announced twice."""
        self._show = show

    def __call__(self, event: Event) -> None:
        """Takes the event in."""
        self.progress = self.progress.after(event)
        if isinstance(event, Answered):
            self.keys.add(event.key)
        note = ""
        if isinstance(event, Waiting):
            note = f"waiting {event.seconds:.0f} s: {event.reason}"[:SHOWN]
        self._show(self.progress, note)


@contextmanager
def run_progress(console: Console) -> Iterator[Meter]:
    """A meter that is shown on `console` while the block runs; silent if it is no terminal."""
    if not console.is_terminal:
        yield Meter(lambda _progress, _note: None)
        return
    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total} sessions"),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    task = bars.add_task("Asking", total=None, told="")

    def show(progress: Progress, note: str) -> None:
        told = f"· {progress.answered} of ~{progress.calls} calls · {dollars(progress.cost_usd)}"
        ended = progress.done + progress.failed
        bars.update(task, total=progress.sessions or None, completed=ended, told=f"{told} {note}")

    with bars:
        yield Meter(show)


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
