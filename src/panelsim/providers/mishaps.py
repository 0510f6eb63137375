"""Mishaps: the SDKs' exceptions as the errors of panelsim. litellm's own all derive from the openai SDK's."""

import aiohttp
import httpx
import httpx2
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError
from pydantic import SecretStr

from panelsim.errors import ProviderError, TransientError
from panelsim.model.call import ModelRef
from panelsim.providers.openai_form import error_of, seconds_to_wait

NOT_SENT = (
    aiohttp.ClientConnectorError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
)
"""Failures before a request left: nothing can have been billed."""


def error_from(
    error: OpenAIError, model: ModelRef, *, timeout_s: float, key: SecretStr | None, key_name: str
) -> ProviderError:
    """The panelsim error for what an SDK raised; no text of it holds `key`."""
    told = _told(error, key)
    where = model.base_url or model.provider
    if isinstance(error, APITimeoutError):
        text = f"{model} did not answer within {timeout_s:g} s; PANELSIM_TIMEOUT_S sets how long to wait"
        return TransientError(text, maybe_billed=not _was_not_sent(error))
    if isinstance(error, APIConnectionError):
        sent = not _was_not_sent(error)
        return TransientError(f"the connection to {where} failed for {model}: {told}", maybe_billed=sent)
    if isinstance(error, APIStatusError):
        wait = seconds_to_wait(error.response.headers)
        return error_of(model, error.status_code, told, retry_after=wait, key_name=key_name)
    return TransientError(f"{model} failed: {told}", maybe_billed=True)


def _was_not_sent(error: BaseException) -> bool:
    return any(isinstance(cause, NOT_SENT) for cause in _causes(error))


def _causes(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    return chain


def _told(error: OpenAIError, key: SecretStr | None) -> str:
    """What the provider said, or the deepest cause if it said nothing, with the key taken out."""
    if isinstance(error, APIConnectionError):
        root = _causes(error)[-1]
        text = str(root) or type(root).__name__
    elif isinstance(error, APIError):
        text = f"{error.code or ''} {error.message}".strip()
    else:
        text = str(error)
    return text.replace(key.get_secret_value(), "***") if key else text
