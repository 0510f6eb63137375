"""How a client reaches the service: address, key, timeouts and retries."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from panelsim.client.flows import Retries

KEY_VARIABLE, URL_VARIABLE = "PANELSIM_API_KEY", "PANELSIM_API_URL"
DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `panelsim serve` listens unless it is told otherwise."""


@dataclass(frozen=True)
class Config:
    """What every request of a client shares."""

    base_url: str
    api_key: str = field(repr=False)
    """Empty: requests go without one, as `panelsim serve --no-auth` takes them."""
    timeout_s: float = 60.0
    """The longest silence while an answer is awaited."""
    connect_s: float = 10.0
    retries: Retries = field(default_factory=Retries)

    @property
    def headers(self) -> Mapping[str, str]:
        """Of every request."""
        told = {"User-Agent": f"panelsim-client/{_version()}"}
        return told | ({"Authorization": f"Bearer {self.api_key}"} if self.api_key else {})


def configured(
    api_key: str | None, base_url: str | None, timeout_s: float, connect_s: float, retries: int
) -> Config:
    """A configuration; what is None comes from the environment. Raises `ValueError` for what cannot be."""
    url = base_url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
    key = os.environ.get(KEY_VARIABLE, "") if api_key is None else api_key
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"the address of the service is {url!r}, expected http:// or https:// and a host")
    if parts.username or parts.password:
        raise ValueError("the address of the service holds a name or password, expected neither")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("the API key holds spaces or other signs that no key has")
    if timeout_s <= 0 or connect_s <= 0 or retries < 0:
        raise ValueError("timeouts must be above 0 and retries not below 0")
    return Config(url.rstrip("/"), key, timeout_s, connect_s, Retries(retries))


def _version() -> str:
    try:
        return version("panelsim")
    except PackageNotFoundError:  # the client was copied somewhere by itself
        return "0"
