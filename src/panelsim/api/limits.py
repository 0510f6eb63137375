"""Rate limits: requests a minute of each key, and refused keys of each address, counted in this process."""

import time
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

MOST_REFUSED = 60
"""Keys that are none, a minute from one client address."""
BUCKETS = 4096
"""Counters for all addresses there are: whoever calls from very many does not fill our memory."""
IPV6_NETWORK = 64
"""Bits of an IPv6 address that tell one caller from another: whoever has one has all within them."""


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


class Refusals:
    """How many keys were refused to which client address, so that guessing them is slow."""

    def __init__(self, most: int = MOST_REFUSED) -> None:
        self._item = RateLimitItemPerMinute(most)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def take(self, address: str) -> int:
        """Counts a refusal to an address; seconds until there is room again, 0 if there is some."""
        # salted anew in each process, so nobody can choose whom to share a counter with
        bucket = str(hash(_network_of(address)) % BUCKETS)
        if self._limiter.hit(self._item, bucket):
            return 0
        stats = self._limiter.get_window_stats(self._item, bucket)
        return max(1, round(stats.reset_time - time.time()))


def _network_of(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{int(found) >> (128 - IPV6_NETWORK):x}"
