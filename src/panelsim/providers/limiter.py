"""The limiter of a line: which call may be sent when, over all runs of this process.

Four things hold a call back: the width (calls under way), the gate (a pause that the provider asks for),
stated rates, and what the provider's headers say is left. docs/design/limits.md has the reasoning.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from panelsim.errors import ProviderError, TransientError
from panelsim.model.call import Call, ModelRef, Usage
from panelsim.providers.clock import Clock
from panelsim.providers.meter import NO_PAUSE, Meter, Pause, Ticket, Waiter
from panelsim.providers.rates import ANY, NO_RATES, Bucket, Rates, SharedRates
from panelsim.providers.width import Width

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
"""Of the pauses that are made when nothing gets through any more."""
FRUITLESS = 32
"""Refusals in a row before such a pause, at least; at least two for each call that may be under way."""
OVER_HTTP = frozenset({"openai", "litellm"})
"""Providers that a plain number among the rates is meant for."""
SHORTEST_S = 0.001
"""Of a wait: what rounding leaves of one must not become a thousand."""
GLANCE_S = 0.25
"""The longest time not to look at a model's limits while another model's are waited for."""


class Limiter:
    """Admits the calls of one line. Belongs to one event loop."""

    def __init__(
        self,
        at_once: int,
        *,
        clock: Clock | None = None,
        rates: Rates = NO_RATES,
        shared: SharedRates | None = None,
        patience_s: float = 600.0,
        dice: random.Random | None = None,
    ) -> None:
        self.width = Width(at_once)
        self.clock = clock or Clock()
        self.patience_s = patience_s
        self.served = 0
        """Calls that were answered, ever."""
        self.under_way = 0
        self.waiting = 0
        self.narrowed: Callable[[int, str], None] | None = None
        """Told when fewer calls may be under way: how many, and why."""
        self._rates = rates
        self._shared = shared
        self._buckets: dict[str, Bucket] = {}
        self._meters: dict[tuple[str, str, str], Meter] = {}
        self._turns: deque[Meter] = deque()
        self._opens_at = 0.0
        self._closed_for = ""
        self._in_a_row = 0
        """Refusals since the last answer."""
        self._in_vain_since = 0.0
        self._pauses = 0
        """Pauses since the last answer."""
        self._pacer: asyncio.Task[None] | None = None
        self._dice = dice or random.Random()  # noqa: S311 - spreads pauses, protects nothing

    async def enter(self, run: str, call: Call) -> Ticket:
        """Returns once `call` may be sent; calls of different runs take turns. What entered must `leave`.

        Raises `TransientError` if the provider asks for a longer pause than there is patience for.
        """
        meter = self._meter_of(call.model)
        tokens = meter.estimate(call)
        is_open = not self.waiting and self.under_way < self.width.calls and not self.seconds_closed
        if is_open and (meter.is_free or meter.pause(tokens) == NO_PAUSE):
            return self._sent(meter, tokens)
        self._check_patience()
        waiter = Waiter(asyncio.get_running_loop().create_future(), tokens)
        meter.add(run, waiter)
        self.waiting += 1
        self._hand_out()
        try:
            return await waiter.given
        except asyncio.CancelledError:
            if waiter.given.cancelled():
                self.waiting -= 1
            elif waiter.given.exception() is None:
                self.leave(waiter.given.result())
            raise

    def leave(
        self, ticket: Ticket, *, usage: Usage | None = None, error: BaseException | None = None
    ) -> None:
        """Notes the end of a call: answered with `usage`, failed with `error`, or given up with neither."""
        self.under_way -= 1
        ticket.meter.back(ticket.tokens, usage)
        refused = isinstance(error, TransientError) and (error.throttled or error.overloaded)
        before = self.width.calls
        self.width.back(ticket.round, refused=refused)
        if self.width.calls < before and self.narrowed is not None:
            self.narrowed(self.width.calls, str(error or "calls were refused before"))
        if usage is not None:
            self.served += 1
            self._in_a_row = self._pauses = 0
        elif isinstance(error, TransientError) and refused:
            self._note_refusal(error, ticket)
        if self.waiting:
            self._hand_out()

    def hear(self, model: ModelRef, headers: Mapping[str, str]) -> None:
        """Notes what the headers of a reply of `model` say of its limits."""
        self._meter_of(model).hear(headers)

    @property
    def seconds_closed(self) -> float:
        """How long the gate stays closed; 0 if it is open."""
        if not self._opens_at:
            return 0.0
        left = self._opens_at - self.clock.now()
        if left <= 0:
            self._opens_at = 0.0
            return 0.0
        return left

    def close_for(self, seconds: float, reason: str) -> None:
        """Keeps the gate closed for at least `seconds` from now.

        Longer than there is patience for: whoever waits is told so, and so is who comes before it opens.
        """
        self._opens_at = max(self._opens_at, self.clock.now() + seconds)
        self._closed_for = reason
        if seconds > self.patience_s:
            self._fail_waiting(self._impatience(seconds))

    async def close(self) -> None:
        """Ends the pacing; nobody enters any more."""
        if self._pacer is not None:
            self._pacer.cancel()
            with suppress(asyncio.CancelledError):
                await self._pacer

    # ---- handing out

    def _sent(self, meter: Meter, tokens: float) -> Ticket:
        self.under_way += 1
        meter.sent(tokens)
        return Ticket(meter, self.width.sent(self.under_way), tokens, self._pauses)

    def _hand_out(self) -> None:
        pause = self._send_waiting()
        if pause is not None and (self._pacer is None or self._pacer.done()):
            self._pacer = asyncio.get_running_loop().create_task(self._pace(pause))

    async def _pace(self, pause: Pause | None) -> None:
        """Sends those who wait as time lets them; ends when only a call that comes back can."""
        try:
            while pause is not None:
                if pause.lease is not None:
                    await pause.lease.lease()
                else:
                    await self.clock.sleep(max(SHORTEST_S, pause.seconds))
                pause = self._send_waiting()
        except Exception as error:  # noqa: BLE001 - a rate that cannot be read must not leave anybody waiting
            self._fail_waiting(error)

    def _send_waiting(self) -> Pause | None:
        """Sends whoever may be sent; what must pass before the next one, None if nothing but a return can."""
        if not self.waiting:
            return None
        if closed := self.seconds_closed:
            return Pause(closed)
        soonest: Pause | None = None
        idle = 0
        while idle < len(self._turns) and self.under_way < self.width.calls:
            meter = self._turns[0]
            self._turns.rotate(-1)
            waiter = meter.head()
            pause = meter.pause(waiter.tokens) if waiter else None
            if waiter and pause == NO_PAUSE:
                self.waiting -= 1
                waiter.given.set_result(self._sent(meter, waiter.tokens))
                idle = 0
                continue
            idle += 1
            if pause is not None and (soonest is None or pause.seconds < soonest.seconds):
                soonest = pause
        if soonest is not None and len(self._turns) > 1:
            return soonest._replace(seconds=min(GLANCE_S, soonest.seconds))
        return soonest

    def _fail_waiting(self, error: Exception) -> None:
        for meter in self._turns:
            while (waiter := meter.head()) is not None:
                self.waiting -= 1
                waiter.given.set_exception(error)

    # ---- what refusals mean

    def _note_refusal(self, error: TransientError, ticket: Ticket) -> None:
        """Closes the gate as the provider asks, and ever longer while nothing gets through at all."""
        if error.retry_after:
            self.close_for(error.retry_after, str(error))
        if not self._in_a_row:
            self._in_vain_since = self.clock.now()
        self._in_a_row += 1
        if self._in_a_row < max(FRUITLESS, 2 * self.width.calls) and not self._pauses:
            return
        if ticket.pauses < self._pauses:
            return  # it was sent before the last pause and says nothing about it
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**self._pauses)
        self._pauses += 1
        self.close_for(self._dice.uniform(longest / 2, longest), str(error))
        seconds = self.clock.now() - self._in_vain_since
        if seconds >= self.patience_s:
            self._fail_waiting(ProviderError(f"{error}; no call got through for {seconds:.0f} s"))

    def _check_patience(self) -> None:
        if (closed := self.seconds_closed) > self.patience_s:
            raise self._impatience(closed)

    def _impatience(self, seconds: float) -> TransientError:
        return TransientError(
            f"{self._closed_for}; it asks for a pause of {seconds:.0f} s, PANELSIM_PATIENCE_S allows "
            f"{self.patience_s:g} s",
            retry_after=seconds,
            throttled=True,
        )

    # ---- meters

    def _meter_of(self, model: ModelRef) -> Meter:
        name = (model.provider, model.name, model.base_url)
        meter = self._meters.get(name)
        if meter is None:
            requests = self._bucket(model, "requests", self._rates.requests)
            tokens = self._bucket(model, "tokens", self._rates.tokens)
            meter = self._meters[name] = Meter(requests, tokens, self.clock)
            self._turns.append(meter)
        return meter

    def _bucket(self, model: ModelRef, unit: str, stated: Mapping[str, float]) -> Bucket | None:
        """The bucket of `model`: its own, or the one of all its provider's models; None if unstated."""
        name = str(model) if str(model) in stated else model.provider
        per_minute = stated.get(str(model), stated.get(ANY) if model.provider in OVER_HTTP else None)
        if per_minute is None:
            return None
        key = f"{unit}:{name}"
        if key not in self._buckets:
            self._buckets[key] = Bucket(key, per_minute, self.clock, self._shared)
        return self._buckets[key]
