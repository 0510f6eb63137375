"""The recorded request that is nearest to one that was not recorded, and how they differ."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import orjson

MOST_LINES = 40
"""Lines of a difference that are shown."""
WIDEST = 160
"""Characters of a line that are shown."""
CANDIDATES = 8
"""Requests that are compared closely."""


def lines_of(canonical: bytes) -> list[str]:
    """JSON as lines that can be compared: one for each value, long texts one for each line of theirs."""
    try:
        value: object = orjson.loads(canonical)
    except orjson.JSONDecodeError:
        return canonical.decode("utf-8", "replace").splitlines()
    return list(_lines(value, ""))


def _lines(value: object, place: str) -> Iterable[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _lines(one, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _lines(one, f"{place}[{at}]")
    elif isinstance(value, str) and "\n" in value:
        yield f"{place}:"
        yield from (f"    {line}" for line in value.split("\n"))
    else:
        yield f"{place}: {value!r}" if isinstance(value, str) else f"{place}: {orjson.dumps(value).decode()}"


def nearest_to(wanted: bytes, recorded: Sequence[bytes]) -> int | None:
    """The place in `recorded` of the one that is most like `wanted`; None if there is none."""
    if not recorded:
        return None
    words = _words(wanted)
    overlap = [
        (sum((words & _words(one)).values()), -abs(len(one) - len(wanted)), -at)
        for at, one in enumerate(recorded)
    ]
    close = [-at for _, _, at in sorted(overlap, reverse=True)[:CANDIDATES]]
    mine = lines_of(wanted)
    return max(
        close,
        key=lambda at: difflib.SequenceMatcher(None, mine, lines_of(recorded[at]), autojunk=False).ratio(),
    )


def _words(text: bytes) -> Counter[bytes]:
    return Counter(re.findall(rb"\w+", text))


def difference(wanted: bytes, recorded: bytes, names: tuple[str, str] = ("recorded", "asked")) -> str:
    """A unified difference from the `recorded` request to the `wanted` one, cut to what fits a screen."""
    lines = list(difflib.unified_diff(lines_of(recorded), lines_of(wanted), *names, lineterm="", n=1))
    shown = [line if len(line) <= WIDEST else f"{line[:WIDEST]}…" for line in lines[:MOST_LINES]]
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([f"… {more} more lines"] if more > 0 else [])])


def told(
    what: str, wanted: bytes, recorded: Sequence[bytes], names: tuple[str, str] = ("recorded", "asked")
) -> str:
    """`what`, then the nearest request and the difference from it."""
    at = nearest_to(wanted, recorded)
    if at is None:
        return f"{what} The recording holds nothing like it."
    return f"{what} The nearest differs so:\n{difference(wanted, recorded[at], names)}"
