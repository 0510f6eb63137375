"""The edge of every command: what goes wrong becomes one sentence on stderr and a documented exit code."""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import ParamSpec

import typer

from panelsim.errors import EXIT_INTERRUPTED, PanelsimError

P = ParamSpec("P")

EXIT_BUG = 1
DEBUG = "PANELSIM_DEBUG"


class Stopped(Exception):
    """The user stopped the command; the text says what is kept and how to go on."""


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """`command` with its errors told in one sentence; with PANELSIM_DEBUG=1 they pass through."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PanelsimError as error:
            if os.environ.get(DEBUG):
                raise
            raise _exit(f"Error: {error}", error.exit_code) from None
        except Stopped as stopped:
            raise _exit(str(stopped), EXIT_INTERRUPTED) from None
        except KeyboardInterrupt:
            raise _exit("Interrupted: nothing was left half written.", EXIT_INTERRUPTED) from None
        except BrokenPipeError:
            # the reader of our output has left (`panelsim runs list | head`): not ours to complain
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except typer.Exit:
            raise
        except Exception as error:
            if os.environ.get(DEBUG) or not _is_ours(error):
                raise
            told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            hint = f"set {DEBUG}=1 to see where, and please report it"
            raise _exit(f"Error: panelsim has a fault ({told}); {hint}", EXIT_BUG) from None

    return run


def end_on_sigterm() -> None:
    """Lets SIGTERM end a command as Ctrl-C does, so that a run says how to resume it."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)


def _as_ctrl_c(_signal: int, _frame: FrameType | None) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        raise KeyboardInterrupt
    # asyncio turns SIGINT into an orderly cancellation; an exception from here could hit it anywhere
    signal.raise_signal(signal.SIGINT)


def _exit(sentence: str, code: int) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(code)


def _is_ours(error: Exception) -> bool:
    """Whether the error is a fault; the command line's own usage errors are shown by Typer."""
    return not type(error).__module__.startswith("typer.")
