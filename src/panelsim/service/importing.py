"""Contacts imported: an export read, its personal data left behind, draft personas written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from panelsim.errors import InputError
from panelsim.files import read_icp
from panelsim.files.contacts import read_contact_rules
from panelsim.files.faults import did_you_mean
from panelsim.files.profiles import is_path
from panelsim.files.tables import read_table
from panelsim.files.writing import check_folder, write_file
from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.model.table import Fault
from panelsim.planning.contacts import STATEMENTS, USES, Group, Import, draft_persona, read_contacts
from panelsim.planning.lint import lint_persona


class Drafted(NamedTuple):
    """What became of an export."""

    read: Import
    faults: Sequence[Fault]
    """Of rows that were left out."""
    skipped: int
    """Rows left out."""
    files: Mapping[str, Path]
    """Draft to the file it was written to."""


def import_contacts(
    path: Path, icp: str, folder: Path, date: str, *, mapped: Sequence[str], least: int, skip_bad: bool
) -> Drafted:
    """Reads the contacts in a file and writes a draft of each group of at least `least` below `folder`.

    `mapped` holds COLUMN=FIELD. If anything is wrong nothing is written; InputError says what and where.
    """
    home = read_icp(icp)
    table = read_table(path, skip_bad=skip_bad)
    read = read_contacts(table, read_contact_rules(), _mapping(mapped), least)
    if not read.groups:
        raise InputError(
            f"{table.name}: no group has {least} contacts ({read.unplaced} of {read.contacts} are of no "
            "known function), so nothing is written; lower --least, or add words to "
            "personas/imports/contacts.yaml"
        )
    texts = {
        folder / f"{group.id}.yaml": _text(
            draft_persona(group, home.id, table.name.rpartition("/")[2], read.columns, date), group, home, icp
        )
        for group in read.groups
    }
    for place in texts:
        if place.exists():
            raise InputError(
                f"{place} is there already and is not overwritten; name another folder with --out"
            )
    check_folder(folder)
    for place, text in texts.items():
        write_file(place, (text,))
    files = {group.id: place for group, place in zip(read.groups, texts, strict=True)}
    return Drafted(read=read, faults=table.faults, skipped=table.skipped, files=files)


def _mapping(mapped: Sequence[str]) -> dict[str, str]:
    known = (*USES, *STATEMENTS)
    found: dict[str, str] = {}
    for pair in mapped:
        column, is_pair, field = (part.strip() for part in pair.rpartition("="))
        if not is_pair or not column:
            raise InputError(f"--map {pair!r}, expected COLUMN=FIELD such as Notes=objections")
        if field not in known:
            expected = f"expected one of {', '.join(known)}"
            raise InputError(
                f"--map {pair!r}: {field!r} cannot be filled from a column, {expected}"
                f"{did_you_mean(field, known)}"
            )
        if field in found:
            raise InputError(f"--map {pair!r}: {field} is mapped twice, expected it once")
        found[field] = column
    return found


def _text(persona: Persona, group: Group, home: ICP, icp: str) -> str:
    """The draft as YAML under a comment that says what it is and what is left to fill in."""
    blank = [
        finding.where.rpartition(": ")[2]
        for finding in lint_persona(persona, [home])
        if finding.what == "nothing is stated"
    ]
    head = (
        f"# A draft from {group.contacts} contacts; no person is named. Role and authority are a guess.\n"
        f"# Left to fill in from what you know: {', '.join(blank)}.\n"
        "# Then set status to active. State what each field rests on under provenance.\n"
    )
    if is_path(icp):
        head += f"# Its ICP was read from {icp}: keep that file in personas/icps to find it by name.\n"
    fields = persona.model_dump(mode="json", exclude_defaults=True)
    fields |= {"status": persona.status, "version": persona.version}
    if group.in_market is not None:
        fields["in_market_share"] = persona.in_market_share
    ordered = {name: fields[name] for name in type(persona).model_fields if name in fields}
    body: str = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=110)
    return head + body
