"""Reading grounding notes: a text file with front matter, by name or path, personal data struck out."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.files.document import MAX_BYTES, parse_document
from panelsim.files.faults import did_you_mean, validate
from panelsim.files.folders import files_in, read_text
from panelsim.files.profiles import shown
from panelsim.model.note import Note
from panelsim.passages.quotable import redacted

SUFFIXES = (".md", ".txt")
FREE_TEXTS = ("source", "who")
"""Fields of the front matter in which personal data is struck out, as in the body."""
MOST_NOTES = 5_000
"""In one folder."""

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<head>.*?)^---[ \t]*(?:\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE
)


class NoteFile(NamedTuple):
    """A note as it was read, and its file as it stands on disk."""

    note: Note
    name: str
    """How errors and findings call the file."""
    text: str
    """The whole file, personal data and all: to be looked at, never to be sent."""


def list_notes() -> tuple[str, ...]:
    """Names of the notes at hand."""
    return tuple(_at_hand())


def read_note(name_or_path: str) -> Note:
    """The note of that name, or in that file. Raises `InputError`."""
    return read_note_file(name_or_path).note


def read_note_file(name_or_path: str) -> NoteFile:
    """The note of that name, or in that file, with the file's text. Raises `InputError`."""
    if name_or_path.endswith(SUFFIXES):
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise InputError(f"{path}: there is no such file, expected a note")
        return _read(path)
    files = _at_hand()
    path_of_name = files.get(name_or_path)
    if path_of_name is None:
        known = f"or one of {', '.join(files)}" if files else "(there are none in personas/notes)"
        raise InputError(
            f"no note is called {name_or_path!r}, expected a file name ending in {' or '.join(SUFFIXES)} "
            f"{known}{did_you_mean(name_or_path, files)}"
        )
    return _read(path_of_name)


def read_notes(folder: Path | None = None) -> tuple[Note, ...]:
    """All notes at hand, or all in `folder`, by id. Raises `InputError` if one cannot be read."""
    return tuple(read.note for read in read_note_files(folder))


def read_note_files(folder: Path | None = None) -> tuple[NoteFile, ...]:
    """As `read_notes`, with the files' texts."""
    paths = _at_hand().values() if folder is None else _in(folder)
    read = sorted((_read(path) for path in paths), key=lambda one: one.note.id)
    for one, other in pairwise(read):
        if one.note.id == other.note.id:
            raise InputError(
                f"{other.name}: id: {other.note.id!r} is the id of {one.name} too, expected one of its own"
            )
    return tuple(read)


def _at_hand() -> Mapping[str, Path]:
    files = files_in("personas", "notes", SUFFIXES)
    _check_many(len(files), "personas/notes")
    for path in files.values():
        _check_alone(path)
    return files


def _in(folder: Path) -> Iterable[Path]:
    if not folder.is_dir():
        raise InputError(
            f"{folder}: there is no such folder, expected one with notes ({', '.join(SUFFIXES)})"
        )
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file()]
    if not paths:
        raise InputError(f"{folder}: no note is in there, expected files ending in {' or '.join(SUFFIXES)}")
    _check_many(len(paths), str(folder))
    return paths


def _check_many(count: int, folder: str) -> None:
    if count > MOST_NOTES:
        raise InputError(f"{folder}: {count:,} notes are in there, expected at most {MOST_NOTES:,}")


def _check_alone(path: Path) -> None:
    """Two files of one name would hide each other."""
    twins = [twin for twin in (path.with_suffix(suffix) for suffix in SUFFIXES) if twin.is_file()]
    if len(twins) > 1:
        raise InputError(f"{shown(twins[1])}: {twins[0].name} has the same name, expected one of the two")


def _read(path: Path) -> NoteFile:
    name = shown(path)
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{name}: the file is larger than {MAX_BYTES:,} bytes, expected a smaller one")
    text = read_text(path).replace("\r\n", "\n")
    parts = _FRONT_MATTER.match(text)
    if parts is None:
        raise InputError(
            f"{name}, line 1: expected front matter (id, kind, source, date, who) between two '---' lines"
        )
    # an empty line in place of the first marker keeps the line numbers of the file
    document = parse_document(f"\n{parts['head']}", name)
    if not isinstance(document.value, dict):
        raise InputError(f"{name}, line 2: found a list or a text, expected the fields of a note")
    line = text.count("\n", 0, parts.start("body")) + 1
    if "text" in document.value:
        raise InputError(
            f"{document.where(('text',))}: text: unknown field, the text stands below the front matter"
        )
    if not parts["body"].strip():
        raise InputError(f"{name}, line {line}: the note is empty, expected what was said or written")
    fields = dict(document.value)
    for field in FREE_TEXTS:
        if isinstance(value := fields.get(field), str):
            fields[field] = redacted(value)
    fields["text"] = redacted(parts["body"])
    document = document._replace(value=fields, lines={**document.lines, ("text",): line})
    note = validate(Note, document, fields)
    if note.id != path.stem:
        raise InputError(
            f"{document.where(('id',))}: id: found {note.id!r}, expected the file's own name {path.stem!r}"
        )
    return NoteFile(note, name, text)
