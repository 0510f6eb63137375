"""Reading ICPs, personas and panels from files, by name or path, with every reference checked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.files.document import parse_document
from panelsim.files.faults import did_you_mean, validate, wrong
from panelsim.files.folders import files_in, read_text
from panelsim.files.references import WORDS, Found, Kind, alone_of, line_of, panel_of, persona_of
from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.model.sources import NameList, PanelSources

FOLDERS: Mapping[Kind, str] = {"icp": "icps", "persona": "buyers", "panel": "panels"}
"""Where each kind is below `personas/`."""


class FileShelf(NamedTuple):
    """Profiles in files: those at hand by name, others by their path."""

    folder: Path | None = None
    """Where relative paths start; absent: the working directory."""

    def names(self, kind: Kind) -> tuple[str, ...]:
        """As `Shelf`."""
        return tuple(self._known(kind))

    def find(self, kind: Kind, reference: str) -> Found | None:
        """As `Shelf`. InputError if a file that is known by name has another id."""
        if is_path(reference):
            path = self._at(reference)
            return _found(path) if path.is_file() else None
        known = self._known(kind).get(reference)
        return None if known is None else _found(known, reference)

    def find_parent(self, name: str) -> Found | None:
        """As `Shelf`: by name only, from those beside the child's file first."""
        beside = {} if self.folder is None else {one.stem: one for one in self.folder.glob("*.yaml")}
        known = {**_files("icp"), **beside}
        return None if name not in known or is_path(name) else _found(known[name], name)

    def lacking(self, kind: Kind, reference: str) -> str:
        """As `Shelf`."""
        if not is_path(reference):
            return ""
        return f"found {reference!r}, expected a {WORDS[kind]} file in {shown(self.folder or Path())}"

    def take(self, kind: Kind, name_or_path: str) -> Found:
        """The profile of that name, or in that file; InputError that lists the known names."""
        path = resolve_file(name_or_path, WORDS[kind], _files(kind), self.folder)
        return _found(path, "" if is_path(name_or_path) else name_or_path)

    def _known(self, kind: Kind) -> Mapping[str, Path]:
        """What is known by name, and after that what lies beside the profile that names it."""
        if self.folder is None or self.folder.name not in FOLDERS.values():
            return _files(kind)
        beside = (self.folder.parent / FOLDERS[kind]).glob("*.yaml")
        return {**_files(kind), **{one.stem: one for one in beside if one.stem not in _files(kind)}}

    def _at(self, path: str) -> Path:
        return (self.folder or Path()) / Path(path).expanduser()


def list_icps() -> tuple[str, ...]:
    """Names of the ICPs at hand."""
    return FileShelf().names("icp")


def list_personas() -> tuple[str, ...]:
    """Names of the personas at hand."""
    return FileShelf().names("persona")


def list_panels() -> tuple[str, ...]:
    """Names of the panels at hand."""
    return FileShelf().names("panel")


def read_icp(name_or_path: str, *, beside: Path | None = None) -> ICP:
    """The ICP of that name, or in that file. A relative path starts at `beside`.

    A micro-ICP names a parent, which is known by name or lies beside its file; what the child does not state
    is taken from there (`planning/micro`).
    """
    return read_line(name_or_path, beside=beside)[0]


def read_line(name_or_path: str, *, beside: Path | None = None) -> tuple[ICP, ...]:
    """The ICP of that name, or in that file, then its parent, the parent's parent and so on."""
    return line_of(FileShelf(beside).take("icp", name_or_path))


def resolve_icp(name_or_path: str, beside: Path | None = None) -> Path:
    """The file of the ICP of that name, or at that path; InputError that lists the known names."""
    return resolve_file(name_or_path, WORDS["icp"], _files("icp"), beside)


def read_persona(name_or_path: str, *, beside: Path | None = None, icps: Sequence[str] = ()) -> Persona:
    """The persona of that name, or in that file; its ICPs must be known or among `icps`.

    InputError too if its trait levels contradict each other.
    """
    return persona_of(FileShelf(beside).take("persona", name_or_path), icps)


def read_icps_beside(persona: str) -> tuple[ICP, ...]:
    """Every ICP that the persona of that name, or in that file, may name. Raises `InputError`."""
    shelf = FileShelf().take("persona", persona).shelf
    found = (shelf.find("icp", name) for name in shelf.names("icp"))
    return tuple(line_of(one)[0] for one in found if one is not None)


def read_persona_alone(name_or_path: str) -> PanelSources:
    """A panel of one persona, in the ICPs that it names. Raises `InputError`."""
    return alone_of(FileShelf().take("persona", name_or_path), read_names())


def read_panel_spec(name_or_path: str, *, beside: Path | None = None) -> PanelSources:
    """The panel of that name, or in that file, with the ICPs and personas it names.

    InputError if one is unknown, an ICP has the wrong polarity, or a persona has no ICP in its arm.
    """
    return panel_of(FileShelf(beside).take("panel", name_or_path), read_names())


def read_names() -> tuple[NameList, ...]:
    """The names that respondents may be given, by locale."""
    path = files_in("personas").get("names")
    if path is None:
        raise InputError("personas/names.yaml is missing, expected lists of names by locale")
    document = parse_document(read_text(path), shown(path))
    return validate(tuple[NameList, ...], document, document.value)


def resolve_file(name_or_path: str, what: str, files: Mapping[str, Path], beside: Path | None) -> Path:
    """The file that a name or path means; InputError that lists the known names if there is none."""
    if is_path(name_or_path):
        path = (beside or Path()) / Path(name_or_path).expanduser()
        if not path.is_file():
            raise InputError(f"{path}: there is no such file, expected the {what} file")
        return path
    found = files.get(name_or_path)
    if found is None:
        raise InputError(
            f"no {what} is called {name_or_path!r}, expected a file name ending in .yaml or one of "
            f"{', '.join(files)}{did_you_mean(name_or_path, files)}"
        )
    return found


def is_path(name_or_path: str) -> bool:
    """Whether it means a file, not something known by name."""
    return name_or_path.endswith((".yaml", ".yml"))


def shown(path: Path) -> str:
    """The path as errors show it: short if it lies below the working directory."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _files(kind: Kind) -> Mapping[str, Path]:
    return files_in("personas", FOLDERS[kind])


def _found(path: Path, name: str = "") -> Found:
    """The profile in a file; InputError if it is known by a name that is not its id."""
    document = parse_document(read_text(path), shown(path))
    said = document.value.get("id") if isinstance(document.value, dict) else None
    if name and isinstance(said, str) and said != name:
        raise wrong(document, ("id",), f"found {said!r}, expected the file's own name {name!r}")
    return Found(document, str(path.resolve()), FileShelf(path.parent))
