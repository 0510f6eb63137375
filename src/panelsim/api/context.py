"""What every route works with: the workspace, the queue, and how the service was started."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from panelsim.api.limits import RateLimits, Refusals
from panelsim.service.desk import Desk
from panelsim.service.pool import Queue
from panelsim.service.starting import Starter
from panelsim.service.workspace import Workspace
from panelsim.telemetry.metrics import Metrics

T = TypeVar("T")

LAST_WORDS_S = 5.0
"""How long answers under way are waited for when the service ends."""


@dataclass(frozen=True)
class ApiOptions:
    """How the service was started."""

    is_open: bool = False
    """Whether requests without a key are let in, as the local account with every scope: loopback only."""
    public_url: str = ""
    """Where callers reach the service, for links in webhooks; empty: links are paths."""
    max_body: int = 1_000_000
    """Bytes of a request's body."""
    max_upload: int = 20_000_000
    """Bytes of the body of a route that takes a table."""
    allows_loopback: bool = False
    """Whether webhooks may go to http and loopback addresses: for development only."""
    most_wait_s: float = 60.0
    """The longest that `?wait=` may hold a request."""


@dataclass(frozen=True, eq=False)
class Api:
    """The service behind the routes; one is the same as another only if it is the same one."""

    workspace: Workspace
    queue: Queue
    options: ApiOptions
    limits: RateLimits = field(default_factory=RateLimits)
    refusals: Refusals = field(default_factory=Refusals)
    metrics: Metrics = field(default_factory=Metrics)
    """Told by the workspace's telemetry, if that has it among its listeners."""
    told: Callable[[str], None] = lambda _line: None
    """Told in a line what whoever runs the service should know."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as the service is told to end: whoever waits answers with what there is."""
    _errands: set["asyncio.Task[Any]"] = field(default_factory=set)

    @cached_property
    def desk(self) -> Desk:
        """The lines of this process to its models, for answers that belong to no run; opened on first use."""
        return Desk(self.workspace)

    def in_background(self, errand: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """A task that goes on whoever no longer waits for it: what is paid for is kept."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return task

    async def close(self) -> None:
        """Lets what is under way come in for a while, then closes the lines."""
        if self._errands:
            await asyncio.wait(set(self._errands), timeout=LAST_WORDS_S)
        if "desk" in self.__dict__:
            await self.desk.close()

    @property
    def starter(self) -> Starter:
        """What starts runs."""
        return Starter(self.workspace, self.queue)

    def link(self, path: str) -> str:
        """The address of a path of the service, as callers reach it."""
        return f"{self.options.public_url.rstrip('/')}{path}"


def api_of(request: Request) -> Api:
    """The service that a request came to."""
    api: Api = request.app.state.api
    return api


ApiDep = Annotated[Api, Depends(api_of)]
