"""Building reports: a run's data to the sections that say it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from panelsim.analysis.grounding import ground_all
from panelsim.model.analysis import Analysis
from panelsim.model.calibration import AppliedCalibration
from panelsim.model.committee import CommitteeAnalysis
from panelsim.model.inventory import Instrument
from panelsim.model.panel import Arm, Panel, Respondent
from panelsim.model.persona import Persona
from panelsim.model.plan import Plan, Transcript
from panelsim.model.recovery import InventoryAnalysis
from panelsim.model.report import (
    Banner,
    CommitteeMethod,
    Grounding,
    Limits,
    Method,
    Overview,
    Provenance,
    RecordSection,
    Report,
    Respondents,
    RunFacts,
    Scores,
    SourceFacts,
    Transcripts,
)
from panelsim.model.rows import Some
from panelsim.model.study import (
    CommitteeStudy,
    ConceptTest,
    InterviewStudy,
    InventoryStudy,
    MessageTest,
    StimulusTest,
)
from panelsim.reporting.committee import committee_of, outcome_of, room_of, talk_of
from panelsim.reporting.committee_trust import committee_limits, committee_trust
from panelsim.reporting.gleaning import Gleaning, glean
from panelsim.reporting.limits import interview_limits, inventory_limits, message_test_limits
from panelsim.reporting.measured import DEFAULT_POINTS, measured_sections
from panelsim.reporting.recovered import recovered_sections
from panelsim.reporting.told import objections_of, told_sections
from panelsim.reporting.words import channel_in_words, count, short

MOST_RESPONDENTS = 2_000
"""Respondents whose cards a report holds; the exports name the others."""


def build_report(
    study: MessageTest | ConceptTest,
    panel: Panel,
    plan: Plan,
    transcripts: Iterable[Transcript],
    analysis: Analysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of a message test; equal inputs give equal reports. `transcripts` is iterated once.

    Without `personas` it says nothing of what they rest on.
    """
    return message_report(
        study, panel, plan, glean(study, panel, transcripts, personas), analysis, facts, personas
    )


def message_report(
    study: StimulusTest,
    panel: Panel,
    plan: Plan,
    gleaning: Gleaning,
    analysis: Analysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
    calibrated: AppliedCalibration | None = None,
) -> Report:
    """As `build_report`, from what was gleaned of the transcripts, with what its calibration says."""
    measured = measured_sections(study, plan, analysis, facts, calibrated)
    points = next((s.points for s in measured if isinstance(s, Scores)), DEFAULT_POINTS)
    return Report(
        study_kind=study.kind,
        study=study.id,
        title=study.title or study.id,
        run_id=facts.run_id,
        banner=banner_of(panel.arms, facts),
        stimuli=plan.stimuli,
        measured=measured,
        told=told_sections(study, panel, gleaning, analysis, points),
        record=(
            Limits(sentences=message_test_limits(study, analysis, facts, calibrated)),
            *grounding_of(personas),
            _method(study, panel, plan),
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
        ),
    )


def build_interview_report(
    study: InterviewStudy,
    panel: Panel,
    transcripts: Iterable[Transcript],
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of an interview study: what was asked, what was said, limits and provenance."""
    return interview_report(study, panel, glean(study, panel, transcripts, personas), facts, personas)


def interview_report(
    study: InterviewStudy, panel: Panel, gleaning: Gleaning, facts: RunFacts, personas: Sequence[Persona]
) -> Report:
    """As `build_interview_report`, from what was gleaned of the transcripts."""
    asked = [at for at, name in enumerate(panel.ids) if name in gleaning.asked]
    arms = panel.arms
    interviewed = Some(panel.respondents, asked)
    overview = Overview(
        guide=study.guide,
        interviews=gleaning.sessions,
        answers=gleaning.answers,
        missing=gleaning.missing.total(),
        missing_reasons=tuple(sorted(gleaning.missing.items())),
    )
    return Report(
        study_kind="interview",
        study=study.id,
        title=study.title or study.guide.title or study.id,
        run_id=facts.run_id,
        banner=banner_of([arms[at] for at in asked], facts),
        stimuli=(),
        measured=(overview,),
        told=objections_of(gleaning, "answers"),
        record=(
            respondents_of(interviewed),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
            Limits(sentences=interview_limits(facts)),
            *grounding_of(personas),
            Provenance(seed=study.seed, facts=facts),
        ),
    )


def inventory_report(
    study: InventoryStudy,
    panel: Panel,
    instrument: Instrument,
    gleaning: Gleaning,
    analysis: InventoryAnalysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of an inventory: what came back of what was assigned, scores, limits and provenance."""
    return Report(
        study_kind="inventory",
        study=study.id,
        title=study.title or study.id,
        run_id=facts.run_id,
        banner=banner_of(panel.arms, facts),
        stimuli=(),
        measured=recovered_sections(study, panel, instrument, analysis),
        told=(),
        record=(
            Limits(sentences=inventory_limits(study, analysis, facts)),
            *grounding_of(personas),
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
        ),
    )


def grounding_of(personas: Sequence[Persona]) -> tuple[RecordSection, ...]:
    """What the personas rest on, if any are known."""
    return (Grounding(personas=ground_all(personas)),) if personas else ()


def committee_report(
    study: CommitteeStudy,
    panel: Panel,
    plan: Plan,
    gleaning: Gleaning,
    analysis: CommitteeAnalysis,
    facts: RunFacts,
    personas: Sequence[Persona] = (),
) -> Report:
    """The report of a committee study, from what was gleaned of the transcripts and their analysis."""
    room = room_of(study, panel, analysis)
    talk = talk_of(room)
    accounts = {one.account: one.arm for one in panel.respondents}
    arms = Counter(accounts.values())
    method = CommitteeMethod(
        channel=channel_in_words(study.channel),
        companies=arms["target"],
        anti_companies=arms["anti"],
        seats=len(room.seats),
        sessions=len(plan),
        design=study.design,
        controls=study.controls,
        rule=study.rule,
    )
    return Report(
        study_kind="committee",
        study=study.id,
        title=study.title or study.id,
        run_id=facts.run_id,
        banner=banner_of(panel.arms, facts),
        stimuli=plan.stimuli,
        measured=(
            outcome_of(room, analysis),
            committee_of(room, panel, plan, analysis),
            committee_trust(study, analysis),
        ),
        told=() if talk is None else (talk,),
        record=(
            Limits(sentences=committee_limits(study, analysis, facts)),
            *grounding_of(personas),
            method,
            Provenance(seed=study.seed, facts=facts),
            respondents_of(panel.respondents),
            Transcripts(transcripts=tuple(gleaning.transcripts), omitted=gleaning.omitted),
        ),
    )


def respondents_of(people: Sequence[Respondent]) -> Respondents:
    """The first cards of `people`, and how many are left out."""
    return Respondents(
        respondents=tuple(people[:MOST_RESPONDENTS]), omitted=max(0, len(people) - MOST_RESPONDENTS)
    )


def banner_of(arms: Sequence[Arm], facts: RunFacts) -> Banner:
    """What stands above everything: who was not asked, when, and from which profiles."""
    size = count(arms.count("target"), "respondent")
    return Banner(
        sentence=f"{size}, each played by the language model {facts.model.name}. No person was asked.",
        date=facts.created_at[:10],
        sources=tuple(_source(source) for source in facts.sources if source.kind in ("icp", "panel")),
    )


def _source(source: SourceFacts) -> str:
    kind = "ICP" if source.kind == "icp" else source.kind
    version = "" if source.version is None else f" v{source.version}"
    return f"{kind} {source.id}{version} ({short(source.key)})"


def _method(study: StimulusTest, panel: Panel, plan: Plan) -> Method:
    arms = Counter(panel.arms)
    return Method(
        channel=channel_in_words(study.channel),
        respondents=arms["target"],
        anti_respondents=arms["anti"],
        sessions=len(plan),
        measures=study.measures,
        design=study.design,
        controls=study.controls,
        rule=study.rule,
    )
