"""What a report says: small sections of data with no layout, the measured ones apart from the told ones."""

from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field

from panelsim.model.analysis import AblationAnalysis, Cell, Contrast, Cut, Estimate, Preference, VerdictWord
from panelsim.model.base import Frozen
from panelsim.model.calibration import AppliedCalibration
from panelsim.model.call import Usage
from panelsim.model.committee import CompanyOutcome, OutcomeWord, ProposalOutcome, StanceState
from panelsim.model.discussion_report import Aired, DiscussionAnswer, DiscussionMethod, Shifts
from panelsim.model.hypothesis import HypothesisWord, PositionCut, Side, WordingShare
from panelsim.model.icp import Day, Structure
from panelsim.model.panel import CommitteeRole, Respondent
from panelsim.model.persona import Authority, Basis
from panelsim.model.plan import Transcript
from panelsim.model.recovery import Readback, Recovery, ScaleScores
from panelsim.model.study import (
    CommitteeControls,
    CommitteeDesign,
    CommitteeRule,
    Controls,
    DecisionRule,
    Design,
    Elicitation,
    Frame,
    Guide,
    Stimulus,
    StudyKind,
)
from panelsim.model.survey import QuestionResult, SurveyWord

ReportSchema = Literal["panelsim.report/1"]
"""Names the form of the JSON export; a form that old readers cannot read gets a new number."""


Omitted: TypeAlias = Annotated[int, Field(ge=0, exclude_if=lambda count: count == 0)]
"""How many are left out, so that a report stays small; not written where nothing is."""


class Failure(Frozen):
    """A session that could not be finished."""

    session: str
    reason: str


class ModelFacts(Frozen):
    """The model that spoke for the panel."""

    name: str
    """PROVIDER/NAME as asked."""
    size: str
    """Parameters in words (`1.5 billion parameters, 4-bit`), or `not stated`."""
    licence: str
    measured: str
    """What the model was measured to be good for, in one sentence, or that it was not measured."""


class PromptFacts(Frozen):
    """A prompt file that was rendered in the run."""

    id: str
    version: Annotated[int, Field(ge=1)]
    key: str
    """Content key of the prompt's body."""


SourceKind: TypeAlias = Literal["icp", "persona", "panel", "guide", "note", "calibration"]


class SourceFacts(Frozen):
    """A file the panel or the guide came from."""

    kind: SourceKind
    id: str
    version: int | None
    """Absent if the file states none."""
    key: str
    """Content key of the file's meaning."""
    date: Annotated[str | None, Field(exclude_if=lambda day: day is None)] = None
    """Of a note: when it was said or written."""
    is_draft: Annotated[bool, Field(exclude_if=lambda draft: not draft)] = False
    """A persona that nobody has approved."""


class RunFacts(Frozen):
    """How the run was made. Holds nothing that a warm second run would change but its id and time."""

    run_id: str
    created_at: str
    """ISO 8601 text with zone."""
    panelsim_version: str
    state: Literal["completed", "partial"]
    failures: tuple[Failure, ...] = ()
    """The first ones."""
    failures_omitted: Omitted = 0
    model: ModelFacts
    embedding_model: str | None = None
    """PROVIDER/NAME; absent if no text was embedded."""
    elicit: Elicitation | None = None
    """Absent in interviews, which rate nothing."""
    frame: Frame | None = None
    """Absent unless the study is a message test."""
    calls: Annotated[int, Field(ge=0)]
    """Distinct calls behind the report, from the store or paid now."""
    usage: Usage
    """Tokens of those calls."""
    cost_usd: Annotated[float, Field(ge=0)]
    """What those calls cost when they were first paid."""
    prompts: tuple[PromptFacts, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    rerun: str
    """The command that gives this run again."""
    cite: str
    """How to cite the run, in one sentence."""

    @property
    def failed(self) -> int:
        """Sessions that could not be finished, in all."""
        return len(self.failures) + self.failures_omitted


class Banner(Frozen):
    """What stands above everything else."""

    headline: Literal["Simulated, not people"] = "Simulated, not people"
    sentence: str
    date: str
    """Day of the run, YYYY-MM-DD."""
    sources: tuple[str, ...]
    """ICPs and panel with version and short hash."""


class Answer(Frozen):
    """The result in one sentence, with the verdict's word and what to do next."""

    kind: Literal["answer"] = "answer"
    word: VerdictWord
    sentence: str
    leader: str | None
    """Absent if none can be named."""
    not_separable: tuple[str, ...]
    reasons: tuple[str, ...]
    next_step: str
    split: tuple[tuple[str, str], ...]
    """(persona, leading variant) if personas are led by different variants, else empty."""


Standing = Literal["leads", "not_separable", "behind", "not_ranked", "control"]
"""Where a stimulus stands. Only distance from the leader is tested, so nobody is third."""


class ScoreRow(Frozen):
    """One stimulus on every measure."""

    stimulus: Stimulus
    standing: Standing
    cells: tuple[Cell, ...]
    """One per measure that was asked of it."""


class Scores(Frozen):
    """Stimuli x measures, with the leader's distance from each other variant."""

    kind: Literal["scores"] = "scores"
    measures: tuple[str, ...]
    rule_measure: str
    decided_on: str
    """What the verdict is read from: `preference` if pairs were asked, else the rule's measure."""
    points: Annotated[int, Field(ge=2)]
    """Points of the rating scale."""
    confidence: float
    """Coverage of the simulation intervals."""
    leader: str | None
    noise_floor: float | None
    """Scale points within which an exact duplicate differs; absent without a duplicate."""
    rows: tuple[ScoreRow, ...]
    anti_rows: tuple[ScoreRow, ...]
    """The same stimuli rated by respondents outside the ICP."""
    contrasts: tuple[Contrast, ...]


class TopBoxRow(Frozen):
    """How much of the panel gives one stimulus one of the two highest points."""

    stimulus: Stimulus
    target: Estimate | None
    """Absent without an answer."""
    anti: Estimate | None
    """The same outside the ICP; absent if it was not asked there."""


class TopBox(Frozen):
    """Top-2-box of the measure that decides a concept test."""

    kind: Literal["top_box"] = "top_box"
    measure: str
    confidence: float
    rows: tuple[TopBoxRow, ...]
    """As in the scores."""


class Preferences(Frozen):
    """Pairs asked in both orders, and what they say together."""

    kind: Literal["preferences"] = "preferences"
    preference: Preference
    leader: str | None
    """The variant with the highest strength; absent if none was estimated."""


class Cuts(Frozen):
    """Who leads in which segment."""

    kind: Literal["cuts"] = "cuts"
    measure: str
    variants: tuple[str, ...]
    cuts: tuple[Cut, ...]
    split: tuple[tuple[str, str], ...]
    """As in the answer."""


CheckState = Literal["passed", "failed", "not_computed", "off", "noted"]
"""`noted`: a figure without a threshold."""


class Check(Frozen):
    """One reason to believe the run, or not to."""

    name: str
    label: str
    state: CheckState
    figure: str
    """The figure alone, for a strip; empty if there is none."""
    expectation: str
    found: str
    """One sentence with the figure."""
    is_control: bool = False


class Trust(Frozen):
    """All checks of the run, and whether the panel was ever compared with people."""

    kind: Literal["trust"] = "trust"
    checks: tuple[Check, ...]
    calibration: str
    """How the panel, or its texts, were compared with what people did; follows "this panel was"."""
    calibrated: Annotated[AppliedCalibration | None, Field(exclude_if=lambda applied: applied is None)] = None
    """What the study's calibration says; absent if it names none."""

    @property
    def calibration_in_short(self) -> str:
        """The calibration up to its figures."""
        return self.calibration.partition(":")[0]


class Quote(Frozen):
    """Words of a respondent, traceable to the call."""

    respondent: str
    name: str
    title: str
    persona: str
    text: str
    rating: float | None
    """On the rule's measure; absent if missing or not asked."""
    call_key: str


class StimulusVoices(Frozen):
    """Reactions to one stimulus from those who rated it highest and lowest."""

    stimulus: str
    highest: tuple[Quote, ...]
    lowest: tuple[Quote, ...]
    unrated: tuple[Quote, ...]
    """Reactions without a rating to stand on."""
    note: str
    """What to know when reading the two sides; empty if nothing."""


class Voices(Frozen):
    """Why: what was said for and against; the minority always has a place."""

    kind: Literal["voices"] = "voices"
    measure: str
    voices: tuple[StimulusVoices, ...]


class PlayedBack(Frozen):
    """What respondents say one stimulus offers."""

    stimulus: str
    quotes: tuple[Quote, ...]
    answers: int
    """Answers in all; the others are in the transcripts."""


class Comprehension(Frozen):
    """What was understood, beside what was meant."""

    kind: Literal["comprehension"] = "comprehension"
    meaning: str
    """What the author wants understood; empty if not stated."""
    played_back: tuple[PlayedBack, ...]


class Limits(Frozen):
    """What this run cannot say, one sentence each."""

    kind: Literal["limits"] = "limits"
    sentences: tuple[str, ...]


class GroundingSource(Frozen):
    """Where something in a persona comes from."""

    basis: Basis
    source: str
    date: Day | None = None
    """When it was observed or inferred; absent: not noted."""


class PersonaGrounding(Frozen):
    """What one persona rests on; counts are of content fields that it states."""

    persona: str
    index: Annotated[float, Field(ge=0, le=1)]
    """(observed + inferred / 2) / stated: 0 is a guess, 1 was observed in every field."""
    observed: Annotated[int, Field(ge=0)]
    inferred: Annotated[int, Field(ge=0)]
    invented: Annotated[int, Field(ge=0)]
    unsaid: Annotated[int, Field(ge=0)]
    """Fields of which the persona does not say what they rest on; they count as invented."""
    sources: tuple[GroundingSource, ...] = ()
    oldest: Day | None = None
    """Of the sources' dates; absent if none is noted."""
    quotes: Annotated[int, Field(ge=0)] = 0
    """Problems told in the words of a real person."""

    @property
    def stated(self) -> int:
        """Content fields in all."""
        return self.observed + self.inferred + self.invented + self.unsaid


class Grounding(Frozen):
    """What the personas of the panel rest on."""

    kind: Literal["grounding"] = "grounding"
    personas: Annotated[tuple[PersonaGrounding, ...], Field(min_length=1)]


class Method(Frozen):
    """The design and the decision rule, as set before the run."""

    kind: Literal["method"] = "method"
    channel: str
    respondents: int
    """Target arm."""
    anti_respondents: int
    sessions: int
    measures: tuple[str, ...]
    design: Design
    controls: Controls
    rule: DecisionRule


class Overview(Frozen):
    """What an interview study asked, and how much was answered."""

    kind: Literal["overview"] = "overview"
    guide: Guide
    interviews: int
    answers: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]


class SeatVoice(Frozen):
    """One kind of seat on one proposal, over the companies in which it stands the same way."""

    proposal: str
    persona: str
    title: str
    role: CommitteeRole
    authority: Authority
    companies: Annotated[int, Field(ge=1)]
    """In which it stands so."""
    of: Annotated[int, Field(ge=1)]
    """Companies asked."""
    state: StanceState
    share: float | None
    """Mean probability of that stance in those companies; absent without a stance."""
    said: Quote | None
    """The reason given where it stands most firmly; absent if none was."""
    needs: Quote | None
    """What would have to be true there."""


class CommitteeAnswer(Frozen):
    """What a committee would do, with every veto before anything else."""

    kind: Literal["outcome"] = "outcome"
    word: OutcomeWord | VerdictWord
    sentence: str
    leader: str | None
    reasons: tuple[str, ...]
    next_step: str
    is_void: bool
    """True if the run's own controls forbid an outcome; vetoes are then shown as what was heard."""
    proposals: tuple[ProposalOutcome, ...]
    """The tested ones; every outcome is `cannot_say` if the run is void."""
    vetoes: tuple[SeatVoice, ...]
    champions: tuple[SeatVoice, ...]
    signers: tuple[SeatVoice, ...]
    """Every signer, wherever it stands, for what it needs."""


class SeatCell(Frozen):
    """One kind of seat on one proposal: mean shares over its companies."""

    proposal: str
    yes: float | None
    """Absent if no company's seat answered both orders."""
    no: float | None
    unsure: float | None
    yes_first: float | None
    """P(yes) with yes in the first slot."""
    yes_second: float | None
    """P(yes) with no in the first slot."""
    order_consistency: float | None
    states: tuple[tuple[StanceState, int], ...]
    """Companies by where the seat stands; zeros are left out."""


class SeatRow(Frozen):
    """One kind of seat: a persona's place in every company."""

    persona: str
    title: str
    names: tuple[str, ...]
    """Of its holders, the first ones."""
    role: CommitteeRole
    authority: Authority
    can_stop: bool
    may_champion: bool
    cells: tuple[SeatCell, ...]


class Committee(Frozen):
    """Seats x proposals, and what each company comes to."""

    kind: Literal["committee"] = "committee"
    proposals: tuple[Stimulus, ...]
    """Tested ones, then controls."""
    companies: int
    structures: tuple[tuple[str, Structure, int], ...]
    """(ICP, structure, companies)."""
    confidence: float
    rows: tuple[SeatRow, ...]
    summaries: tuple[ProposalOutcome, ...]
    outcomes: tuple[CompanyOutcome, ...]
    """Of the tested proposals; the first companies."""
    omitted: Omitted = 0
    """Outcomes that are left out."""
    contrasts: tuple[Contrast, ...]


class SeatSaid(Frozen):
    """What one holder of a seat said of one proposal."""

    persona: str
    title: str
    name: str
    respondent: str
    account: str
    state: StanceState
    reason: Quote | None
    objection: Quote | None
    condition: Quote | None


class ProposalTalk(Frozen):
    """What the seats said of one proposal."""

    proposal: str
    seats: tuple[SeatSaid, ...]


class ExpectedObjection(Frozen):
    """An objection that a persona's file expects, and how often one like it was raised."""

    persona: str
    title: str
    expected: str
    raised: int
    of: int
    """Objections that its seats raised, over companies and proposals."""


class HeardObjection(ExpectedObjection):
    """The same in reactions or interview answers, with the first words that raised it."""

    quote: Quote | None
    """Absent if nobody raised it."""


class Objections(Frozen):
    """Which of the objections that the personas' files expect were raised."""

    kind: Literal["objections"] = "objections"
    said_in: Literal["reactions", "answers"]
    heard: tuple[HeardObjection, ...]
    """The most raised first, persona by persona."""


class SeatTalk(Frozen):
    """Reasons, objections and conditions, seat by seat, and objections expected against raised."""

    kind: Literal["seat_talk"] = "seat_talk"
    talks: tuple[ProposalTalk, ...]
    expected: tuple[ExpectedObjection, ...]
    new: tuple[Quote, ...]
    """Objections unlike any that was expected, the first ones."""
    new_omitted: Omitted = 0


class CommitteeMethod(Frozen):
    """The design of a committee study and its rule, as set before the run."""

    kind: Literal["committee_method"] = "committee_method"
    channel: str
    companies: int
    anti_companies: int
    seats: int
    """Of the target arm."""
    sessions: int
    design: CommitteeDesign
    controls: CommitteeControls
    rule: CommitteeRule


class Ablation(Frozen):
    """Where the variance of a rating comes from, and what taking traits away or swapping them does."""

    kind: Literal["ablation"] = "ablation"
    analysis: AblationAnalysis
    answer: str
    """What the traits do to a rating, in one sentence."""
    reasons: tuple[str, ...]
    """One sentence each: what it rests on."""


class HypothesisAnswer(Frozen):
    """The answer to a hypothesis in one sentence, with what to do next."""

    kind: Literal["hypothesis_answer"] = "hypothesis_answer"
    word: HypothesisWord
    sentence: str
    question: str
    a: str
    b: str
    share: Estimate | None
    """For a over b, "neither" counting half."""
    reasons: tuple[str, ...]
    next_step: str


class Positions(Frozen):
    """How the panel divides over the positions, by wording and by segment."""

    kind: Literal["positions"] = "positions"
    a: str
    b: str
    neither: str
    confidence: float
    sides: tuple[tuple[Side, Estimate], ...]
    wordings: tuple[WordingShare, ...]
    cuts: tuple[PositionCut, ...]


class SurveyAnswer(Frozen):
    """How much of a questionnaire can be read, in one sentence."""

    kind: Literal["survey_answer"] = "survey_answer"
    word: SurveyWord
    sentence: str
    respondents: int
    questions: int
    answers: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    cannot_say: tuple[str, ...]
    """Ids of the questions that cannot be read."""


class SurveyResults(Frozen):
    """What was answered to each question."""

    kind: Literal["survey_results"] = "survey_results"
    confidence: float
    results: tuple[QuestionResult, ...]


class SurveySaid(Frozen):
    """Answers to open questions."""

    kind: Literal["survey_said"] = "survey_said"
    questions: tuple[tuple[str, tuple[Quote, ...]], ...]
    """(the question as it was put, the first answers)."""


class StudyMethod(Frozen):
    """The design and the rule of a hypothesis or a survey, as set before the run."""

    kind: Literal["study_method"] = "study_method"
    facts: tuple[tuple[str, str], ...]
    """(label, text)."""


class Provenance(Frozen):
    """Where the report comes from and how to get it again."""

    kind: Literal["provenance"] = "provenance"
    seed: int
    facts: RunFacts


class Respondents(Frozen):
    """The cards of the panel, in its order."""

    kind: Literal["respondents"] = "respondents"
    respondents: tuple[Respondent, ...]
    """The first ones."""
    omitted: Omitted = 0


class Transcripts(Frozen):
    """What was said, in the order of the plan."""

    kind: Literal["transcripts"] = "transcripts"
    transcripts: tuple[Transcript, ...]
    """The first ones."""
    omitted: Omitted = 0
    """Sessions that are in the exports only."""

    @property
    def sessions(self) -> int:
        """Sessions in all."""
        return len(self.transcripts) + self.omitted


MeasuredSection: TypeAlias = (
    Answer
    | Scores
    | TopBox
    | Preferences
    | Cuts
    | Trust
    | Overview
    | CommitteeAnswer
    | Committee
    | Ablation
    | HypothesisAnswer
    | Positions
    | SurveyAnswer
    | SurveyResults
    | Readback
    | Recovery
    | ScaleScores
    | DiscussionAnswer
    | Shifts
)
ToldSection: TypeAlias = Voices | Comprehension | Objections | SeatTalk | SurveySaid | Aired
RecordSection: TypeAlias = (
    Limits
    | Grounding
    | Method
    | CommitteeMethod
    | StudyMethod
    | DiscussionMethod
    | Provenance
    | Respondents
    | Transcripts
)
Section: TypeAlias = MeasuredSection | ToldSection | RecordSection


class Report(Frozen):
    """A run as we present it. Figures and generated words stand in different parts on purpose."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_alias=True, validate_by_name=True)

    schema_name: Annotated[ReportSchema, Field(alias="schema")] = "panelsim.report/1"
    simulated: Literal[True] = True
    study_kind: StudyKind
    study: str
    """The study's id."""
    title: str
    run_id: str
    banner: Banner
    stimuli: tuple[Stimulus, ...]
    """Variants, then controls; empty unless the study is a message test."""
    measured: tuple[Annotated[MeasuredSection, Field(discriminator="kind")], ...]
    told: tuple[Annotated[ToldSection, Field(discriminator="kind")], ...]
    record: tuple[Annotated[RecordSection, Field(discriminator="kind")], ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Every section in reading order."""
        return (*self.measured, *self.told, *self.record)
