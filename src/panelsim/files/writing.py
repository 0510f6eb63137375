"""Writing files whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from panelsim.errors import InputError


def check_folder(folder: Path) -> None:
    """Makes `folder` if it is missing. Raises `InputError` if no file can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"--out {folder}: nothing can be written there ({error.strerror}); name another folder"
        ) from error


def write_file(path: Path, pieces: Iterable[str], *, hint: str = "") -> Path:
    """Writes `pieces` to `path`, whole or not at all. Raises `InputError` with `hint` if it cannot be."""
    with whole_file(path, hint=hint) as write:
        for piece in pieces:
            write(piece)
    return path


@contextmanager
def whole_file(path: Path, *, hint: str = "") -> Iterator[Callable[[str], None]]:
    """A function that writes to `path`, which is there only once the block ends without an error.

    Raises `InputError`, ending in `hint`, if it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _told(path, hint):
            out = fresh.open("w", encoding="utf-8", newline="")
        with out:

            def write(text: str) -> None:
                try:
                    out.write(text)
                except OSError as error:
                    raise _unwritable(path, error, hint) from error

            yield write
            with _told(path, hint):
                out.close()
        with _told(path, hint):
            fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


@contextmanager
def _told(path: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error, hint) from error


def _unwritable(path: Path, error: OSError, hint: str) -> InputError:
    return InputError(f"{path} cannot be written ({error.strerror}){hint}")
