"""Requests and replies as values, and calls, which say what to send and how to read what comes back.

Nothing here sends anything: the same values serve both clients, and tests that read them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

T = TypeVar("T")
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class Request(NamedTuple):
    """What is sent."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    held_s: float = 0.0
    """How much longer than usual the answer may take, because the caller asked to be held."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes = b""

    @property
    def media_type(self) -> str:
        """Of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Broken(NamedTuple):
    """A request that got no reply."""

    reason: str
    was_sent: bool
    """Whether the service may have got it."""


class Document(NamedTuple):
    """A report or table in the form that was asked for."""

    media_type: str
    text: str
    etag: str
    """Give it back to be told whether the document has changed; empty while it may still grow."""
    is_unchanged: bool = False
    """The document is the one whose ETag was given; `text` is empty."""

    @property
    def json(self) -> JsonValue:
        """What a JSON document holds. Raises `ValueError` for other forms."""
        return _JSON.validate_json(self.text)


class Answer(BaseModel):
    """What the service says. Fields that this client does not know are left out: more may come any time."""

    model_config = ConfigDict(frozen=True, extra="ignore")


A = TypeVar("A", bound=Answer)


class Page(Answer, Generic[T]):
    """Some of a list, and where it goes on."""

    data: tuple[T, ...]
    has_more: bool
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """One request of the API, before it is sent."""

    method: str
    path: str
    """As in the OpenAPI document: `/v1/runs/{run_id}`."""
    read: Callable[[Reply], T]
    values: Mapping[str, str] = field(default_factory=dict)
    """Of the places in `path`."""
    query: Mapping[str, object] = field(default_factory=dict)
    """None: left out; of a list or tuple each."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    """Sent as JSON; None: no body."""
    content: bytes | None = None
    """Sent as it is, in place of `body`; its type stands in `headers`."""
    is_keyed: bool = False
    """Whether it takes an Idempotency-Key, with which it can be sent again."""
    key: str = ""
    """The caller's own Idempotency-Key; empty: one is made up."""
    is_safe: bool = True
    """Whether it can be sent again without one."""
    held_s: float = 0.0

    def request(self, idempotency_key: str = "") -> Request:
        """What is sent. Raises `ValueError` for an id that cannot be one."""
        headers = dict(self.headers)
        content = self.content
        if self.body is not None:
            content = json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")
            headers["Content-Type"] = "application/json"
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        query = [pair for name, value in self.query.items() for pair in _queried(name, value)]
        path = self.path.format_map({name: _segment(name, value) for name, value in self.values.items()})
        return Request(self.method, path, tuple(query), headers, content, self.held_s)


def _segment(name: str, value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError(f"{name} is {value!r}, expected an id")
    return quote(value, safe="")


def _queried(name: str, value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    values = value if isinstance(value, list | tuple) else (value,)
    return [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in values]


def reads(into: type[A]) -> Callable[[Reply], A]:
    """Reads a JSON reply as that type."""
    return lambda reply: into.model_validate_json(reply.content)


def read_nothing(_reply: Reply) -> None:
    """For replies without a body."""


def read_document(reply: Reply) -> Document:
    """Reads a reply as text of some form."""
    return Document(
        reply.media_type,
        reply.content.decode("utf-8", "replace"),
        reply.headers.get("etag", ""),
        is_unchanged=reply.status == 304,
    )
