"""Names to addresses, once per attempt: what was checked is what is called."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from functools import partial
from typing import TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from panelsim.errors import InputError
from panelsim.service.webhooks.addresses import address_of, check_url

LookUp: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""The IP addresses of a host, at this moment."""
FIRST_LOOK_S = 3.0
"""How long the resolution at creation may take; each attempt resolves and checks anew."""

_LOOKING_UP = ThreadPoolExecutor(32, "look-up")
"""A name server that keeps silent blocks threads of its own only."""


class Refused(OSError):
    """An address that may not be called; an `OSError`, as connectors expect of whatever hinders them."""


async def look_up(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver has for a host."""
    asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOKING_UP, asked)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class CheckedResolver(AbstractResolver):
    """Resolves for aiohttp, and gives it numeric addresses only, every one of which may be called."""

    def __init__(self, look_up: LookUp, *, allows_loopback: bool) -> None:
        self._look_up = look_up
        self._allows_loopback = allows_loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises `Refused` if one of them may not be called."""
        found = [
            _checked(one, allows_loopback=self._allows_loopback) for one in await self._look_up(host, port)
        ]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address, kind in found
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        """Holds nothing."""


def _checked(text: str, *, allows_loopback: bool) -> tuple[str, socket.AddressFamily]:
    try:
        address = address_of(text, allows_loopback=allows_loopback)
    except InputError as error:
        raise Refused(str(error)) from error
    return str(address), socket.AF_INET6 if address.version == 6 else socket.AF_INET


def open_socket(address: str, *, allows_loopback: bool) -> socket.socket:
    """A socket for the address that is about to be connected to. Raises `Refused` if it may not be.

    Every connection passes here, also one to an address that needed no resolving.
    """
    _, kind = _checked(address, allows_loopback=allows_loopback)
    sock = socket.socket(kind, socket.SOCK_STREAM)
    sock.setblocking(False)
    return sock


def check_receiver(text: str, *, allows_loopback: bool) -> URL:
    """As `check_url`, and what the name resolves to now is checked too, if that is known within seconds."""
    url = check_url(text, allows_loopback=allows_loopback)
    host = url.raw_host or ""
    pool = ThreadPoolExecutor(1)
    try:
        # a name that cannot be resolved now may be tomorrow: deliveries will tell
        with suppress(OSError, UnicodeError, Late):
            found = pool.submit(socket.getaddrinfo, host, url.port, type=socket.SOCK_STREAM)
            for one in found.result(FIRST_LOOK_S):
                address_of(str(one[4][0]), allows_loopback=allows_loopback)
    except InputError as error:
        raise InputError(f"{host!r} resolves to an address that is refused: {error}") from error
    finally:
        pool.shutdown(wait=False)
    return url
