"""Garbage collection while there is much to do."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (20_000, 50, 100)
"""Thresholds of the three generations."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Lets the garbage collector look seldom, and never at what was there before.

    A run makes many small objects that free themselves; looking for cycles among all that is kept took a
    third of its time.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
