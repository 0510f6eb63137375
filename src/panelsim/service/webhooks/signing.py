"""Signatures of webhooks, by the Standard Webhooks specification."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from math import floor

from standardwebhooks import Webhook

PREFIX = "whsec_"
KEY_BYTES = 32


def new_secret() -> str:
    """A secret, `whsec_` and the base64 of 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def headers_of(message_id: str, body: str, keys: Sequence[str], at: datetime) -> dict[str, str]:
    """The three headers of an attempt at `at` (UTC); with several secrets, a signature by each."""
    signed = [Webhook(key).sign(msg_id=message_id, timestamp=at, data=body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(floor(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }
