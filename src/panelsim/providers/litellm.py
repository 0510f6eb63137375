"""The provider `litellm`: any of the services that the litellm package reaches, one attempt at a time."""

import logging
import os
from importlib import import_module
from typing import Protocol, assert_never

from openai import OpenAIError
from pydantic import JsonValue

from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall, ModelRef
from panelsim.providers.base import Options
from panelsim.providers.openai_form import chat_body, embedding_body, read_chat, read_embedding
from panelsim.providers.sdk_mishaps import error_from

KEY_NAME = "the service's own key variable (such as ANTHROPIC_API_KEY)"

SWITCHES: tuple[tuple[str, bool | None], ...] = (
    ("telemetry", False),
    ("suppress_debug_info", True),
    ("drop_params", False),  # what is dropped in silence makes another call of it
    ("num_retries", None),
)


class _Reply(Protocol):
    def model_dump_json(self) -> str: ...


class LiteLLM:
    """Asks through litellm; its retries, fallbacks, callbacks and price downloads are off.

    `litellm/SERVICE/NAME`, for example `litellm/anthropic/claude-haiku-4-5`. Keys come from the variables
    that litellm documents for each service.
    """

    at_once = 10
    paced_by_lane = False

    def __init__(self, options: Options) -> None:
        self._options = options
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # its import would download a price table
        self._sdk = import_module("litellm")
        for name, value in SWITCHES:
            setattr(self._sdk, name, value)
        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logging.getLogger(name).setLevel(logging.CRITICAL)

    async def complete(self, call: Call) -> Completion:
        """What the model says to `call`. Makes exactly one attempt."""
        match call:
            case ChatCall():
                return read_chat(call.model, await self._reply_to(call.model, self._chat_body(call)))
            case EmbeddingCall():
                return read_embedding(call.model, await self._reply_to(call.model, embedding_body(call)))
            case _:
                assert_never(call)

    async def close(self) -> None:
        """Closes the connections that litellm keeps."""
        await self._sdk.close_litellm_async_clients()

    def _chat_body(self, call: ChatCall) -> dict[str, JsonValue]:
        """The request; the seed, which only tells replicates apart, is left out for services without one."""
        body = chat_body(call)
        if "seed" not in (self._sdk.get_supported_openai_params(model=call.model.name) or ()):
            del body["seed"]
        return body

    async def _reply_to(self, model: ModelRef, body: dict[str, JsonValue]) -> bytes:
        ask = self._sdk.acompletion if "messages" in body else self._sdk.aembedding
        place = {"api_base": model.base_url} if model.base_url else {}
        try:
            reply: _Reply = await ask(
                **body, **place, timeout=self._options.timeout_s, num_retries=0, max_retries=0
            )
        except OpenAIError as error:
            raise error_from(
                error,
                model,
                timeout_s=self._options.timeout_s,
                key=None,
                key_name=KEY_NAME,
                listen=self._options.listen,
            ) from None
        self._tell(model, reply)
        return reply.model_dump_json().encode("utf-8", "replace")

    def _tell(self, model: ModelRef, reply: _Reply) -> None:
        """Passes on the service's headers, which litellm keeps beside the reply."""
        headers = getattr(reply, "_response_headers", None)
        if self._options.listen is not None and isinstance(headers, dict):
            self._options.listen(model, {str(name).lower(): str(text) for name, text in headers.items()})
