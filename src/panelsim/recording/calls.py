"""Recorded calls: completions by call key as the store exports them, for panels of any size."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from panelsim import __version__
from panelsim.errors import InputError, NotRecorded
from panelsim.keys import text_key
from panelsim.model.call import KEY_PREFIX, Call, Completion
from panelsim.providers.base import Complete
from panelsim.recording import nearest
from panelsim.recording.files import read_lines, write_lines
from panelsim.recording.wire import secret_in
from panelsim.store.transfer import FORMAT, CompletionLine, HeadLine


class _Said(NamedTuple):
    call: bytes
    """Canonical JSON."""
    completion: bytes


class RecordedCalls:
    """Answers calls from a recording, each with the completion under its key."""

    def __init__(self, path: Path) -> None:
        """Reads `path`, which `store export` or `write_calls` wrote. Raises `InputError` if it is damaged."""
        self._path = path
        self._said: dict[str, _Said] = {}
        self._unasked: set[str] = set()
        self.absent: list[NotRecorded] = []
        """What was asked and not recorded."""
        for number, line in enumerate(read_lines(path), start=1):
            self._read(line, f"{path}, line {number}", is_first=number == 1)

    def __len__(self) -> int:
        return len(self._said)

    async def complete(self, call: Call) -> Completion:
        """What was said to `call`. Raises `NotRecorded` with the nearest recorded call's difference."""
        key = call.key
        said = self._said.get(key)
        if said is None:
            self.absent.append(NotRecorded(self._told(call)))
            raise self.absent[-1]
        self._unasked.discard(key)
        return Completion.model_validate_json(said.completion)

    def check(self, *, whole: bool = True) -> None:
        """Raises `NotRecorded` if something absent was asked or, with `whole`, something recorded was not."""
        if self.absent:
            raise self.absent[0]
        if whole and self._unasked:
            first = min(self._unasked)
            asked = [said.call for key, said in self._said.items() if key not in self._unasked]
            what = f"{len(self._unasked)} of {len(self)} recorded calls in {self._path} were never asked."
            raise NotRecorded(nearest.told(what, self._said[first].call, asked, ("asked", "recorded")))

    def _told(self, call: Call) -> str:
        name = f"{call.purpose or call.kind} of {call.model} ({call.key})"
        what = f"{name} was asked and not recorded in {self._path}."
        if self.absent:  # the first says enough, and a changed prompt can be absent ten thousand times
            return what
        return nearest.told(what, call.canonical(), [said.call for said in self._said.values()])

    def _read(self, line: bytes, place: str, *, is_first: bool) -> None:
        try:
            row = orjson.loads(line)
            kind = row["kind"]
            if is_first and (kind != "store" or row["format"] > FORMAT):
                raise InputError(
                    f'{place} is not the head of an export of format {FORMAT}: expected "kind":"store"'
                )
            if kind != "completion":
                return
            key, call = str(row["key"]), orjson.dumps(row["call"], option=orjson.OPT_SORT_KEYS)
            said = orjson.dumps(row["completion"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise InputError(f"{place} is not a line of a store's export: {error}") from error
        if text_key(KEY_PREFIX, call) != key and not _fits(line, key):
            raise InputError(f"{place} has the key {key}, which its call does not give")
        self._said[key] = _Said(call, said)
        self._unasked.add(key)


def _fits(line: bytes, key: str) -> bool:
    """Whether the call gives the key when it is read with care: a number may be written in several ways."""
    try:
        return CompletionLine.model_validate_json(line).call.key == key
    except ValidationError:
        return False


class Recorder:
    """Keeps what is said to the calls that pass through it."""

    def __init__(self) -> None:
        self.said: dict[str, tuple[Call, Completion]] = {}

    def around(self, complete: Complete) -> Complete:
        """`complete`, with everything that it says kept."""

        async def kept(call: Call) -> Completion:
            said = await complete(call)
            self.said[call.key] = (call, said)
            return said

        return kept


def write_calls(path: Path, said: Iterable[tuple[Call, Completion]]) -> int:
    """Writes calls in the form of a store's export, in the order of their keys; returns the bytes.

    Raises `InputError` if one of them holds what looks like a key: masked, it would not be the call any more.
    """
    ordered = sorted(said, key=lambda pair: pair[0].key)
    lines = [line_of(call, completion) for call, completion in ordered]
    for (call, _), line in zip(ordered, lines, strict=True):
        if secret_in(line):
            raise InputError(
                f"{call.purpose or call.kind} of {call.model} ({call.key}) holds what looks like a key or an "
                "organisation, expected none in a recording: take it out of the text that is asked"
            )
    return write_lines(path, [HeadLine(version=__version__).model_dump_json().encode(), *lines])


class Journal:
    """Completions kept as they come, so that an evaluation that was cut short pays for no answer twice.

    One line each in the form of a store's export, appended to `path`; without a path only in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._said: dict[str, Completion] = {}
        if path is not None and path.is_file():
            for line in read_lines(path):
                with suppress(ValidationError):  # the head, or a line that was cut short
                    row = CompletionLine.model_validate_json(line)
                    self._said[row.key] = row.completion

    async def find(self, key: str) -> Completion | None:
        """The completion of that key, or None if there is none."""
        return self._said.get(key)

    async def put(self, key: str, call: Call, completion: Completion) -> None:
        """Keeps `completion`."""
        self._said[key] = completion
        if self._path is None:
            return
        line = (
            b"" if self._path.is_file() else HeadLine(version=__version__).model_dump_json().encode() + b"\n"
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(line + line_of(call, completion) + b"\n")


def line_of(call: Call, completion: Completion) -> bytes:
    """A call with its completion as a line of a store's export."""
    return b'{"kind":"completion","key":"%b","made_at":0,"made_by":"","call":%b,"completion":%b}' % (
        call.key.encode(),
        call.canonical(),
        completion.model_dump_json().encode(),
    )
