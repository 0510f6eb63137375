"""What the wrappers report as it happens."""

from collections.abc import Callable
from typing import NamedTuple

from panelsim.model.call import Call, Completion


class Hooks(NamedTuple):
    """Called once for each call or wait, on the event loop: they must be quick."""

    answered: Callable[[Call, Completion, bool], None] = lambda _call, _said, _cached: None
    """A call has its stored completion; True if it was not made now."""
    waiting: Callable[[Call, int, float, str], None] = lambda _call, _attempt, _seconds, _reason: None
    """Attempt number that failed, seconds until the next one, and why."""


SILENT = Hooks()
