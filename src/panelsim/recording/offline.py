"""The network off: while a recording plays, this process opens no connection, whatever asks for one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from panelsim.errors import NotRecorded

_WATCHED = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"})


class _Guard:
    """How many recordings play; Python calls the hook for as long as the process lives."""

    def __init__(self) -> None:
        self.playing = 0
        self.is_set = False

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if sys.platform == "win32" and event == "socket.connect":
            return  # an event loop of Windows connects to itself
        if self.playing and event in _WATCHED:
            raise NotRecorded(f"a recording is played back and {event} was called for {arguments[1:2]!r}")


_GUARD = _Guard()


@contextmanager
def offline() -> Iterator[None]:
    """Refuses connections and look-ups of names until the block ends, by raising `NotRecorded`."""
    if not _GUARD.is_set:
        sys.addaudithook(_GUARD)
        _GUARD.is_set = True
    _GUARD.playing += 1
    try:
        yield
    finally:
        _GUARD.playing -= 1
