"""The report of a survey: what stands, question by question, and what it cannot say."""

from collections.abc import Iterator, Sequence

from panelsim.model.panel import Panel
from panelsim.model.persona import Persona
from panelsim.model.report import (
    Check,
    Limits,
    Provenance,
    Quote,
    Report,
    RunFacts,
    StudyMethod,
    SurveyAnswer,
    SurveyResults,
    SurveySaid,
    Transcripts,
    Trust,
)
from panelsim.model.study import SurveyStudy
from panelsim.model.survey import QuestionResult, SurveyAnalysis
from panelsim.reporting.build import banner_of, grounding_of, respondents_of
from panelsim.reporting.calibrated import NEVER_CALIBRATED
from panelsim.reporting.checks import answer_checks
from panelsim.reporting.gleaning import Gleaning, quote_of
from panelsim.reporting.limits import (
    INTERVAL,
    INVENTED,
    NOBODY_ASKED,
    ONE_MODEL,
    UNCHECKED,
    unfinished,
)
from panelsim.reporting.words import count, fixed, percent, signed

LEVELS = (
    "A distribution says how the model spreads its answers. Models use fewer options than people do and "
    "bunch on what sounds sensible: compare personas and questions inside this run, and never read a share "
    "as one of a market."
)
ALONE = (
    "Every question was put alone: no answer knows another. People carry answers on from question to "
    "question, which was not simulated."
)
REFERENCE = (
    "A distance to answers of people holds for those people and that question. It does not carry over to the "
    "other questions."
)
FILTERED = (
    "Filters read the likeliest answer of a respondent. Who was let through is decided by the model too."
)


def survey_report(
    study: SurveyStudy,
    panel: Panel,
    gleaning: Gleaning,
    analysis: SurveyAnalysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of a survey, from what was gleaned of the transcripts and their analysis."""
    lost = tuple(one.question.id for one in analysis.results if one.state == "cannot_say")
    answer = SurveyAnswer(
        word=analysis.word,
        sentence=_sentence(analysis, lost),
        respondents=len(panel.respondents),
        questions=len(analysis.results),
        answers=analysis.asked - analysis.missing,
        missing=analysis.missing,
        missing_reasons=analysis.missing_reasons,
        cannot_say=lost,
    )
    results = SurveyResults(confidence=study.rule.confidence, results=analysis.results)
    checks = (
        *answer_checks(
            analysis.missing, analysis.asked, analysis.missing_reasons, analysis.valid_mass, study.rule
        ),
        *(check for one in analysis.results for check in _position_check(one)),
    )
    said = _said(panel, analysis)
    return Report(
        study_kind="survey",
        study=study.id,
        title=study.title or study.id,
        run_id=facts.run_id,
        banner=banner_of(panel.arms, facts),
        stimuli=(),
        measured=(answer, results, Trust(checks=checks, calibration=NEVER_CALIBRATED)),
        told=() if said is None else (said,),
        record=(
            Limits(sentences=tuple(_limits(study, facts))),
            *grounding_of(personas),
            StudyMethod(facts=_method(study, panel)),
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
        ),
    )


def _sentence(analysis: SurveyAnalysis, lost: Sequence[str]) -> str:
    questions = count(len(analysis.results), "question")
    if not lost:
        return f"{questions}: none shows a fault by the rule; that is no proof that people answer so."
    if len(lost) == len(analysis.results):
        return f"This run cannot say: none of {questions} can be read."
    return f"{len(lost)} of {questions} cannot be read: {', '.join(lost)}."


def _position_check(result: QuestionResult) -> Iterator[Check]:
    position = result.position
    if position is None:
        return
    pulled = position.kind == "pull"
    figure = signed(position.value) if pulled else fixed(position.value)
    yield Check(
        name=f"position.{result.question.id}",
        label=f"Position effect: {result.question.id}",
        state="passed" if position.holds else "failed",
        figure=figure,
        expectation="Turning the scale, or yes and no, turns the answer: a pull near 0."
        if pulled
        else "Rotating the options rotates the answer: Cramer's V near 0.",
        found=f"A pull of {figure} of the range towards the first slot."
        if pulled
        else f"Cramer's V of the chosen slot is {figure}.",
    )


def _said(panel: Panel, analysis: SurveyAnalysis) -> SurveySaid | None:
    people = panel.people()
    asked = []
    for result in analysis.results:
        quotes: tuple[Quote, ...] = tuple(
            quote_of(people[one.respondent], one.text, None, one.call_key)
            for one in analysis.said
            if one.question == result.question.id
        )
        if quotes:
            asked.append((result.question.text, quotes))
    return SurveySaid(questions=tuple(asked)) if asked else None


def _limits(study: SurveyStudy, facts: RunFacts) -> Iterator[str]:
    yield from (NOBODY_ASKED, LEVELS, INTERVAL, ALONE)
    if any(one.only_if is not None for one in study.questions):
        yield FILTERED
    if any(getattr(one, "reference", None) is not None for one in study.questions):
        yield REFERENCE
    if any(one.type == "open" for one in study.questions):
        yield INVENTED
    yield from (ONE_MODEL, UNCHECKED, *unfinished(facts))


def _method(study: SurveyStudy, panel: Panel) -> tuple[tuple[str, str], ...]:
    rule = study.rule
    people, questions = count(len(panel.respondents), "respondent"), count(len(study.questions), "question")
    return (
        ("Asked", f"{people}, {questions} each, every question in a call of its own"),
        *((("Put with", study.about),) if study.about else ()),
        ("Order", "options rotated over respondents in a Latin square; every other one sees scales turned"),
        (
            "Cannot say",
            (
                f"of a question: more than {percent(rule.max_missing)} of its answers missing; less than "
                f"{percent(rule.min_valid_mass)} of the probability on the letters shown; Cramer's V of the "
                f"slots above {rule.max_position_effect} with p below {rule.alpha}; a pull of more than "
                f"{rule.max_pull} whose interval leaves out 0; or one and the same number from all, "
                f"{rule.min_alike} or more"
            ),
        ),
        ("Intervals", f"{percent(rule.confidence)} simulation intervals"),
    )
