"""One attempt at a webhook: a POST that follows nothing, trusts nothing and ends in ten seconds."""

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from yarl import URL

from panelsim import __version__
from panelsim.errors import InputError
from panelsim.providers.http import tls_context
from panelsim.service.webhooks.addresses import check_url
from panelsim.service.webhooks.resolving import CheckedResolver, LookUp, Refused, look_up, open_socket

TIMEOUT_S = 10.0
"""Of a whole attempt: resolving, connecting, sending and the answer's beginning."""
HEADERS = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"panelsim/{__version__}",
}
EXCERPT_BYTES, EXCERPT_CHARACTERS = 1024, 200


class Answer(NamedTuple):
    """What came of an attempt."""

    status: int | None
    """Of the answer; None if none came."""
    told: str
    """The beginning of its body in plain characters, or why none came."""
    retry_after_s: float = 0.0
    """As the receiver asked."""


class Sender:
    """Sends webhooks over one connector."""

    def __init__(
        self, *, allows_loopback: bool, look_up: LookUp = look_up, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._allows_loopback = allows_loopback
        self._look_up = look_up
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=CheckedResolver(self._look_up, allows_loopback=self._allows_loopback),
            use_dns_cache=False,
            # a kept connection would outlive the check of its address
            force_close=True,
            limit=0,
            ssl=tls_context(),
            socket_factory=self._open,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # a proxy would connect where we did not look
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        """Posts `body` as JSON. Whatever hinders it is told in the answer."""
        if self._session is None:
            raise RuntimeError("the sender is not open")
        try:
            return await self._post(check_url(url, allows_loopback=self._allows_loopback), body, headers)
        except (InputError, Refused) as error:
            return Answer(None, f"refused: {error}")
        except TimeoutError:
            return Answer(None, f"no answer within {self._timeout.total:g} s")
        except aiohttp.ClientConnectorError as error:
            cause = error.os_error
            if isinstance(cause, Refused):
                return Answer(None, f"refused: {cause}")
            return Answer(None, _plain(f"cannot connect: {cause.strerror or type(cause).__name__}"))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, _plain(f"failed: {type(error).__name__}"))

    def _open(self, info: aiohttp.AddrInfoType) -> socket.socket:
        return open_socket(str(info[4][0]), allows_loopback=self._allows_loopback)

    async def _post(self, url: URL, body: str, headers: Mapping[str, str]) -> Answer:
        if self._session is None:
            raise RuntimeError("the sender is not open")
        told = {**HEADERS, **headers}
        async with self._session.post(
            url, data=body.encode(), headers=told, allow_redirects=False
        ) as response:
            begin = b""
            if not response.ok:
                begin = await response.content.read(EXCERPT_BYTES)
            return Answer(
                response.status,
                _plain(begin.decode("utf-8", "replace")),
                _seconds(response.headers.get("Retry-After", "")),
            )


def _plain(text: str) -> str:
    shown = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(shown.split())[:EXCERPT_CHARACTERS]


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
