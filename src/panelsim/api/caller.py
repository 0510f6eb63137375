"""Who calls: a key's account and scopes, checked for every request, and how many requests it has left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from panelsim.api.context import Api, ApiDep
from panelsim.api.limits import MOST_REFUSED
from panelsim.api.problems import ApiError
from panelsim.service.api_keys import DEFAULT_RPM, SCOPES, key_of
from panelsim.store import ApiKey, Scope
from panelsim.store.records import LOCAL

KNOWN_FOR_S = 5.0
"""How long a key is taken for good after it was looked up: a revoked one works that much longer at most."""
MOST_KNOWN = 10_000
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

bearer = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="A key made with `panelsim keys create`: `psk_...`."
)


@dataclass(frozen=True)
class Caller:
    """Who makes a request."""

    key_id: str
    account: str
    scopes: tuple[Scope, ...]
    rpm: int
    cap: int | None = None
    """Picodollars a month."""


class KnownKeys:
    """Keys that were looked up a moment ago."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, ApiKey | None]] = {}

    async def look_up(self, api: Api, secret: str) -> ApiKey | None:
        """The live key with this secret, or None."""
        now = time.monotonic()
        seen = self._found.get(secret)
        if seen is not None and now - seen[0] < KNOWN_FOR_S:
            return seen[1]
        key = await run_in_threadpool(key_of, api.workspace.store, secret)
        if len(self._found) >= MOST_KNOWN:
            self._found.clear()
        if key is not None:  # who guesses keys must not fill our memory
            self._found[secret] = (now, key)
        return key


async def caller_of(
    request: Request,
    api: ApiDep,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller of a request. Raises 401 without a live key, 429 after too many requests or refused keys."""
    caller = await _identified(request, api, None if given is None else given.credentials)
    request.state.key_id = caller.key_id
    room = api.limits.take(caller.key_id, caller.rpm)
    request.state.rate_headers = room.headers  # `guard` puts them on whatever is answered
    if not room.is_there:
        raise ApiError(
            "rate_limited",
            f"the key may make {room.quota} requests a minute",
            headers={"Retry-After": str(room.reset_s)},
        )
    return caller


async def _identified(request: Request, api: Api, secret: str | None) -> Caller:
    if secret is None:
        if api.options.is_open and not request.headers.get("authorization"):
            _check_local(request)
            return Caller("open", LOCAL, SCOPES, max(DEFAULT_RPM * 100, 1))
        raise ApiError("unauthorized", "the header Authorization is missing or no bearer key")
    known: KnownKeys = request.app.state.known_keys
    key = await known.look_up(api, secret)
    if key is None:
        _count_refused(request, api)
        raise ApiError("unauthorized", "the API key is unknown or was revoked")
    return Caller(key.id, key.account, key.scopes, key.rpm, key.cap)


def _count_refused(request: Request, api: Api) -> None:
    """Raises 429 if very many keys from there were none; a key that is alive is let in all the same."""
    wait_s = api.refusals.take("" if request.client is None else request.client.host)
    if wait_s:
        raise ApiError(
            "rate_limited",
            f"the API key is unknown or was revoked, and so were {MOST_REFUSED} others from this address "
            "within a minute",
            headers={"Retry-After": str(wait_s)},
        )


def _check_local(request: Request) -> None:
    """Raises 403 for a page of another site: a browser on this machine must not lend it our open door.

    Such a page can let its own name lead to 127.0.0.1, so the name that was asked for is checked.
    """
    asked = [request.url.hostname or ""]
    origin = request.headers.get("origin")
    if origin is not None:
        asked.append(urlsplit(origin).hostname or "")
    if not set(asked) <= OWN_NAMES:
        raise ApiError(
            "forbidden",
            "without keys the service answers to localhost and 127.0.0.1 only, not to other names",
        )


def _needs(scope: Scope) -> Callable[[Caller], Caller]:
    def check(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        if scope not in caller.scopes:
            raise ApiError("forbidden", f"the key lacks the scope {scope}")
        return caller

    return check


Reader = Annotated[Caller, Depends(_needs("runs:read"))]
"""A caller that may read what its account has."""
Writer = Annotated[Caller, Depends(_needs("runs:write"))]
"""A caller that may make and change things, and spend."""
Admin = Annotated[Caller, Depends(_needs("admin"))]
"""A caller that may see what concerns the whole service."""
