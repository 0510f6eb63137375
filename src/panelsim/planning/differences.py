"""What differs between two profiles, field by field."""

from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from panelsim.keys import canonical_json
from panelsim.model.base import Frozen
from panelsim.model.fingerprint import Profile


class Change(Frozen):
    """One field that differs."""

    field: str
    """Its place: `journey.research`, `decision.authority`."""
    before: JsonValue
    after: JsonValue
    removed: tuple[JsonValue, ...] = ()
    """Of a list: what is only in the one before."""
    added: tuple[JsonValue, ...] = ()
    """Of a list: what is only in the one after; with nothing removed or added, the order differs."""


def differences(before: Profile, after: Profile) -> tuple[Change, ...]:
    """The fields that differ, in the order of the profile; empty exactly if both have one content hash."""
    one, other = before.model_dump(mode="json"), after.model_dump(mode="json")
    return tuple(_changes(one, other, ""))


def _changes(before: JsonValue, after: JsonValue, place: str) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _changes(before.get(name), after.get(name), f"{place}.{name}".removeprefix("."))
    elif canonical_json(before) != canonical_json(after):
        if isinstance(before, list) and isinstance(after, list):
            removed, added = _only_in(before, after), _only_in(after, before)
            yield Change(field=place, before=before, after=after, removed=removed, added=added)
        else:
            yield Change(field=place, before=before, after=after)


def _only_in(one: Sequence[JsonValue], other: Sequence[JsonValue]) -> tuple[JsonValue, ...]:
    left = Counter(canonical_json(item) for item in other)
    found = []
    for item in one:
        key = canonical_json(item)
        left[key] -= 1
        if left[key] < 0:
            found.append(item)
    return tuple(found)
