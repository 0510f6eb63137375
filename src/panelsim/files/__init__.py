"""Reading the files a user can edit: ICPs, personas, panels, notes, studies, guides and prompts."""

from panelsim.files.notes import list_notes, read_note, read_notes
from panelsim.files.profiles import (
    list_icps,
    list_panels,
    list_personas,
    read_icp,
    read_line,
    read_names,
    read_panel_spec,
    read_persona,
    read_persona_alone,
)
from panelsim.files.studies import list_guides, read_guide, read_prompt_texts, read_study

__all__ = [
    "list_guides",
    "list_icps",
    "list_notes",
    "list_panels",
    "list_personas",
    "read_guide",
    "read_icp",
    "read_line",
    "read_names",
    "read_note",
    "read_notes",
    "read_panel_spec",
    "read_persona",
    "read_persona_alone",
    "read_prompt_texts",
    "read_study",
]
