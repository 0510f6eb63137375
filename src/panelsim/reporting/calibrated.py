"""What a report says of the calibration that its study names."""

from panelsim.model.calibration import AppliedCalibration
from panelsim.reporting.words import fixed, listed, percent

NEVER_CALIBRATED = "never checked against reality"


def short_hash(key: str) -> str:
    """The first twelve digits of a content key."""
    return key.rpartition(":")[2][:12]


def calibration_phrase(applied: AppliedCalibration | None) -> str:
    """How far the panel was compared with people, to follow "this panel was"."""
    if applied is None:
        return NEVER_CALIBRATED
    name = f"calibration {short_hash(applied.key)}"
    if not applied.badge:
        return f"{NEVER_CALIBRATED}: {name} earned no badge, because {applied.reason}"
    past = f"{applied.tests:,} past tests of “{applied.channel}”"
    start = (
        f"checked on {past}"
        if applied.uses_panel
        else f"not checked itself; a score of texts alone was, on {past}"
    )
    figures = f"{name}, AUC {fixed(applied.auc.value)} ({fixed(applied.auc.low)}–{fixed(applied.auc.high)})"
    if not applied.pairs:
        return f"{start}: {figures}; no probability is given here, because {applied.reason}"
    return f"{start}: {figures}; {listed(probabilities(applied))}"


def probabilities(applied: AppliedCalibration) -> list[str]:
    """`P(a beats b) = 71%` for every pair, likelier text first."""
    return [f"P({pair.first} beats {pair.second}) = {percent(pair.probability)}" for pair in applied.pairs]


def calibration_reason(applied: AppliedCalibration | None) -> str:
    """What the verdict says of the calibration; empty if there is nothing to say."""
    if applied is None or not applied.pairs:
        return ""
    read = "texts and the panel's answers" if applied.uses_panel else "texts alone, not the panel's answers"
    return (
        f"Past tests with people ({applied.tests:,} of “{applied.channel}”, read from {read}) say "
        f"{listed(probabilities(applied))}."
    )
