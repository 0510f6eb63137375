"""One request to an application, spoken by hand: what it reads of a body is seen piece by piece."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message


class Exchange(NamedTuple):
    """An answer, and how much was read for it."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces_read: int

    @property
    def problem(self) -> dict[str, Any]:
        """The body as a problem."""
        found: dict[str, Any] = json.loads(self.body)
        return found


async def exchange(
    app: ASGIApp, method: str, path: str, headers: Mapping[str, str], pieces: Iterable[bytes]
) -> Exchange:
    """Sends `pieces` as they are asked for, with no length stated unless `headers` have one."""
    sent: list[Message] = []
    given = list(pieces)
    left: Iterator[bytes] = iter(given)
    read = 0

    async def receive() -> Message:
        nonlocal read
        piece = next(left, None)
        if piece is None:
            return {"type": "http.disconnect"}
        read += 1
        return {"type": "http.request", "body": piece, "more_body": read < len(given)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.7", 50_000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)
    start = next(one for one in sent if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Exchange(start["status"], told, body, read)
