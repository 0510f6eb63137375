"""Virtual time: an event loop that does not wait, and the clock that goes with it."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TypeVar

from panelsim.providers.clock import Clock

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Lets the loop's time jump to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits and no timer is set")
        if not ready and timeout:
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._ticks = _Selector()
        super().__init__(self._ticks)

    def time(self) -> float:
        return self._ticks.now


class LoopClock(Clock):
    """The running loop's time."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtually(work: Coroutine[None, None, T]) -> tuple[T, float]:
    """The value of `work` and the virtual seconds it took."""
    loop = _Loop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work), loop.time()
