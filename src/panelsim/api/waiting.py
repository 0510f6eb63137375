"""Waiting for a run to end, for callers that cannot poll."""

import asyncio
from contextlib import suppress

from fastapi.concurrency import run_in_threadpool

from panelsim.api.context import Api
from panelsim.api.problems import ApiError
from panelsim.api.views import RunView, view_of
from panelsim.model.progress import ENDED
from panelsim.store import RunHead

FIRST_LOOK_S, LAST_LOOK_S = 0.1, 1.0
POLL_S = 2
"""What callers are told to wait before they look again."""


def head_of(api: Api, account: str, run_id: str) -> RunHead:
    """A run of an account. Raises 404 if there is none, also if it is another account's."""
    head = api.workspace.store.head_of(account, run_id)
    if head is None:
        raise ApiError("not_found", f"no run {run_id[:100]!r} is known to this key", param="path.run_id")
    return head


def ended_head_of(api: Api, account: str, run_id: str) -> RunHead:
    """A run of an account that has ended. Raises 404 as `head_of`, and 409 if it has not."""
    head = head_of(api, account, run_id)
    if head.state not in ENDED:
        raise ApiError(
            "run_not_ended",
            f"run {run_id!r} is {head.state}; look again in {POLL_S} s",
            headers={"Retry-After": str(POLL_S)},
        )
    return head


async def until_ended(api: Api, account: str, run_id: str, seconds: float) -> RunView:
    """The run once it has ended, or as it is after so many seconds or when the service is told to end."""
    loop = asyncio.get_running_loop()
    until = loop.time() + min(seconds, api.options.most_wait_s)
    pause = FIRST_LOOK_S
    while True:
        view = await run_in_threadpool(look, api, account, run_id)
        left = until - loop.time()
        if view.has_ended or left <= 0 or api.stopping.is_set():
            return view
        await sleep(api, min(pause, left))
        pause = min(LAST_LOOK_S, pause * 1.5)


async def sleep(api: Api, seconds: float) -> None:
    """Waits so long, or until the service is told to end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await api.stopping.wait()


def look(api: Api, account: str, run_id: str) -> RunView:
    """The run as it is now."""
    return view_of(api, head_of(api, account, run_id), api.workspace.store.request_of(run_id))
