"""The report of an ablation: where a rating comes from, and what the traits do to it."""

from collections.abc import Iterator, Sequence

from panelsim.model.analysis import AblationAnalysis, VarianceSource
from panelsim.model.panel import Panel
from panelsim.model.persona import Persona
from panelsim.model.report import Ablation, Limits, Provenance, Report, RunFacts, Transcripts
from panelsim.model.study import AblationStudy
from panelsim.reporting.build import banner_of, grounding_of, respondents_of
from panelsim.reporting.gleaning import Gleaning
from panelsim.reporting.limits import ablation_limits
from panelsim.reporting.words import CARRIED, TREATMENTS, count, fixed, percent, percent_interval

LEAST = 0.005
SMALL = 0.05
"""A share of the variance below which traits hardly matter."""


def ablation_report(
    study: AblationStudy,
    panel: Panel,
    gleaning: Gleaning,
    analysis: AblationAnalysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of an ablation; equal inputs give equal reports."""
    originals = tuple(person.arm for person in panel.respondents if person.twin is None)
    return Report(
        study_kind="ablation",
        study=study.id,
        title=study.title or study.id,
        run_id=facts.run_id,
        banner=banner_of(originals, facts),
        stimuli=study.stimuli,
        measured=(Ablation(analysis=analysis, answer=_answer(analysis), reasons=tuple(_reasons(analysis))),),
        told=(),
        record=(
            Limits(sentences=ablation_limits(facts)),
            *grounding_of(personas),
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
        ),
    )


def _answer(analysis: AblationAnalysis) -> str:
    what = CARRIED[analysis.carried]
    if not analysis.swapped:
        return f"Too few respondents gave every answer to say what {what} do."
    level, order = analysis.swapped
    both = level.share.value + order.share.value
    high = level.share.high + order.share.high
    of_all = f"{percent(both) if both >= LEAST else 'less than 1%'} of the variance of a rating"
    if high < SMALL:
        return f"{what.capitalize()} hardly matter: {of_all} goes with them."
    if level.share.low == 0 and order.share.low == 0:
        return f"Whether {what} matter cannot be told from this run, which puts {of_all} down to them."
    return f"{what.capitalize()} carry {of_all}."


def _reasons(analysis: AblationAnalysis) -> Iterator[str]:
    what = CARRIED[analysis.carried]
    meanings = "how high respondents rate", "which text they rate higher"
    for source, meaning in zip(analysis.swapped, meanings, strict=False):
        yield f"{_share(source)} of the variance is {meaning} because of their {what}."
    for row in analysis.treatments:
        if row.moved is not None:
            how = f"Without {what}" if row.treatment == "off" else f"With the {what} of another respondent"
            yield f"{how} a rating moves by {fixed(row.moved.value)} scale points."
    if analysis.replicate_noise is not None:
        yield f"Two replicates of one question differ by {fixed(analysis.replicate_noise)} scale points."
    leaders = {row.treatment: row.leader for row in analysis.treatments}
    if len(set(leaders.values())) == 1:
        yield f"The same text ({leaders['on']}) is rated highest whatever their {what}."
    elif leaders:
        told = ", ".join(f"{leader} ({TREATMENTS[treatment]})" for treatment, leader in leaders.items())
        yield f"With other {what} another text is rated highest: {told}."
    if analysis.missing:
        left = analysis.respondents - analysis.complete
        yield (
            f"{analysis.missing:,} of {count(analysis.asked, 'answer')} missing; {count(left, 'respondent')} "
            "with a missing answer left out of every figure."
        )


def _share(source: VarianceSource) -> str:
    return f"{percent(source.share.value)} ({percent_interval(source.share)})"
