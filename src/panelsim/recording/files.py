"""Recordings on disk: JSON lines, compressed, the same bytes for the same content."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

from panelsim.errors import InputError

LEVEL = 19
MOST_BYTES = 2_000_000_000
"""Of a recording when it is unpacked: a small file cannot become an endless one."""


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Writes `lines` to `path`, whole or not at all, compressed if it ends in `.zst`; returns the bytes."""
    text = b"".join(line + b"\n" for line in lines)
    content = zstandard.ZstdCompressor(level=LEVEL).compress(text) if path.suffix == ".zst" else text
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return len(content)


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a recording that are not empty. Raises `InputError` if it cannot be read."""
    try:
        content = path.read_bytes()
        if path.suffix == ".zst":
            content = zstandard.ZstdDecompressor().decompress(content, max_output_size=MOST_BYTES)
    except (OSError, zstandard.ZstdError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"recording {path} cannot be read: {reason}") from error
    return (line for line in content.split(b"\n") if line)
