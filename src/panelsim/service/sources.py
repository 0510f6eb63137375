"""Sources: what a study's `panel` names, read: a panel, or one persona in its ICPs."""

from collections.abc import Collection

from panelsim.errors import InputError
from panelsim.files import read_notes, read_panel_spec, read_persona_alone
from panelsim.model.sources import PanelSources

PERSONA = "persona:"
"""A panel of one persona is written `persona:NAME` or `persona:FILE`."""

MOST_NOTED = 10_000_000
"""Characters of all notes of a run, which is stored with them."""


def read_sources(panel: str) -> PanelSources:
    """The panel of that name or file, or the one persona behind `persona:`. Raises `InputError`."""
    return (
        read_persona_alone(panel.removeprefix(PERSONA))
        if panel.startswith(PERSONA)
        else read_panel_spec(panel)
    )


def with_notes(sources: PanelSources, *, but: Collection[str] = ()) -> PanelSources:
    """`sources` with the notes at hand that speak of one of its personas in one of its ICPs.

    Personas and ICPs whose ids are in `but` get none: they are not those that the notes mean. Raises
    `InputError` if a note cannot be read, or if all of them together are too many.
    """
    known = {icp.id for icp in (*sources.icps, *sources.anti_icps)} - {*but}
    pairs = {
        (persona.id, icp)
        for persona in (*sources.personas, *sources.anti_personas)
        for icp in persona.icps
        if icp in known and persona.id not in but
    }
    notes = tuple(note for note in read_notes() if any(note.speaks_of(*pair) for pair in pairs))
    size = sum(len(note.text) for note in notes)
    if size > MOST_NOTED:
        raise InputError(
            f"the notes on panel {sources.spec.id!r} have {size:,} characters in all, expected at most "
            f"{MOST_NOTED:,}; name fewer personas in them, or write notes: false in the study"
        )
    return sources.model_copy(update={"notes": notes})
