"""The rules by which profiles name each other, wherever they are kept: in files or among an account's own.

A shelf finds profiles; the rules here read them and check what they name. Each profile that was found brings
the shelf on which the profiles that it names are looked for.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from panelsim.errors import FieldFault, InputError, WrongFields
from panelsim.files.document import Document, Place
from panelsim.files.faults import unknown_id, validate, wrong
from panelsim.model.icp import ICP, Polarity
from panelsim.model.panel import PanelSpec, PersonaShare
from panelsim.model.persona import Persona
from panelsim.model.sources import NameList, PanelSources
from panelsim.planning.micro import inherit

Kind: TypeAlias = Literal["icp", "persona", "panel"]
WORDS: Mapping[Kind, str] = {"icp": "ICP", "persona": "persona", "panel": "panel"}
"""How sentences name each kind."""


class Shelf(Protocol):
    """Where profiles are kept."""

    def names(self, kind: Kind) -> tuple[str, ...]:
        """All that are known by name."""

    def find(self, kind: Kind, reference: str) -> "Found | None":
        """The profile that a reference means; None if there is none."""

    def find_parent(self, name: str) -> "Found | None":
        """The ICP that a micro-ICP of this shelf may name as its parent; None if there is none."""

    def lacking(self, kind: Kind, reference: str) -> str:
        """What to say of a reference that means nothing; empty if it is an unknown name and no more."""


class Found(NamedTuple):
    """A profile as it is kept."""

    document: Document
    place: str
    """Where it is: one profile has one place."""
    shelf: Shelf
    """Where the profiles that it names are looked for."""


def line_of(found: Found, below: tuple[str, ...] = ()) -> tuple[ICP, ...]:
    """The ICP that was found, then its parent, the parent's parent and so on.

    What a micro-ICP does not state is taken from its parent (`planning/micro`). InputError if a parent is
    unknown or descends from its child; `below` are the places of those that lead here.
    """
    document, fields, above = found.document, found.document.value, tuple[ICP, ...]()
    if isinstance(fields, dict) and isinstance(name := fields.get("parent"), str) and name:
        below = (*below, found.place)
        parent = found.shelf.find_parent(name)
        if parent is None:
            raise unknown_id(document, ("parent",), name, WORDS["icp"], found.shelf.names("icp"))
        if parent.place in below:
            raise wrong(document, ("parent",), f"{name!r} descends from this ICP, expected one that does not")
        above = line_of(parent, below)
        fields = inherit(fields, above[0])
    return validate(ICP, document._replace(value=fields), fields), *above


def persona_of(found: Found, icps: Sequence[str] = ()) -> Persona:
    """The persona that was found; its ICPs must be known or among `icps`.

    InputError too if its trait levels contradict each other.
    """
    document = found.document
    persona = validate(Persona, document, document.value)
    known = tuple(dict.fromkeys((*icps, *found.shelf.names("icp"))))
    for at, icp in enumerate(persona.icps):
        if icp not in known:
            raise unknown_id(document, ("icps", at), icp, WORDS["icp"], known)
    if persona.hexaco.states_facets:
        _check_levels(document, persona)
    return persona


def panel_of(found: Found, names: tuple[NameList, ...]) -> PanelSources:
    """The panel that was found with the ICPs and personas it names; `names` are for respondents.

    InputError if one is unknown, an ICP has the wrong polarity, or a persona has no ICP in its arm.
    """
    spec = validate(PanelSpec, found.document, found.document.value)
    icps = _icps(found, "icps", spec.icps, "positive")
    anti_icps = _icps(found, "anti_icps", spec.anti_icps, "negative")
    known = tuple(icp.id for icp in icps + anti_icps)
    return PanelSources(
        spec=spec,
        icps=icps,
        personas=_arm(found, "personas", spec.personas, icps, known),
        anti_icps=anti_icps,
        anti_personas=_arm(found, "anti_personas", spec.anti_personas, anti_icps, known),
        names=names,
    )


def alone_of(found: Found, names: tuple[NameList, ...]) -> PanelSources:
    """A panel of the one persona that was found, in the ICPs that it names. InputError if it names none."""
    persona = persona_of(found)
    if not persona.icps:
        raise InputError(f"persona {persona.id!r} names no ICP, expected one to draw its company from")
    icps = tuple(
        line_of(referred(found, ("icps", at), "icp", name))[0] for at, name in enumerate(persona.icps)
    )
    share = PersonaShare(persona=persona.id)
    spec = PanelSpec(id=persona.id, title=persona.title, icps=persona.icps, personas=(share,))
    return PanelSources(spec=spec, icps=icps, personas=(persona,), names=names)


def referred(found: Found, place: Place, kind: Kind, reference: str) -> Found:
    """The profile that one names at `place`. InputError if there is none."""
    other = found.shelf.find(kind, reference)
    if other is not None:
        return other
    said = found.shelf.lacking(kind, reference)
    if said:
        raise wrong(found.document, place, said)
    raise unknown_id(found.document, place, reference, WORDS[kind], found.shelf.names(kind))


def _icps(found: Found, field: str, names: Sequence[str], polarity: Polarity) -> tuple[ICP, ...]:
    icps: list[ICP] = []
    for at, name in enumerate(names):
        icp = line_of(referred(found, (field, at), "icp", name))[0]
        if icp.polarity != polarity:
            what = f"{name!r} has polarity {icp.polarity}, expected {polarity}"
            raise wrong(found.document, (field, at), what)
        icps.append(icp)
    _check_unique(found.document, field, [icp.id for icp in icps])
    return tuple(icps)


def _arm(
    found: Found, field: str, shares: Sequence[PersonaShare], icps: Sequence[ICP], known: Sequence[str]
) -> tuple[Persona, ...]:
    """The personas of one arm, each of which must belong to one of its ICPs."""
    personas: list[Persona] = []
    for at, share in enumerate(shares):
        place: Place = (field, at, "persona")
        persona = persona_of(referred(found, place, "persona", share.persona), known)
        if not any(icp.id in persona.icps for icp in icps):
            expected = ", ".join(icp.id for icp in icps)
            belongs = ", ".join(persona.icps) or "no ICP"
            what = f"{persona.id!r} belongs to {belongs}, expected one of {expected}"
            raise wrong(found.document, place, what)
        personas.append(persona)
    _check_unique(found.document, field, [persona.id for persona in personas])
    return tuple(personas)


def _check_levels(document: Document, persona: Persona) -> None:
    from panelsim.traits.levels import resolve_levels  # numpy, which most personas do not need

    try:
        resolve_levels(persona.hexaco, persona.id)
    except InputError as error:
        faults = [FieldFault("hexaco", str(error))]
        raise WrongFields(f"{document.where(('hexaco',))}: {error}", faults) from error


def _check_unique(document: Document, field: str, ids: Sequence[str]) -> None:
    for at, found in enumerate(ids):
        if found in ids[:at]:
            raise wrong(document, (field, at), f"{found!r} appears twice, expected it once")
