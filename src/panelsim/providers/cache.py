"""Known completions come from memory; identical calls that are under way at the same time are made once."""

import asyncio
from typing import Protocol

from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete
from panelsim.providers.hooks import SILENT, Hooks


class Memory(Protocol):
    """Where completions are kept by call key."""

    async def find(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None if there is none."""
        ...

    async def put(self, key: str, call: Call, completion: Completion) -> None:
        """Stores `completion`; returns once it would survive the end of this process."""
        ...


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
        flight = flights[key] = asyncio.get_running_loop().create_future()
        try:
            said = await memory.find(key)
            is_known = said is not None
            if said is None:
                said = await complete(call)
                await memory.put(key, call, said)
            flight.set_result(said)
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # marks it as seen: often nobody else waits
            raise
        finally:
            del flights[key]
            if not flight.done():
                flight.set_result(None)
        hooks.answered(call, said, is_known)
        return said

    return ask
