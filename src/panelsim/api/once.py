"""Idempotency: a request with an Idempotency-Key is done once, whoever repeats it, from wherever, when.

The first request under a key chooses the id of what it makes and keeps it before making it. A repeat gets the
kept answer; one that comes while the first is under way waits for it; one that comes after a crash goes on
with the same id. A refused request makes nothing and is forgotten, so its key can be used again.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
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
WAITED_S = 30.0
LOOKED_EVERY_S = 0.1

Answered: TypeAlias = tuple[int, str]
"""Status and JSON body."""
Make: TypeAlias = Callable[[str], Answered]
"""Makes the thing of that id; called in a thread."""


class _Mine(NamedTuple):
    store: Store
    account: str
    key: str


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
        return _response(await run_in_threadpool(make, subject))
    print_ = await _fingerprint(request, content)
    mine = _Mine(api.workspace.store, caller.account, key)
    known = await run_in_threadpool(mine.store.begin_reply, caller.account, key, print_, subject)
    if known is None:
        return _response(await run_in_threadpool(_made, mine, subject, make))
    until = time.monotonic() + WAITED_S
    while True:
        if known is None:  # the first was refused, and nothing was made
            return await once(request, api, caller, key, subject, make, content=content)
        if known.fingerprint != print_:
            raise ApiError(
                "idempotency_key_reused",
                "the Idempotency-Key was used with another method, path or body; use a new one",
                param="header.Idempotency-Key",
            )
        if known.status is not None:
            return _response((known.status, known.body), replayed=True)
        if time.time() - known.at > GIVEN_UP_S and await _take_over(mine, known):
            return _response(await run_in_threadpool(_made, mine, known.subject, make))
        if time.monotonic() > until:
            raise ApiError(
                "idempotency_key_in_use", "the first request with this Idempotency-Key is under way"
            )
        await asyncio.sleep(LOOKED_EVERY_S)
        known = await run_in_threadpool(mine.store.reply, mine.account, mine.key)


async def _take_over(mine: _Mine, known: Reply) -> bool:
    return await run_in_threadpool(mine.store.take_over_reply, mine.account, mine.key, known.at)


def _made(mine: _Mine, subject: str, make: Make) -> Answered:
    try:
        answered = make(subject)
    except StoreError:
        # something may have been made: the next request with the key goes on with it
        mine.store.lapse_reply(mine.account, mine.key)
        raise
    except (PanelsimError, ApiError):
        mine.store.drop_reply(mine.account, mine.key)
        raise
    except BaseException:
        mine.store.lapse_reply(mine.account, mine.key)
        raise
    mine.store.end_reply(mine.account, mine.key, *answered)
    return answered


def _response(answered: Answered, *, replayed: bool = False) -> Response:
    status, body = answered
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(body, status, headers, JSONResponse.media_type)


async def _fingerprint(request: Request, content: bytes | None) -> str:
    path = request.url.path.encode()
    body = await request.body() if content is None else content
    return hashlib.sha256(b"\n".join((request.method.encode(), path, body))).hexdigest()
