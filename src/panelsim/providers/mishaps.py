"""Mishaps on the wire as the errors of panelsim: the same sentences whoever carries the calls."""

import aiohttp
from pydantic import SecretStr

from panelsim.errors import TransientError
from panelsim.model.call import ModelRef

NOT_SENT: tuple[type[BaseException], ...] = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""Failures before a request left: nothing can have been billed."""


def wire_error(
    error: aiohttp.ClientError | TimeoutError | OSError,
    model: ModelRef,
    *,
    timeout_s: float,
    key: SecretStr | None,
) -> TransientError:
    """The error for what aiohttp raised before there was a whole reply; no text of it holds `key`."""
    sent = not isinstance(error, NOT_SENT)
    if isinstance(error, TimeoutError):
        return timed_out(model, timeout_s, sent=sent)
    return broken_off(model, str(error) or type(error).__name__, key, sent=sent)


def timed_out(model: ModelRef, timeout_s: float, *, sent: bool) -> TransientError:
    """The error for a reply that did not come in time."""
    text = f"{model} did not answer within {timeout_s:g} s; PANELSIM_TIMEOUT_S sets how long to wait"
    return TransientError(text, overloaded=sent, maybe_billed=sent)


def broken_off(model: ModelRef, reason: str, key: SecretStr | None, *, sent: bool) -> TransientError:
    """The error for a connection that could not be made or did not last."""
    where = model.base_url or model.provider
    text = f"the connection to {where} failed for {model}: {without(key, reason)}"
    return TransientError(text, maybe_billed=sent)


def without(key: SecretStr | None, text: str) -> str:
    """`text` with the key blotted out."""
    return text.replace(key.get_secret_value(), "***") if key else text
