"""Rate limits: so many requests a minute for each key, counted in this process, told in headers."""

import time
from typing import NamedTuple

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Room(NamedTuple):
    """What is left of a minute."""

    is_there: bool
    quota: int
    remaining: int
    reset_s: int
    """Seconds until there is room again."""

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF draft on RateLimit headers has them (structured fields)."""
        return {
            "RateLimit-Policy": f'"minute";q={self.quota};w=60',
            "RateLimit": f'"minute";r={self.remaining};t={self.reset_s}',
        }


class RateLimits:
    """The moving windows of all keys. Each server process counts for itself."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, key_id: str, rpm: int) -> Room:
        """Counts a request of a key that may make `rpm` a minute."""
        item = RateLimitItemPerMinute(rpm)
        is_there = self._limiter.hit(item, key_id)
        stats = self._limiter.get_window_stats(item, key_id)
        return Room(is_there, rpm, max(0, stats.remaining), max(1, round(stats.reset_time - time.time())))
