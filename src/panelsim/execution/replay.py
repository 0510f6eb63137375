"""Replay: a script run against completions that are already known, with no provider and no waiting."""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from panelsim.errors import NotStored
from panelsim.model.call import Call, Completion
from panelsim.script import Script

T = TypeVar("T")

Known: TypeAlias = Mapping[str, Completion] | Callable[[str], Completion | None]
"""Completions by call key: a mapping, or a look-up that returns None for a key it does not have."""


def replay(script: Script[T], known: Known) -> T:
    """The value of `script` when every call is answered from `known`.

    Raises `NotStored` if a completion is absent: the session was not finished, or the script changed since.
    """
    find = known.get if isinstance(known, Mapping) else known
    try:
        calls = next(script)
        while True:
            calls = script.send(tuple(_recall(call, find) for call in calls))
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        script.close()


def _recall(call: Call, find: Callable[[str], Completion | None]) -> Completion:
    completion = find(call.key)
    if completion is None:
        what = call.purpose or call.kind
        raise NotStored(
            f"no completion is stored for call {call.key} ({what}, lane {call.lane!r}): the session was not "
            "finished or its prompts have changed since; resume the run to ask again"
        )
    return completion
