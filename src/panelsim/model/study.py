"""Studies: what is asked of whom, how it is elicited, and the rule for the verdict, set before the run."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, JsonValue, model_validator

from panelsim.model.base import Frozen, Id
from panelsim.model.calibration import Calibration
from panelsim.model.call import ModelRef
from panelsim.model.discussion_design import (
    FEWEST_MEMBERS,
    MOST_MEMBERS,
    MOST_ROUNDS,
    DiscussionControls,
    DiscussionRule,
)
from panelsim.model.inventory import Half, InstrumentName, InventoryForm
from panelsim.model.panel import DOMAINS, Decision
from panelsim.model.questionnaire import NumberQuestion, OnlyIf, OpenText, SurveyQuestion

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


LONGEST_TEXT, LONGEST_CONCEPT = 2000, 5000
"""Characters of a headline or a proposal, and of a concept's description."""


class Stimulus(Frozen):
    """What is shown. Variants are tested; the other roles are controls."""

    id: Id
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_CONCEPT)]
    role: StimulusRole = "variant"
    of: str = ""
    """The variant a duplicate or shuffled control was made from."""
    name: Annotated[str, Field(max_length=120, exclude_if=lambda name: not name)] = ""
    """Of a concept: what it is called; shown before its description."""

    @property
    def shown(self) -> str:
        """What a reader sees: the text, a name before it if there is one."""
        return f"{self.name}. {self.text.strip()}" if self.name else self.text


def _short(stimulus: Stimulus) -> Stimulus:
    if len(stimulus.text) > LONGEST_TEXT:
        raise ValueError(
            f"stimulus {stimulus.id!r} has {len(stimulus.text):,} characters, "
            f"expected at most {LONGEST_TEXT:,}"
        )
    return stimulus


ShortStimulus: TypeAlias = Annotated[Stimulus, AfterValidator(_short)]
"""A headline, a message or a proposal; a concept may be longer."""


class Controls(Frozen):
    """Which controls the run carries. A failed or absent control limits the verdict."""

    duplicate: bool = True
    """An exact copy of the first variant, which must not come out as different."""
    decoy: bool = True
    """A text that fits nobody, which must not win."""
    shuffled: bool = True
    """The words of the first variant in another order, which must not be rated as high."""
    anti_icp: bool = True
    """Respondents from outside the ICP, if the panel has some, who should be less interested."""


class Design(Frozen):
    """How stimuli are shown."""

    monadic: bool = True
    """Each stimulus alone, rated on every measure."""
    paired: bool = True
    """Every pair of stimuli, in both orders."""
    wordings: Annotated[int, Field(ge=1, le=3)] = 3
    """Wordings of each rating question, rotated over respondents and stimuli."""
    replicates: Annotated[int, Field(ge=1, le=20)] = 1
    """How often each respondent is asked the same."""
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


class StimulusTest(StudyBase):
    """What a test of headlines and one of concepts have in common: one plan, one analysis, one report."""

    kind: Literal["message_test", "concept_test"]
    n: Annotated[int, Field(ge=2, le=100_000)] = 24
    """Target respondents; the anti-ICP arm adds half as many."""
    stimuli: tuple[Stimulus, ...]
    meaning: str = ""
    """What the author wants a reader to understand; comprehension is read against it."""
    channel: str = "landing page headline"
    """Where the reader meets the stimulus; `preferred`: each in the channel that their persona names."""
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


class MessageTest(StimulusTest):
    """A headline or message test."""

    kind: Literal["message_test"] = "message_test"
    stimuli: Annotated[tuple[ShortStimulus, ...], Field(min_length=2, max_length=8)]
    calibration: Annotated[Calibration | None, Field(exclude_if=lambda value: value is None)] = None
    """What past tests say of texts of this channel; in a file the path of a calibration file."""


INTENT = "purchase_intent"
BATTERY = (INTENT, "relevance", "uniqueness", "believability", "value_for_money")
"""What concepts are rated on."""


class ConceptTest(StimulusTest):
    """Product or service concepts, each a name and a description, with the purchase-intent battery.

    One concept alone is shown in no pair: its verdict is read against its controls.
    """

    kind: Literal["concept_test"] = "concept_test"
    stimuli: Annotated[tuple[Stimulus, ...], Field(min_length=1, max_length=8)]
    """A file may call them `concepts`."""
    channel: str = "product concept"
    measures: Annotated[tuple[str, ...], Field(min_length=1)] = BATTERY
    design: Design = Design()
    """One concept alone: no pairs unless it is stated, which is refused."""
    rule: DecisionRule = DecisionRule(measure=INTENT)

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, fields: object) -> object:
        """What is not stated: no pairs for one concept, and a rule that reads purchase intent."""
        if not isinstance(fields, dict):
            return fields
        stimuli, design, rule = (fields.get(name, {}) for name in ("stimuli", "design", "rule"))
        filled = dict(fields)
        if isinstance(stimuli, list | tuple) and len(stimuli) == 1 and isinstance(design, dict):
            filled["design"] = {"paired": False, **design}
        if isinstance(rule, dict):
            filled["rule"] = {"measure": INTENT, **rule}
        return filled

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if len(self.stimuli) == 1 and (self.design.paired or not self.design.monadic):
            raise ValueError(
                "one concept has no other to stand in a pair with, expected design.monadic: true and "
                "design.paired: false, or a second concept"
            )
        return self


class GuideQuestion(Frozen):
    """One question of an interview guide with the probes that may follow it."""

    id: Id
    """Names it in answers."""
    text: Annotated[str, Field(min_length=1)]
    """As the interviewer says it."""
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
    """How often each seat is asked the same."""
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
    proposals: Annotated[tuple[ShortStimulus, ...], Field(min_length=1, max_length=8)]
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
    stimuli: Annotated[tuple[ShortStimulus, ...], Field(min_length=2, max_length=8)]
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


PARAMETERS = tuple(Decision.model_fields)
"""The decision parameters, in their order."""

Asserted = Literal["traits", "decision", "both"]
"""What of a respondent is put into the prompt."""


class Doses(Frozen):
    """Levels given by design: from each base respondent a profile for every trait and level.

    A base respondent has all traits at the mean and all decision parameters at one half; each of its other
    profiles differs from it in one of them.
    """

    of: tuple[str, ...] = ()
    """Trait domains or decision parameters, not both; empty: the scales of the instrument."""
    levels: tuple[float, ...] = ()
    """Standard scores from -4 to 4, or 0 to 1 for decision parameters; empty: five levels. The base's own
    level is always part of it."""
    personas: Annotated[int, Field(ge=1, le=60)] = 8
    """Base respondents; from eight on, intervals rest on more than a guess."""


class InventoryStudy(StudyBase):
    """A panel that fills in an inventory: what a prompt asserts of its respondents, read back."""

    kind: Literal["inventory"] = "inventory"
    instrument: InstrumentName = "ipip-hexaco-60"
    form: InventoryForm = "third_person"
    """How levels are put into the prompt; docs/traits-measured.md has the measurements behind the default."""
    asserts: Asserted | None = None
    """Absent: what the doses change, or what the instrument reads."""
    half: Half | None = None
    """Items of one half only; absent: all."""
    per_scale: Annotated[int, Field(ge=2, le=40)] | None = None
    """Items of each scale, an even number, half of each key, drawn with the seed; absent: all."""
    replicates: Annotated[int, Field(ge=1, le=20)] = 1
    elicit: Literal["logprob", "direct"] | None = None
    """Absent: the default of the model."""
    doses: Doses | None = None
    """Absent: the panel is drawn from its personas, `n` respondents."""
    min_answered: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Smallest share of a scale's items that must be answered, or its score is missing."""

    @property
    def scales(self) -> tuple[str, ...]:
        """What the instrument reads."""
        return PARAMETERS if self.instrument == "decision-vignettes" else DOMAINS

    @property
    def dosed(self) -> tuple[str, ...]:
        """What the doses change; empty without doses."""
        return () if self.doses is None else self.doses.of or self.scales

    @property
    def doses_decisions(self) -> bool:
        """Whether the doses change decision parameters."""
        return bool(set(self.dosed) & set(PARAMETERS))

    @property
    def asserted(self) -> Asserted:
        """What of a respondent is put into the prompt."""
        if self.asserts is not None:
            return self.asserts
        decides = self.doses_decisions if self.doses else self.scales == PARAMETERS
        return "decision" if decides else "traits"

    @property
    def profiles(self) -> tuple[tuple[str, float], ...]:
        """The profiles of one base respondent beside itself: what is changed, to which level."""
        if self.doses is None:
            return ()
        middle = 0.5 if self.doses_decisions else 0.0
        levels = self.doses.levels or (DECISION_LEVELS if self.doses_decisions else TRAIT_LEVELS)
        return tuple((name, level) for name in self.dosed for level in levels if level != middle)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.per_scale is not None and self.per_scale % 2:
            raise ValueError(f"per_scale is {self.per_scale}, expected an even number, half of each key")
        if self.doses is None:
            return self
        self._check_doses(self.doses)
        if self.asserts == ("traits" if self.doses_decisions else "decision"):
            raise ValueError(f"asserts is {self.asserts!r}, but the doses change what it leaves out")
        size = self.doses.personas * (1 + len(self.profiles))
        if self.n not in (StudyBase.model_fields["n"].default, size):
            raise ValueError(f"n is {self.n}, but the doses make up the panel of {size}: leave n out")
        return self

    def _check_doses(self, doses: Doses) -> None:
        known = (*DOMAINS, *PARAMETERS)
        for at, name in enumerate(self.dosed):
            if name not in known:
                raise ValueError(f"doses.of names {name!r}, expected some of {', '.join(known)}")
            if name in self.dosed[:at]:
                raise ValueError(f"doses.of names {name!r} twice, expected it once")
        if self.doses_decisions and not set(self.dosed) <= set(PARAMETERS):
            raise ValueError("doses.of mixes traits and decision parameters, expected one kind")
        low, high = (0.0, 1.0) if self.doses_decisions else (-4.0, 4.0)
        for level in doses.levels:
            if not low <= level <= high:
                raise ValueError(f"doses.levels holds {level:g}, expected levels from {low:g} to {high:g}")
        if len(set(doses.levels)) != len(doses.levels):
            raise ValueError("doses.levels names a level twice, expected each once")
        if not self.profiles:
            raise ValueError("doses.levels holds the base's own level alone, expected another one")


Position: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]


class HypothesisControls(Frozen):
    """Which controls a hypothesis carries. One that fails voids the verdict."""

    placebo: bool = True
    """Two positions that say the same, which must come out as a tie."""
    known: bool = True
    """Two positions of which one is plainly right, which must come out right."""


class HypothesisRule(Frozen):
    """Thresholds of a hypothesis, fixed before the run and printed in the report."""

    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Permutation p below which a position is supported."""
    lean_alpha: Annotated[float, Field(gt=0, lt=1)] = 0.20
    """Permutation p below which the panel leans."""
    min_lead: Annotated[float, Field(ge=0, le=0.5)] = 0.10
    """Smallest distance of the share from one half that counts."""
    min_order_consistency: Annotated[float, Field(ge=0, le=1)] = 0.60
    """Part of the position that survives swapping the slots, below which the run cannot say."""
    max_neither: Annotated[float, Field(ge=0, le=1)] = 0.50
    """Share of "neither" above which the run cannot say."""
    max_placebo_lead: Annotated[float, Field(ge=0, le=0.5)] = 0.15
    """Largest mean distance from one half of positions that say the same."""
    max_missing: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: Annotated[float, Field(ge=0, le=1)] = 0.50
    """Mean share of the answer token's probability on valid letters, below which the run cannot say."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    """Coverage of the simulation intervals."""


class HypothesisStudy(StudyBase):
    """A question with two sides, put to every respondent in every wording and both orders."""

    kind: Literal["hypothesis"] = "hypothesis"
    n: Annotated[int, Field(ge=2, le=100_000)] = 24
    wordings: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=600)], ...],
                        Field(min_length=1, max_length=3)]  # fmt: skip
    """The question in one to three wordings; a file may give one as `question`."""
    a: Position
    b: Position
    neither: Position = "Neither, or cannot say"
    """The option that stands last in both orders."""
    replicates: Annotated[int, Field(ge=1, le=20)] = 1
    elicit: Literal["logprob", "direct"] | None = None
    """Absent: the default of the model."""
    frame: Frame | None = None
    controls: HypothesisControls = HypothesisControls()
    rule: HypothesisRule = HypothesisRule()

    @model_validator(mode="after")
    def _two_sided(self) -> Self:
        if len({" ".join(text.casefold().split()) for text in (self.a, self.b, self.neither)}) < 3:
            raise ValueError("a, b and neither say the same, expected two positions and a way out")
        return self


class SurveyRule(Frozen):
    """What voids a question of a survey, fixed before the run and printed in the report."""

    max_missing: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Share of answers missing above which a question cannot be read."""
    min_valid_mass: Annotated[float, Field(ge=0, le=1)] = 0.50
    """Mean share of the answer token's probability on valid letters, below which it cannot be read."""
    max_position_effect: Annotated[float, Field(ge=0, le=1)] = 0.20
    """Largest Cramer's V of the chosen slot, if its p is below `alpha` too."""
    max_pull: Annotated[float, Field(ge=0, le=0.5)] = 0.10
    """Largest pull of the first slot, in shares of the range, if its interval leaves out 0 too."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """p below which a position effect is told from chance."""
    min_alike: Annotated[int, Field(ge=2)] = 5
    """Respondents who, if so many or more all give the same number, have given no answer of their own."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    """Coverage of the simulation intervals."""


class SurveyStudy(StudyBase):
    """A questionnaire: every question alone, in a call that knows no other answer."""

    kind: Literal["survey"] = "survey"
    n: Annotated[int, Field(ge=1, le=100_000)] = 24
    about: Annotated[str, Field(max_length=1000)] = ""
    """What every question is put with, as in `The questions are about your CRM.`"""
    questions: Annotated[tuple[SurveyQuestion, ...], Field(min_length=1, max_length=40)]
    elicit: Literal["logprob", "direct"] | None = None
    """Absent: the default of the model. Numbers and words are said outright in any case."""
    frame: Frame | None = None
    rule: SurveyRule = SurveyRule()

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        earlier: dict[str, SurveyQuestion] = {}
        for question in self.questions:
            if question.id in earlier:
                raise ValueError(f"question id {question.id!r} is used twice, expected it once")
            if question.only_if is not None:
                _check_filter(question.id, question.only_if, earlier)
            earlier[question.id] = question
        return self


def _check_filter(name: str, only_if: OnlyIf, earlier: Mapping[str, SurveyQuestion]) -> None:
    asked = earlier.get(only_if.question)
    if asked is None or isinstance(asked, NumberQuestion | OpenText):
        closed = [one.id for one in earlier.values() if not isinstance(one, NumberQuestion | OpenText)]
        raise ValueError(
            f"question {name!r} depends on {only_if.question!r}, expected an earlier question with options: "
            f"{', '.join(closed) or 'there is none'}"
        )
    for choice in only_if.any_of:
        if choice not in asked.choices:
            raise ValueError(
                f"question {name!r} depends on {choice!r}, expected one of {', '.join(asked.choices)}"
            )


TRAIT_LEVELS = (-2.0, -1.0, 0.0, 1.0, 2.0)
DECISION_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


class DiscussionStudy(StudyBase):
    """Groups of a panel that talk about a text or along a guide, rated in private before and after."""

    kind: Literal["discussion"] = "discussion"
    n: Annotated[int, Field(ge=1)] = 10
    """Respondents in all: `groups` times `size`; left out of a file."""
    groups: Annotated[int, Field(ge=1, le=200)] = 2
    size: Annotated[int, Field(ge=FEWEST_MEMBERS, le=MOST_MEMBERS)] = 5
    """Members of each group; every persona is spread over the groups."""
    rounds: Annotated[int, Field(ge=1, le=4)] = 2
    """Rounds on each question of the guide, or on the text alone; in each, every member speaks once."""
    stimulus: Stimulus | None = None
    """What they talk about: a headline, a message, a concept. Absent: the guide alone, nothing to rate."""
    guide: Guide | None = None
    """Questions of the moderator; absent: those of `prompts/sessions/moderator`."""
    channel: str = "landing page headline"
    measure: str = "relevance"
    """What is rated in private."""
    wordings: Annotated[int, Field(ge=1, le=3)] = 3
    """Wordings of the rating question, rotated over the groups; a member keeps the same one."""
    controls: DiscussionControls = DiscussionControls()
    rule: DiscussionRule = DiscussionRule()
    elicit: Elicitation | None = None
    frame: Frame | None = None
    embedding_model: str | None = None

    @property
    def rounds_in_all(self) -> int:
        """Rounds over all questions."""
        return self.rounds * (len(self.guide.questions) if self.guide else 1)

    @model_validator(mode="before")
    @classmethod
    def _sized(cls, fields: JsonValue) -> JsonValue:
        """Fills in `n` where it is left out."""
        if not isinstance(fields, dict) or "n" in fields:
            return fields
        groups, size = (fields.get(name, cls.model_fields[name].default) for name in ("groups", "size"))
        if not isinstance(groups, int) or not isinstance(size, int) or groups * size < 1:
            return fields  # their own fields say what is wrong
        return {**fields, "n": groups * size}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.n != self.groups * self.size:
            found = f"{self.groups} groups of {self.size}"
            raise ValueError(f"n is {self.n}, but {found} make up the panel: leave n out")
        if self.stimulus is None and self.guide is None:
            raise ValueError("found nothing to talk about, expected a stimulus, a guide or both")
        if self.rounds_in_all > MOST_ROUNDS:
            raise ValueError(
                f"{self.rounds_in_all} rounds over all questions, expected at most {MOST_ROUNDS}"
            )
        if self.guide is not None and self.rounds_in_all > self.guide.max_turns:
            found = f"{self.rounds_in_all} rounds, but the guide has max_turns {self.guide.max_turns}"
            raise ValueError(f"{found}, expected as many turns of each member")
        return self


Study: TypeAlias = Annotated[
    MessageTest
    | InterviewStudy
    | CommitteeStudy
    | AblationStudy
    | InventoryStudy
    | ConceptTest
    | HypothesisStudy
    | SurveyStudy
    | DiscussionStudy,
    Field(discriminator="kind"),
]


StudyKind = Literal[
    "message_test",
    "interview",
    "committee",
    "ablation",
    "inventory",
    "concept_test",
    "hypothesis",
    "survey",
    "discussion",
]


class Asking(Frozen):
    """How a study's calls are put: the resolved model, elicitation and sampling."""

    model: ModelRef
    embedding_model: ModelRef
    elicit: Elicitation
    frame: Frame
    temperature: float
    seed: int
