"""Requests and replies as cassettes keep them: canonical, with nothing secret and no date."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

import orjson

from panelsim.errors import InputError

Json: TypeAlias = dict[str, object] | list[object] | str | int | float | bool | None
Body: TypeAlias = bytes | bytearray | str | Mapping[str, object] | None

UNMATCHED = frozenset({"id_slot"})
"""Fields of a body that do not change what is said: which slot of a server holds the prompt."""
SECRET_FIELDS = frozenset({"api_key", "user", "safety_identifier", "organization", "project"})
"""Fields of a body that say who asks; neither kept nor matched."""
VOLATILE_FIELDS = frozenset({"id", "created", "created_at", "system_fingerprint", "timings"})
"""Fields of a reply that differ each time and that nobody reads."""
UNKEPT_STATUSES = frozenset({401, 403, 408, 409, 429})
"""Replies to a request that is made again or was not allowed: the recording keeps the one that counted."""
_STARTS = (
    b"sk-", b"pk-", b"rk-", b"key-", b"xai-", b"gsk_", b"hf_", b"ghp_", b"gho_", b"ghs_", b"AIza", b"AKIA",
    b"org-", b"proj_", b"Bearer ",
)  # fmt: skip
"""One of them is in whatever `_SECRETS` finds: looked for first, in a seventh of the time."""
_SECRETS = re.compile(
    rb"(?:\b|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4}))(?:%b)(?=[A-Za-z_.\-]*\d)[A-Za-z0-9_.\-]{6,}"
    % b"|".join(_STARTS)
)
"""At the start of a word, or after what JSON writes for the end of a line, whose letter belongs to no word.
A key has a digit; a word like `org-structure` or `key-stakeholder` has none and stays as it was said."""
MASK = b"***"


class Asked(NamedTuple):
    """A request as it is matched."""

    method: str
    path: str
    """Without host, port and query: a recording plays wherever the server is; a query may hold a key."""
    body: bytes
    """Canonical JSON; a body of another form as it came."""


class Replied(NamedTuple):
    """A reply as it is kept."""

    status: int
    content_type: str
    body: bytes


def asked(method: str, uri: str, body: Body) -> Asked:
    """The request in the form in which it is matched and kept."""
    return Asked(method.upper(), urlsplit(uri).path, canonical_body(body))


def canonical_body(body: Body) -> bytes:
    """`body` as JSON with sorted keys and no spaces, without fields that place a request or say who asks."""
    value = _value_of(body)
    if isinstance(value, dict):
        value = {name: one for name, one in value.items() if name not in UNMATCHED | SECRET_FIELDS}
    if isinstance(value, bytes):
        return _masked(value)
    return _masked(_compact(value))


def replied(status: int, headers: Mapping[str, list[str] | str], body: bytes) -> Replied | None:
    """The reply in the form in which it is kept; None if it is not."""
    if status in UNKEPT_STATUSES or status >= 500:
        return None
    kinds = [value for name, value in headers.items() if str(name).lower() == "content-type"]
    kind = kinds[0] if kinds else "application/json"
    value = _value_of(body)
    if isinstance(value, dict):
        body = _compact({name: one for name, one in value.items() if name not in VOLATILE_FIELDS})
    return Replied(status, kind if isinstance(kind, str) else kind[0], _masked(body))


def _value_of(body: Body) -> Json | bytes:
    """The JSON value of `body`, or its bytes if it has another form."""
    if body is None:
        return b""
    if isinstance(body, Mapping):
        return dict(body)
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
    try:
        value: Json = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw
    return value


def _compact(value: Json) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, TypeError):  # half an emoji
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _masked(text: bytes) -> bytes:
    return _SECRETS.sub(MASK, text) if any(start in text for start in _STARTS) else text


def secret_in(text: bytes) -> bool:
    """Whether something in `text` looks like a key, or names an organisation."""
    return any(start in text for start in _STARTS) and _SECRETS.search(text) is not None


def text_of(body: bytes, what: str) -> str:
    """`body` as text. Raises `InputError` if it is none, which a cassette cannot keep."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} is not UTF-8 text ({error.reason}), which a recording cannot keep"
        ) from error
