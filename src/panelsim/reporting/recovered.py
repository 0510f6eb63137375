"""The measured sections of an inventory: what came back, the dose-response table, scores by scale."""

from panelsim.model.inventory import Instrument
from panelsim.model.panel import Panel
from panelsim.model.recovery import Dose, InventoryAnalysis, Readback, Recovery, ScaleScores
from panelsim.model.report import MeasuredSection
from panelsim.model.study import InventoryStudy
from panelsim.reporting import words

GOOD_RHO = 0.80
"""Rho from which an assigned level counts as coming back; our own proposal (docs/method.md)."""
MOST_LEAK = 0.30
"""Largest slope on another scale, as a share of the own one, at which a level counts as coming back alone."""
CONFIDENCE = 0.90


def recovered_sections(
    study: InventoryStudy, panel: Panel, instrument: Instrument, analysis: InventoryAnalysis
) -> tuple[MeasuredSection, ...]:
    """What came back, the table behind it if anything was asserted, and the scores."""
    readback = Readback(
        instrument=study.instrument,
        items=len(instrument.items),
        form=study.form,
        asserted=study.asserted,
        layout=analysis.layout,
        bases=analysis.bases,
        respondents=len(panel.respondents),
        sentence=_sentence(analysis),
        scales=len(instrument.scales),
        convergent=analysis.convergent,
        discriminant=analysis.discriminant,
        acquiescence=analysis.acquiescence,
        first_component=analysis.first_component,
        valid_mass=analysis.valid_mass,
        answers=analysis.asked - analysis.missing,
        missing=analysis.missing,
        missing_reasons=analysis.missing_reasons,
    )
    recovery = Recovery(
        unit=analysis.unit,
        assigned_unit="share" if study.doses_decisions or study.asserted == "decision" else "z",
        layout=analysis.layout,
        confidence=CONFIDENCE,
        measured=instrument.scales,
        doses=analysis.doses,
    )
    scores = ScaleScores(
        unit=analysis.unit,
        people=instrument.people,
        min_answered=study.min_answered,
        scales=analysis.scales,
        facets=analysis.facets,
    )
    return (readback, recovery, scores)


def comes_back(dose: Dose) -> bool:
    """Whether the measured score follows the assigned level."""
    return dose.slope is not None and dose.slope.value > 0 and (dose.rho or 0.0) >= GOOD_RHO


def comes_alone(dose: Dose) -> bool:
    """Whether it does so without moving another scale by much."""
    if dose.slope is None or not comes_back(dose):
        return False
    return abs(dose.leak_slope or 0.0) <= MOST_LEAK * dose.slope.value


def _sentence(analysis: InventoryAnalysis) -> str:
    read = [dose for dose in analysis.doses if any(one.measured == dose.assigned for one in dose.responses)]
    if not read:
        return "The instrument reads nothing of what was assigned: the table shows what leaks into it."
    if not any(dose.n for dose in read):
        return "Cannot say: nobody answered enough items for a score."
    back = [dose for dose in read if comes_back(dose)]
    alone = [dose for dose in back if comes_alone(dose)]
    of = f"{len(back)} of {len(read)} assigned levels come back in order (rho {GOOD_RHO:.2f} or more)"
    if not back:
        return f"{of}: what the prompt asserts of a respondent can hardly be read from the answers."
    share = words.percent(MOST_LEAK)
    if len(alone) == len(back):
        return f"{of}, and none of them moves another scale by more than {share} of its own slope."
    return f"{of}; {len(alone)} of them without moving another scale by more than {share} of its own slope."
