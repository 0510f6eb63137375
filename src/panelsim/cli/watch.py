"""Watching and steering a run that another process drives."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from panelsim.cli import output
from panelsim.cli.edge import Stopped
from panelsim.cli.progress import DOING, run_progress, told
from panelsim.cli.runlist import find_head
from panelsim.errors import EXIT_DONE, EXIT_INTERRUPTED, EXIT_PARTIAL, BudgetError, ProviderError
from panelsim.model.progress import ENDED, RunState, StateChanged
from panelsim.service.control import Told, cancel, pause
from panelsim.service.follow import follow
from panelsim.service.workspace import open_workspace
from panelsim.store import RunHead, Store

EXITS: dict[RunState, int] = {
    "done": EXIT_DONE,
    "partial": EXIT_PARTIAL,
    "stopped": BudgetError.exit_code,
    "failed": ProviderError.exit_code,
    "cancelled": EXIT_INTERRUPTED,
    "interrupted": EXIT_INTERRUPTED,
}
"""The exit code of a run's end, the same as if it had been driven here."""


def watch_run(name: str, after: int, *, as_json: bool) -> None:
    """Shows a run from the store's events until it ends; exits as the run itself would."""
    with open_workspace() as workspace:
        run = find_head(name, workspace)
        state = (_print_events if as_json else _show)(run, workspace.store, after)
    if state not in ENDED:
        raise Stopped(
            f"Nobody drives run {run.id} any more: its process has ended. "
            f"Go on with: panelsim runs resume {run.id}"
        )
    if EXITS[state]:
        raise typer.Exit(EXITS[state])


def _print_events(run: RunHead, store: Store, after: int) -> RunState:
    """Each event as one line of JSON on stdout."""
    state = run.state
    with _leaving(run):
        for seq, at, event in follow(run, store, after):
            state = event.state if isinstance(event, StateChanged) else state
            line = {"run_id": run.id, "seq": seq, "at": at.isoformat(), **event.model_dump(mode="json")}
            sys.stdout.write(f"{json.dumps(line, ensure_ascii=False)}\n")
            sys.stdout.flush()
    return state


def _show(run: RunHead, store: Store, after: int) -> RunState:
    """The bar of the run, and a line when it has ended."""
    console = output.err()
    if run.state not in ENDED:
        console.print(f"Watching run {run.id}. Ctrl-C stops watching, not the run.", markup=False)
    with _leaving(run), run_progress(console) as meter:
        meter.state = run.state
        for one in follow(run, store, after):
            meter(one.event)
    if meter.state in ENDED:
        console.print(f"Run {run.id}: {DOING[meter.state]}. {told(meter.progress)}", markup=False)
    return meter.state


@contextmanager
def _leaving(run: RunHead) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(f"No longer watching; run {run.id} is not touched by that.") from None


def pause_run(name: str, *, as_json: bool) -> None:
    """Pauses a run, and says so."""
    _steer(name, pause, as_json=as_json)


def cancel_run(name: str, *, as_json: bool) -> None:
    """Cancels a run, and says so."""
    _steer(name, cancel, as_json=as_json)


def _steer(name: str, verb: Callable[[RunHead, Store], Told], *, as_json: bool) -> None:
    with open_workspace() as workspace:
        told_of = verb(find_head(name, workspace), workspace.store)
    tell(told_of, as_json=as_json)


def tell(what: Told, *, as_json: bool) -> None:
    """What became of a wish: a sentence, or an object for programs."""
    if as_json:
        output.print_json({"run_id": what.run_id, "state": what.state, "told": what.sentence})
    else:
        output.err().print(what.sentence, markup=False)
