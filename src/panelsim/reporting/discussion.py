"""The report of a discussion: its answer, shifts, checks, objections aired and kept, limits and record."""

from collections.abc import Mapping

from panelsim.model.discussion import DiscussionAnalysis
from panelsim.model.discussion_report import (
    Aired,
    DiscussionAnswer,
    DiscussionMethod,
    KeptRow,
    MemberRow,
    Shifts,
)
from panelsim.model.measure import POINTS
from panelsim.model.panel import Panel, Respondent
from panelsim.model.persona import Persona
from panelsim.model.plan import Plan
from panelsim.model.report import (
    Check,
    CheckState,
    Limits,
    Provenance,
    Report,
    RunFacts,
    ToldSection,
    Transcripts,
    Trust,
)
from panelsim.model.study import DiscussionStudy
from panelsim.reporting.build import banner_of, grounding_of, respondents_of
from panelsim.reporting.calibrated import NEVER_CALIBRATED
from panelsim.reporting.checks import control_check
from panelsim.reporting.discussion_words import CONTROLS
from panelsim.reporting.gleaning import Gleaning
from panelsim.reporting.limits import INVENTED, NOBODY_ASKED, ONE_MODEL, UNCHECKED, unfinished
from panelsim.reporting.words import channel_in_words, count, listed, percent, reasons, signed

MOST_ROWS = 400
"""Members in the table; the others are in the exports."""
MOST_KEPT = 12

FOLLOWS = (
    "A language model that reads a talk tends to go along with it, more politely and sooner than people do. "
    "A shift here is a reason to listen for the argument, not a forecast of what a group of buyers would do."
)
SAME_WORDS = (
    "Members of a group heard the same words. However many they are, what was held is {}; another one might "
    "have gone elsewhere."
)
NOT_WHOM = (
    "Nothing here says who persuaded whom: a member that ends nearer to another may have had reasons of its "
    "own, and everybody heard everybody."
)
SHORT_MEMORY = (
    "A member's card is in every prompt, but whether it stays the same buyer over the rounds was not "
    "measured here; `panelsim eval run identity` does."
)
NO_CONTROL = "Switched off in this study: {}. The noise that it would show was not measured."


def discussion_report(
    study: DiscussionStudy,
    panel: Panel,
    plan: Plan,
    gleaning: Gleaning,
    analysis: DiscussionAnalysis,
    facts: RunFacts,
    personas: tuple[Persona, ...] = (),
) -> Report:
    """The report of a discussion, from what was gleaned of the transcripts and their analysis."""
    people = panel.people()
    answer = DiscussionAnswer(
        **analysis.verdict.model_dump(),
        groups=study.groups,
        members=len(panel.respondents),
        questions=tuple(one.text for one in study.guide.questions) if study.guide else (),
    )
    shifts = (_shifts(study, people, analysis),) if study.stimulus else ()
    return Report(
        study_kind="discussion",
        study=study.id,
        title=study.title or study.id,
        run_id=facts.run_id,
        banner=banner_of(panel.arms, facts),
        stimuli=plan.stimuli,
        measured=(answer, *shifts, _trust(study, analysis)),
        told=_aired(people, analysis),
        record=(
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
            Limits(sentences=discussion_limits(study, facts)),
            *grounding_of(personas),
            _method(study),
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
        ),
    )


def _shifts(study: DiscussionStudy, people: Mapping[str, Respondent], analysis: DiscussionAnalysis) -> Shifts:
    rows = tuple(
        MemberRow(
            name=people[one.respondent].name,
            title=people[one.respondent].title,
            shift=one,
            towards=tuple(people[name].name for name in one.towards),
            named=tuple(people[name].name for name in one.named),
        )
        for one in analysis.members[:MOST_ROWS]
    )
    return Shifts(
        measure=study.measure,
        points=POINTS,
        confidence=study.rule.confidence,
        movement=analysis.movement,
        groups=analysis.groups,
        rows=rows,
        omitted=len(analysis.members) - len(rows),
    )


def _aired(people: Mapping[str, Respondent], analysis: DiscussionAnalysis) -> tuple[ToldSection, ...]:
    """Nothing if nobody objected and nothing was expected."""
    if not analysis.expected and not analysis.objections:
        return ()
    kept = tuple(
        KeptRow(name=people[one.respondent].name, title=people[one.respondent].title, kept=one)
        for one in analysis.kept[:MOST_KEPT]
    )
    raised = tuple(one for one in analysis.expected if one.private or one.public)
    return (
        Aired(
            expected=raised,
            unraised=len(analysis.expected) - len(raised),
            kept=kept,
            kept_in_all=len(analysis.kept),
            objections=analysis.objections,
        ),
    )


def _method(study: DiscussionStudy) -> DiscussionMethod:
    return DiscussionMethod(
        channel=channel_in_words(study.channel),
        groups=study.groups,
        size=study.size,
        rounds=study.rounds_in_all,
        measure=study.measure if study.stimulus else "",
        wordings=study.wordings,
        controls=study.controls,
        rule=study.rule,
    )


def _trust(study: DiscussionStudy, analysis: DiscussionAnalysis) -> Trust:
    """Controls first, then what the answers themselves tell."""
    quality, rule = analysis.quality, study.rule
    controls = [
        control_check(one, CONTROLS[one.name]) for one in analysis.controls if study.stimulus is not None
    ]
    lost = quality.missing / quality.asked if quality.asked else 1.0
    why = f": {reasons(quality.missing_reasons)}" if quality.missing else ""
    checks = [
        Check(
            name="missing",
            label="Missing answers",
            state="passed" if lost <= rule.max_missing else "failed",
            figure=percent(lost),
            expectation=f"At most {percent(rule.max_missing)} of answers missing.",
            found=f"{quality.missing:,} of {count(quality.asked, 'answer')} missing{why}.",
        )
    ]
    if quality.valid_mass is not None and study.stimulus is not None:
        checks.append(
            Check(
                name="valid_mass",
                label="Probability on valid answers",
                state="passed" if quality.valid_mass >= rule.min_valid_mass else "failed",
                figure=percent(quality.valid_mass),
                expectation=(
                    f"At least {percent(rule.min_valid_mass)} of the token's probability is on the scale."
                ),
                found=f"{percent(quality.valid_mass)} of the rating token's probability lay on the scale.",
            )
        )
    return Trust(checks=(*controls, *checks, *_noted(analysis)), calibration=NEVER_CALIBRATED)


def _noted(analysis: DiscussionAnalysis) -> tuple[Check, ...]:
    """Figures without a threshold: how much was only repeated, and whether who spoke first drew more."""
    echo = analysis.quality.echo
    first = None if analysis.movement is None else analysis.movement.first_pull
    return (
        _note(
            "echo",
            "Echo",
            "" if echo is None else percent(echo),
            "0 if every turn says something of its own; a talk of echoes is no discussion.",
            f"of {count(analysis.quality.turns, 'turn')} say again what another member had said (half or "
            "more of it, sentence by sentence).",
        ),
        _note(
            "first_pull",
            "Pull of who spoke first",
            "" if first is None else signed(first),
            "0 if it makes no difference who opens; the order is drawn, and turned from round to round.",
            "points that others came closer to whoever opened the first round, less the same for the rest.",
        ),
    )


def _note(name: str, label: str, figure: str, expectation: str, found: str) -> Check:
    state: CheckState = "noted" if figure else "not_computed"
    said = f"{figure} {found}" if figure else "Not computed in this run."
    return Check(name=name, label=label, state=state, figure=figure, expectation=expectation, found=said)


def discussion_limits(study: DiscussionStudy, facts: RunFacts) -> tuple[str, ...]:
    """The limits of every discussion, then those of this one."""
    held = SAME_WORDS.format(count(study.groups, "discussion"))
    limits = [NOBODY_ASKED, FOLLOWS, held, NOT_WHOM, SHORT_MEMORY, INVENTED, UNCHECKED, ONE_MODEL]
    off = [label.lower() for name, label in CONTROLS.items() if name not in study.controls.names]
    if off and study.stimulus:
        limits.append(NO_CONTROL.format(listed(off)))
    limits += [
        f"Persona {source.id} is a draft that nobody approved." for source in facts.sources if source.is_draft
    ]
    return (*limits, *unfinished(facts))
