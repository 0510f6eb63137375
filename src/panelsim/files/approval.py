"""Approving a persona: its file's status set to active, and nothing else in it changed."""

import re
from pathlib import Path

from panelsim.errors import InputError
from panelsim.files.document import parse_document
from panelsim.files.folders import files_in, read_text
from panelsim.files.profiles import read_persona, resolve_file, shown

_STATUS = re.compile(r"^(\s*status:\s*)(['\"]?)draft\2[ \t]*(?:#.*)?$")


def persona_file(name_or_path: str) -> Path:
    """The file of a persona. Raises `InputError` if there is none."""
    return resolve_file(name_or_path, "persona", files_in("personas", "buyers"), None)


def approved_text(path: Path, day: str) -> str:
    """A draft's text with `status: active` and the day. Raises `InputError` if the persona is no draft."""
    text = read_text(path)
    document = parse_document(text, shown(path))
    persona = read_persona(str(path))
    if persona.status != "draft":
        raise InputError(f"{document.where(('status',))}: status: found {persona.status!r}, expected 'draft'")
    active = f"active  # approved on {day}"
    lines = text.split("\n")
    at = document.lines.get(("status",))
    if at is None:
        at = document.line(("id",))
        if not lines[at - 1].startswith("id:"):
            raise InputError(
                f"{shown(path)}: status: the field is missing, expected status: draft on a line of its own"
            )
        lines.insert(at, f"status: {active}")
    else:
        lines[at - 1], changed = _STATUS.subn(lambda found: f"{found[1]}{active}", lines[at - 1])
        if not changed:
            raise InputError(
                f"{document.where(('status',))}: status: expected status: draft on a line of its own"
            )
    return "\n".join(lines)
