"""Profiles that an account keeps: read, listed beside the shipped ones, changed by new versions, deleted."""

import json
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from pydantic import JsonValue

from panelsim.errors import InputError
from panelsim.files import read_names
from panelsim.files.document import Document
from panelsim.files.faults import wrong
from panelsim.files.profiles import FileShelf, is_path
from panelsim.files.references import Found, Kind, line_of, panel_of, persona_of
from panelsim.model.fingerprint import content_hash
from panelsim.service.library import NAME, AccountShelf
from panelsim.service.profiles import Stored
from panelsim.store.documents import Document as StoredDocument

Source: TypeAlias = Literal["own", "shipped"]
KINDS: tuple[Kind, ...] = ("icp", "persona", "panel")


class Kept(NamedTuple):
    """One version of a profile."""

    kind: Kind
    id: str
    source: Source
    version: int
    created_at: str
    """Empty for what is shipped."""
    given: JsonValue
    """The fields as they were given."""
    profile: Stored | None
    """As it is read; absent if it can no longer be read."""
    fault: str
    """Why it cannot be read; empty if it can."""

    @property
    def content(self) -> str:
        """Its content hash; empty if it cannot be read."""
        return "" if self.profile is None else content_hash(self.profile)


def read(kind: Kind, found: Found) -> Stored:
    """A profile with every reference checked. Raises `InputError`."""
    match kind:
        case "icp":
            return line_of(found)[0]
        case "persona":
            return persona_of(found)
        case "panel":
            return panel_of(found, read_names()).spec


def place_body(shelf: AccountShelf, kind: Kind, document: Document, name: str = "") -> Found:
    """A profile that a caller sends, in the place where it would be kept.

    `name`: the id it must have, or may leave out. Raises `InputError` for one that cannot be named.
    """
    fields = document.value
    if not isinstance(fields, dict):
        raise InputError(f"{document.name}: expected fields and values")
    given = fields.get("id", name)
    if name and given != name:
        raise wrong(document, ("id",), f"found {given!r}, expected {name!r} as in the path, or none")
    if isinstance(given, str) and is_path(given):
        raise wrong(document, ("id",), f"found {given!r}, expected an id that is no name of a file")
    value = {"id": given, **fields} if given else fields
    return shelf.at(kind, str(given)[:64], document._replace(value=value))


def look_up(shelf: AccountShelf, kind: Kind, name: str, version: int | None = None) -> Kept | None:
    """The account's own profile of that id, else the shipped one; None if there is none of that version."""
    if not NAME.match(name):
        return None
    stored = shelf.store.document(shelf.account, kind, name)
    if stored is not None:
        if version not in (None, stored.version):
            stored = shelf.store.document(shelf.account, kind, name, version)
        return None if stored is None else of_stored(shelf, stored)
    found = shelf.find(kind, name)
    kept = None if found is None else _of_shipped(kind, name, found)
    return None if kept is None or version not in (None, kept.version) else kept


def of_stored(shelf: AccountShelf, stored: StoredDocument) -> Kept:
    """A stored document as a profile."""
    kind = next(one for one in KINDS if one == stored.kind)
    profile, fault = _read_if_possible(kind, shelf.found(stored))
    given: JsonValue = json.loads(stored.body)
    return Kept(kind, stored.id, "own", stored.version, stored.created_at, given, profile, fault)


def _of_shipped(kind: Kind, name: str, found: Found) -> Kept:
    profile, fault = _read_if_possible(kind, found)
    version = 1 if profile is None else profile.version
    return Kept(kind, name, "shipped", version, "", found.document.value, profile, fault)


def _read_if_possible(kind: Kind, found: Found) -> tuple[Stored | None, str]:
    """What is kept may rest on something that was changed or deleted since."""
    try:
        return read(kind, found), ""
    except InputError as error:
        return None, str(error)


def page(
    shelf: AccountShelf, kind: Kind, limit: int, after: str = "", source: Source | None = None
) -> list[Kept]:
    """At most `limit` profiles whose id comes after that one, by id; own ones stand in for shipped ones."""
    own = {one.id: one for one in shelf.store.documents(shelf.account, kind, limit, after)}
    taken = own if source == "own" else {*shelf.store.document_ids(shelf.account, kind)}
    shipped = [] if source == "own" else [name for name in shelf.names(kind) if name not in taken]
    mine = [] if source == "shipped" else list(own)
    names = sorted([*mine, *(name for name in shipped if name > after)])[:limit]
    found = (of_stored(shelf, own[name]) if name in own else look_up(shelf, kind, name) for name in names)
    return [one for one in found if one is not None]


def keep(
    shelf: AccountShelf, kind: Kind, document: Document, name: str = "", *, is_new: bool
) -> tuple[Kept, bool]:
    """Keeps what a caller sends as the next version of its own profile, and whether it was not kept before.

    Exactly what is kept already makes no version. `name` is the id that it must have. Raises `InputError` for
    whatever is wrong with it, and `AlreadyKept` if it `is_new` and there is another of that id.
    """
    found = place_body(shelf, kind, document, name)
    profile = read(kind, found)
    fields = found.document.value
    given = (
        {key: value for key, value in fields.items() if key != "version"} if isinstance(fields, dict) else {}
    )
    body = json.dumps(given, ensure_ascii=False)
    while True:
        before = shelf.store.document(shelf.account, kind, profile.id)
        if before is not None and json.loads(before.body) == given:
            return of_stored(shelf, before), False
        if before is not None and is_new:
            raise AlreadyKept(kind, profile.id, before.version)
        newest = 0 if before is None else before.version
        made = shelf.store.add_document(shelf.account, kind, profile.id, body, after=newest)
        if made is not None:
            return of_stored(shelf, made), True


class AlreadyKept(InputError):
    """The account has another profile of that kind and id."""

    http_status = 409

    def __init__(self, kind: Kind, name: str, version: int) -> None:
        super().__init__(
            f"you have another {kind} {name!r} already, in version {version}; "
            "change it with PUT, or choose another id"
        )


def dependents(shelf: AccountShelf, kind: Kind, name: str) -> list[str]:
    """The account's own profiles that would lose what they name if its profile of that id were deleted."""
    if name in FileShelf().names(kind):  # the shipped one takes its place
        return []
    found = []
    for other in KINDS:
        after = ""
        while batch := shelf.store.documents(shelf.account, other, 100, after):
            after = batch[-1].id
            found += [
                f"{other} {one.id!r}"
                for one in batch
                if (kind, name) in set(_named_in(other, json.loads(one.body)))
            ]
    return found


def _named_in(kind: Kind, given: dict[str, JsonValue]) -> Iterator[tuple[Kind, str]]:
    """The profiles that one names."""
    match kind:
        case "icp":
            yield "icp", str(given.get("parent", ""))
        case "persona":
            yield from (("icp", name) for name in _texts(given.get("icps")))
        case "panel":
            for field in ("icps", "anti_icps"):
                yield from (("icp", name) for name in _texts(given.get(field)))
            for field in ("personas", "anti_personas"):
                yield from (("persona", name) for name in _texts(given.get(field)))


def _texts(value: JsonValue) -> Iterator[str]:
    for one in value if isinstance(value, list) else ():
        yield str(one.get("persona", "") if isinstance(one, dict) else one)
