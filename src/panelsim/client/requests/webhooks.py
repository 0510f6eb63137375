"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

from collections.abc import Sequence
from typing import Literal, Required, TypedDict


class WebhookRequest(TypedDict, total=False):
    """A new webhook."""

    url: Required[str]
    """An https address on the public internet, on port 443 or one from 1024 up."""
    events: Sequence[Literal["run.ended"]]
    """What to be told of."""
