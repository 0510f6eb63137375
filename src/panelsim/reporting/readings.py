"""The CSV export of an inventory: one row per respondent and item, the assigned level beside the answer."""

from typing import NamedTuple

from panelsim.model.measure import POINTS
from panelsim.model.panel import Respondent
from panelsim.model.plan import Transcript
from panelsim.model.response import RatingAnswer
from panelsim.reporting.csv import answer_cells, guarded, line_of, person_cells
from panelsim.reporting.exports import Origin, TextOf


class Reading(NamedTuple):
    """One line."""

    simulated: str
    run_id: str
    study: str
    icp: str
    persona: str
    role: str
    respondent: str
    weight: str
    item: str
    scale: str
    facet: str
    key: str
    """1 if agreeing means a higher level, else -1."""
    text: str
    assigned: str
    """The respondent's level on the item's scale."""
    answer: str
    """`rating` or `missing`."""
    value: str
    """Expected scale point as given, 1 to 5."""
    turned: str
    """The same turned by key: a higher figure is a higher level."""
    distribution: str
    """Probability of each scale point, separated by spaces."""
    valid_mass: str
    missing_reason: str
    replicate: str
    call_key: str
    """Last call behind the answer."""


def readings_head() -> str:
    """The line of column names."""
    return line_of(Reading._fields)


def readings_writer(origin: Origin) -> TextOf:
    """Every answer of a session; text that a spreadsheet would run gets a leading apostrophe."""
    person = person_cells(origin)

    def lines(transcript: Transcript) -> str:
        rows = []
        for one in transcript.responses:
            item = origin.items[one.question]
            cells = answer_cells(one)
            rated = one.answer.value if isinstance(one.answer, RatingAnswer) else None
            turned = rated if rated is None or item.key == 1 else POINTS + 1 - rated
            rows.append(
                line_of(
                    (
                        *person(one.respondent),
                        *(item.id, item.scale, item.facet, str(item.key), guarded(item.text)),
                        f"{level_of(origin.people[one.respondent], item.scale):.6g}",
                        *(cells.answer, cells.value, "" if turned is None else f"{turned:.6g}"),
                        *(cells.distribution, cells.mass, cells.why),
                        *(str(one.replicate), one.call_keys[-1] if one.call_keys else ""),
                    )
                )
            )
        return "".join(rows)

    return lines


def level_of(person: Respondent, scale: str) -> float:
    """The assigned level of a trait domain or decision parameter."""
    levels: dict[str, float] = {**person.traits.domains, **dict(person.decision)}
    return levels[scale]
