"""Threads of numpy's matrix products: one at a time where more would only wait for each other."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module


def thread_limit() -> Callable[[], AbstractContextManager[object]]:
    """Makes blocks in which numpy's matrix products use one thread, where threadpoolctl is installed.

    These products are so small that more threads gain nothing, and beside a busy model the threads wait for
    each other: 2 ms a sentence became 700.
    """
    try:
        controller = import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return nullcontext

    def limited() -> AbstractContextManager[object]:
        limit: AbstractContextManager[object] = controller.limit(limits=1, user_api="blas")
        return limit

    return limited
