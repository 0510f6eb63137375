"""The identity of everything that is stored: canonical JSON and a tagged hash of it."""

import hashlib
import json

from pydantic import JsonValue


def canonical_json(value: JsonValue) -> str:
    """`value` as JSON with sorted keys, no spaces and no NaN: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_key(prefix: str, value: JsonValue) -> str:
    """`prefix:sha256` of the canonical JSON of `value`; the prefix names the form that was hashed."""
    return text_key(prefix, canonical_json(value).encode("utf-8", "surrogatepass"))


def text_key(prefix: str, canonical: bytes) -> str:
    """`prefix:sha256` of a text that is canonical JSON already."""
    return f"{prefix}:{hashlib.sha256(canonical).hexdigest()}"
