"""Controlling a run that somebody drives, here or elsewhere: pause, go on, cancel."""

import time
from collections.abc import Callable
from typing import NamedTuple

from panelsim.errors import InputError, RunBusy
from panelsim.model.progress import ENDED, RunState, StateChanged
from panelsim.service.follow import Follower, is_driven
from panelsim.store import RunHead, Store

OBEYED_WITHIN_S = 5.0
"""How long a cancelled run is waited for; whoever drives it obeys within a second."""
LOOK_EVERY_S = 0.1


class Told(NamedTuple):
    """What became of a wish."""

    run_id: str
    state: RunState
    """As far as it is known by now."""
    sentence: str


def shown_state(run: RunHead, store: Store, *, is_pooled: bool | None = None) -> RunState:
    """The state of `run` in truth: `paused` while told to wait, `interrupted` if its process was killed.

    Whether anybody drives it is not looked up where workers take over from each other: if `is_pooled`, by
    default on a server.
    """
    if run.state in ENDED:
        return run.state
    pooled = store.is_shared if is_pooled is None else is_pooled
    if run.state != "queued" and not pooled and not is_driven(run.id, store):
        return "interrupted"
    if store.wish(run.id) == "pause":
        return "paused"
    return "running" if run.state == "paused" else run.state


def pause(run: RunHead, store: Store, *, is_pooled: bool = False) -> Told:
    """Lets the calls under way come in and sends no more until the run is resumed.

    Raises `InputError` if the run has ended, or if the process that drove it has, unless workers take over
    from each other (`is_pooled`).
    """
    _check_open(run, "pause")
    if run.state != "queued" and not is_pooled and not is_driven(run.id, store):
        raise InputError(
            f"nobody drives run {run.id!r} any more, so there is nothing to pause; "
            f"go on with: panelsim runs resume {run.id}"
        )
    store.set_wish(run.id, "pause")
    return Told(
        run.id,
        "paused",
        f"Run {run.id} is paused: calls under way are kept, no new one is sent. "
        f"Go on with: panelsim runs resume {run.id}",
    )


def go_on(run: RunHead, store: Store) -> Told | None:
    """Tells whoever drives a paused run to go on; None if nobody does or will, so that it has to be driven.

    Raises `RunBusy` if it is driven and was not paused.
    """
    is_paused = store.wish(run.id) == "pause"
    waits_for_worker = is_paused and run.state == "queued" and store.is_shared
    if not waits_for_worker and not is_driven(run.id, store):
        return None
    if not is_paused:
        raise RunBusy(
            f"run {run.id!r} is being asked by another process already; "
            f"follow it with: panelsim runs watch {run.id}"
        )
    store.set_wish(run.id, "run")
    return Told(
        run.id,
        "running",
        f"Run {run.id} goes on where it is driven. Follow it with: panelsim runs watch {run.id}",
    )


def cancel(
    run: RunHead,
    store: Store,
    *,
    wait: Callable[[float], None] = time.sleep,
    within_s: float = OBEYED_WITHIN_S,
) -> Told:
    """Ends the run; what was answered is kept, and it can be resumed. Raises `InputError` if it has ended.

    A run that nobody drives is cancelled at once; otherwise whoever drives it is waited for.
    """
    _check_open(run, "cancel")
    follower = Follower(run, store)
    follower.look()  # what is past
    store.set_wish(run.id, "cancel")
    _cancel_here(run, store)
    for _ in range(round(within_s / LOOK_EVERY_S)):
        follower.look()
        if follower.has_ended:
            break
        wait(LOOK_EVERY_S)
    state = follower.state
    match state:
        case "cancelled":
            sentence = (
                f"Run {run.id} is cancelled; what was answered is kept. Go on with: "
                f"panelsim runs resume {run.id}"
            )
        case _ if state in ENDED:
            sentence = f"Run {run.id} ended before it could be cancelled: it is {state}."
        case _:
            sentence = (
                f"Run {run.id} is told to stop and has not done so within {within_s:.0f} s. See: "
                f"panelsim runs watch {run.id}"
            )
    return Told(run.id, state, sentence)


def _cancel_here(run: RunHead, store: Store) -> None:
    """Cancels a run that nobody drives."""
    try:
        with store.claim(run.id):
            if store.head(run.id).state not in ENDED:
                store.set_state(run.id, "cancelled")
                store.append_event(run.id, StateChanged(state="cancelled"))
    except RunBusy:
        return  # whoever has it will obey


def _check_open(run: RunHead, verb: str) -> None:
    if run.state in ENDED:
        left = f"; what is left can be asked with: panelsim runs resume {run.id}"
        raise InputError(
            f"run {run.id!r} has ended ({run.state}), so there is nothing to {verb}"
            f"{'' if run.state == 'done' else left}"
        )
