"""The checks and the limits of a committee's report."""

from panelsim.model.committee import CommitteeAnalysis
from panelsim.model.report import Check, CheckState, RunFacts, Trust
from panelsim.model.study import CommitteeStudy
from panelsim.reporting.calibrated import NEVER_CALIBRATED
from panelsim.reporting.limits import INVENTED, NOBODY_ASKED, ONE_MODEL, UNCHECKED, unfinished
from panelsim.reporting.words import CONTROLS, count, listed, percent, reasons, signed

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
    controls = [
        Check(
            name=one.name,
            label=CONTROLS[one.name],
            state=one.state,
            figure="",
            expectation=one.expectation,
            found=one.found,
            is_control=True,
        )
        for one in analysis.controls
    ]
    kept = quality.order_consistency
    lost = quality.missing / quality.asked if quality.asked else None
    why = reasons(quality.missing_reasons)
    checks = [
        _threshold(
            "order_consistency",
            "Order consistency",
            kept,
            kept is not None and kept >= rule.min_order_consistency,
            f"At least {percent(rule.min_order_consistency)} of a stance survives swapping yes and no.",
            "{} of the stances stayed with the option when the slots were swapped; "
            f"{count(quality.biased, 'seat')} went with the slot on a proposal, which is read as no stance.",
        ),
        _bias(quality.first_slot_bias),
        _threshold(
            "missing",
            "Missing answers",
            lost,
            lost is not None and lost <= rule.max_missing,
            f"At most {percent(rule.max_missing)} of answers missing.",
            f"{quality.missing:,} of {count(quality.asked, 'answer')} missing{': ' + why if why else ''}.",
        ),
    ]
    if quality.valid_mass is not None:
        checks.append(
            _threshold(
                "valid_mass",
                "Probability on valid answers",
                quality.valid_mass,
                quality.valid_mass >= rule.min_valid_mass,
                f"At least {percent(rule.min_valid_mass)} of the token's probability is on a letter shown.",
                "{} of the answer token's probability lay on the letters shown.",
            )
        )
    return Trust(checks=(*controls, *checks), calibration=NEVER_CALIBRATED)


def _threshold(
    name: str, label: str, value: float | None, holds: bool, expectation: str, found: str
) -> Check:
    state: CheckState = ("passed" if holds else "failed") if value is not None else "not_computed"
    return Check(
        name=name,
        label=label,
        state=state,
        figure="" if value is None else percent(value),
        expectation=expectation,
        found="Not computed in this run." if value is None else found.format(percent(value)),
    )


def _bias(bias: float | None) -> Check:
    return Check(
        name="first_slot_bias",
        label="First-slot bias",
        state="not_computed" if bias is None else "noted",
        figure="" if bias is None else signed(bias),
        expectation="0 without a position habit; both orders are asked, so it cancels in the shares.",
        found="Not computed in this run."
        if bias is None
        else f"Among yes and no, the first slot won {percent(bias + 0.5)} of the time.",
    )


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
