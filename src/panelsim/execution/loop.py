"""The event loop that a run is driven on."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

RARELY = (20_000, 50, 100)
"""Thresholds of the three generations while a run is driven."""


def run_loop(work: Coroutine[None, None, T]) -> T:
    """The value of `work` on an event loop of its own: uvloop's where that is installed."""
    with rare_collections(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(work)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Lets the garbage collector look seldom, and never at what was there before.

    A run makes many small objects that free themselves; looking for cycles among all that is kept took a
    third of its time.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
