"""What an account's studies may name: its own profiles before the shipped ones, and never a path."""

import re

from panelsim.errors import InputError
from panelsim.files import list_panels, list_personas, read_panel_spec
from panelsim.files.faults import did_you_mean
from panelsim.model.sources import PanelSources
from panelsim.service.sources import PERSONA, read_persona_alone, with_notes

NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


def sources_of(panel: str, *, notes: bool) -> PanelSources:
    """The sources of a panel by its name, or of one persona by `persona:NAME`.

    Raises `InputError` for a name that is not known, and for anything else than a name: a path would reach
    the files of whoever runs the service.
    """
    name = panel.removeprefix(PERSONA)
    is_persona = panel.startswith(PERSONA)
    known = list_personas() if is_persona else list_panels()
    if not NAME.match(name) or name not in known:
        what = "persona" if is_persona else "panel"
        hint = did_you_mean(name, known)
        raise InputError(f"no {what} is called {name[:80]!r}, expected one of {', '.join(known)}{hint}")
    sources = read_persona_alone(name) if is_persona else read_panel_spec(name)
    return with_notes(sources) if notes else sources
