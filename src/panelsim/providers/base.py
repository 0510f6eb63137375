"""What a provider is: one async function from a call to its completion, and how it likes to be asked."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from panelsim.model.call import Call, Completion

Complete: TypeAlias = Callable[[Call], Awaitable[Completion]]
"""Makes one call. Raises `TransientError` (worth another attempt) or `RefusedRequest` (never will be)."""


class Provider(Protocol):
    """A place where models are asked. It translates calls and never changes their meaning."""

    @property
    def at_once(self) -> int:
        """How many calls to have under way at the same time, unless the user says otherwise; at least 1."""
        ...

    @property
    def paced_by_lane(self) -> bool:
        """Whether calls of one lane gain from going one after the other, to reuse their common prefix."""
        ...

    async def complete(self, call: Call) -> Completion:
        """What the model says to `call`. Makes exactly one attempt."""
        ...

    async def close(self) -> None:
        """Gives connections and memory back; the provider is not used after it."""
        ...
