"""The provider `openai`: OpenAI, or any server that speaks its protocol, by base URL."""

from typing import assert_never

from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall
from panelsim.providers.base import Options
from panelsim.providers.openai_form import chat_body, embedding_body, read_chat, read_embedding
from panelsim.providers.transport import Carrier


class OpenAI:
    """Asks OpenAI-compatible servers, over aiohttp or through the openai SDK."""

    at_once = 64
    paced_by_lane = False

    def __init__(self, options: Options) -> None:
        self._carrier = _carrier(options)

    async def complete(self, call: Call) -> Completion:
        """What the model says to `call`. Makes exactly one attempt."""
        match call:
            case ChatCall():
                # OpenAI's own newer models refuse `max_tokens`, many compatible servers know nothing else
                limit = "max_tokens" if call.model.base_url else "max_completion_tokens"
                body = chat_body(call, limit=limit)
                return read_chat(call.model, await self._carrier.post(call.model, "/chat/completions", body))
            case EmbeddingCall():
                body = embedding_body(call)
                return read_embedding(call.model, await self._carrier.post(call.model, "/embeddings", body))
            case _:
                assert_never(call)

    async def close(self) -> None:
        """Closes all connections."""
        await self._carrier.close()


def _carrier(options: Options) -> Carrier:
    match options.transport:
        case "aiohttp":
            from panelsim.providers.http import HttpCarrier

            return HttpCarrier(options)
        case "sdk":
            from panelsim.providers.sdk import SdkCarrier

            return SdkCarrier(options)
        case _:
            assert_never(options.transport)
