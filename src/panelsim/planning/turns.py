"""Turns: the place of each respondent in a cycle, even over the panel and within each persona."""

from panelsim.model.panel import Panel


def turns_of(panel: Panel, cycle: int) -> tuple[int, ...]:
    """0 to `cycle` - 1 for each respondent in the panel's order; counted on persona by persona.

    So no persona meets one turn only, as it would where personas and turns alternate in the same step.
    """
    personas = [str(persona) for persona in panel.personas]
    places = {name: place for place, name in enumerate(dict.fromkeys(personas))}
    ranked = sorted(range(len(personas)), key=lambda row: places[personas[row]])
    turns = [0] * len(personas)
    for rank, row in enumerate(ranked):
        turns[row] = rank % cycle
    return tuple(turns)
