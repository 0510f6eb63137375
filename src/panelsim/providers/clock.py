"""The clock that waits are measured by; tests put another in its place."""

import asyncio
import time


class Clock:
    """Seconds that pass, and a way to let them pass."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds`."""
        await asyncio.sleep(seconds)
