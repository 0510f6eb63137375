"""The measured sections of a message test: answer, scores, preferences, cuts and trust."""

from collections.abc import Sequence
from typing import assert_never

from panelsim.model.analysis import Analysis, Cell, Estimate, Verdict
from panelsim.model.calibration import AppliedCalibration
from panelsim.model.plan import PREFERENCE, Plan
from panelsim.model.report import (
    Answer,
    Check,
    CheckState,
    Cuts,
    MeasuredSection,
    Preferences,
    RunFacts,
    ScoreRow,
    Scores,
    Standing,
    TopBox,
    TopBoxRow,
    Trust,
)
from panelsim.model.study import ConceptTest, DecisionRule, Stimulus, StimulusTest
from panelsim.reporting.calibrated import calibration_phrase, calibration_reason
from panelsim.reporting.checks import control_check
from panelsim.reporting.words import (
    CONTROLS,
    count,
    fixed,
    listed,
    percent,
    reasons,
    signed,
    signed_interval,
)

DEFAULT_POINTS = 5


def measured_sections(
    study: StimulusTest,
    plan: Plan,
    analysis: Analysis,
    facts: RunFacts,
    calibrated: AppliedCalibration | None = None,
) -> tuple[MeasuredSection, ...]:
    """Everything that is a figure or follows from figures by the rule, in reading order."""
    split = persona_split(analysis.verdict)
    scores = scores_of(study, plan, analysis)
    sections: list[MeasuredSection] = [
        answer_of(study, analysis.verdict, split, calibration_reason(calibrated)),
        scores,
    ]
    if isinstance(study, ConceptTest):
        sections.insert(1, top_box_of(study, scores))
    if analysis.preference is not None:
        ranked = sorted(analysis.preference.strengths, key=lambda pair: -pair[1].value)
        leader = ranked[0][0] if ranked else None
        sections.append(Preferences(preference=analysis.preference, leader=leader))
    if analysis.cuts:
        variants = tuple(stimulus.id for stimulus in study.stimuli if stimulus.role == "variant")
        sections.append(Cuts(measure=study.rule.measure, variants=variants, cuts=analysis.cuts, split=split))
    checks, phrase = checks_of(study, analysis, facts), calibration_phrase(calibrated)
    sections.append(Trust(checks=checks, calibration=phrase, calibrated=calibrated))
    return tuple(sections)


def persona_split(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """(persona, leader) of the verdict if at least two personas are led by different variants, else empty."""
    leaders = {leader for _, leader in verdict.by_persona}
    return verdict.by_persona if len(leaders) > 1 else ()


def answer_of(
    study: StimulusTest, verdict: Verdict, split: tuple[tuple[str, str], ...], calibration: str = ""
) -> Answer:
    """The verdict with its one-line answer; what a calibration says stands after its own reasons."""
    return Answer(
        word=verdict.word,
        sentence=_sentence(verdict, [s.id for s in study.stimuli if s.role == "variant"]),
        leader=verdict.leader,
        not_separable=verdict.not_separable,
        reasons=(*verdict.reasons, calibration) if calibration else verdict.reasons,
        next_step=verdict.next_step,
        split=split,
    )


def _alone(verdict: Verdict, name: str) -> str:
    """The answer of a study with one variant, which stands against its decoy alone."""
    match verdict.word:
        case "cannot_say":
            return f"This run cannot say how “{name}” is taken."
        case "no_difference":
            return f"“{name}” was not told from a deliberately weak offer."
        case "lean":
            return f"“{name}” is ahead of a deliberately weak offer, but not clearly."
        case "clear_lead":
            return f"“{name}” is clearly ahead of a deliberately weak offer; no other was compared."
        case _:
            assert_never(verdict.word)


def _sentence(verdict: Verdict, variants: Sequence[str]) -> str:
    if len(variants) == 1:
        return _alone(verdict, variants[0])
    match verdict.word:
        case "cannot_say":
            return "This run cannot say which variant is better."
        case "no_difference":
            tied = [verdict.leader, *verdict.not_separable] if verdict.leader else variants
            return f"No difference was found between {listed([f'“{name}”' for name in tied])}."
        case "clear_lead" | "lean":
            pass
    leader = f"“{verdict.leader}”" if verdict.leader else "One variant"
    if verdict.word == "lean":
        return f"{leader} is ahead, but the lead is not clear."
    if verdict.not_separable:
        together = listed([leader, *(f"“{name}”" for name in verdict.not_separable)])
        return f"{together} lead together; the run cannot tell them apart."
    return f"{leader} is ahead of every other variant by more than the noise."


def decided_on(study: StimulusTest) -> str:
    """What the verdict is read from: the pairs if the design asks them, else the rule's measure."""
    return PREFERENCE if study.design.paired else study.rule.measure


def standing_of(stimulus: Stimulus, verdict: Verdict) -> Standing:
    """Where a stimulus stands; only its distance from the leader was tested."""
    if stimulus.role != "variant":
        return "control"
    if verdict.word == "cannot_say":
        return "not_ranked"
    if stimulus.id in verdict.not_separable:
        return "not_separable"
    if stimulus.id != verdict.leader:
        return "behind"
    return "not_separable" if verdict.word == "no_difference" else "leads"


_ORDER: dict[Standing, int] = {"leads": 0, "not_separable": 1, "behind": 2, "not_ranked": 2, "control": 3}


def scores_of(study: StimulusTest, plan: Plan, analysis: Analysis) -> Scores:
    """The table of stimuli by measures. Rows stand by standing, then by the rule's measure.

    If the run cannot say, variants keep the order of the study: sorting them would name a winner.
    """
    verdict = analysis.verdict
    rows = _rows(plan.stimuli, analysis.cells, study.measures, verdict)
    if verdict.word == "cannot_say":
        ordered = tuple(sorted(rows, key=lambda row: _ORDER[row.standing]))
    else:
        ordered = tuple(
            sorted(rows, key=lambda row: (_ORDER[row.standing], -_value(row, study.rule.measure)))
        )
    lengths = [len(cell.distribution) for cell in analysis.cells if cell.distribution]
    return Scores(
        measures=study.measures,
        rule_measure=study.rule.measure,
        decided_on=decided_on(study),
        points=max(lengths, default=DEFAULT_POINTS),
        confidence=study.rule.confidence,
        leader=verdict.leader if verdict.word in ("clear_lead", "lean") else None,
        noise_floor=analysis.quality.noise_floor,
        rows=ordered,
        anti_rows=_rows(plan.stimuli, analysis.anti_cells, study.measures, verdict),
        contrasts=analysis.contrasts,
    )


def top_box_of(study: ConceptTest, scores: Scores) -> TopBox:
    """The share of the two highest points on the rule's measure, in the order of the scores."""
    anti = {row.stimulus.id: _box(row, study.rule.measure) for row in scores.anti_rows}
    rows = tuple(
        TopBoxRow(
            stimulus=row.stimulus,
            target=_box(row, study.rule.measure),
            anti=anti.get(row.stimulus.id),
        )
        for row in scores.rows
    )
    return TopBox(measure=study.rule.measure, confidence=study.rule.confidence, rows=rows)


def _box(row: ScoreRow, measure: str) -> Estimate | None:
    return next((cell.top_box for cell in row.cells if cell.measure == measure), None)


def _rows(
    stimuli: Sequence[Stimulus], cells: Sequence[Cell], measures: Sequence[str], verdict: Verdict
) -> tuple[ScoreRow, ...]:
    found = {(cell.stimulus, cell.measure): cell for cell in cells}
    rows = []
    for stimulus in stimuli:
        asked = tuple(found[stimulus.id, m] for m in measures if (stimulus.id, m) in found)
        if asked:
            rows.append(ScoreRow(stimulus=stimulus, standing=standing_of(stimulus, verdict), cells=asked))
    return tuple(rows)


def _value(row: ScoreRow, measure: str) -> float:
    values = [c.estimate.value for c in row.cells if c.measure == measure and c.estimate is not None]
    return values[0] if values else 0.0


def checks_of(study: StimulusTest, analysis: Analysis, facts: RunFacts) -> tuple[Check, ...]:
    """Controls first, then what the answers themselves tell."""
    quality, rule = analysis.quality, study.rule
    checks = [control_check(control, CONTROLS[control.name]) for control in analysis.controls]
    if study.design.paired:
        checks += [_order_check(analysis, rule), _slot_check(analysis)]
    checks.append(_missing_check(analysis, rule))
    if facts.elicit == "logprob" or quality.valid_mass is not None:
        checks.append(_mass_check(quality.valid_mass, rule))
    checks += [
        _noted(
            "noise_floor",
            "A/A noise floor",
            quality.noise_floor,
            "A text and its own copy may be rated {} scale points apart.",
            "A smaller lead in ratings is noise.",
        ),
        _noted(
            "wording_sd",
            "Wording spread",
            quality.wording_sd,
            "The mean moves by {} scale points (SD) between wordings of the question.",
            "Small beside the differences between variants.",
        ),
        _noted(
            "respondent_sd",
            "Spread between respondents",
            quality.between_respondent_sd,
            "Respondents' mean ratings differ by {} scale points (SD).",
            "People usually differ more than simulated respondents.",
        ),
    ]
    if quality.preference_noise_floor is not None:
        checks.insert(-2, _pair_floor_check(quality.preference_noise_floor))
    if quality.scale_range_used is not None:
        checks.append(_range_check(quality.scale_range_used))
    return tuple(checks)


def _state(computed: bool, holds: bool) -> CheckState:
    return ("passed" if holds else "failed") if computed else "not_computed"


def _order_check(analysis: Analysis, rule: DecisionRule) -> Check:
    found = analysis.preference.order_consistency if analysis.preference else None
    value = None if found is None else found.value
    return Check(
        name="order_consistency",
        label="Order consistency",
        state=_state(value is not None, value is not None and value >= rule.min_order_consistency),
        figure="" if value is None else percent(value),
        expectation=f"At least {percent(rule.min_order_consistency)} of the preference survives a swap.",
        found="No pair was answered in both orders."
        if value is None
        else f"{percent(value)} of the preference in pairs stayed with the text when the slots were swapped.",
    )


def _slot_check(analysis: Analysis) -> Check:
    bias = analysis.preference.first_slot_bias if analysis.preference else None
    return Check(
        name="first_slot_bias",
        label="First-slot bias",
        state="not_computed" if bias is None else "noted",
        figure="" if bias is None else signed(bias.value),
        expectation="0 without a position habit; both orders are asked, so it cancels in the shares.",
        found="No pair was answered in both orders."
        if bias is None
        else f"The first slot won {percent(bias.value + 0.5)} of the time, a bias of {signed(bias.value)} "
        f"({signed_interval(bias)}).",
    )


def _missing_check(analysis: Analysis, rule: DecisionRule) -> Check:
    asked, missing = analysis.quality.asked, analysis.quality.missing
    share = missing / asked if asked else None
    why = reasons(analysis.quality.missing_reasons)
    return Check(
        name="missing",
        label="Missing answers",
        state=_state(share is not None, share is not None and share <= rule.max_missing),
        figure="" if share is None else percent(share),
        expectation=f"At most {percent(rule.max_missing)} of answers missing.",
        found=f"{missing:,} of {count(asked, 'answer')} missing{': ' + why if why else ''}.",
    )


def _mass_check(mass: float | None, rule: DecisionRule) -> Check:
    return Check(
        name="valid_mass",
        label="Probability on valid answers",
        state=_state(mass is not None, mass is not None and mass >= rule.min_valid_mass),
        figure="" if mass is None else percent(mass),
        expectation=f"At least {percent(rule.min_valid_mass)} of the token's probability is on the scale.",
        found="No rating carried log-probabilities."
        if mass is None
        else f"{percent(mass)} of the rating token's probability lay on points of the scale.",
    )


def _noted(name: str, label: str, value: float | None, found: str, expectation: str) -> Check:
    return Check(
        name=name,
        label=label,
        state="not_computed" if value is None else "noted",
        figure="" if value is None else fixed(value),
        expectation=expectation,
        found="Not computed in this run." if value is None else found.format(fixed(value)),
    )


def _pair_floor_check(floor: float) -> Check:
    return Check(
        name="preference_noise_floor",
        label="A/A noise floor of pairs",
        state="noted",
        figure=percent(floor + 0.5),
        expectation="A smaller lead in pairs is noise.",
        found=f"Against its own copy a text may win up to {percent(floor + 0.5)} of the pairs.",
    )


def _range_check(used: tuple[float, float]) -> Check:
    low, high = used
    return Check(
        name="scale_range",
        label="Scale range used",
        state="noted",
        figure=f"{fixed(low, 1)}–{fixed(high, 1)}",
        expectation="Models bunch in the middle: read differences, not levels.",
        found=f"Single ratings ran from {fixed(low)} to {fixed(high)}.",
    )
