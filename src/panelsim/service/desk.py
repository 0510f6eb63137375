"""The desk: the lines of this process to its models, and the purse of each run, put together for a part."""

import asyncio
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from panelsim.model.study import Asking
from panelsim.providers import Complete, Line, Options, open_line
from panelsim.providers.prices import PICO, parse_prices, price_of
from panelsim.providers.rates import parse_rates
from panelsim.providers.wrappers import Budget, Hooks, Memory, compose
from panelsim.service.workspace import Workspace
from panelsim.store import Run, Spender, Store
from panelsim.telemetry import Telemetry


class Desk:
    """Opens a line when a run first needs it; all runs and parts of the process share it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.holder = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        """Names this process in the ledger."""
        self._lines: dict[str, Line] = {}

    def lines_of(self, asking: Asking) -> dict[str, Line]:
        """The lines that a run's calls go over."""
        return {name: self._line(name) for name in sorted(providers_of(asking))}

    def complete_of(self, run: Run, asking: Asking, cap_usd: float, hooks: Hooks) -> Complete:
        """What answers the calls of `run`, never above its cap whoever else spends on it."""
        spender = Spender(run.id, self.holder)
        return self._complete(spender, self.workspace.store.memory(spender), asking, cap_usd, hooks)

    def complete_apart(
        self, name: str, asking: Asking, cap_usd: float, hooks: Hooks, *, kept_with: str = ""
    ) -> Complete:
        """What answers calls that belong to no run, under their own cap; `name` is theirs in the books.

        `kept_with`: the run that they came after, if there is one; what they say is kept as long as it.
        """
        spender = Spender(name, self.holder)
        memory = self.workspace.store.memory_apart(spender, kept_with)
        return self._complete(spender, memory, asking, cap_usd, hooks)

    def _complete(
        self, spender: Spender, memory: Memory, asking: Asking, cap_usd: float, hooks: Hooks
    ) -> Complete:
        settings, store = self.workspace.settings, self.workspace.store
        given = parse_prices(settings.prices)
        purse = _Purse(store, spender, round(cap_usd * PICO), self.workspace.telemetry)
        return compose(
            self.lines_of(asking),
            run=spender.run_id,
            memory=memory,
            budget=Budget(
                cap_usd,
                lambda ref: price_of(ref, given),
                purse,
                before_usd=store.spent(spender.run_id).pico / PICO,
            ),
            attempts=settings.attempts,
            hooks=hooks,
        )

    def settle(self, run: Run) -> None:
        """Gives back what was set aside for `run` and not spent."""
        self.workspace.store.close_lease(Spender(run.id, self.holder))

    def settle_apart(self, name: str) -> None:
        """As `settle`, for calls that belong to no run."""
        self.workspace.store.close_lease(Spender(name, self.holder))

    async def close(self) -> None:
        """Closes all lines."""
        for line in self._lines.values():
            await line.close()
        self._lines.clear()

    def _line(self, name: str) -> Line:
        if name not in self._lines:
            settings, store = self.workspace.settings, self.workspace.store
            options = Options(
                cache_dir=settings.cache_dir,
                timeout_s=settings.timeout_s,
                openai_api_key=settings.openai_api_key,
                transport=settings.transport,
                patience_s=settings.patience_s,
            )
            self._lines[name] = open_line(
                name,
                options,
                at_once=settings.at_once,
                rates=parse_rates(settings.rpm, settings.tpm),
                shared=_SharedRates(store) if store.is_shared else None,
                observe=self.workspace.telemetry.observe,
            )
            self._lines[name].limiter.narrowed = partial(self.workspace.telemetry.throttled, name)
        return self._lines[name]


def providers_of(asking: Asking) -> Iterable[str]:
    """Names of the providers that a run's calls go to."""
    names = {asking.model.provider}
    if asking.elicit == "reaction":
        names.add(asking.embedding_model.provider)
    return names


@dataclass(frozen=True)
class _Purse:
    """The money of one run, which all who drive it lease from the store."""

    store: Store
    spender: Spender
    cap: int
    """Picodollars."""
    telemetry: Telemetry

    async def lease(self, wanted: int) -> int:
        granted = await asyncio.to_thread(self.store.lease, self.spender, wanted, self.cap)
        self.telemetry.leased(self.spender.run_id, wanted, granted)
        return granted

    async def note_spent(self, pico: int) -> None:
        await self.store.note_spent(self.spender, pico)


@dataclass(frozen=True)
class _SharedRates:
    """Stated rates, which all processes on one store keep together."""

    store: Store

    async def take(self, bucket: str, wanted: int, per_minute: float, burst: float) -> int:
        return await asyncio.to_thread(self.store.take_permits, bucket, wanted, per_minute, burst)
