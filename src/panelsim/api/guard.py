"""What surrounds every request: its id, the size of its body, and the headers that keep browsers safe."""

import logging
import re
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple, TypeAlias

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panelsim.api.problems import ApiError, problem_response
from panelsim.telemetry import Served, Telemetry
from panelsim.telemetry.logs import HIDDEN, SECRETS

_log = logging.getLogger("panelsim.api")

GIVEN_ID = re.compile(r"^[A-Za-z0-9._-]{1,100}$")
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "cache-control": "no-store",
}
"""Unless a route says otherwise."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Allowed(NamedTuple):
    """How a body is taken on a path."""

    most: int
    """Bytes."""
    is_awaited: bool = True
    """Whether it is read before the application; if not, only as the application asks for it, which it does
    once it knows the caller: large bodies of strangers are never held."""


AllowedOn: TypeAlias = Callable[[str], Allowed]


class BrokenOff(Exception):
    """An answer cannot be brought to its end."""


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, allowed_on: AllowedOn, telemetry: Telemetry) -> None:
        self._app = app
        self._allowed_on = allowed_on
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it for its size."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_of(scope)
        scope["panelsim.request_id"] = request_id
        began = time.perf_counter()

        is_begun = False

        async def told(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                _add_headers(message, scope, request_id)
                self._telemetry.served(_served(scope, message["status"], time.perf_counter() - began))
            await send(message)

        inner = await _bounded(scope, receive, self._allowed_on(scope["path"]))
        if isinstance(inner, int):
            await _too_large(inner)(scope, receive, told)
            return
        try:
            await self._app(scope, inner, told)
        except Exception:  # noqa: BLE001 - the outermost edge: whatever it is, it is logged and told as a fault
            _log.error("fault in request %s: %s", request_id, SECRETS.sub(HIDDEN, traceback.format_exc()))
            if is_begun:
                # the connection must break; what the server would log of it was logged above, without keys
                raise BrokenOff(f"fault in request {request_id} after its answer had begun") from None
            await _fault()(scope, receive, told)


def _served(scope: Scope, status: int, seconds: float) -> Served:
    route = getattr(scope.get("route"), "path", "other")
    method = scope["method"] if scope["method"] in METHODS else "other"
    key_id = scope.get("state", {}).get("key_id", "")
    return Served(method, route, status, seconds, scope["panelsim.request_id"], key_id)


async def _bounded(scope: Scope, receive: Receive, allowed: Allowed) -> Receive | int:
    """What gives the application no more than is allowed; the limit, if it is known to be passed."""
    most = allowed.most
    if _stated_length(scope) > most:
        return most
    if not allowed.is_awaited:
        return _Counted(receive, most).receive
    body = await _read(receive, most)
    return most if body is None else _Read(body, receive).receive


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None if it is larger than allowed, of which no more is kept."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces)
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


class _Read:
    """A body that was read before, then whatever else comes."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def receive(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Counted:
    """A body that is passed on as it comes, up to a limit."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0

    async def receive(self) -> Message:
        """Raises 413 beyond the limit."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self._most:
                raise ApiError("body_too_large", _limit(self._most), headers={"Connection": "close"})
        return message


def _limit(most: int) -> str:
    return f"the body may have {most:,} bytes on this path"


def _too_large(most: int) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        response = problem_response(Request(scope), "body_too_large", _limit(most))
        response.headers["Connection"] = "close"
        await response(scope, receive, send)

    return respond


def _fault() -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        detail = "the service has a fault; whoever runs it finds the reason in its log under the request id"
        await problem_response(Request(scope), "internal", detail)(scope, receive, send)

    return respond


def _id_of(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    return given if GIVEN_ID.match(given) else f"req_{secrets.token_hex(8)}"


def _stated_length(scope: Scope) -> int:
    text = _header(scope, b"content-length")
    return int(text) if text.isdecimal() and len(text) < 20 else 0


def _header(scope: Scope, name: bytes) -> str:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key == name), "")


def _add_headers(message: MutableMapping[str, Any], scope: Scope, request_id: str) -> None:
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
    there = {key.lower() for key, _ in headers}
    more: dict[str, str] = SAFE_HEADERS | scope.get("state", {}).get("rate_headers", {})
    headers.append((b"x-request-id", request_id.encode()))
    for name, value in more.items():
        key = name.lower().encode()
        if key not in there:
            headers.append((key, value.encode()))
    message["headers"] = headers
