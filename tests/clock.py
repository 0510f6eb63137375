"""A clock whose waits take no time."""

import asyncio

from panelsim.providers.wrappers import Clock


class FakeClock(Clock):
    """Time passes only by sleeping; those who sleep at the same moment wake at their own times."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        self.waits.append(seconds)
        await asyncio.sleep(0)
        self.seconds = max(self.seconds, until)
