"""The straight way to an OpenAI-compatible server: aiohttp, one session for each base URL."""

import json
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
import orjson
from pydantic import JsonValue
from yarl import URL

from panelsim import __version__
from panelsim.errors import ProviderError
from panelsim.model.call import ModelRef
from panelsim.providers.base import Options
from panelsim.providers.mishaps import wire_error, without
from panelsim.providers.openai_form import error_of, seconds_to_wait, told_by
from panelsim.providers.transport import KEY_NAME, OWN_URL, key_for

KEPT_S = 4.0
"""Seconds an idle connection is kept: less than the five after which common servers close it."""
CONNECT_S = 30.0
"""The longest time for a connection to be made, to tell a server that is not there from a slow one."""


class HttpCarrier:
    """Posts JSON and reads the whole reply. The limiter, not the connector, bounds the connections."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._sessions: dict[str, aiohttp.ClientSession] = {}
        self._urls: dict[tuple[str, str], URL] = {}

    async def post(self, model: ModelRef, path: str, body: dict[str, JsonValue]) -> bytes:
        """The body of a reply with a status below 300. Raises `TransientError` or `RefusedRequest`."""
        base = model.base_url or OWN_URL
        session = self._sessions.get(base) or self._open(model, base)
        url = self._urls.get((base, path)) or self._url(base, path)
        options = self._options
        try:
            async with session.post(url, data=_json(body), allow_redirects=False) as reply:
                content = await reply.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise wire_error(error, model, timeout_s=options.timeout_s, key=options.openai_api_key) from error
        if options.listen is not None:
            options.listen(model, reply.headers)
        if reply.status >= 300:
            raise self._error(model, reply.status, content, reply.headers)
        return content

    async def close(self) -> None:
        """Closes all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _open(self, model: ModelRef, base: str) -> aiohttp.ClientSession:
        key = key_for(model, self._options)
        whole = self._options.timeout_s
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEPT_S, ssl=tls_context() if base[:5] == "https" else True
        )
        self._sessions[base] = aiohttp.ClientSession(
            connector=connector,
            headers={
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": f"panelsim/{__version__}",
            },
            timeout=aiohttp.ClientTimeout(total=whole, sock_connect=min(CONNECT_S, 0.9 * whole)),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=_has_proxy(base),
        )
        return self._sessions[base]

    def _url(self, base: str, path: str) -> URL:
        url = self._urls[base, path] = URL(base + path)
        return url

    def _error(
        self, model: ModelRef, status: int, content: bytes, headers: Mapping[str, str]
    ) -> ProviderError:
        told = without(self._options.openai_api_key, told_by(content))
        return error_of(model, status, told, retry_after=seconds_to_wait(headers), key_name=KEY_NAME)


def _json(body: dict[str, JsonValue]) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:  # half an emoji
        return json.dumps(body).encode()


def tls_context() -> ssl.SSLContext:
    """The system's certificates; the usual ones where the system has none."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath:
        context.load_verify_locations(certifi.where())
    return context


def _has_proxy(base: str) -> bool:
    """Whether the environment names a proxy for `base`; asked once, because aiohttp would at every call."""
    address = urlsplit(base)
    return address.scheme in getproxies() and not proxy_bypass(address.hostname or "")
