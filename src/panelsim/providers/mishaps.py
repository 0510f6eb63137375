"""Mishaps: the SDKs' exceptions as the errors of panelsim. litellm's own all derive from the openai SDK's."""

from json import JSONDecodeError

import aiohttp
import httpx
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError
from pydantic import SecretStr

from panelsim.errors import ProviderError, TransientError
from panelsim.model.call import ModelRef
from panelsim.providers.openai_form import error_of, seconds_to_wait

NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, httpx.ConnectError)
"""Failures before a request left: nothing can have been billed."""


def error_from(
    error: OpenAIError, model: ModelRef, *, timeout_s: float, key: SecretStr | None, key_name: str
) -> ProviderError:
    """The panelsim error for what an SDK raised; no text of it holds `key`.

    Read from the whole chain of causes: litellm calls a cut connection and an unreadable reply a server
    error, and the openai SDK's transport calls a cut connection a time-out.
    """
    chain = _causes(error)
    sent = not _holds(chain, *NOT_SENT)
    cut = _holds(chain, aiohttp.ServerDisconnectedError, aiohttp.ClientConnectorError)
    if _holds(chain, JSONDecodeError):
        return TransientError(f"the reply of {model} is not JSON", maybe_billed=True)
    if _holds(chain, APITimeoutError) and not cut:
        text = f"{model} did not answer within {timeout_s:g} s; PANELSIM_TIMEOUT_S sets how long to wait"
        return TransientError(text, maybe_billed=sent)
    if _holds(chain, APIConnectionError):
        where, root = model.base_url or model.provider, str(chain[-1]) or type(chain[-1]).__name__
        text = f"the connection to {where} failed for {model}: {_without(key, root)}"
        return TransientError(text, maybe_billed=sent)
    told = f"{error.code or ''} {error.message}".strip() if isinstance(error, APIError) else str(error)
    if isinstance(error, APIStatusError):
        headers = getattr(error, "litellm_response_headers", None) or error.response.headers
        return error_of(
            model,
            error.status_code,
            _without(key, told),
            retry_after=seconds_to_wait(headers),
            key_name=key_name,
        )
    return TransientError(f"{model} failed: {_without(key, told)}", maybe_billed=True)


def _holds(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in chain)


def _causes(error: BaseException) -> list[BaseException]:
    """`error` and what it came from, the first failure last."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    return chain


def _without(key: SecretStr | None, text: str) -> str:
    return text.replace(key.get_secret_value(), "***") if key else text
