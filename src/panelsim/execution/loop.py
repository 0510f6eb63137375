"""The event loop that a run is driven on."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

from panelsim.execution.collecting import rare_collections

T = TypeVar("T")


def run_loop(work: Coroutine[None, None, T]) -> T:
    """The value of `work` on an event loop of its own: uvloop's where that is installed."""
    with rare_collections(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(work)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
