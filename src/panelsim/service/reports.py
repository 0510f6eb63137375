"""Reports of runs: an outcome is analysed and built into a report, and written in the formats asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, assert_never

from panelsim.analysis import analysis_of
from panelsim.analysis.ablation import AblationHearing, analyse_ablation
from panelsim.analysis.committee import committee_analysis
from panelsim.analysis.committee.hearing import CommitteeHearing
from panelsim.analysis.discussion import discussion_analysis
from panelsim.analysis.discussion.hearing import DiscussionHearing
from panelsim.analysis.hearing import Hearing
from panelsim.analysis.hypothesis import HypothesisHearing, hypothesis_analysis
from panelsim.analysis.inventory import inventory_analysis
from panelsim.analysis.readings import Readings
from panelsim.analysis.survey import SurveyHearing, survey_analysis
from panelsim.calibration.apply import apply_calibration
from panelsim.drawing import Draw
from panelsim.errors import InputError
from panelsim.model.analysis import Analysis
from panelsim.model.calibration import AppliedCalibration
from panelsim.model.call import ModelRef
from panelsim.model.fingerprint import Profile, content_hash, kind_of
from panelsim.model.note import Note
from panelsim.model.persona import Persona
from panelsim.model.plan import Transcript
from panelsim.model.report import (
    Failure,
    ModelFacts,
    PromptFacts,
    Report,
    RunFacts,
    SourceFacts,
)
from panelsim.model.sources import PanelSources
from panelsim.model.study import (
    AblationStudy,
    CommitteeStudy,
    ConceptTest,
    DiscussionStudy,
    Guide,
    HypothesisStudy,
    InterviewStudy,
    InventoryStudy,
    MessageTest,
    StimulusTest,
    Study,
    SurveyStudy,
)
from panelsim.providers.catalogue import entry_of
from panelsim.reporting.ablation import ablation_report
from panelsim.reporting.build import committee_report, interview_report, inventory_report, message_report
from panelsim.reporting.discussion import discussion_report
from panelsim.reporting.exports import Export, Origin
from panelsim.reporting.formats import FORMATS, FormatName, Page
from panelsim.reporting.gleaning import Gleaning
from panelsim.reporting.hypothesis import hypothesis_report
from panelsim.reporting.survey import survey_report
from panelsim.service.outcome import Outcome

Tap: TypeAlias = Callable[[Transcript], object]
"""Told of each transcript, in the order of the plan."""

MOST_FAILURES = 1_000
"""Sessions without an answer that a report lists, by name; the others are in the exports."""

NOT_MEASURED = "not measured by panelsim: rely on this run's controls"


def report_of(outcome: Outcome, *taps: Tap) -> tuple[Report, Analysis | None]:
    """The report of a run, and the analysis behind it (None for studies of other kinds).

    One pass over the transcripts, of which each of `taps` is told too: reading those of a large run means
    replaying it.
    """
    study, job = outcome.job.study, outcome.job
    objecting = job.sources.personas if isinstance(study, StimulusTest | InterviewStudy) else ()
    gleaning = Gleaning(study, job.panel, objecting)
    personas = job.sources.personas + job.sources.anti_personas
    match study:
        case InterviewStudy():
            _tell(outcome.transcripts, (gleaning.hear, *taps))
            return interview_report(study, job.panel, gleaning, run_facts(outcome), personas), None
        case MessageTest() | ConceptTest():
            hearing = Hearing(study, job.panel, job.plan)
            _tell(outcome.transcripts, (hearing.hear, gleaning.hear, *taps))
            analysis = analysis_of(hearing, outcome.transcripts)
            applied = _applied(study, analysis, outcome)
            facts = run_facts(outcome)
            report = message_report(study, job.panel, job.plan, gleaning, analysis, facts, personas, applied)
            return report, analysis
        case InventoryStudy():
            if job.instrument is None:
                raise InputError(f"study {study.id!r}: an inventory has no instrument, expected its items")
            readings = Readings(study, job.panel, job.instrument)
            _tell(outcome.transcripts, (readings.hear, gleaning.hear, *taps))
            recovered = inventory_analysis(readings)
            facts = run_facts(outcome)
            items = job.instrument
            return inventory_report(study, job.panel, items, gleaning, recovered, facts, personas), None
        case CommitteeStudy():
            heard = CommitteeHearing(study, job.panel, job.plan)
            _tell(outcome.transcripts, (heard.hear, gleaning.hear, *taps))
            facts = run_facts(outcome)
            found = committee_analysis(heard, job.sources)
            return committee_report(study, job.panel, job.plan, gleaning, found, facts, personas), None
        case DiscussionStudy():
            talks = DiscussionHearing(study, job.panel, job.plan)
            _tell(outcome.transcripts, (talks.hear, gleaning.hear, *taps))
            facts = run_facts(outcome)
            shifts = discussion_analysis(talks, job.sources.personas)
            return discussion_report(study, job.panel, job.plan, gleaning, shifts, facts, personas), None
        case AblationStudy():
            twins = AblationHearing(study, job.panel)
            _tell(outcome.transcripts, (twins.hear, gleaning.hear, *taps))
            facts = run_facts(outcome)
            shares = analyse_ablation(twins)
            return ablation_report(study, job.panel, gleaning, shares, facts, job.sources.personas), None
        case HypothesisStudy():
            posed = tuple(job.scene.positions.posed.values()) if job.scene.positions else ()
            asked = HypothesisHearing(study, job.panel, job.plan, posed)
            _tell(outcome.transcripts, (asked.hear, gleaning.hear, *taps))
            facts = run_facts(outcome)
            taken = hypothesis_analysis(asked)
            return hypothesis_report(study, job.panel, job.plan, gleaning, taken, facts, personas), None
        case SurveyStudy():
            surveyed = SurveyHearing(study, job.panel)
            _tell(outcome.transcripts, (surveyed.hear, gleaning.hear, *taps))
            facts = run_facts(outcome)
            answers = survey_analysis(surveyed)
            return survey_report(study, job.panel, gleaning, answers, facts, personas), None
        case _:
            assert_never(study)


def _applied(study: StimulusTest, analysis: Analysis, outcome: Outcome) -> AppliedCalibration | None:
    """What the study's calibration says, if it names one."""
    if not isinstance(study, MessageTest) or study.calibration is None:
        return None
    return apply_calibration(study.calibration, study, analysis, outcome.vectors)


def _tell(transcripts: Iterable[Transcript], taps: Sequence[Tap]) -> None:
    for transcript in transcripts:
        for tap in taps:
            tap(transcript)


def table_of(study: Study) -> FormatName | None:
    """The table of answers that a run of `study` has; an interview has none."""
    match study:
        case MessageTest() | ConceptTest() | AblationStudy() | CommitteeStudy() | DiscussionStudy():
            return "csv"
        case HypothesisStudy() | SurveyStudy():
            return "answers"
        case InventoryStudy():
            return "readings"
        case InterviewStudy():
            return None
        case _:
            assert_never(study)


def pieces_of(outcome: Outcome, form: FormatName, draw: Draw | None = None) -> Iterator[str]:
    """The report of a run in one format, as pieces of text: a page in one, an export a session at a time."""
    match FORMATS[form]:
        case Page() as page:
            yield page.render(report_of(outcome)[0], draw)
        case Export() as export:
            yield from export.pieces(origin_of(outcome), outcome.transcripts)


def origin_of(outcome: Outcome) -> Origin:
    """What every line of an export says of its run."""
    job = outcome.job
    return Origin(
        run_id=outcome.run.id,
        study=job.study.id,
        stimuli={one.id: one for one in job.plan.stimuli},
        people=job.panel.people(),
        items={} if job.instrument is None else {one.id: one for one in job.instrument.items},
    )


def run_facts(outcome: Outcome) -> RunFacts:
    """How the run was made; equal for a run and for its repetition from the store, but for id and time."""
    run, job = outcome.run, outcome.job
    study = job.study
    is_rated = not isinstance(study, InterviewStudy)
    if isinstance(study, DiscussionStudy):
        is_rated = study.stimulus is not None
    embeds = is_rated and job.asking.elicit == "reaction" and not isinstance(study, CommitteeStudy)
    created = run.created_at.isoformat()
    first = sorted(outcome.failures.items())[:MOST_FAILURES]
    failures = tuple(Failure(session=name, reason=why) for name, why in first)
    return RunFacts(
        run_id=run.id,
        created_at=created,
        panelsim_version=run.version,
        state="partial" if outcome.failures else "completed",
        failures=failures,
        failures_omitted=len(outcome.failures) - len(failures),
        model=model_facts(job.asking.model),
        embedding_model=str(job.asking.embedding_model) if embeds else None,
        elicit=job.asking.elicit if is_rated else None,
        frame=job.asking.frame if is_rated and not isinstance(job.study, InventoryStudy) else None,
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
    study = outcome.job.study
    guide = study.guide if isinstance(study, InterviewStudy | DiscussionStudy) else None
    facts = panel_facts(outcome.job.sources, guide)
    if not isinstance(study, MessageTest) or study.calibration is None:
        return facts
    made = study.calibration
    return (*facts, SourceFacts(kind="calibration", id=made.data.channel, version=None, key=made.key))


def panel_facts(sources: PanelSources, guide: Guide | None = None) -> tuple[SourceFacts, ...]:
    """The panel, ICPs, personas, guide and notes behind respondents, with the key of each one's meaning."""
    icps, personas = sources.icps + sources.anti_icps, sources.personas + sources.anti_personas
    profiles: list[Profile] = [sources.spec, *icps, *personas]
    if guide is not None:
        profiles.append(guide)
    profiles += sources.notes
    return tuple(_facts(profile) for profile in profiles)


def _facts(profile: Profile) -> SourceFacts:
    return SourceFacts(
        kind=kind_of(profile),
        id=profile.id,
        version=None if isinstance(profile, Guide | Note) else profile.version,
        key=content_hash(profile),
        date=profile.date if isinstance(profile, Note) else None,
        is_draft=isinstance(profile, Persona) and profile.status == "draft",
    )
