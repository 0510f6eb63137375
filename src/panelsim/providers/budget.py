"""The cost cap of a run, kept under any concurrency and, with a treasury, across processes."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from panelsim.errors import BudgetError, TransientError
from panelsim.model.call import Call, Completion, ModelRef, Usage
from panelsim.providers.base import Complete, Unsent
from panelsim.providers.prices import PICO, Price, bound_pico, cost_pico


class Treasury(Protocol):
    """Where the money of a run is kept that several processes spend."""

    async def lease(self, wanted: int) -> int:
        """Sets aside up to `wanted` picodollars for this process; returns how many, 0 if nothing is left."""
        ...

    async def note_spent(self, pico: int) -> None:
        """Notes money that was spent without a completion; completions carry their own cost."""
        ...


class Budget:
    """A cap on what a run may cost.

    The upper bound of each attempt is reserved before it is sent and settled after. A call whose bound does
    not fit beside the reservations under way waits for them to settle, in the order of arrival, so a run
    never stops while money of this process may come back. With a `treasury`, what may be reserved is leased
    from it in small pieces, about twice what is under way; without one the whole cap is this process's, less
    what was spent `before_usd`.
    """

    def __init__(
        self,
        cap_usd: float,
        price_of: Callable[[ModelRef], Price],
        treasury: Treasury | None = None,
        *,
        before_usd: float = 0.0,
    ) -> None:
        self._prices: dict[tuple[str, str, str], Price] = {}
        self._price_of = price_of
        self._treasury = treasury
        self._cap = round(cap_usd * PICO)
        self._before = round(before_usd * PICO)
        self._granted = max(0, self._cap - self._before) if treasury is None else 0
        self._spent = 0
        self._reserved = 0
        self._queued = 0
        self._turn = asyncio.Lock()
        self._settled: asyncio.Future[None] | None = None

    @property
    def spent_usd(self) -> float:
        """Settled so far by this process, in dollars."""
        return self._spent / PICO

    def price_of(self, model: ModelRef) -> Price:
        """The price of `model`. Raises `InputError` if it is not known."""
        name = (model.provider, model.name, model.base_url)
        price = self._prices.get(name)
        if price is None:
            price = self._prices[name] = self._price_of(model)
        return price

    async def reserve(self, bound: int, model: ModelRef) -> None:
        """Reserves `bound` picodollars. Raises `BudgetError` if the call to `model` could pass the cap."""
        if not self._turn.locked() and self._fits(bound):
            self._reserved += bound
            return
        self._queued += bound
        try:
            async with self._turn:
                await self._make_room(bound, model)
                self._reserved += bound
        finally:
            self._queued -= bound

    def settle(self, bound: int, spent: int) -> None:
        """Replaces a reservation by what was spent, in picodollars."""
        self._reserved -= bound
        self._spent += spent
        if self._settled is not None and not self._settled.done():
            self._settled.set_result(None)

    async def note_lost(self, pico: int) -> None:
        """Notes `pico` as spent for an attempt without a completion, which may have been billed."""
        if self._treasury is not None and pico:
            await self._treasury.note_spent(pico)

    def _fits(self, bound: int) -> bool:
        return self._spent + self._reserved + bound <= self._granted

    async def _make_room(self, bound: int, model: ModelRef) -> None:
        """Returns once `bound` fits."""
        while not self._fits(bound):
            if self._treasury is not None:
                short = self._spent + self._reserved + bound - self._granted
                under_way = self._reserved + self._queued
                self._granted += await self._treasury.lease(max(short, 2 * under_way))
            if self._fits(bound):
                return
            if not self._reserved or self._spent + bound > self._granted:
                raise self._used_up(bound, model)
            self._settled = asyncio.get_running_loop().create_future()
            await self._settled

    def _used_up(self, bound: int, model: ModelRef) -> BudgetError:
        before = f" and ${self._before / PICO:.6f} before" if self._before else ""
        others = " (the rest was spent before or elsewhere)" if self._granted < self._left else ""
        return BudgetError(
            f"the next call to {model} may cost up to ${bound / PICO:.6f} and ${self.spent_usd:.6f} of the "
            f"cap of ${self._cap / PICO:.6f} is spent now{before}{others}, so it was not sent; raise "
            "max_cost_usd and resume: what was answered is kept"
        )

    @property
    def _left(self) -> int:
        return self._cap - self._before


def budgeted(complete: Complete, budget: Budget) -> Complete:
    """Never more than the cap: reserves the upper bound, settles the real cost, notes it in the completion.

    An attempt that fails costs nothing, unless it may have been served: then its whole bound counts as spent,
    as it does for a completion without usage. A call that can cost nothing passes straight through.
    """

    async def ask(call: Call) -> Completion:
        price = budget.price_of(call.model)
        bound = bound_pico(call, price)
        if not bound:
            return await complete(call)
        await budget.reserve(bound, call.model)
        spent = bound
        try:
            said = await complete(call)
            if said.usage != Usage():
                spent = cost_pico(said.usage, price)
        except BaseException as error:
            spent = bound if _may_be_billed(error) else 0
            await budget.note_lost(spent)
            raise
        finally:
            budget.settle(bound, spent)
        return said.model_copy(update={"cost_usd": spent / PICO})

    return ask


def _may_be_billed(error: BaseException) -> bool:
    """Whether what was sent may have been served; so may a call that was cancelled on its way."""
    if isinstance(error, TransientError):
        return error.maybe_billed
    return isinstance(error, asyncio.CancelledError) and not isinstance(error, Unsent)
