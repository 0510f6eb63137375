"""The forms of calls, so that an operation is one line: get, post, page, document, stream and so on.

Places in a path are filled in the order in which they stand there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from panelsim.client.wire import A, Call, Document, Page, read_document, read_nothing, reads


@runtime_checkable
class HasId(Protocol):
    """An answer that has an id."""

    @property
    def id(self) -> str:
        """Names it."""
        ...


Place: TypeAlias = str | HasId
Table: TypeAlias = Sequence[Mapping[str, object]] | str | bytes
"""Rows, or the text of a file."""


def get(path: str, into: type[A], *places: Place, **query: object) -> Call[A]:
    """Reads something."""
    return Call(method="GET", path=path, read=reads(into), values=_filled(path, places), query=query)


def page(path: str, into: type[A], limit: int | None, *places: Place, **query: object) -> Call[Page[A]]:
    """Reads a list, `limit` at a time; None: the service knows no limit."""
    told: type[Page[A]] = Page[into]  # type: ignore[valid-type]
    return get(path, told, *places, limit=limit, **query)


def post(
    path: str,
    into: type[A],
    body: object,
    *places: Place,
    key: str | None = None,
    is_safe: bool = False,
    wait: float = 0,
    **query: object,
) -> Call[A]:
    """Makes or changes something. `key`: its Idempotency-Key, empty for a new one, None if it takes none."""
    return Call(
        method="POST",
        path=path,
        read=reads(into),
        values=_filled(path, places),
        query={"wait": wait or None, **query},
        body=body,
        is_keyed=key is not None,
        key=key or "",
        is_safe=is_safe,
        held_s=wait,
    )


def send(
    method: str,
    path: str,
    into: type[A],
    content: Table | Mapping[str, object],
    *places: Place,
    media: str,
    key: str | None = None,
    is_safe: bool = False,
    query: Mapping[str, object] | None = None,
) -> Call[A]:
    """Makes or changes something from a file: text goes as it is, with the type `media`, values as JSON."""
    is_text = isinstance(content, str | bytes)
    text = content.encode() if isinstance(content, str) else content
    return Call(
        method=method,
        path=path,
        read=reads(into),
        values=_filled(path, places),
        query=query or {},
        headers={"Content-Type": media} if is_text else {},
        body=None if is_text else content,
        content=text if isinstance(text, bytes) else None,
        is_keyed=key is not None,
        key=key or "",
        is_safe=is_safe,
    )


def delete(path: str, *places: Place, **query: object) -> Call[None]:
    """Removes something; what is removed twice is removed."""
    return Call(method="DELETE", path=path, read=read_nothing, values=_filled(path, places), query=query)


def document(path: str, *places: Place, etag: str = "", **query: object) -> Call[Document]:
    """Reads something in one of several forms."""
    headers = {"If-None-Match": etag} if etag else {}
    values = _filled(path, places)
    return Call(method="GET", path=path, read=read_document, values=values, query=query, headers=headers)


def stream(path: str, *places: Place) -> Call[None]:
    """Follows something."""
    return Call(method="GET", path=path, read=read_nothing, values=_filled(path, places))


def _filled(path: str, places: tuple[Place, ...]) -> Mapping[str, str]:
    names = re.findall(r"\{(\w+)\}", path)
    ids = (one if isinstance(one, str) else one.id for one in places)
    return dict(zip(names, ids, strict=True))
