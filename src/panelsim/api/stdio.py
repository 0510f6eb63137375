"""MCP over standard input and output: an agent's own panelsim, on the workspace of whoever started it."""

import asyncio
from collections.abc import Callable
from functools import partial

from fastapi.concurrency import run_in_threadpool

from panelsim.api.caller import Caller
from panelsim.api.context import Api, ApiOptions
from panelsim.api.mcp_server import build_mcp
from panelsim.api.server import keep_worker
from panelsim.execution.loop import run_loop
from panelsim.model.progress import ENDED
from panelsim.service.api_keys import SCOPES
from panelsim.service.pool import Queue, open_queue
from panelsim.service.workspace import Workspace
from panelsim.store.records import LOCAL

USER = Caller("stdio", LOCAL, SCOPES, rpm=1)
"""Who started the server: the user of this machine, whose runs these are."""
AGAIN_S = (1.0, 5.0, 15.0, 30.0)
"""Before a worker is started again that ended: on a store in a file it does while another process has one."""


def serve_stdio(workspace: Workspace, told: Callable[[str], None], *, works: bool = True) -> None:
    """Serves until standard input ends.

    Runs are driven by a worker process beside it, which starts with the first run that needs it; with `works`
    off, by whoever else works on the store.
    """
    with open_queue(workspace) as queue:
        run_loop(_serve(workspace, queue, told, works=works))


async def _serve(workspace: Workspace, queue: Queue, told: Callable[[str], None], *, works: bool) -> None:
    api = Api(workspace, queue, ApiOptions(is_open=True))
    needed = asyncio.Event()
    queue.added = partial(_wake, asyncio.get_running_loop(), needed)
    keeper = asyncio.create_task(_work(api, needed, told)) if works else None
    try:
        await build_mcp(api, lambda _ctx: USER).run_stdio_async()
    finally:
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        await api.close()


def _wake(loop: asyncio.AbstractEventLoop, needed: asyncio.Event) -> None:
    loop.call_soon_threadsafe(needed.set)


async def _work(api: Api, needed: asyncio.Event, told: Callable[[str], None]) -> None:
    """Keeps a worker from the moment that a run needs one; an agent that only looks needs none."""
    if await run_in_threadpool(_take_up, api):
        needed.set()
    await needed.wait()
    await keep_worker(api.workspace, 0, told, AGAIN_S)


def _take_up(api: Api) -> bool:
    """Queues what was kept and not queued; whether any run has not ended."""
    api.starter.take_up()
    return any(head.state not in ENDED for head in api.workspace.store.heads())
