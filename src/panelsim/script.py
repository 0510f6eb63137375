"""Scripts: generators that say which calls to make and are sent what was said."""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

from panelsim.model.call import Call, Completion

T = TypeVar("T")

Script: TypeAlias = Generator[tuple[Call, ...], tuple[Completion, ...], T]
"""Yields calls that may be made at the same time, is sent their completions in the same order, returns a `T`.

A script is deterministic: the same completions give the same calls and the same value, so that a run is
resumed by replaying it. Start one with `next(script)`, carry it on with `script.send(completions)`.
"""


def gather(*scripts: Script[T]) -> Script[tuple[T, ...]]:
    """The values of `scripts`, in their order, run in lockstep: their calls are yielded together."""
    values: dict[int, T] = {}
    waiting: dict[int, tuple[Call, ...]] = {}
    try:
        for place in range(len(scripts)):
            _advance(scripts[place], place, None, values, waiting)
        while waiting:
            asked = dict(waiting)
            waiting.clear()
            said = yield tuple(call for calls in asked.values() for call in calls)
            start = 0
            for place, calls in asked.items():
                part = said[start : start + len(calls)]
                start += len(calls)
                _advance(scripts[place], place, part, values, waiting)
    finally:
        for script in scripts:
            script.close()
    return tuple(values[place] for place in range(len(scripts)))


def _advance(
    script: Script[T],
    place: int,
    said: tuple[Completion, ...] | None,
    values: dict[int, T],
    waiting: dict[int, tuple[Call, ...]],
) -> None:
    """Runs `script` to its next calls (kept in `waiting`) or to its end (kept in `values`)."""
    try:
        waiting[place] = next(script) if said is None else script.send(said)
    except StopIteration as end:
        values[place] = end.value
