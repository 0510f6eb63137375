"""Pages: lists told some at a time, with a cursor that means a place and not a number."""

import base64
import binascii
import json
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import ConfigDict, Field

from panelsim.api.problems import ApiError
from panelsim.model.base import Frozen

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=100, description="How many to return at most.")]
CursorText = Annotated[
    str,
    Query(max_length=400, description="`next_cursor` of the page before; absent: from the beginning."),
]


class Page(Frozen, Generic[T]):
    """Some of a list, and where it goes on."""

    # pydantic would look for docstrings where `Page[...]` is written, which may be amidst a signature
    model_config = ConfigDict(use_attribute_docstrings=False)

    data: tuple[T, ...] = Field(description="In the order of the list.")
    has_more: bool = Field(description="Whether another page follows.")
    next_cursor: str | None = Field(
        description="Give it as `cursor` to get the next page; null on the last one.",
        examples=["WyIyMDI2LTExLTI4Il0"],
    )


def page_of(items: list[T], limit: int, place: list[str]) -> Page[T]:
    """The page of `items`, of which one more than `limit` was looked for; `place`: that of its last one."""
    has_more = len(items) > limit
    return Page(
        data=tuple(items[:limit]), has_more=has_more, next_cursor=_packed(place) if has_more else None
    )


def place_of(cursor: str, parts: int) -> list[str] | None:
    """What a cursor means; None for the beginning. Raises 422 for one that no page gave."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, UnicodeError, binascii.Error):
        place = None
    if not isinstance(place, list) or len(place) != parts or not all(_is_plain(part) for part in place):
        raise ApiError(
            "invalid_request", "the cursor is not one that a page gave as next_cursor", param="query.cursor"
        )
    return place


def _is_plain(part: object) -> bool:
    return isinstance(part, str) and part.isprintable()


def _packed(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
