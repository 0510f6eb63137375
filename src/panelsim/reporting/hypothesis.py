"""The report of a hypothesis: the answer, the shares, the checks, and what it cannot say."""

from collections.abc import Mapping, Sequence

from panelsim.model.hypothesis import HypothesisAnalysis, HypothesisControlName, HypothesisWord
from panelsim.model.panel import Panel
from panelsim.model.persona import Persona
from panelsim.model.plan import Plan
from panelsim.model.report import (
    Check,
    HypothesisAnswer,
    Limits,
    Positions,
    Provenance,
    Report,
    RunFacts,
    StudyMethod,
    Transcripts,
    Trust,
)
from panelsim.model.study import HypothesisRule, HypothesisStudy
from panelsim.reporting.build import banner_of, grounding_of, respondents_of
from panelsim.reporting.calibrated import NEVER_CALIBRATED
from panelsim.reporting.checks import answer_checks, control_check, slot_check, threshold_check
from panelsim.reporting.gleaning import Gleaning
from panelsim.reporting.limits import INTERVAL, NOBODY_ASKED, ONE_MODEL, UNCHECKED, unfinished
from panelsim.reporting.words import count, percent

LABELS: Mapping[HypothesisControlName, str] = {
    "placebo": "Placebo hypothesis",
    "known": "Known hypothesis",
}
SHARE = (
    "A share of 70% is how the model spreads its answer over two positions, not how many buyers of ten hold "
    "one of them."
)
WORDS = (
    "A position is taken to its words. Another way of putting it, or a third position that nobody named, may "
    "come out otherwise."
)
SIDED = (
    "Models like what sounds sensible. Where one position is what everybody is supposed to say, its share "
    "shows that and not what buyers do."
)


def hypothesis_report(
    study: HypothesisStudy,
    panel: Panel,
    plan: Plan,
    gleaning: Gleaning,
    analysis: HypothesisAnalysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of a hypothesis, from what was gleaned of the transcripts and their analysis."""
    verdict = analysis.verdict
    answer = HypothesisAnswer(
        word=verdict.word,
        sentence=_sentence(study, verdict.word),
        question=study.wordings[0],
        a=study.a,
        b=study.b,
        share=analysis.share,
        reasons=verdict.reasons,
        next_step=verdict.next_step,
    )
    positions = Positions(
        a=study.a,
        b=study.b,
        neither=study.neither,
        confidence=study.rule.confidence,
        sides=analysis.sides,
        wordings=analysis.wordings,
        cuts=analysis.cuts,
    )
    limits = (NOBODY_ASKED, INTERVAL, SHARE, WORDS, SIDED, ONE_MODEL, UNCHECKED, *unfinished(facts))
    return Report(
        study_kind="hypothesis",
        study=study.id,
        title=study.title or study.wordings[0],
        run_id=facts.run_id,
        banner=banner_of(panel.arms, facts),
        stimuli=(),
        measured=(answer, positions, Trust(checks=_checks(study, analysis), calibration=NEVER_CALIBRATED)),
        told=(),
        record=(
            Limits(sentences=limits),
            *grounding_of(personas),
            StudyMethod(facts=_method(study, panel, plan)),
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
        ),
    )


def _sentence(study: HypothesisStudy, word: HypothesisWord) -> str:
    match word:
        case "supports_a" | "leans_a":
            side, other = study.a, study.b
        case "supports_b" | "leans_b":
            side, other = study.b, study.a
        case "no_difference":
            return f"The panel does not lean clearly to “{study.a}” or to “{study.b}”."
        case "cannot_say":
            return "This run cannot say which position the panel takes."
    if word in ("leans_a", "leans_b"):
        return f"The panel leans to “{side}” over “{other}”, but not clearly."
    return f"The panel puts “{side}” before “{other}”, in both orders."


def _checks(study: HypothesisStudy, found: HypothesisAnalysis) -> tuple[Check, ...]:
    """Controls first, then what the answers themselves tell."""
    rule = study.rule
    controls = [control_check(one, LABELS[one.name]) for one in found.controls]
    kept, bias = found.order_consistency, found.first_slot_bias
    spread = [one.share.value for one in found.wordings if one.share is not None]
    checks = [
        threshold_check(
            "order_consistency",
            "Order consistency",
            kept,
            kept is not None and kept >= rule.min_order_consistency,
            f"At least {percent(rule.min_order_consistency)} of the position survives a swap of slots.",
            "{} of the position stayed with the text when the slots were swapped.",
        ),
        slot_check(bias, "The first slot won {} of the time."),
        *answer_checks(found.missing, found.asked, found.missing_reasons, found.valid_mass, rule),
    ]
    if len(spread) > 1:
        checks.append(
            Check(
                name="wording_spread",
                label="Wording spread",
                state="noted",
                figure=percent(max(spread) - min(spread)),
                expectation="Small beside the distance of the share from one half.",
                found=f"Over wordings the share runs from {percent(min(spread))} to {percent(max(spread))}.",
            )
        )
    return (*controls, *checks)


def _method(study: HypothesisStudy, panel: Panel, plan: Plan) -> tuple[tuple[str, str], ...]:
    rule = study.rule
    switches = (
        f"{LABELS['placebo']} {_on(study.controls.placebo)}, {LABELS['known']} {_on(study.controls.known)}"
    )
    return (
        (
            "Asked",
            f"{count(len(panel.respondents), 'respondent')} in {count(len(plan), 'session')}, in both orders",
        ),
        ("Wordings", f"{len(study.wordings)}, every one put to every respondent"),
        ("Third option", f"{study.neither}, last in both orders"),
        (
            "Share",
            "(1 + P(a) - P(b)) / 2 for each respondent, over orders and wordings: neither counts half",
        ),
        ("Supports", f"p below {rule.alpha} and a share of at least {percent(0.5 + rule.min_lead)}"),
        ("Leans", f"the same with p below {rule.lean_alpha}"),
        (
            "Cannot say",
            _voids(rule),
        ),
        ("Intervals", f"{percent(rule.confidence)} simulation intervals"),
        ("Controls", switches),
    )


def _voids(rule: HypothesisRule) -> str:
    """What makes the run say nothing."""
    return (
        "a control fails or cannot be computed; less than "
        f"{percent(rule.min_order_consistency)} of the position survives a swap; more than "
        f"{percent(rule.max_neither)} say neither; more than {percent(rule.max_missing)} of answers missing; "
        f"or less than {percent(rule.min_valid_mass)} of the probability on valid answers"
    )


def _on(switch: bool) -> str:
    return "on" if switch else "off"
