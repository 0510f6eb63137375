"""The other way to an OpenAI-compatible server: the openai SDK, one client for each base URL."""

import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient, OpenAIError
from pydantic import JsonValue

from panelsim.model.call import ModelRef
from panelsim.providers.base import Options
from panelsim.providers.sdk_mishaps import error_from
from panelsim.providers.transport import KEY_NAME, OWN_URL, key_for


class SdkCarrier:
    """Posts through the SDK, whose own retries are off."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._clients: dict[str, AsyncOpenAI] = {}

    async def post(self, model: ModelRef, path: str, body: dict[str, JsonValue]) -> bytes:
        """The body of a reply with a status below 300. Raises `TransientError` or `RefusedRequest`."""
        client, options = self._client(model), self._options
        try:
            reply = await client.post(path, body=body, cast_to=httpx2.Response)
        except OpenAIError as error:
            raise error_from(
                error,
                model,
                timeout_s=options.timeout_s,
                key=options.openai_api_key,
                key_name=KEY_NAME,
                listen=options.listen,
            ) from None
        if options.listen is not None:
            options.listen(model, reply.headers)
        return reply.content

    async def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    def _client(self, model: ModelRef) -> AsyncOpenAI:
        url = model.base_url or OWN_URL
        if url not in self._clients:
            self._clients[url] = AsyncOpenAI(
                api_key=key_for(model, self._options),
                base_url=url,
                max_retries=0,
                timeout=self._options.timeout_s,
                http_client=DefaultAioHttpClient(timeout=self._options.timeout_s, follow_redirects=False),
            )
        return self._clients[url]
