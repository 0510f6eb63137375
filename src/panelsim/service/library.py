"""What an account's studies may name: its own profiles before the shipped ones, and never a path."""

import json
import re
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.files import read_names
from panelsim.files.document import Document
from panelsim.files.faults import did_you_mean
from panelsim.files.profiles import FileShelf, is_path
from panelsim.files.references import Found, Kind, alone_of, panel_of
from panelsim.model.sources import PanelSources
from panelsim.service.sources import PERSONA, with_notes
from panelsim.store import Store
from panelsim.store.documents import Document as StoredDocument

NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


class AccountShelf(NamedTuple):
    """The profiles of an account: its own, and the shipped ones whose ids it has not taken.

    What is shipped names the account's own too, as a file at home stands in for a shipped one.
    """

    store: Store
    account: str
    files: FileShelf = FileShelf()
    by_file: bool = False
    """Whether a file of the server refers here: it may name others by path, what an account wrote may not."""

    def names(self, kind: Kind) -> tuple[str, ...]:
        """As `Shelf`."""
        return tuple(sorted({*self.store.document_ids(self.account, kind), *self.files.names(kind)}))

    def find(self, kind: Kind, reference: str) -> Found | None:
        """As `Shelf`."""
        if is_path(reference):
            return self._shipped(self.files.find(kind, reference), reference) if self.by_file else None
        return self.own(kind, reference) or self._by_name(kind, reference)

    def find_parent(self, name: str) -> Found | None:
        """As `Shelf`."""
        if self.by_file and not is_path(name):
            return self.own("icp", name) or self._shipped(self.files.find_parent(name), name)
        return self.find("icp", name)

    def lacking(self, kind: Kind, reference: str) -> str:
        """As `Shelf`."""
        if not (is_path(reference) and self.by_file):
            return ""
        return f"found {reference!r}, which the server does not have, expected the file of a {kind}"

    def own(self, kind: Kind, name: str, version: int | None = None) -> Found | None:
        """The account's own profile of that id; None if there is none."""
        if not NAME.match(name):
            return None
        kept = self.store.document(self.account, kind, name, version)
        return None if kept is None else self.found(kept)

    def found(self, kept: StoredDocument) -> Found:
        """A stored document as a profile; its version is the one that the store gave it."""
        value = {**json.loads(kept.body), "version": kept.version}
        return self.at(kept.kind, kept.id, Document(f"{kept.kind} {kept.id!r}", value, {}))

    def at(self, kind: str, name: str, document: Document) -> Found:
        """A document in the place of the account's own profile of that id."""
        return Found(document, f"own {kind} {name}", self._replace(files=FileShelf(), by_file=False))

    def _by_name(self, kind: Kind, name: str) -> Found | None:
        return self._shipped(FileShelf().find(kind, name), name) if NAME.match(name) else None

    def _shipped(self, found: Found | None, name: str) -> Found | None:
        """A file of the server; errors name it and not where it is."""
        if found is None or not isinstance(found.shelf, FileShelf):
            return None
        document = found.document._replace(name=f"the shipped {name!r}")
        return Found(document, found.place, self._replace(files=found.shelf, by_file=True))


def sources_of(panel: str, shelf: AccountShelf, *, notes: bool) -> PanelSources:
    """The sources of a panel by its name, or of one persona by `persona:NAME`.

    Raises `InputError` for a name that is not known, and for anything else than a name: a path would reach
    the files of whoever runs the service. Notes speak of shipped profiles and never of an account's own.
    """
    name = panel.removeprefix(PERSONA)
    kind: Kind = "persona" if panel.startswith(PERSONA) else "panel"
    found = shelf.find(kind, name) if NAME.match(name) else None
    if found is None:
        known = shelf.names(kind)
        hint = did_you_mean(name, known)
        raise InputError(f"no {kind} is called {name[:80]!r}, expected one of {', '.join(known)}{hint}")
    sources = (alone_of if kind == "persona" else panel_of)(found, read_names())
    return with_notes(sources, but=_own_of(sources, shelf)) if notes else sources


def _own_of(sources: PanelSources, shelf: AccountShelf) -> frozenset[str]:
    personas = {one.id for one in sources.personas + sources.anti_personas}
    icps = {one.id for one in sources.icps + sources.anti_icps}
    own_personas = personas & {*shelf.store.document_ids(shelf.account, "persona")}
    return frozenset(own_personas | (icps & {*shelf.store.document_ids(shelf.account, "icp")}))
