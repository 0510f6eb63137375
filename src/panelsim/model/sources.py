"""Panel sources: a panel's specification with the profiles it names, read and checked."""

from typing import Annotated

from pydantic import Field

from panelsim.model.account import Text
from panelsim.model.base import Frozen
from panelsim.model.icp import ICP, Locale
from panelsim.model.note import Note
from panelsim.model.panel import PanelSpec
from panelsim.model.persona import Persona

Names = Annotated[tuple[Text, ...], Field(min_length=1)]


class NameList(Frozen):
    """Names of respondents in one locale; given names of women and men are drawn in turn."""

    locale: Locale
    women: Names
    men: Names
    family: Names


class PanelSources(Frozen):
    """All that a panel is drawn from, in the order of the specification."""

    spec: PanelSpec
    icps: Annotated[tuple[ICP, ...], Field(min_length=1)]
    personas: Annotated[tuple[Persona, ...], Field(min_length=1)]
    anti_icps: tuple[ICP, ...] = ()
    anti_personas: tuple[Persona, ...] = ()
    names: Annotated[tuple[NameList, ...], Field(min_length=1)]
    notes: tuple[Note, ...] = ()
    """The notes that speak of these personas and ICPs, by id."""
