"""What a provider is: one async function from a call to its completion, and how it likes to be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias

from pydantic import SecretStr

from panelsim.model.call import Call, Completion, ModelRef

Complete: TypeAlias = Callable[[Call], Awaitable[Completion]]
"""Makes one call. Raises `TransientError` (worth another attempt) or `RefusedRequest` (never will be)."""


class Unsent(asyncio.CancelledError):
    """The caller was cancelled before its call left."""


Observe: TypeAlias = Callable[[Complete], Complete]
"""Puts a listener around each attempt, inside of every limit."""


def unobserved(complete: Complete) -> Complete:
    """Nobody listens."""
    return complete


Transport = Literal["aiohttp", "sdk"]
"""How `openai` is spoken to: straight over aiohttp, or through the openai SDK."""

Listen: TypeAlias = Callable[[ModelRef, Mapping[str, str]], None]
"""Hears the headers of each reply, whatever its status; look-ups in them do not mind the case."""


class Options(NamedTuple):
    """What providers are opened with."""

    cache_dir: Path
    """Where model files are kept."""
    timeout_s: float = 120.0
    """How long one attempt may take."""
    openai_api_key: SecretStr | None = None
    """For the provider `openai`; absent: servers that need none can still be asked."""
    transport: Transport = "aiohttp"
    """For the provider `openai`."""
    patience_s: float = 600.0
    """How long one call may go on being throttled or unavailable before it is given up."""
    listen: Listen | None = None
    """Who hears the headers of replies; absent: nobody. Set by the line that opens the provider."""


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
