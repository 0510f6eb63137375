"""Studies: what is asked of whom, how it is elicited, and the rule for the verdict, set before the run."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.call import ModelRef

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""Lower-case letters, digits, dot, dash, underscore; at most 64 characters."""

Elicitation = Literal["reaction", "logprob", "direct"]
"""`reaction`: text, then similarity rating; `logprob`: expected value over the rating token's
log-probabilities; `direct`: a structured answer."""

Frame = Literal["first_person", "few_shot", "third_person"]
"""How the rating is put: to the buyer, to the buyer after worked examples, or about the buyer."""

StimulusRole = Literal["variant", "duplicate", "decoy", "shuffled"]


class StudyBase(Frozen):
    """What every study states, whatever it asks."""

    id: Id
    title: str = ""
    panel: str = "sales-trio"
    """Name of a shipped panel or path of its file, or `persona:NAME` for one persona in its own ICPs."""
    n: Annotated[int, Field(ge=1, le=100_000)] = 24
    """Target respondents."""
    model: str = "embedded/qwen2.5-1.5b"
    """PROVIDER/NAME."""
    base_url: str = ""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """Of the spoken answers; absent: 0.7. Ratings by log-probability are always read at 0."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    max_cost_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 2.0
    notes: bool = True
    """Whether passages of the personas' notes are given with the questions they matter for."""


class Stimulus(Frozen):
    """What is shown. Variants are tested; the other roles are controls."""

    id: Id
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    role: StimulusRole = "variant"
    of: str = ""
    """The variant a duplicate or shuffled control was made from."""


class Controls(Frozen):
    """Which controls the run carries. A failed or absent control limits the verdict."""

    duplicate: bool = True
    decoy: bool = True
    shuffled: bool = True
    anti_icp: bool = True


class Design(Frozen):
    """How stimuli are shown."""

    monadic: bool = True
    paired: bool = True
    wordings: Annotated[int, Field(ge=1, le=3)] = 3
    """Wordings of each rating question, rotated over respondents and stimuli."""
    replicates: Annotated[int, Field(ge=1, le=20)] = 1
    open_questions: bool = True
    """Ask for the reaction and the comprehension in words."""


class DecisionRule(Frozen):
    """Thresholds of the verdict, fixed before the run and printed in the report."""

    measure: str = "relevance"
    """The measure on which the monadic contrast is made."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Holm-corrected permutation p below which a lead is clear."""
    lean_alpha: Annotated[float, Field(gt=0, lt=1)] = 0.20
    """Holm-corrected permutation p below which there is a lean."""
    min_lead: Annotated[float, Field(ge=0)] = 0.10
    """Smallest lead in ratings, in scale points, that counts: no number of respondents makes less matter."""
    min_lead_share: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    """Smallest lead in pairs that counts, as win share above one half."""
    min_order_consistency: Annotated[float, Field(ge=0, le=1)] = 0.60
    """Part of the preference in pairs that survives swapping the slots, below which the run cannot say."""
    max_missing: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: Annotated[float, Field(ge=0, le=1)] = 0.50
    """Mean share of the rating token's probability on valid points, below which the run cannot say."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    """Coverage of the simulation intervals."""


class MessageTest(StudyBase):
    """A headline or message test."""

    kind: Literal["message_test"] = "message_test"
    n: Annotated[int, Field(ge=2, le=100_000)] = 24
    """Target respondents; the anti-ICP arm adds half as many."""
    stimuli: Annotated[tuple[Stimulus, ...], Field(min_length=2, max_length=8)]
    meaning: str = ""
    """What the author wants a reader to understand; comprehension is read against it."""
    channel: str = "landing page headline"
    """Where the reader meets the stimulus."""
    measures: Annotated[tuple[str, ...], Field(min_length=1)] = ("relevance", "clarity", "believability")
    elicit: Elicitation | None = None
    """Absent: the default of the model (see docs/elicitation.md)."""
    frame: Frame | None = None
    """Absent: the default of the model."""
    design: Design = Design()
    controls: Controls = Controls()
    rule: DecisionRule = DecisionRule()
    embedding_model: str | None = None
    """PROVIDER/NAME for similarity rating; absent: the embedded sentence model."""


class GuideQuestion(Frozen):
    """One question of an interview guide with the probes that may follow it."""

    id: Id
    text: Annotated[str, Field(min_length=1)]
    probes: tuple[str, ...] = ()
    """Asked in order while the answer stays vague."""


class Guide(Frozen):
    """An interview guide."""

    id: Id
    title: str = ""
    opening: str = ""
    """What the interviewer says before the first question."""
    questions: Annotated[tuple[GuideQuestion, ...], Field(min_length=1)]
    max_turns: Annotated[int, Field(ge=1, le=100)] = 20
    """Answers after which the interview ends, probes included."""


class InterviewStudy(StudyBase):
    """Interviews of a panel along a guide."""

    kind: Literal["interview"] = "interview"
    n: Annotated[int, Field(ge=1, le=100_000)] = 3
    guide: Guide


class CommitteeControls(Frozen):
    """Which controls a committee carries. One that fails voids the verdict."""

    duplicate: bool = True
    """An exact copy of the first proposal, asked in another wording."""
    decoy: bool = True
    """A proposal that every seat should refuse."""
    anti_icp: bool = True
    """The committee of a company outside the ICP, if the panel has one."""


class CommitteeDesign(Frozen):
    """How a committee is asked."""

    wordings: Annotated[int, Field(ge=1, le=3)] = 3
    """Wordings of the stance question, rotated over companies and replicates."""
    replicates: Annotated[int, Field(ge=1, le=20)] = 1
    words: bool = True
    """Ask for the reason, the first objection and the condition in words."""


class CommitteeRule(Frozen):
    """Thresholds of a committee's verdict, fixed before the run and printed in the report."""

    min_stance: Annotated[float, Field(gt=0.5, le=1)] = 0.60
    """Probability from which a seat's stance is clear."""
    min_outcome: Annotated[float, Field(gt=0.5, le=1)] = 0.60
    """Probability from which a company's outcome is named."""
    min_order_consistency: Annotated[float, Field(ge=0, le=1)] = 0.60
    """Part of a stance that survives swapping the options, below which it is position bias and no stance."""
    max_missing: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: Annotated[float, Field(ge=0, le=1)] = 0.50
    """Mean share of the answer token's probability on valid letters, below which the run cannot say."""
    min_refusal: Annotated[float, Field(gt=0, le=1)] = 0.90
    """Share of seats that must refuse the decoy."""
    max_copy_gap: Annotated[float, Field(ge=0, le=1)] = 0.20
    """Largest mean distance between a seat's stance on the first proposal and on its own copy."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Holm-corrected permutation p below which one proposal's lead over another is clear."""
    lean_alpha: Annotated[float, Field(gt=0, lt=1)] = 0.20
    """Holm-corrected permutation p below which there is a lean."""
    min_lead: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Smallest lead in the probability of going ahead that counts."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    """Coverage of the simulation intervals."""


class CommitteeStudy(StudyBase):
    """Proposals before buying committees: each seat of a company judges alone."""

    kind: Literal["committee"] = "committee"
    panel: str = "sales-committee"
    """Its personas are the seats of every company."""
    n: Annotated[int, Field(ge=1, le=1_000)] = 1
    """Companies; a file may call it `companies`. The anti-ICP arm adds half as many, at least one."""
    proposals: Annotated[tuple[Stimulus, ...], Field(min_length=1, max_length=8)]
    channel: str = "sales proposal"
    """How the proposal reaches the committee."""
    elicit: Elicitation | None = None
    """Absent: the default of the model. `reaction`: reasons in words first, then the stance outright."""
    frame: Frame | None = None
    """Absent: the default of the model."""
    design: CommitteeDesign = CommitteeDesign()
    controls: CommitteeControls = CommitteeControls()
    rule: CommitteeRule = CommitteeRule()


Carried = Literal["traits", "decision", "both"]
"""What an ablation takes away and swaps: HEXACO levels, decision parameters, or both."""


class AblationStudy(StudyBase):
    """The same ratings from respondents with their own traits, with none, and with another respondent's."""

    kind: Literal["ablation"] = "ablation"
    n: Annotated[int, Field(ge=4, le=10_000)] = 12
    """Target respondents; each is asked three times, as itself and as its two twins."""
    stimuli: Annotated[tuple[Stimulus, ...], Field(min_length=2, max_length=8)]
    channel: str = "landing page headline"
    measure: str = "relevance"
    carried: Carried = "both"
    wordings: Annotated[int, Field(ge=1, le=3)] = 3
    """Every respondent is asked every one of them, so that their share can be told."""
    replicates: Annotated[int, Field(ge=1, le=20)] = 2
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    """Coverage of the simulation intervals."""
    elicit: Elicitation | None = None
    frame: Frame | None = None
    embedding_model: str | None = None


Study: TypeAlias = Annotated[
    MessageTest | InterviewStudy | CommitteeStudy | AblationStudy, Field(discriminator="kind")
]


StudyKind = Literal["message_test", "interview", "committee", "ablation"]


class Asking(Frozen):
    """How a study's calls are put: the resolved model, elicitation and sampling."""

    model: ModelRef
    embedding_model: ModelRef
    elicit: Elicitation
    frame: Frame
    temperature: float
    seed: int
