"""Idempotency: a request with an Idempotency-Key is done once, whoever repeats it, from wherever, when.

The first request under a key chooses the id of what it makes and keeps it before making it. A repeat gets the
kept answer; one that comes while the first is under way waits for it; one that comes after a crash goes on
with the same id. A refused request makes nothing and is forgotten, so its key can be used again.
"""

import asyncio
import hashlib
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, NamedTuple, TypeAlias

from fastapi import Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from panelsim.api.caller import Caller
from panelsim.api.context import Api
from panelsim.api.problems import ApiError
from panelsim.errors import PanelsimError, StoreError
from panelsim.store import Store
from panelsim.store.replies import Reply

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Any text that is new for each new request, such as a UUID. The same key with the same "
        "body replays the first answer for at least 24 hours; with another body it is refused.",
        examples=["4f9c1e1c-0b7e-4d57-9a0e-2c6f8a3f1b11"],
    ),
]

KEPT_S = 7 * 86_400.0
"""How long answers are kept, at least."""
GIVEN_UP_S = 60.0
"""After so long a request that was never answered is taken over: its server has died."""
KEPT_FRESH_EVERY_S = 15.0
"""How often a request that is under way says so."""
WAITED_S = 30.0
LOOKED_EVERY_S = 0.1

Answered: TypeAlias = tuple[int, str]
"""Status and JSON body."""
Make: TypeAlias = Callable[[str], Answered | Awaitable[Answered]]
"""Makes the thing of that id; called in a thread, and awaited on the loop if it is a coroutine function."""


async def once(
    request: Request,
    api: Api,
    caller: Caller,
    key: str | None,
    subject: str,
    make: Make,
    *,
    content: bytes | None = None,
) -> Response:
    """The answer of `make(subject)`, made once under `key`; without a key it is made each time.

    `subject` is the id for what is new; `make` is given the one that was chosen first. `content` is what
    makes two requests the same, if that is not the body.
    """
    if key is None:
        return _response(await _ran(make, subject))
    asked = Once(api.workspace.store, caller.account, key, await _fingerprint(request, content))
    answered, replayed = await asked.answer(subject, make)
    return _response(answered, replayed=replayed)


class Once(NamedTuple):
    """A request that is done once."""

    store: Store
    account: str
    key: str
    fingerprint: str
    """Of all that decides what it does."""

    async def answer(self, subject: str, make: Make) -> tuple[Answered, bool]:
        """The answer of `make`, and whether it was kept from before."""
        until = time.monotonic() + WAITED_S
        known = await run_in_threadpool(self._begin, subject)
        while known is not None:
            if known.fingerprint != self.fingerprint:
                raise ApiError(
                    "idempotency_key_reused",
                    "the Idempotency-Key was used with another method, path or body; use a new one",
                    param="header.Idempotency-Key",
                )
            if known.status is not None:
                return (known.status, known.body), True
            if time.time() - known.at > GIVEN_UP_S and await _take_over(self, known):
                return await _made(self, known.subject, make), False
            if time.monotonic() > until:
                raise ApiError(
                    "idempotency_key_in_use", "the first request with this Idempotency-Key is under way"
                )
            await asyncio.sleep(LOOKED_EVERY_S)
            known = await run_in_threadpool(self.store.reply, self.account, self.key)
            if known is None:  # the first was refused, and nothing was made
                known = await run_in_threadpool(self._begin, subject)
        return await _made(self, subject, make), False

    def _begin(self, subject: str) -> Reply | None:
        return self.store.begin_reply(self.account, self.key, self.fingerprint, subject)


async def _take_over(mine: Once, known: Reply) -> bool:
    return await run_in_threadpool(mine.store.take_over_reply, mine.account, mine.key, known.at)


async def _made(mine: Once, subject: str, make: Make) -> Answered:
    fresh = asyncio.create_task(_keep_fresh(mine))
    try:
        answered = await _ran(make, subject)
    except StoreError:
        # something may have been made: the next request with the key goes on with it
        await run_in_threadpool(mine.store.lapse_reply, mine.account, mine.key)
        raise
    except (PanelsimError, ApiError):
        await run_in_threadpool(mine.store.drop_reply, mine.account, mine.key)
        raise
    except BaseException:
        await run_in_threadpool(mine.store.lapse_reply, mine.account, mine.key)
        raise
    finally:
        fresh.cancel()
    await run_in_threadpool(mine.store.end_reply, mine.account, mine.key, *answered)
    return answered


async def _ran(make: Make, subject: str) -> Answered:
    made = await run_in_threadpool(make, subject)
    return await made if inspect.isawaitable(made) else made


async def _keep_fresh(mine: Once) -> None:
    """What takes long is not given up: its server lives."""
    while True:
        await asyncio.sleep(KEPT_FRESH_EVERY_S)
        await run_in_threadpool(mine.store.touch_reply, mine.account, mine.key)


def _response(answered: Answered, *, replayed: bool = False) -> Response:
    status, body = answered
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(body, status, headers, JSONResponse.media_type)


async def _fingerprint(request: Request, content: bytes | None) -> str:
    path = request.url.path.encode()
    body = await request.body() if content is None else content
    return hashlib.sha256(b"\n".join((request.method.encode(), path, body))).hexdigest()
