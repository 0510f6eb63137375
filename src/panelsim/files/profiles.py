"""Reading ICPs, personas and panels, by name or path, with every reference checked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from panelsim.errors import InputError
from panelsim.files.document import Document, Place, parse_document
from panelsim.files.faults import did_you_mean, path_text, unknown_id, validate
from panelsim.files.folders import files_in, read_text
from panelsim.model.icp import ICP, Polarity
from panelsim.model.panel import PanelSpec, PersonaShare
from panelsim.model.persona import Persona
from panelsim.model.sources import NameList, PanelSources
from panelsim.planning.micro import inherit

Profile = TypeVar("Profile", Persona, PanelSpec)


class _Shelf(NamedTuple):
    """Where one kind of profile is kept."""

    what: str
    folder: str

    def files(self) -> Mapping[str, Path]:
        return files_in("personas", self.folder)


_ICPS = _Shelf("ICP", "icps")
_PERSONAS = _Shelf("persona", "buyers")
_PANELS = _Shelf("panel", "panels")


def list_icps() -> tuple[str, ...]:
    """Names of the ICPs at hand."""
    return tuple(_ICPS.files())


def list_personas() -> tuple[str, ...]:
    """Names of the personas at hand."""
    return tuple(_PERSONAS.files())


def list_panels() -> tuple[str, ...]:
    """Names of the panels at hand."""
    return tuple(_PANELS.files())


def read_icp(name_or_path: str, *, beside: Path | None = None) -> ICP:
    """The ICP of that name, or in that file. A relative path starts at `beside`.

    A micro-ICP names a parent, which is known by name or lies beside its file; what the child does not state
    is taken from there (`planning/micro`).
    """
    return read_line(name_or_path, beside=beside)[0]


def read_line(name_or_path: str, *, beside: Path | None = None) -> tuple[ICP, ...]:
    """The ICP of that name, or in that file, then its parent, the parent's parent and so on."""
    return _read_line(resolve_icp(name_or_path, beside), name_or_path, ())


def resolve_icp(name_or_path: str, beside: Path | None = None) -> Path:
    """The file of the ICP of that name, or at that path; InputError that lists the known names."""
    return resolve_file(name_or_path, _ICPS.what, _ICPS.files(), beside)


def _read_line(path: Path, name_or_path: str, below: tuple[Path, ...]) -> tuple[ICP, ...]:
    document = parse_document(read_text(path), shown(path))
    fields, above = document.value, tuple[ICP, ...]()
    if isinstance(fields, dict) and isinstance(name := fields.get("parent"), str) and name:
        below = (*below, path)
        above = _read_line(_parent_file(document, name, path, below), name, below)
        fields = inherit(fields, above[0])
    icp = validate(ICP, document._replace(value=fields), fields)
    _check_name(document, icp.id, name_or_path)
    return icp, *above


def _parent_file(document: Document, name: str, path: Path, below: tuple[Path, ...]) -> Path:
    known = {**_ICPS.files(), **{one.stem: one for one in path.parent.glob("*.yaml")}}
    if name not in known or is_path(name):
        raise unknown_id(document, ("parent",), name, "ICP", list_icps())
    if known[name].resolve() in {one.resolve() for one in below}:
        raise _wrong(document, ("parent",), f"{name!r} descends from this ICP, expected one that does not")
    return known[name]


def read_persona(name_or_path: str, *, beside: Path | None = None, icps: Sequence[str] = ()) -> Persona:
    """The persona of that name, or in that file; its ICPs must be known or among `icps`.

    InputError too if its trait levels contradict each other.
    """
    document, persona = _read(Persona, _PERSONAS, name_or_path, beside)
    known = tuple(dict.fromkeys((*icps, *list_icps())))
    for at, icp in enumerate(persona.icps):
        if icp not in known:
            raise unknown_id(document, ("icps", at), icp, "ICP", known)
    if persona.hexaco.states_facets:
        _check_levels(document, persona)
    return persona


def read_panel_spec(name_or_path: str, *, beside: Path | None = None) -> PanelSources:
    """The panel of that name, or in that file, with the ICPs and personas it names.

    InputError if one is unknown, an ICP has the wrong polarity, or a persona has no ICP in its arm.
    """
    document, spec = _read(PanelSpec, _PANELS, name_or_path, beside)
    folder = resolve_file(name_or_path, _PANELS.what, _PANELS.files(), beside).parent
    icps = _read_icps(document, "icps", spec.icps, "positive", folder)
    anti_icps = _read_icps(document, "anti_icps", spec.anti_icps, "negative", folder)
    known = tuple(icp.id for icp in icps + anti_icps)
    return PanelSources(
        spec=spec,
        icps=icps,
        personas=_read_arm(document, "personas", spec.personas, icps, known, folder),
        anti_icps=anti_icps,
        anti_personas=_read_arm(document, "anti_personas", spec.anti_personas, anti_icps, known, folder),
        names=read_names(),
    )


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


def _read(
    noun: type[Profile], shelf: _Shelf, name_or_path: str, beside: Path | None
) -> tuple[Document, Profile]:
    path = resolve_file(name_or_path, shelf.what, shelf.files(), beside)
    document = parse_document(read_text(path), shown(path))
    profile = validate(noun, document, document.value)
    _check_name(document, profile.id, name_or_path)
    return document, profile


def _check_name(document: Document, found: str, name_or_path: str) -> None:
    if not is_path(name_or_path) and found != name_or_path:
        raise _wrong(document, ("id",), f"found {found!r}, expected the file's own name {name_or_path!r}")


def _read_icps(
    document: Document, field: str, names: Sequence[str], polarity: Polarity, folder: Path
) -> tuple[ICP, ...]:
    icps = []
    for at, name in enumerate(names):
        place: Place = (field, at)
        _check_known(document, place, name, _ICPS, folder)
        icp = read_icp(name, beside=folder)
        if icp.polarity != polarity:
            raise _wrong(document, place, f"{name!r} has polarity {icp.polarity}, expected {polarity}")
        icps.append(icp)
    _check_unique(document, field, [icp.id for icp in icps])
    return tuple(icps)


def _read_arm(
    document: Document,
    field: str,
    shares: Sequence[PersonaShare],
    icps: Sequence[ICP],
    known: Sequence[str],
    folder: Path,
) -> tuple[Persona, ...]:
    """The personas of one arm, each of which must belong to one of its ICPs."""
    personas = []
    for at, share in enumerate(shares):
        place: Place = (field, at, "persona")
        _check_known(document, place, share.persona, _PERSONAS, folder)
        persona = read_persona(share.persona, beside=folder, icps=known)
        if not any(icp.id in persona.icps for icp in icps):
            expected = ", ".join(icp.id for icp in icps)
            belongs = ", ".join(persona.icps) or "no ICP"
            raise _wrong(document, place, f"{persona.id!r} belongs to {belongs}, expected one of {expected}")
        personas.append(persona)
    _check_unique(document, field, [persona.id for persona in personas])
    return tuple(personas)


def _check_levels(document: Document, persona: Persona) -> None:
    from panelsim.traits.levels import resolve_levels  # numpy, which most personas do not need

    try:
        resolve_levels(persona.hexaco, persona.id)
    except InputError as error:
        raise InputError(f"{document.where(('hexaco',))}: {error}") from error


def _check_known(document: Document, place: Place, name: str, shelf: _Shelf, folder: Path) -> None:
    known = tuple(shelf.files())
    if is_path(name) and not (folder / name).is_file():
        raise _wrong(document, place, f"found {name!r}, expected a {shelf.what} file in {shown(folder)}")
    if not is_path(name) and name not in known:
        raise unknown_id(document, place, name, shelf.what, known)


def _check_unique(document: Document, field: str, ids: Sequence[str]) -> None:
    for at, found in enumerate(ids):
        if found in ids[:at]:
            raise _wrong(document, (field, at), f"{found!r} appears twice, expected it once")


def _wrong(document: Document, place: Place, what: str) -> InputError:
    return InputError(f"{document.where(place)}: {path_text(place)}: {what}")
