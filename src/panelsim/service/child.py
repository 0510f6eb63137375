"""Work in a process of its own: for what takes long, or turns the network off, beside a server."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from panelsim.errors import InputError, PanelsimError

Result = TypeVar("Result")

AT_ONCE = 1
"""Such processes beside one server, which has other things to do."""
WAITED_S = 20.0
"""How long others wait for their turn."""
LONGEST_S = 300.0

_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(PanelsimError):
    """Other work of this kind is under way; the same may work in a while."""

    http_status = 503


def run_apart(work: Callable[..., Result], *arguments: object, seconds: float = LONGEST_S) -> Result:
    """`work(*arguments)` in a new process, of which there is one at a time.

    `work` must be importable, arguments and result must pickle. Raises what it raises if that is one of our
    errors, `Busy` if no turn came, `InputError` if it takes longer than `seconds` and is ended,
    `PanelsimError` if it ends in any other way.
    """
    with _turn():
        ours, theirs = get_context("spawn").Pipe(duplex=False)
        process = get_context("spawn").Process(
            target=_child, args=(theirs, Path.cwd(), work, arguments), daemon=True
        )
        process.start()
        theirs.close()
        try:
            if not ours.poll(seconds):
                raise InputError(
                    f"the work was ended after {seconds:.0f} s, expected less; send less at once"
                )
            outcome: Result | PanelsimError = ours.recv()
        except EOFError as error:
            process.join()
            raise PanelsimError(f"the work ended with exit code {process.exitcode} and no result") from error
        finally:
            process.kill()
            process.join()
            ours.close()
    if isinstance(outcome, PanelsimError):
        raise outcome
    return outcome


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAITED_S):
        raise Busy(
            f"other work of this kind is under way, and {WAITED_S:.0f} s were not enough to wait for it"
        )
    try:
        yield
    finally:
        _turns.release()


def _child(
    connection: Connection, folder: Path, work: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    os.chdir(folder)  # profiles and benchmarks of one's own are found from there
    try:
        outcome = work(*arguments)
    except PanelsimError as error:
        outcome = error
    connection.send(outcome)
