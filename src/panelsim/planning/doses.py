"""Dosing a panel: from each base respondent profiles that differ from it in one trait or parameter."""

from panelsim.model.panel import Decision, Hexaco, Panel, Respondent
from panelsim.model.study import PARAMETERS, InventoryStudy


def dose_panel(study: InventoryStudy, drawn: Panel) -> Panel:
    """The panel of `study`, which has doses: each of `drawn` at the mean, then its profiles.

    Profiles of one base stand together, the base first, in the order of `study.profiles`.
    """
    return drawn.model_copy(
        update={"respondents": tuple(one for base in drawn.respondents for one in _profiles(study, base))}
    )


def _profiles(study: InventoryStudy, base: Respondent) -> tuple[Respondent, ...]:
    middle = base.model_copy(update={"id": f"{base.id}.middle", "traits": Hexaco(), "decision": Decision()})
    return (middle, *(_dosed(base.id, middle, name, level) for name, level in study.profiles))


def _dosed(base: str, middle: Respondent, name: str, level: float) -> Respondent:
    if name in PARAMETERS:
        return middle.model_copy(
            update={"id": f"{base}.{name}={level:g}", "decision": Decision.model_validate({name: level})}
        )
    return middle.model_copy(
        update={"id": f"{base}.{name}{level:+g}", "traits": Hexaco.model_validate({name: level})}
    )
