"""Model files in the cache folder: fetched once, checked against their hash, written whole or not at all."""

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from panelsim.errors import InputError, ProviderError
from panelsim.model.base import Frozen
from panelsim.providers.catalogue import HASH_SHOWN, ModelEntry, ModelKind, entry_of
from panelsim.providers.model_sources import Progress, fetch_from


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model file on this machine whose content is known."""

    name: str
    """The model's name in a call: the catalogue's name or the file's stem, with its hash (`name@sha12`)."""
    kind: ModelKind
    path: Path
    sha256: str


def ignore(done: int, total: int) -> None:
    """Reports to nobody."""


def models_dir(cache_dir: Path) -> Path:
    """Where the model files lie."""
    return cache_dir / "models"


def path_of(name: str, cache_dir: Path) -> Path:
    """Where the catalogue's model `name` lies, or would lie, under `cache_dir`."""
    return models_dir(cache_dir) / entry_of(name).filename


def is_pulled(name: str, cache_dir: Path) -> bool:
    """Whether the catalogue's model `name` is there; its content is checked when it is opened."""
    return path_of(name, cache_dir).is_file()


def pull(name: str, cache_dir: Path, progress: Progress = ignore) -> LocalModel:
    """Fetches the catalogue's model `name` into `cache_dir`, unless it is there, and checks it.

    A pull that was cut off goes on where it stopped; a second process waits for the first.

    Raises `InputError` for an unknown name, `ProviderError` if no source has the right file or the disk is
    full.
    """
    entry = entry_of(name)
    folder = models_dir(cache_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / f"{entry.filename}.lock"):
            if not (folder / entry.filename).is_file():
                _fetch(entry, folder, progress)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ProviderError(f"model {name!r}: the disk of {folder} is full; {_needs(entry)}") from error
        raise ProviderError(f"model {name!r}: cannot be written to {folder}: {error}") from error
    return local_model(entry.name, cache_dir)


def local_model(spec: str, cache_dir: Path) -> LocalModel:
    """The model `spec` as a checked file: a catalogue's `name` or `name@hash`, or the path of a `.gguf` file.

    A file of one's own is afterwards known by its name too (`stem@hash`). A file is hashed unless it was
    before and has not changed since. Raises `InputError` if it is not there, `ProviderError` if its content
    is not what the catalogue says.
    """
    folder = models_dir(cache_dir)
    path = _brought(spec, folder) or Path(spec).expanduser()
    if path.suffix == ".gguf":
        if not path.is_file():
            raise InputError(f"model file {spec!r} does not exist; expected a GGUF file")
        sha256 = _known_hash(path, folder)
        return LocalModel(_named(path.stem, sha256), "chat", path.absolute(), sha256)
    entry = entry_of(spec)
    path = path_of(spec, cache_dir)
    if not path.is_file():
        raise InputError(f"model {spec!r} is not here; fetch it with: panelsim models pull {entry.name}")
    sha256 = _known_hash(path, folder)
    expected = entry.sha256 or spec.partition("@")[2]
    if not sha256.startswith(expected):
        raise ProviderError(
            f"model {spec!r}: {path} has the SHA-256 {sha256}, expected {expected}; delete it"
        )
    return LocalModel(_named(entry.name, sha256), entry.kind, path, sha256)


def _named(stem: str, sha256: str) -> str:
    return f"{stem}@{sha256[:HASH_SHOWN]}"


def _needs(entry: ModelEntry) -> str:
    return f"fetching it needs about {2 * (entry.bytes or 0) / 1e9:.1f} GB for a while"


def _fetch(entry: ModelEntry, folder: Path, progress: Progress) -> None:
    """Puts the file at its place from the first source that has it."""
    free = shutil.disk_usage(folder).free
    if entry.bytes and free < 2 * entry.bytes:
        there = f"{free / 1e9:.1f} GB are free in {folder}"
        raise ProviderError(f"model {entry.name!r}: {there}; {_needs(entry)}")
    reasons = []
    for source in entry.sources:
        try:
            ready = fetch_from(source, entry, folder, progress)
            _check(ready, entry)
        except ProviderError as error:
            reasons.append(str(error))
            continue
        ready.replace(folder / entry.filename)
        return
    raise ProviderError(f"model {entry.name!r} could not be fetched: {'; '.join(reasons)}")


def _check(path: Path, entry: ModelEntry) -> None:
    """Remembers the hash of `path` for its final place; removes it and raises if it is wrong."""
    sha256 = _hash_of(path)
    if entry.sha256 and sha256 != entry.sha256:
        path.unlink()
        raise ProviderError(f"what came has the SHA-256 {sha256}, expected {entry.sha256}; it was removed")
    _remember(path.with_name(entry.filename), path.parent, sha256, path)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Stamp(Frozen):
    """What a file's hash was, and how to see that the file has not changed since."""

    path: str
    bytes: int
    mtime_ns: int
    sha256: str

    def still_holds(self, path: Path) -> bool:
        now = path.stat()
        return (self.bytes, self.mtime_ns) == (now.st_size, now.st_mtime_ns)


def _known_hash(path: Path, folder: Path) -> str:
    """The SHA-256 of `path`, from its stamp in `folder` if size and time of change are still the same."""
    stamp = _read_stamp(_stamp_of(path, folder))
    if stamp and stamp.still_holds(path):
        return stamp.sha256
    sha256 = _hash_of(path)
    folder.mkdir(parents=True, exist_ok=True)
    _remember(path, folder, sha256, path)
    return sha256


def _brought(name: str, folder: Path) -> Path | None:
    """The user's own file that is known as `name` (`stem@hash`), if there is one."""
    stamps = (_read_stamp(path) for path in folder.glob("*.verified"))
    for stamp in stamps:
        if (
            stamp
            and Path(stamp.path).parent != folder
            and _named(Path(stamp.path).stem, stamp.sha256) == name
        ):
            return Path(stamp.path)
    return None


def _read_stamp(path: Path) -> _Stamp | None:
    """The stamp at `path`; none if there is none or another program wrote it."""
    try:
        return _Stamp.model_validate_json(path.read_text("utf-8"))
    except (FileNotFoundError, ValidationError):
        return None


def _remember(path: Path, folder: Path, sha256: str, lies_at: Path) -> None:
    """Writes the stamp of `path`, whose content now lies at `lies_at`."""
    seen = lies_at.stat()
    stamp = _Stamp(path=str(path.absolute()), bytes=seen.st_size, mtime_ns=seen.st_mtime_ns, sha256=sha256)
    place = _stamp_of(path, folder)
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    fresh.write_text(stamp.model_dump_json(), "utf-8")
    fresh.replace(place)


def _stamp_of(path: Path, folder: Path) -> Path:
    if path.parent == folder:
        return folder / f"{path.name}.verified"
    place = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:HASH_SHOWN]
    return folder / f"{path.name}.{place}.verified"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds the lock file `path`; waits while another process holds it."""
    with path.open("a+b") as handle:
        _lock(handle)
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: IO[bytes]) -> None:
        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
