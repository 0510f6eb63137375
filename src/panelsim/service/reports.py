"""Reports of runs: an outcome is analysed and built into a report, and written in the formats asked for."""

from typing import Literal

from panelsim.analysis import analyse
from panelsim.errors import InputError
from panelsim.keys import content_key
from panelsim.model.analysis import Analysis
from panelsim.model.base import Frozen
from panelsim.model.call import ModelRef
from panelsim.model.report import (
    Failure,
    ModelFacts,
    PromptFacts,
    Report,
    RunFacts,
    SourceFacts,
)
from panelsim.model.study import InterviewStudy, MessageTest
from panelsim.providers.catalogue import entry_of
from panelsim.reporting.build import build_interview_report, build_report
from panelsim.service.outcome import Outcome

NOT_MEASURED = "not measured by panelsim: rely on this run's controls"


def report_of(outcome: Outcome) -> tuple[Report, Analysis | None]:
    """The report of a run, and the analysis behind it (None for interviews, which are not analysed)."""
    study, job = outcome.job.study, outcome.job
    if isinstance(study, InterviewStudy):
        return build_interview_report(study, job.panel, outcome.transcripts, run_facts(outcome)), None
    analysis = analyse(study, job.panel, job.plan, outcome.transcripts)
    report = build_report(study, job.panel, job.plan, outcome.transcripts, analysis, run_facts(outcome))
    return report, analysis


def run_facts(outcome: Outcome) -> RunFacts:
    """How the run was made; equal for a run and for its repetition from the store, but for id and time."""
    run, job = outcome.run, outcome.job
    is_test = isinstance(job.study, MessageTest)
    created = run.created_at.isoformat()
    return RunFacts(
        run_id=run.id,
        created_at=created,
        panelsim_version=run.version,
        state="partial" if outcome.failures else "completed",
        failures=tuple(Failure(session=name, reason=why) for name, why in sorted(outcome.failures.items())),
        model=model_facts(job.asking.model),
        embedding_model=str(job.asking.embedding_model) if job.asking.elicit == "reaction" else None,
        elicit=job.asking.elicit if is_test else None,
        frame=job.asking.frame if is_test else None,
        calls=outcome.calls,
        usage=outcome.usage,
        cost_usd=outcome.cost_usd,
        prompts=tuple(PromptFacts(id=p.id, version=p.version, key=p.hash) for p in job.scene.prompts.used()),
        sources=_source_facts(outcome),
        rerun="panelsim run study.yaml",
        cite=(
            f"Simulated panel of {len(job.panel.respondents)} language-model respondents "
            f"({job.asking.model}), panelsim {run.version}, run {run.id}, {created[:10]}. "
            "Not a survey of people."
        ),
    )


def model_facts(model: ModelRef) -> ModelFacts:
    """What the report says of the model that spoke."""
    if model.provider == "scripted":
        return ModelFacts(
            name=str(model),
            size="no model: a scripted respondent",
            licence="part of panelsim",
            measured="good for nothing but testing panelsim itself: its answers follow a fixed rule",
        )
    if model.provider != "embedded":
        return ModelFacts(name=str(model), size="not stated", licence="not stated", measured=NOT_MEASURED)
    try:
        entry = entry_of(model.name)
    except InputError:
        return ModelFacts(name=str(model), size="not stated", licence="not stated", measured=NOT_MEASURED)
    size = "" if entry.bytes is None else f", {entry.bytes / 1e9:.1f} GB"
    return ModelFacts(
        name=str(model), size=f"{entry.title}{size}", licence=entry.licence, measured=entry.good_for
    )


def _source_facts(outcome: Outcome) -> tuple[SourceFacts, ...]:
    sources, study = outcome.job.sources, outcome.job.study
    icps, personas = sources.icps + sources.anti_icps, sources.personas + sources.anti_personas
    facts = [_facts("panel", sources.spec.id, sources.spec.version, sources.spec)]
    facts += [_facts("icp", icp.id, icp.version, icp) for icp in icps]
    facts += [_facts("persona", persona.id, persona.version, persona) for persona in personas]
    if isinstance(study, InterviewStudy):
        facts.append(_facts("guide", study.guide.id, None, study.guide))
    return tuple(facts)


def _facts(
    kind: Literal["icp", "persona", "panel", "guide"], name: str, version: int | None, noun: Frozen
) -> SourceFacts:
    key = content_key(f"{kind}1", noun.model_dump(mode="json"))
    return SourceFacts(kind=kind, id=name, version=version, key=key)
