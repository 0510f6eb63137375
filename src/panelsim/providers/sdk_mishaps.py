"""The SDKs' exceptions as the errors of panelsim. litellm's own all derive from the openai SDK's."""

from collections.abc import Mapping
from json import JSONDecodeError

import aiohttp
import httpx
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError
from pydantic import SecretStr

from panelsim.errors import ProviderError, TransientError
from panelsim.model.call import ModelRef
from panelsim.providers.base import Listen
from panelsim.providers.mishaps import NOT_SENT, broken_off, timed_out, without
from panelsim.providers.openai_form import error_of, seconds_to_wait, told_by


def error_from(
    error: OpenAIError,
    model: ModelRef,
    *,
    timeout_s: float,
    key: SecretStr | None,
    key_name: str,
    listen: Listen | None = None,
) -> ProviderError:
    """The panelsim error for what an SDK raised; no text of it holds `key`.

    Read from the whole chain of causes: litellm calls a cut connection and an unreadable reply a server
    error, and the openai SDK's transport calls a cut connection a time-out.
    """
    chain = _causes(error)
    sent = not _holds(chain, *NOT_SENT, httpx.ConnectError)
    cut = _holds(chain, aiohttp.ServerDisconnectedError, aiohttp.ClientConnectorError)
    if _holds(chain, JSONDecodeError):
        return TransientError(f"the reply of {model} is not JSON", maybe_billed=True)
    if _holds(chain, APITimeoutError) and not cut:
        return timed_out(model, timeout_s, sent=sent)
    if _holds(chain, APIConnectionError):
        return broken_off(model, str(chain[-1]) or type(chain[-1]).__name__, key, sent=sent)
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        headers = _headers(error)
        if listen is not None:
            listen(model, headers)
        return error_of(
            model,
            status,
            without(key, _told(error)),
            retry_after=seconds_to_wait(headers),
            key_name=key_name,
        )
    return TransientError(f"{model} failed: {without(key, str(error))}", maybe_billed=True)


def _headers(error: OpenAIError) -> Mapping[str, str]:
    """The reply's headers; litellm keeps them in a place of its own."""
    kept = getattr(error, "litellm_response_headers", None)
    if isinstance(kept, Mapping):
        return {str(name).lower(): str(text) for name, text in kept.items()}
    return error.response.headers if isinstance(error, APIStatusError) else {}


def _told(error: OpenAIError) -> str:
    """The provider's words, from the reply itself where the SDK has kept it."""
    if isinstance(error, APIStatusError) and error.response.content:
        return told_by(error.response.content)
    return f"{error.code or ''} {error.message}".strip() if isinstance(error, APIError) else str(error)


def _holds(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in chain)


def _causes(error: BaseException) -> list[BaseException]:
    """`error` and what it came from, the first failure last."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    return chain
