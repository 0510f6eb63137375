"""Replay: scripts run against completions that are already known, with no provider and no waiting."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

from panelsim.errors import NotStored
from panelsim.model.call import Call, Completion
from panelsim.script import Script

T = TypeVar("T")

Find: TypeAlias = Callable[[list[str]], Mapping[str, Completion]]
"""Completions by call key; keys that are not known are left out."""
Heard: TypeAlias = Callable[[str, Completion], None]
"""Told of each completion that a finished session heard, under its key."""

WINDOW = 256
"""Sessions that are replayed in step, their look-ups made together."""


def ignore(_key: str, _said: Completion) -> None:
    """Listens to nothing."""


def replay(script: Script[T], known: Mapping[str, Completion]) -> T:
    """The value of `script` when every call is answered from `known`.

    Raises `NotStored` if a completion is absent: the session was not finished, or the script changed since.
    """
    (value,) = replay_all([lambda: script], lambda keys: {key: known[key] for key in keys if key in known})
    if isinstance(value, NotStored):
        raise value
    return value


def replay_all(
    starts: Iterable[Callable[[], Script[T]]], find: Find, heard: Heard = ignore
) -> Iterator[T | NotStored]:
    """The values of scripts in their order, or `NotStored` for one that lacks a completion.

    A window of scripts goes in step, so that each of their turns is one look-up; only a window is held.
    """
    source = iter(starts)
    while window := [_Reader(start()) for start in islice(source, WINDOW)]:
        open_ones = window
        while open_ones:
            keys = list(dict.fromkeys(key for one in open_ones for key in one.keys))
            known = find(keys)
            open_ones = [one for one in open_ones if one.goes_on(known)]
        for one in window:
            if not isinstance(one.value, NotStored):
                for key, said in one.heard:
                    heard(key, said)
            yield one.value


class _Reader(Generic[T]):
    """One script on its way through a replay."""

    value: T | NotStored

    def __init__(self, script: Script[T]) -> None:
        self.heard: list[tuple[str, Completion]] = []
        self._script = script
        self._calls: tuple[Call, ...] = ()
        self.keys: tuple[str, ...] = ()
        try:
            self._wants(next(script))
        except StopIteration as end:
            self.value = end.value

    def _wants(self, calls: tuple[Call, ...]) -> None:
        self._calls = calls
        self.keys = tuple(call.key for call in calls)

    def goes_on(self, known: Mapping[str, Completion]) -> bool:
        """Sends the script what it waits for; False once it has ended."""
        if not self.keys:
            return False
        said = tuple(known[key] for key in self.keys if key in known)
        if len(said) < len(self.keys):
            self.value = self._absent(known)
            self._script.close()
            return False
        self.heard += zip(self.keys, said, strict=True)
        try:
            self._wants(self._script.send(said))
        except StopIteration as end:
            self.value = end.value
            return False
        return True

    def _absent(self, known: Mapping[str, Completion]) -> NotStored:
        call = next(call for call in self._calls if call.key not in known)
        return NotStored(
            f"no completion is stored for call {call.key} ({call.purpose or call.kind}, lane {call.lane!r}): "
            "the session was not finished or its prompts have changed since; resume the run to ask again"
        )
