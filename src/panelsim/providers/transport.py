"""What the provider `openai` needs of whoever carries its requests."""

from typing import Protocol

from pydantic import JsonValue

from panelsim.errors import RefusedRequest
from panelsim.model.call import ModelRef
from panelsim.providers.base import Options

OWN_URL = "https://api.openai.com/v1"
"""Given explicitly: an SDK would otherwise read an address from the environment, outside the call's key."""
KEY_NAME = "OPENAI_API_KEY"
NO_KEY = "none"
"""Sent to servers that need no key."""


class Carrier(Protocol):
    """Carries one request and brings back the reply's body."""

    async def post(self, model: ModelRef, path: str, body: dict[str, JsonValue]) -> bytes:
        """The body of a reply with a status below 300. Raises `TransientError` or `RefusedRequest`."""
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...


def key_for(model: ModelRef, options: Options) -> str:
    """The key to send. Raises `RefusedRequest` if there must be one and is none."""
    key = options.openai_api_key
    if key is None and not model.base_url:
        raise RefusedRequest(f"{model} needs a key; set {KEY_NAME} in the environment")
    return key.get_secret_value() if key else NO_KEY
