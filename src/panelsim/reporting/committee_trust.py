"""The checks and the limits of a committee's report."""

from panelsim.model.committee import CommitteeAnalysis
from panelsim.model.report import RunFacts, Trust
from panelsim.model.study import CommitteeStudy
from panelsim.reporting.calibrated import NEVER_CALIBRATED
from panelsim.reporting.checks import answer_checks, control_check, slot_check, threshold_check
from panelsim.reporting.limits import INVENTED, NOBODY_ASKED, ONE_MODEL, UNCHECKED, unfinished
from panelsim.reporting.words import CONTROLS, count, listed, percent

ALONE = (
    "Every seat judged alone and in one breath. A real committee talks: a champion answers objections, a "
    "veto is bought off, a colleague's doubt spreads. None of that was simulated."
)
INDEPENDENT = (
    "The odds treat the seats as independent, as nobody heard anybody. In a real company they are not, and "
    "all seats here share the habits of one model."
)
FEW_COMPANIES = (
    "One company was drawn, so nothing is known of how far another one would differ; ask for more with "
    "--companies."
)
WHO = (
    "Who can say no is read from the persona files and the ICP's structure. If your buyers decide another "
    "way, the outcome is about somebody else's company."
)
SHARES = (
    "A stance of 80% is how the model spreads its answer over the options, not how many buyers of ten would "
    "say yes."
)
REHEARSE = (
    "Use it to prepare: whom to convince first, with which proof. Ask one real holder of the seat that "
    "blocks before you change an offer for it."
)


def committee_trust(study: CommitteeStudy, analysis: CommitteeAnalysis) -> Trust:
    """Controls first, then what the answers themselves tell."""
    quality, rule = analysis.quality, study.rule
    controls = [control_check(one, CONTROLS[one.name]) for one in analysis.controls]
    kept = quality.order_consistency
    checks = [
        threshold_check(
            "order_consistency",
            "Order consistency",
            kept,
            kept is not None and kept >= rule.min_order_consistency,
            f"At least {percent(rule.min_order_consistency)} of a stance survives swapping yes and no.",
            "{} of the stances stayed with the option when the slots were swapped; "
            f"{count(quality.biased, 'seat')} went with the slot on a proposal, which is read as no stance.",
        ),
        slot_check(quality.first_slot_bias, "Among yes and no, the first slot won {} of the time."),
        *answer_checks(quality.missing, quality.asked, quality.missing_reasons, quality.valid_mass, rule),
    ]
    return Trust(checks=(*controls, *checks), calibration=NEVER_CALIBRATED)


def committee_limits(study: CommitteeStudy, analysis: CommitteeAnalysis, facts: RunFacts) -> tuple[str, ...]:
    """The limits of every committee study, then those of this one."""
    limits = [NOBODY_ASKED, ALONE, INDEPENDENT, WHO, SHARES, INVENTED, UNCHECKED, ONE_MODEL]
    off = [CONTROLS[one.name].lower() for one in analysis.controls if one.state == "off"]
    if off:
        limits.append(f"Not part of this run: {listed(off)}. What they guard against was not tested.")
    if not study.design.words:
        limits.append("No reasons in words were asked for, so this report shows stances without reasons.")
    if study.n == 1:
        limits.append(FEW_COMPANIES)
    return (*limits, *unfinished(facts), REHEARSE)
