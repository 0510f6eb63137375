"""The content hash of profiles: equal meaning, equal key, whatever the file looks like."""

from typing import TypeAlias

from panelsim.keys import content_key
from panelsim.model.icp import ICP
from panelsim.model.note import Note
from panelsim.model.panel import PanelSpec
from panelsim.model.persona import Persona
from panelsim.model.report import SourceKind
from panelsim.model.study import Guide

Profile: TypeAlias = ICP | Persona | PanelSpec | Guide | Note


def kind_of(profile: Profile) -> SourceKind:
    """The word that reports and commands use for this kind of profile."""
    match profile:
        case ICP():
            return "icp"
        case Persona():
            return "persona"
        case PanelSpec():
            return "panel"
        case Guide():
            return "guide"
        case Note():
            return "note"


def content_hash(profile: Profile) -> str:
    """`persona1:sha256` of the profile's meaning: comments, order of fields and short forms do not matter.

    A field that is added to a model later leaves itself out while it is not stated, so that hashes last.
    """
    return content_key(f"{kind_of(profile)}1", profile.model_dump(mode="json"))
