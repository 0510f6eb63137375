"""The provider `openai`: OpenAI, or any server that speaks its protocol, by base URL."""

from typing import assert_never

import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient, OpenAIError
from pydantic import JsonValue

from panelsim.errors import RefusedRequest
from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall, ModelRef
from panelsim.providers.base import Options
from panelsim.providers.mishaps import error_from
from panelsim.providers.openai_form import chat_body, embedding_body, read_chat, read_embedding

OWN_URL = "https://api.openai.com/v1"
"""Given explicitly: the SDK would otherwise read an address from the environment, outside the call's key."""
KEY_NAME = "OPENAI_API_KEY"
NO_KEY = "none"
"""Sent to servers that need no key."""


class OpenAI:
    """Asks OpenAI-compatible servers; one client for each base URL."""

    at_once = 20
    paced_by_lane = False

    def __init__(self, options: Options) -> None:
        self._options = options
        self._clients: dict[str, AsyncOpenAI] = {}

    async def complete(self, call: Call) -> Completion:
        """What the model says to `call`. Makes exactly one attempt."""
        match call:
            case ChatCall():
                # OpenAI's own newer models refuse `max_tokens`, many compatible servers know nothing else
                limit = "max_tokens" if call.model.base_url else "max_completion_tokens"
                reply = await self._post(call.model, "/chat/completions", chat_body(call, limit=limit))
                return read_chat(call.model, reply)
            case EmbeddingCall():
                reply = await self._post(call.model, "/embeddings", embedding_body(call))
                return read_embedding(call.model, reply)
            case _:
                assert_never(call)

    async def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    async def _post(self, model: ModelRef, path: str, body: dict[str, JsonValue]) -> bytes:
        client = self._client(model)
        options = self._options
        try:
            reply = await client.post(path, body=body, cast_to=httpx2.Response)
        except OpenAIError as error:
            raise error_from(
                error, model, timeout_s=options.timeout_s, key=options.openai_api_key, key_name=KEY_NAME
            ) from None
        return reply.content

    def _client(self, model: ModelRef) -> AsyncOpenAI:
        key = self._options.openai_api_key
        if key is None and not model.base_url:
            raise RefusedRequest(f"{model} needs a key; set {KEY_NAME} in the environment")
        url = model.base_url or OWN_URL
        if url not in self._clients:
            self._clients[url] = AsyncOpenAI(
                api_key=key.get_secret_value() if key else NO_KEY,
                base_url=url,
                max_retries=0,
                timeout=self._options.timeout_s,
                http_client=DefaultAioHttpClient(timeout=self._options.timeout_s),
            )
        return self._clients[url]
