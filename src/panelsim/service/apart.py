"""Calls apart: a few calls that belong to no run, paid for by an account under a cap of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from panelsim.model.call import Call, Completion, Usage
from panelsim.model.report import PromptFacts
from panelsim.model.study import Asking
from panelsim.prompts import Prompts
from panelsim.providers import Complete
from panelsim.providers.prices import FREE, PICO, parse_prices, price_of
from panelsim.providers.wrappers import Hooks
from panelsim.service.desk import Desk
from panelsim.service.workspace import Workspace
from panelsim.store.records import LOCAL, RunRequest


class Payer(NamedTuple):
    """Who pays for calls."""

    account: str = LOCAL
    cap: int | None = None
    """Picodollars that the account may spend in a month; None: no cap."""


@dataclass
class Bill:
    """What some calls took, each counted once."""

    heard: dict[str, tuple[Completion, bool]] = field(default_factory=dict)
    """By call key: what was said, and whether it was known already."""

    def take(self, call: Call, said: Completion, is_known: bool) -> None:
        """Counts a call that was answered."""
        self.heard.setdefault(call.key, (said, is_known))

    @property
    def made(self) -> int:
        """Calls that were made now."""
        return sum(not is_known for _, is_known in self.heard.values())

    @property
    def cost_usd(self) -> float:
        """Of the calls that were made now."""
        pico = sum(round(said.cost_usd * PICO) for said, is_known in self.heard.values() if not is_known)
        return pico / PICO

    @property
    def usage(self) -> Usage:
        """Tokens of all calls, the known ones too: those that the answers took when they were made."""
        return sum((said.usage for said, _ in self.heard.values()), Usage())


class Apart(NamedTuple):
    """What answers calls apart, and their bill."""

    complete: Complete
    bill: Bill


@asynccontextmanager
async def calls_apart(
    desk: Desk, name: str, asking: Asking, cap_usd: float, payer: Payer, *, kept_with: str = ""
) -> AsyncIterator[Apart]:
    """What answers calls that belong to no run; `name` is theirs in the books and must be new.

    What they may cost is set aside before, and what is not spent is given back after. Raises `BudgetError` if
    the payer's month could not pay for them; `kept_with` is that of `Desk.complete_apart`.
    """
    store = desk.workspace.store
    reserved = round(cap_usd * PICO) if is_paid(asking, desk.workspace) else 0
    request = RunRequest(run_id=name, account=payer.account, reserved=reserved)
    await asyncio.to_thread(store.save_request, request, payer.cap)
    bill = Bill()
    try:
        desk.lines_of(asking)  # opened here: they belong to this event loop
        opened = partial(desk.complete_apart, kept_with=kept_with)
        complete = await asyncio.to_thread(opened, name, asking, cap_usd, Hooks(answered=bill.take))
        yield Apart(complete, bill)
    finally:
        await asyncio.to_thread(desk.settle_apart, name)
        await asyncio.to_thread(store.drop_request, name)


def is_paid(asking: Asking, workspace: Workspace) -> bool:
    """Whether a call of `asking` can cost anything. Raises `InputError` for a model without a price."""
    prices = parse_prices(workspace.settings.prices)
    asked = [asking.model]
    if asking.elicit == "reaction":
        asked.append(asking.embedding_model)
    return any(price_of(model, prices) != FREE for model in asked)


def prompt_facts(prompts: Prompts) -> tuple[PromptFacts, ...]:
    """The prompt files that were rendered so far."""
    return tuple(PromptFacts(id=one.id, version=one.version, key=one.hash) for one in prompts.used())
