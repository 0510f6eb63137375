"""The wrappers around a provider, put together in the one order that is right."""

from collections.abc import Mapping

from panelsim.errors import InputError
from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete
from panelsim.providers.budget import Budget, Treasury, budgeted
from panelsim.providers.cache import Memory, cached
from panelsim.providers.clock import Clock
from panelsim.providers.hooks import SILENT, Hooks
from panelsim.providers.line import Line
from panelsim.providers.retry import retried

__all__ = ["SILENT", "Budget", "Clock", "Hooks", "Memory", "Treasury", "compose"]


def compose(
    lines: Mapping[str, Line],
    *,
    run: str,
    memory: Memory,
    budget: Budget,
    attempts: int = 5,
    hooks: Hooks = SILENT,
) -> Complete:
    """One `Complete` for the calls of `run` over all `lines` (by their provider's name).

    `cached(retried(budgeted(limited(provider))))`: the cache is outermost, so a replay is free; the budget
    is inside the retry, so every attempt counts; the limit is innermost, so a waiting retry holds no slot.
    Budget and hooks are the run's; limiter and gate are the line's, shared by all runs of this process.
    """
    by_name = {
        name: retried(
            budgeted(line.limited(run), budget), attempts=attempts, limiter=line.limiter, hooks=hooks
        )
        for name, line in lines.items()
    }

    async def route(call: Call) -> Completion:
        complete = by_name.get(call.model.provider)
        if complete is None:
            raise InputError(
                f"model {str(call.model)!r}: its provider was not opened; open: {sorted(by_name)}"
            )
        return await complete(call)

    return cached(route, memory, hooks)
