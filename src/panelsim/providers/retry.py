"""Another attempt after a failure that may pass: the only place where anything is tried again."""

import random
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from panelsim.errors import TransientError
from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete
from panelsim.providers.hooks import SILENT, Hooks
from panelsim.providers.limiter import Limiter

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
MOST_REFUSALS = 200
"""Of one call, whatever the patience: a bound on what a provider is sent."""


def retried(
    complete: Complete,
    *,
    attempts: int,
    limiter: Limiter,
    hooks: Hooks = SILENT,
    jitter: random.Random | None = None,
) -> Complete:
    """Another attempt after a `TransientError`, after a wait; raises the last error, with all that was tried.

    Being turned away is waiting, not failing: a call that is throttled or finds no room is repeated as long
    as the limiter has patience, at most 200 times; other failures count against `attempts`.

    The n-th wait after failures is drawn from the upper half of `0.5 * 2^(n-1)` seconds, 30 at most; after
    refusals it does not grow, for the load on a provider that turns calls away is the limiter's to bound.
    What the provider asks for is waited if it is longer.
    """
    dice = jitter or random.Random()  # noqa: S311 - spreads retries, protects nothing

    async def ask(call: Call) -> Completion:
        try:
            return await complete(call)
        except TransientError as error:
            first = error
        # the loop is set up only for the few calls that fail: it costs as much as everything else here
        tries = _Tries(call, first, attempts, limiter, hooks, dice)
        again = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            stop=tries.are_over,
            wait=tries.seconds,
            sleep=limiter.clock.sleep,
            before_sleep=tries.report,
            reraise=True,
        )
        try:
            return await again(tries.next, complete)
        except TransientError as error:
            raise tries.summed_up(error) from error

    return ask


@dataclass(slots=True)
class _Tries:
    """All attempts of one call, the first of which has failed with `first`."""

    call: Call
    first: TransientError | None
    attempts: int
    limiter: Limiter
    hooks: Hooks
    dice: random.Random
    began: float = 0.0
    failures: int = 0
    refusals: int = 0

    async def next(self, complete: Complete) -> Completion:
        """The next attempt; the first one is only told again."""
        if self.first is not None:
            error, self.first = self.first, None
            self.began = self.limiter.clock.now()
            raise self._counted(error)
        try:
            return await complete(self.call)
        except TransientError as error:
            raise self._counted(error) from error.__cause__

    def _counted(self, error: TransientError) -> TransientError:
        refused = _is_refusal(error)
        self.refusals += refused
        self.failures += not refused
        return error

    def are_over(self, state: RetryCallState) -> bool:
        """Whether the last failure leaves no other attempt."""
        error = _error_of(state)
        refused = _is_refusal(error)
        left = self.limiter.patience_s - (self.limiter.clock.now() - self.began)
        if (error.retry_after or 0.0) > left:
            return True
        if refused:
            return self.refusals >= MOST_REFUSALS or left <= 0
        return self.failures >= self.attempts

    def seconds(self, state: RetryCallState) -> float:
        """How long to wait before the next attempt."""
        error = _error_of(state)
        times = 1 if _is_refusal(error) else self.failures
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (times - 1))
        return max(self.dice.uniform(longest / 2, longest), error.retry_after or 0.0)

    def report(self, state: RetryCallState) -> None:
        """Tells that the call waits."""
        self.hooks.waiting(self.call, state.attempt_number, state.upcoming_sleep, str(_error_of(state)))

    def summed_up(self, error: TransientError) -> TransientError:
        """`error` as the end of all attempts."""
        times = self.failures + self.refusals
        if times == 1:
            return error
        seconds = self.limiter.clock.now() - self.began
        return TransientError(
            f"{error}; given up after {times} attempts in {seconds:.0f} s",
            retry_after=error.retry_after,
            throttled=error.throttled,
            overloaded=error.overloaded,
            maybe_billed=error.maybe_billed,
        )


def _error_of(state: RetryCallState) -> TransientError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else TransientError(str(error))


def _is_refusal(error: TransientError) -> bool:
    """Whether the provider turned the call away, so that nothing was lost but time."""
    return error.throttled or (error.overloaded and not error.maybe_billed)
