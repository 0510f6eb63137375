"""What becomes of a part that goes wrong: an outcome while its worker stays, and nothing once that ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import cast

import pytest

from panelsim.errors import InputError
from panelsim.execution.durable import Engine
from panelsim.execution.durable_panel import Ending
from panelsim.execution.durable_system import System
from panelsim.execution.part import Part, PartResult
from panelsim.model.progress import Wish

PART = Part(index=0, start=0, stop=1)


class Does:
    """Duties of which only the driving of a part is asked for."""

    def __init__(self, drive: Callable[[], Awaitable[PartResult]]) -> None:
        self._drive = drive

    async def perform(self, run_id: str, part: Part, cap_usd: float) -> PartResult:
        assert (run_id, part, cap_usd) == ("r", PART, 1.0)
        return await self._drive()

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        raise NotImplementedError

    def wish(self, run_id: str) -> Wish:
        raise NotImplementedError

    def finish(self, run_id: str, ending: Ending) -> None:
        raise NotImplementedError


def engine_that(drive: Callable[[], Awaitable[PartResult]]) -> Engine:
    return Engine("worker", cast("System", None), Does(drive), lambda _line: None)


@pytest.mark.parametrize(
    "error", [RuntimeError("cannot schedule new futures after shutdown"), InputError("x")]
)
async def test_a_part_that_goes_wrong_because_its_worker_ends_has_no_outcome(error: Exception) -> None:
    async def torn() -> PartResult:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise error from None
        raise AssertionError("it was not cancelled")

    engine = engine_that(torn)
    part = asyncio.create_task(engine.perform_part("part/r/1/0", "r", PART, 1.0))
    await asyncio.sleep(0)
    await engine.end(0)
    assert part.cancelled()  # so it is PENDING in the tables still, and goes back in the queue


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("no such model"), "no such model"),
        (ValueError("x"), "panelsim has a fault (ValueError: x)"),
    ],
)
async def test_a_part_that_goes_wrong_ends_its_run_and_says_why(error: Exception, told: str) -> None:
    async def wrong() -> PartResult:
        raise error

    assert await engine_that(wrong).perform_part("part/r/1/0", "r", PART, 1.0) == {"error": told}
