"""Rates: requests and tokens per minute, as the user states them or as a provider's headers tell them."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from panelsim.errors import InputError
from panelsim.providers.clock import Clock

WINDOW_S = 0.25
"""A rate is given out in pieces of this many seconds, so that no burst is doubled at the end of a minute."""
ANY = ""
"""The name under which a plain number stands: what all models of a provider may have together."""


class Rates(NamedTuple):
    """Stated rates per minute, by `PROVIDER/NAME`; `ANY` for each provider that is reached over HTTP."""

    requests: Mapping[str, float] = {}
    tokens: Mapping[str, float] = {}


NO_RATES = Rates()


class SharedRates(Protocol):
    """A rate that several processes share, such as one kept in the store."""

    async def take(self, bucket: str, wanted: int, per_minute: float, burst: float) -> int:
        """How many of `wanted` permits are granted now; 0 if none is left.

        `per_minute` come into the bucket named `bucket`, which holds `burst` at most.
        """
        ...


def parse_rates(requests: str, tokens: str) -> Rates:
    """Rates from two texts: a plain number, or `PROVIDER/NAME=N` entries separated by `;`, or both.

    Raises `InputError`.
    """
    return Rates(_parse(requests, "requests"), _parse(tokens, "tokens"))


def _parse(text: str, unit: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, separator, figure = entry.rpartition("=")
        try:
            number = float(figure)
        except ValueError:
            number = math.nan
        if not 0 < number < math.inf or (separator and "/" not in name):
            raise InputError(
                f"rate {entry!r} cannot be read; expected a number of {unit} per minute, or PROVIDER/NAME=N, "
                f"for example openai/gpt-4o-mini={500 if unit == 'requests' else 200_000}"
            )
        found[name.strip()] = number
    return found


class Bucket:
    """Permits that come in at a steady rate: one for a request, or one for a token.

    Holds a quarter of a second's worth, and at least one. A call may take more than the bucket holds once it
    is full, and what it took too much is waited for by the next one.
    """

    def __init__(self, name: str, per_minute: float, clock: Clock, shared: SharedRates | None = None) -> None:
        self.name = name
        self.per_minute = per_minute
        self.burst = max(1.0, per_minute / 60 * WINDOW_S)
        self._clock = clock
        self._shared = shared
        self._level = 0.0 if shared else self.burst
        self._at = clock.now()

    def seconds_until(self, permits: float) -> float:
        """How long until `permits` can be taken."""
        wanting = min(permits, self.burst) - self._filled()
        return wanting * 60 / self.per_minute if wanting > 1e-6 else 0.0

    def must_lease(self, permits: float) -> bool:
        """Whether permits of a shared rate must be leased before `permits` can be taken."""
        return self._shared is not None and self._level < min(permits, self.burst) - 1e-6

    def take(self, permits: float) -> None:
        """Takes `permits`, which may be more than there are."""
        self._level -= permits

    def give_back(self, permits: float) -> None:
        """Corrects an estimate: what was not used comes back; a negative number is taken."""
        self._level = min(self.burst, self._level + permits)

    async def lease(self) -> None:
        """Fetches some permits of a shared rate, and waits a little if there are none."""
        if self._shared is None:
            return
        wanted = max(1, math.ceil(self.burst - self._level))
        granted = await self._shared.take(self.name, wanted, self.per_minute, self.burst)
        self._level += granted
        if not granted:
            await self._clock.sleep(min(1.0, max(0.02, 60 / self.per_minute)))

    def _filled(self) -> float:
        if self._shared is None:
            now = self._clock.now()
            self._level = min(self.burst, self._level + (now - self._at) * self.per_minute / 60)
            self._at = now
        return self._level


# ---- what headers tell


class Told(NamedTuple):
    """How much a provider says is left of one of its limits."""

    left: float
    limit: float | None
    seconds: float
    """Until the limit is whole again."""


REQUESTS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-limit-requests", "x-ratelimit-reset-requests"),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-reset",
    ),
)
TOKENS = (
    ("x-ratelimit-remaining-tokens", "x-ratelimit-limit-tokens", "x-ratelimit-reset-tokens"),
    (
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-reset",
    ),
)


def told(headers: Mapping[str, str], names: tuple[tuple[str, str, str], ...]) -> Told | None:
    """What `headers` say under the first of `names` that is there; None if nothing or nothing readable."""
    for left, limit, reset in names:
        text = headers.get(left)
        if text is None:
            continue
        try:
            whole = headers.get(limit)
            return Told(float(text), float(whole) if whole else None, _seconds(headers.get(reset, "0")))
        except ValueError:
            return None
    return None


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _seconds(text: str) -> float:
    """Seconds in `1m30s`, `12ms`, `20` or until `2026-01-27T12:00:00Z`. Raises ValueError."""
    if "T" in text:
        return max(0.0, (datetime.fromisoformat(text) - datetime.now(UTC)).total_seconds())
    total, figure, unit = 0.0, "", ""
    for character in f"{text.strip()}\0":
        if character.isdigit() or character in ".\0":
            if unit:
                total += float(figure) * _UNITS[unit] if unit in _UNITS else float("x")
                figure = unit = ""
            figure += character
        else:
            unit += character
    return total + (float(figure.rstrip("\0")) if figure.rstrip("\0") else 0.0)


ONE = 1 - 1e-6
"""A call, but for what rounding takes away."""


class Leftover:
    """Calls that a provider's headers still allow, kept low so that the limit is not run into.

    What is left after the calls under way is spread by its own refill: (limit - left) / seconds come back
    each second (both providers whose forms are read say that theirs are token buckets).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls = math.inf
        self._per_second = 0.0
        self._at = 0.0
        self._whole_at = 0.0

    def hear(self, told: Told, under_way: int, per_call: float) -> None:
        """Notes what is left, in units of which a call uses `per_call`."""
        self._at = self._clock.now()
        self._whole_at = self._at + told.seconds
        self._calls = told.left / per_call - under_way
        back = (told.limit - told.left) / per_call if told.limit is not None else 0.0
        self._per_second = max(0.0, back) / told.seconds if told.seconds else 0.0

    def seconds_until_one(self) -> float:
        """How long until another call may be sent."""
        if self._calls >= ONE:
            return 0.0
        now = self._clock.now()
        if now >= self._whole_at:
            self._calls = math.inf
            return 0.0
        self._calls += (now - self._at) * self._per_second
        self._at = now
        if self._calls >= ONE:
            return 0.0
        waits = self._whole_at - now
        return min(waits, (1 - self._calls) / self._per_second) if self._per_second else waits

    def take(self) -> None:
        """Notes a call that is sent."""
        self._calls -= 1
