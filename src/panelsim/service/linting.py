"""Linting the profiles that are used together: ICPs, and personas beside them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.files import list_icps, list_personas, read_icp, read_line, read_names, read_persona
from panelsim.files.document import parse_document
from panelsim.files.folders import read_text
from panelsim.files.profiles import is_path, resolve_file, shown
from panelsim.files.references import Found, Kind, Shelf, line_of, panel_of, persona_of
from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.planning.findings import Finding, errors_first
from panelsim.planning.lint import lint_persona
from panelsim.planning.lint_icps import lint_icps
from panelsim.planning.panel_rules import lint_panel
from panelsim.service.profiles import unversioned_changes
from panelsim.settings import read_settings


class Read(NamedTuple):
    """The profiles that were named."""

    icps: tuple[ICP, ...]
    parents: tuple[ICP, ...]
    """Parents of micro-ICPs that were not named themselves."""
    personas: tuple[Persona, ...]


def lint_profiles(names: Sequence[str], *, today: str) -> tuple[Finding, ...]:
    """What to mend in the ICPs and personas of those names or files, and in how they go together.

    Without names, in all ICPs at hand, which may be any number. Without a persona among the names, those at
    hand are counted where some belong to the ICPs. `today` is a date as YYYY-MM-DD. InputError if a name is
    not known.
    """
    read = _read(names or list_icps())
    icps, buyers = read.icps, read.personas
    at_hand = [read_persona(name) for name in list_personas()] if icps and not buyers else []
    ids = {icp.id for icp in icps}
    belonging = tuple(one for one in at_hand if ids & set(one.icps))
    found = list(lint_icps(icps, buyers or belonging, read.parents, today=today, together=bool(names)))
    known = (*icps, *(read_icp(name) for name in list_icps() if name not in ids))
    for persona in buyers:
        found += lint_persona(persona, known, today=today)
    found += unversioned_changes((*icps, *buyers), read_settings())
    return errors_first(iter(found))


def lint_found(kind: Kind, found: Found, *, today: str) -> tuple[Finding, ...]:
    """What to mend in one profile, beside those on its shelf. Raises `InputError` if it cannot be read.

    As `lint_profiles` and its like say it of a file; versions are not compared with those of runs.
    """
    match kind:
        case "icp":
            icp, *parents = line_of(found)
            buyers = [one for one in _personas_on(found.shelf) if icp.id in one.icps]
            return lint_icps((icp,), buyers, parents, today=today, together=True)
        case "persona":
            return lint_persona(persona_of(found), _icps_on(found.shelf), today=today)
        case "panel":
            return lint_panel(panel_of(found, read_names()), today=today)


def _personas_on(shelf: Shelf) -> Iterator[Persona]:
    """Those that can be read."""
    for name in shelf.names("persona"):
        with suppress(InputError):
            found = shelf.find("persona", name)
            if found is not None:
                yield persona_of(found)


def _icps_on(shelf: Shelf) -> list[ICP]:
    icps = []
    for name in shelf.names("icp"):
        with suppress(InputError):
            found = shelf.find("icp", name)
            if found is not None:
                icps.append(line_of(found)[0])
    return icps


def _read(names: Sequence[str]) -> Read:
    lines = [read_line(name) for name in names if not _is_persona(name)]
    icps = [line[0] for line in lines]
    ids = [icp.id for icp in icps]
    for at, one in enumerate(ids):
        if one in ids[:at]:
            raise InputError(f"the ICP {one!r} was named twice, expected each once")
    parents = {icp.id: icp for line in lines for icp in line[1:] if icp.id not in ids}
    personas = [read_persona(name, icps=ids) for name in names if _is_persona(name)]
    return Read(tuple(icps), tuple(parents.values()), tuple(personas))


def _is_persona(name: str) -> bool:
    """Whether a name or file means a persona: a file says so by a field that only personas have."""
    if not is_path(name):
        return name not in list_icps() and name in list_personas()
    path = resolve_file(name, "ICP or persona", {}, None)
    fields = parse_document(read_text(path), shown(path)).value
    return isinstance(fields, dict) and bool({"committee_role", "authority", "hexaco"} & set(fields))
