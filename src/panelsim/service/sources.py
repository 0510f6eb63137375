"""Sources: what a study's `panel` names, read: a panel, or one persona in its ICPs."""

from pathlib import Path

from panelsim.errors import InputError
from panelsim.files import read_icp, read_names, read_panel_spec, read_persona
from panelsim.model.panel import PanelSpec, PersonaShare
from panelsim.model.sources import PanelSources

PERSONA = "persona:"
"""A panel of one persona is written `persona:NAME` or `persona:FILE`."""


def read_sources(panel: str) -> PanelSources:
    """The panel of that name or file, or the one persona behind `persona:`. Raises `InputError`."""
    return (
        read_persona_alone(panel.removeprefix(PERSONA))
        if panel.startswith(PERSONA)
        else read_panel_spec(panel)
    )


def read_persona_alone(name_or_path: str) -> PanelSources:
    """A panel of one persona, in the ICPs that it names. Raises `InputError`."""
    beside = Path(name_or_path).resolve().parent if name_or_path.endswith((".yaml", ".yml")) else None
    persona = read_persona(name_or_path)
    if not persona.icps:
        raise InputError(f"persona {persona.id!r} names no ICP, expected one to draw its company from")
    icps = tuple(read_icp(name, beside=beside) for name in persona.icps)
    share = PersonaShare(persona=persona.id)
    spec = PanelSpec(id=persona.id, title=persona.title, icps=persona.icps, personas=(share,))
    return PanelSources(spec=spec, icps=icps, personas=(persona,), names=read_names())
