"""Webhooks checked by their receiver, as Standard Webhooks says it: signature, age, and what they hold."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from pydantic import JsonValue

from panelsim.client.errors import WebhookRefused

TOLERANCE_S = 300.0
PREFIX = "whsec_"


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance_s: float = TOLERANCE_S,
    now: float | None = None,
) -> dict[str, JsonValue]:
    """What a webhook holds, once its signature and age are right.

    `body`: as it came, not read and written again. `secret`: `whsec_...`, as shown when it was made; several,
    separated by spaces, while one is replaced. `now`: seconds since 1970; None: the clock's.
    Raises `WebhookRefused`. Keep `webhook-id` for a while to know a webhook that comes twice.
    """
    told = {name.lower(): value for name, value in headers.items()}
    missing = [
        name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not told.get(name)
    ]
    if missing:
        raise WebhookRefused(f"the header {missing[0]} is missing")
    stamp = told["webhook-timestamp"]
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        raise WebhookRefused("webhook-timestamp is not a number of seconds")
    age = (time.time() if now is None else now) - int(stamp)
    if abs(age) > tolerance_s:
        raise WebhookRefused(f"the webhook is {age:.0f} s old, expected {tolerance_s:g} s at most")
    content = body.encode() if isinstance(body, str) else body
    signed = b".".join((told["webhook-id"].encode(), stamp.encode(), content))
    if not _is_signed(signed, told["webhook-signature"], secret):
        raise WebhookRefused("the signature is not that of the secret")
    try:
        held = json.loads(content)
    except ValueError as error:
        raise WebhookRefused("the body is not JSON") from error
    if not isinstance(held, dict):
        raise WebhookRefused("the body is not a JSON object")
    return held


def _is_signed(signed: bytes, signatures: str, secrets: str) -> bool:
    given = [one.partition(",")[2] for one in signatures.split() if one.startswith("v1,")]
    found = False
    for secret in secrets.split():
        expected = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
        for one in given:
            # no early end: how long it takes must tell nothing
            found = hmac.compare_digest(expected.encode(), one.encode("utf-8", "replace")) or found
    return found


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret of a webhook is not base64, expected whsec_...") from error
