"""The wrappers around a provider: cache, retry, budget and limit, and the order in which they stand."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from panelsim.errors import BudgetError, InputError, TransientError
from panelsim.model.call import Call, Completion, ModelRef, Usage
from panelsim.providers.base import Complete, Provider
from panelsim.providers.prices import PICO, Price, bound_pico, cost_pico

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
LONGEST_RETRY_AFTER_S = 120.0
"""A provider that asks for a longer pause is not waited for: the attempt counts as the last."""


class Memory(Protocol):
    """Where completions are kept by call key."""

    def get(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None if there is none."""
        ...

    async def put(self, key: str, call: Call, completion: Completion) -> None:
        """Stores `completion`; returns once it would survive the end of this process."""
        ...


class Hooks(NamedTuple):
    """What the wrappers report as it happens."""

    answered: Callable[[Call, Completion, bool], None] = lambda _call, _said, _cached: None
    """A call has its stored completion; True if it was not made now."""
    waiting: Callable[[Call, int, float, str], None] = lambda _call, _attempt, _seconds, _reason: None
    """Attempt number that failed, seconds until the next one, and why."""


SILENT = Hooks()


class Clock:
    """Seconds that pass, and a way to let them pass."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds`."""
        await asyncio.sleep(seconds)


class Gate:
    """Closes for all callers of a provider when it asks for a pause."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._opens_at = 0.0

    def close_for(self, seconds: float) -> None:
        """Keeps the gate closed for at least `seconds` from now."""
        self._opens_at = max(self._opens_at, self.clock.now() + seconds)

    async def passed(self) -> None:
        """Returns once the gate is open."""
        while (left := self._opens_at - self.clock.now()) > 0:
            await self.clock.sleep(left)


class Budget:
    """A cap on what a run may cost, kept under any concurrency.

    The upper bound of each attempt is reserved before it is sent and settled after. A call whose bound does
    not fit beside the reservations under way waits for them to settle, so a run never stops while money may
    come back.
    """

    def __init__(self, cap_usd: float, price_of: Callable[[ModelRef], Price]) -> None:
        self.price_of = price_of
        self._cap = int(cap_usd * PICO)
        self._spent = 0
        self._reserved = 0
        self._settled = asyncio.Event()

    @property
    def spent_usd(self) -> float:
        """Settled so far, in dollars."""
        return self._spent / PICO

    async def reserve(self, call: Call) -> int:
        """The bound of `call`, reserved, in picodollars. Raises `BudgetError` if it could pass the cap."""
        bound = bound_pico(call, self.price_of(call.model))
        while bound and self._spent + self._reserved + bound > self._cap:
            if self._spent + bound > self._cap:
                raise BudgetError(
                    f"the next call to {call.model} may cost up to ${bound / PICO:.6f} "
                    f"and ${self.spent_usd:.6f} of the cap of ${self._cap / PICO:.6f} is spent, so it was "
                    "not sent; raise max_cost_usd and resume: what was answered is kept"
                )
            await self._settled.wait()
        self._reserved += bound
        return bound

    def settle(self, bound: int, spent: int) -> None:
        """Replaces a reservation by what was spent, in picodollars."""
        self._reserved -= bound
        self._spent += spent
        settled, self._settled = self._settled, asyncio.Event()
        settled.set()


def limited(complete: Complete, at_once: int) -> Complete:
    """At most `at_once` calls under way."""
    slots = asyncio.Semaphore(at_once)

    async def ask(call: Call) -> Completion:
        async with slots:
            return await complete(call)

    return ask


def budgeted(complete: Complete, budget: Budget) -> Complete:
    """Never more than the cap: reserves the upper bound, settles the real cost, notes it in the completion.

    An attempt that fails costs nothing, unless it may have been served: then its whole bound counts as spent,
    as it does for a completion without usage.
    """

    async def ask(call: Call) -> Completion:
        bound = await budget.reserve(call)
        spent = bound
        try:
            said = await complete(call)
            if said.usage != Usage():
                spent = cost_pico(said.usage, budget.price_of(call.model))
        except TransientError as error:
            spent = bound if error.maybe_billed else 0
            raise
        except Exception:
            spent = 0
            raise
        finally:
            budget.settle(bound, spent)
        return said.model_copy(update={"cost_usd": spent / PICO})

    return ask


def retried(
    complete: Complete,
    *,
    attempts: int,
    gate: Gate,
    hooks: Hooks = SILENT,
    jitter: random.Random | None = None,
) -> Complete:
    """Up to `attempts` attempts for a `TransientError`, waiting longer each time; raises the last error.

    The n-th wait is drawn from the upper half of `0.5 * 2^(n-1)` seconds (30 at most), or what the provider
    asked for if that is longer. A provider that throttles closes the gate for all its callers.
    """
    dice = jitter or random.Random()  # noqa: S311 - spreads retries, protects nothing

    def seconds(state: RetryCallState) -> float:
        longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (state.attempt_number - 1))
        drawn = dice.uniform(longest / 2, longest)
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, TransientError):
            return drawn
        asked = error.retry_after or 0.0
        if error.throttled:
            gate.close_for(min(asked, LONGEST_RETRY_AFTER_S) or drawn)
        return max(drawn, asked)

    def stop(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        too_long = isinstance(error, TransientError) and (error.retry_after or 0) > LONGEST_RETRY_AFTER_S
        return too_long or stop_after_attempt(attempts)(state)

    async def ask(call: Call) -> Completion:
        def report(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            hooks.waiting(call, state.attempt_number, state.upcoming_sleep, str(error))

        async def attempt() -> Completion:
            await gate.passed()
            return await complete(call)

        again = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop,
            wait=seconds,
            sleep=gate.clock.sleep,
            before_sleep=report,
            reraise=True,
        )
        return await again(attempt)

    return ask


def cached(complete: Complete, memory: Memory, hooks: Hooks = SILENT) -> Complete:
    """Known completions from `memory`; others are made once, however many ask at once, and stored first.

    If the caller that makes a call is cancelled, one of those that wait for it takes over.
    """
    flights: dict[str, asyncio.Future[Completion | None]] = {}

    async def ask(call: Call) -> Completion:
        key = call.key
        while (flight := flights.get(key)) is not None:
            shared = await asyncio.shield(flight)
            if shared is not None:
                hooks.answered(call, shared, True)
                return shared
        known = memory.get(key)
        if known is not None:
            hooks.answered(call, known, True)
            return known
        said = await make(key, call)
        hooks.answered(call, said, False)
        return said

    async def make(key: str, call: Call) -> Completion:
        flight: asyncio.Future[Completion | None] = asyncio.get_running_loop().create_future()
        flights[key] = flight
        try:
            said = await complete(call)
            await memory.put(key, call, said)
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # marks it as seen: often nobody else waits
            raise
        else:
            flight.set_result(said)
            return said
        finally:
            del flights[key]
            if not flight.done():
                flight.set_result(None)

    return ask


def compose(
    providers: Mapping[str, Provider],
    *,
    memory: Memory,
    budget: Budget,
    attempts: int = 5,
    at_once: int | None = None,
    hooks: Hooks = SILENT,
    clock: Clock | None = None,
) -> Complete:
    """One `Complete` over all `providers` (by their name), wrapped in the one order that is right.

    `cached(retried(budgeted(limited(provider))))`: the cache is outermost, so a replay is free; the budget
    is inside the retry, so every attempt counts; the limit is innermost, so a waiting retry holds no slot.
    The budget is shared by all providers; limit and gate are each provider's own. `at_once` overrides each
    provider's default.
    """
    time_keeper = clock or Clock()
    by_name = {
        name: retried(
            budgeted(limited(provider.complete, at_once or provider.at_once), budget),
            attempts=attempts,
            gate=Gate(time_keeper),
            hooks=hooks,
        )
        for name, provider in providers.items()
    }

    async def route(call: Call) -> Completion:
        complete = by_name.get(call.model.provider)
        if complete is None:
            raise InputError(
                f"model {str(call.model)!r}: its provider was not opened; open: {sorted(by_name)}"
            )
        return await complete(call)

    return cached(route, memory, hooks)
