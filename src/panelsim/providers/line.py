"""A line: one opened provider in this process and its limiter, shared by all runs."""

import asyncio

from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete, Observe, Provider, Unsent, unobserved
from panelsim.providers.clock import Clock
from panelsim.providers.limiter import Limiter
from panelsim.providers.rates import NO_RATES, Rates, SharedRates


class Line:
    """A provider that is asked no faster than it likes, whoever asks. Belongs to one event loop."""

    def __init__(
        self,
        provider: Provider,
        *,
        at_once: int | None = None,
        rates: Rates = NO_RATES,
        shared: SharedRates | None = None,
        patience_s: float = 600.0,
        clock: Clock | None = None,
        observe: Observe = unobserved,
    ) -> None:
        """`at_once` calls under way at most, absent: as many as suit the provider."""
        self.provider = provider
        self._complete = observe(provider.complete)
        self.at_once = at_once or provider.at_once
        """The most calls that may be under way."""
        self.limiter = Limiter(self.at_once, clock=clock, rates=rates, shared=shared, patience_s=patience_s)

    @property
    def paced_by_lane(self) -> bool:
        """Whether calls of one lane gain from going one after the other."""
        return self.provider.paced_by_lane

    def limited(self, run: str) -> Complete:
        """Asks the provider when the limiter lets a call of `run` pass."""
        limiter, complete = self.limiter, self._complete

        async def ask(call: Call) -> Completion:
            try:
                ticket = await limiter.enter(run, call)
            except asyncio.CancelledError:
                raise Unsent from None
            try:
                said = await complete(call)
            except BaseException as error:
                limiter.leave(ticket, error=error)
                raise
            limiter.leave(ticket, usage=said.usage)
            return said

        return ask

    async def close(self) -> None:
        """Gives connections and memory back."""
        await self.limiter.close()
        await self.provider.close()
