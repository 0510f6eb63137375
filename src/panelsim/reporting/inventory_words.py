"""The words and number formats of an inventory's sections, shared by every report format."""

from collections.abc import Mapping

from panelsim.model.analysis import Estimate
from panelsim.model.inventory import InventoryForm
from panelsim.model.recovery import Readback, Recovery, ScaleScores, Unit
from panelsim.reporting import words

FORMS: Mapping[InventoryForm, str] = {
    "words": "in words, first person",
    "numbers": "in figures, first person",
    "third_person": "in words, third person",
    "vignette": "as things done, first person",
}
"""How levels are put into the prompt."""
UNITS: Mapping[str, str] = {"z": "standard scores", "share": "shares of the scale, 0 to 1"}
NOT_READ = "not read"
"""An assigned level that the instrument has no scale for."""


def named(scale: str) -> str:
    """A scale or facet for a reader: `honesty humility`."""
    return scale.replace("_", " ")


def figure(value: float | None, places: int = 2) -> str:
    """`0.42`, or a dash where there is no figure."""
    return "–" if value is None else words.fixed(value, places)


def signed_figure(value: float | None) -> str:
    """`+0.42`, or a dash where there is no figure."""
    return "–" if value is None else words.signed(value)


def readback(section: Readback) -> tuple[tuple[str, str], ...]:
    """The facts of an inventory as label and text, in reading order."""
    axis = section.first_component
    people = words.count(section.bases, "base respondent")
    if section.layout == "doses":
        people += f", {words.count(section.respondents, 'profile')} in all"
    else:
        people = words.count(section.respondents, "respondent")
    lost = (
        f", {section.missing:,} missing ({words.reasons(section.missing_reasons)})" if section.missing else ""
    )
    rows = [
        ("Instrument", f"{section.instrument}, {words.count(section.items, 'item')}, each asked alone"),
        ("Levels put", FORMS[section.form]),
        ("Asked", f"{people}; {words.count(section.answers, 'answer')}{lost}"),
        ("Mean rho, own scale", figure(section.convergent)),
        ("Mean |rho|, other scales", figure(section.discriminant)),
        (
            "Lean towards agreeing",
            _lean(section.acquiescence),
        ),
        (
            "On one common axis",
            "–"
            if axis is None
            else f"{words.percent(axis)} of the variance; {words.percent(1 / section.scales)} if none",
        ),
    ]
    if section.valid_mass is not None:
        rows.append(("Probability on valid answers", words.percent(section.valid_mass)))
    return tuple(rows)


def _lean(lean: Estimate | None) -> str:
    if lean is None:
        return "–"
    interval = f" ({words.signed_interval(lean)})" if lean.n > 1 else ""
    return f"{words.signed(lean.value)} points{interval}; 0 is none"


def slope_interval(estimate: Estimate) -> str:
    """The interval with signs; a dash where one respondent gave no interval."""
    return words.signed_interval(estimate) if estimate.n > 1 else "–"


def score(value: float | None, unit: Unit) -> str:
    """A score: with its sign if it is a standard score, as a share without one."""
    return figure(value) if unit == "share" else signed_figure(value)


def score_interval(estimate: Estimate, unit: Unit) -> str:
    """The interval of a score; a dash where one respondent gave none."""
    if estimate.n == 1:
        return "–"
    return words.interval(estimate) if unit == "share" else words.signed_interval(estimate)


def recovery_lede(section: Recovery) -> tuple[str, ...]:
    """How to read the dose-response table."""
    assigned = "standard score" if section.assigned_unit == "z" else "share"
    return (
        (
            f"Slope: measured {UNITS[section.unit]} for one assigned {assigned}, least squares over base "
            f"respondents and levels, with the {words.percent(section.confidence)} simulation interval. "
            "1 is full response, 0 none."
        ),
        "Rho: Spearman's, over the same. Right side: share of profiles on the assigned side of their base.",
    )


def scores_lede(section: ScaleScores) -> str:
    """What the scores are."""
    least = f"A score needs {words.percent(section.min_answered)} of a scale's items answered."
    if section.unit == "z":
        return (
            f"Standard scores against {section.people:,} people: 0 is their mean, 1 one standard deviation "
            f"above. Mean answers are turned by key, 1 to 5. {least}"
        )
    return (
        f"Shares of the scale, 0 to 1; no person was asked. Mean answers are turned by key, 1 to 5. {least}"
    )
