"""Learning from a user's closed deals: the file read, the lessons drawn, and the proposal written as text."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.files.document import parse_document
from panelsim.files.faults import validate
from panelsim.files.folders import read_text
from panelsim.files.profiles import read_line, resolve_icp, shown
from panelsim.files.writing import check_folder, write_file
from panelsim.learning.lessons import Asked, Lessons, learn
from panelsim.learning.revision import Change, difference, revised
from panelsim.model.icp import ICP
from panelsim.planning.micro import inherit
from panelsim.service.accounts import Files, read_rows
from panelsim.service.rivals import logistic_rival


class Learned(NamedTuple):
    """What a file of deals taught, and what it would change."""

    lessons: Lessons
    notes: tuple[str, ...]
    proposal: str
    """The proposed file; empty if the ICP stays as it is."""
    diff: str
    """From the file as it is to the proposed one; empty if the ICP stays as it is."""


def learn_file(name: str, files: Files, columns: Mapping[str, str], asked: Asked) -> Learned:
    """Learns from the deals in `files` what the ICP of that name, or in that file, should ask.

    Nothing is changed: the proposal is text. InputError as `read_rows` and `learn`.
    """
    line = read_line(name)
    rows = read_rows(files)
    lessons = learn(line[0], rows.table, columns, asked, logistic_rival())
    if lessons.proposed is None:
        return Learned(lessons, rows.notes, "", "")
    path = resolve_icp(name)
    before = read_text(path)
    after = revised(before, _change(lessons, rows.table.name))
    _check(after, line)
    return Learned(lessons, rows.notes, after, difference(before, after, shown(path)))


def write_proposal(learned: Learned, out: Path) -> None:
    """Writes the proposed file. InputError if there is a file of that name: nothing is changed silently."""
    if out.exists():
        raise InputError(f"--out {out}: the file is there already and is not overwritten; name another one")
    check_folder(out.parent)
    write_file(out, (learned.proposal,))


def _change(lessons: Lessons, source: str) -> Change:
    """The change of an ICP's file, each new condition with what the deals say of it as its note."""
    icp, proposed, won = lessons.icp, lessons.proposed, lessons.deals.won
    if proposed is None:
        raise ValueError("there is no proposal to write")
    fields = {
        name: field for name, field in proposed.account_fields.items() if name not in icp.account_fields
    }
    file = source.rpartition("/")[2]
    told = f"{int(won.sum()):,} won and {int((~won).sum()):,} lost deals of {file}"
    added = [
        (one.choice.place, one.choice.predicate.model_copy(update={"note": one.words(file)}))
        for one in lessons.added
    ]
    head = f"Proposed by panelsim icp learn from {told}. Read it before it replaces {icp.id} v{icp.version}."
    return Change(proposed.version, fields, added, lessons.removed, head)


def _check(text: str, line: tuple[ICP, ...]) -> None:
    """Reads the proposal back, so that no file is offered that panelsim would refuse."""
    document = parse_document(text, "the proposal")
    fields = document.value
    if len(line) > 1 and isinstance(fields, dict):
        fields = inherit(fields, line[1])
    validate(ICP, document._replace(value=fields), fields)
