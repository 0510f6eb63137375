"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict


class Variant(TypedDict, total=False):
    """One text to compare."""

    id: Required[str]
    """Your name for it; it comes back in the report."""
    text: Required[str]
    """What respondents read."""


class Design(TypedDict, total=False):
    """How stimuli are shown."""

    monadic: bool
    """Each stimulus alone, rated on every measure."""
    paired: bool
    """Every pair of stimuli, in both orders."""
    wordings: int
    """Wordings of each rating question, rotated over respondents and stimuli."""
    replicates: int
    """How often each respondent is asked the same."""
    open_questions: bool
    """Ask for the reaction and the comprehension in words."""


class Controls(TypedDict, total=False):
    """Which controls the run carries. A failed or absent control limits the verdict."""

    duplicate: bool
    """An exact copy of the first variant, which must not come out as different."""
    decoy: bool
    """A text that fits nobody, which must not win."""
    shuffled: bool
    """The words of the first variant in another order, which must not be rated as high."""
    anti_icp: bool
    """Respondents from outside the ICP, if the panel has some, who should be less interested."""


class DecisionRule(TypedDict, total=False):
    """Thresholds of the verdict, fixed before the run and printed in the report."""

    measure: str
    """The measure on which the monadic contrast is made."""
    alpha: float
    """Holm-corrected permutation p below which a lead is clear."""
    lean_alpha: float
    """Holm-corrected permutation p below which there is a lean."""
    min_lead: float
    """Smallest lead in ratings, in scale points, that counts: no number of respondents makes less matter."""
    min_lead_share: float
    """Smallest lead in pairs that counts, as win share above one half."""
    min_order_consistency: float
    """Part of the preference in pairs that survives swapping the slots, below which the run cannot say."""
    max_missing: float
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: float
    """Mean share of the rating token's probability on valid points, below which the run cannot say."""
    confidence: float
    """Coverage of the simulation intervals."""


class MessageTestRequest(TypedDict, total=False):
    """A headline or message test."""

    title: str
    """Shown on the report."""
    panel: str
    """Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    variants: Required[Sequence[str | Variant]]
    """The texts; plain ones get the ids a, b, c."""
    n: int
    """Respondents; the control group adds half as many."""
    meaning: str
    """What a reader should understand."""
    channel: str
    """Where the reader meets the text."""
    measures: Sequence[str]
    """What each text is rated on, from 1 to 5."""
    elicit: Literal["reaction", "logprob", "direct"] | None
    """How ratings are read; null: what suits the model."""
    frame: Literal["first_person", "few_shot", "third_person"] | None
    """How ratings are put; null: what suits the model."""
    embedding_model: str | None
    """For `elicit: reaction`; null: the embedded sentence model."""
    calibration: str
    """The id of one of your calibrations of this channel (`GET /v1/calibrations`): the report then gives the
    probability that a text really beats another; empty: none."""
    design: Design
    """How texts are shown."""
    controls: Controls
    """Which controls run beside the texts."""
    decision_rule: DecisionRule | None
    """Thresholds of the verdict, fixed before the run; null: the defaults."""


class GuideQuestion(TypedDict, total=False):
    """One question of an interview guide with the probes that may follow it."""

    id: Required[str]
    """Names it in answers."""
    text: Required[str]
    """As the interviewer says it."""
    probes: Sequence[str]
    """Asked in order while the answer stays vague."""


class InterviewRequest(TypedDict, total=False):
    """Interviews along a guide."""

    title: str
    """Shown on the report."""
    panel: str
    """Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    n: int
    """Respondents to interview."""
    questions: Required[Sequence[str | GuideQuestion]]
    """What is asked, in order; a question may bring probes for vague answers."""
    opening: str
    """Said before the first question."""
    max_turns: int
    """Answers after which it ends."""


class CommitteeDesign(TypedDict, total=False):
    """How a committee is asked."""

    wordings: int
    """Wordings of the stance question, rotated over companies and replicates."""
    replicates: int
    """How often each seat is asked the same."""
    words: bool
    """Ask for the reason, the first objection and the condition in words."""


class CommitteeControls(TypedDict, total=False):
    """Which controls a committee carries. One that fails voids the verdict."""

    duplicate: bool
    """An exact copy of the first proposal, asked in another wording."""
    decoy: bool
    """A proposal that every seat should refuse."""
    anti_icp: bool
    """The committee of a company outside the ICP, if the panel has one."""


class CommitteeRule(TypedDict, total=False):
    """Thresholds of a committee's verdict, fixed before the run and printed in the report."""

    min_stance: float
    """Probability from which a seat's stance is clear."""
    min_outcome: float
    """Probability from which a company's outcome is named."""
    min_order_consistency: float
    """Part of a stance that survives swapping the options, below which it is position bias and no stance."""
    max_missing: float
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: float
    """Mean share of the answer token's probability on valid letters, below which the run cannot say."""
    min_refusal: float
    """Share of seats that must refuse the decoy."""
    max_copy_gap: float
    """Largest mean distance between a seat's stance on the first proposal and on its own copy."""
    alpha: float
    """Holm-corrected permutation p below which one proposal's lead over another is clear."""
    lean_alpha: float
    """Holm-corrected permutation p below which there is a lean."""
    min_lead: float
    """Smallest lead in the probability of going ahead that counts."""
    confidence: float
    """Coverage of the simulation intervals."""


class CommitteeRequest(TypedDict, total=False):
    """Proposals before buying committees."""

    title: str
    """Shown on the report."""
    panel: str
    """Its personas are the seats of every company."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    proposals: Required[Sequence[str | Variant]]
    """The texts; plain ones get the ids a, b, c."""
    companies: int
    """Committees that judge."""
    channel: str
    """How it reaches the committee."""
    elicit: Literal["reaction", "logprob", "direct"] | None
    """How stances are read; null: what suits the model."""
    frame: Literal["first_person", "few_shot", "third_person"] | None
    """How stances are put; null: what suits the model."""
    design: CommitteeDesign
    controls: CommitteeControls
    """Which controls run beside."""
    decision_rule: CommitteeRule
    """Thresholds, fixed before the run."""


class DiscussionControls(TypedDict, total=False):
    """Which controls the shift is held against. Without any, no shift can be told from noise."""

    retest: bool
    """The same members rated again with nothing in between."""
    unrelated: bool
    """The same members rated after overhearing a group that talks about something else."""


class DiscussionRule(TypedDict, total=False):
    """Thresholds of a discussion's verdict, fixed before the run and printed in the report."""

    min_shift: float
    """Smallest move of a private rating that counts, in scale points."""
    min_pull: float
    """Smallest share of the distance to the others, beyond that of the control, that counts as conformity."""
    alpha: float
    """Permutation p below which a shift is told from that of the control."""
    max_missing: float
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: float
    """Mean share of the rating token's probability on valid points, below which the run cannot say."""
    confidence: float
    """Coverage of the simulation intervals."""


class DiscussionRequest(TypedDict, total=False):
    """A discussion in groups, with private ratings before and after."""

    title: str
    """Shown on the report."""
    panel: str
    """Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    text: str
    """What they talk about: a headline, a message, an idea. Empty: the questions alone, and nothing is
    rated."""
    questions: Sequence[str | GuideQuestion]
    """What the moderator asks; empty: the usual opening."""
    opening: str
    """Said before the first question."""
    groups: int
    """Groups."""
    size: int
    """Members of each group."""
    rounds: int
    """Rounds on each question."""
    channel: str
    """Where they met the text."""
    measure: str
    """What is rated in private."""
    controls: DiscussionControls
    """What the shift is held against; without any none can be told."""
    decision_rule: DiscussionRule
    """Thresholds, fixed before the run."""
    elicit: Literal["reaction", "logprob", "direct"] | None
    """How ratings are read; null: what suits the model."""
    frame: Literal["first_person", "few_shot", "third_person"] | None
    """How ratings are put; null: what suits the model."""


class HypothesisControls(TypedDict, total=False):
    """Which controls a hypothesis carries. One that fails voids the verdict."""

    placebo: bool
    """Two positions that say the same, which must come out as a tie."""
    known: bool
    """Two positions of which one is plainly right, which must come out right."""


class HypothesisRule(TypedDict, total=False):
    """Thresholds of a hypothesis, fixed before the run and printed in the report."""

    alpha: float
    """Permutation p below which a position is supported."""
    lean_alpha: float
    """Permutation p below which the panel leans."""
    min_lead: float
    """Smallest distance of the share from one half that counts."""
    min_order_consistency: float
    """Part of the position that survives swapping the slots, below which the run cannot say."""
    max_neither: float
    """Share of "neither" above which the run cannot say."""
    max_placebo_lead: float
    """Largest mean distance from one half of positions that say the same."""
    max_missing: float
    """Share of answers missing above which the run cannot say."""
    min_valid_mass: float
    """Mean share of the answer token's probability on valid letters, below which the run cannot say."""
    confidence: float
    """Coverage of the simulation intervals."""


class HypothesisRequest(TypedDict, total=False):
    """A question with two sides."""

    title: str
    """Shown on the report."""
    panel: str
    """Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    wordings: Required[Sequence[str]]
    """The question, in one to three wordings."""
    a: Required[str]
    """One position."""
    b: Required[str]
    """The other position."""
    n: int
    """Respondents."""
    controls: HypothesisControls
    """Which control questions run beside it."""
    decision_rule: HypothesisRule
    """Thresholds, fixed before the run."""
    elicit: Literal["logprob", "direct"] | None
    """How sides are read; null: what suits the model."""
    frame: Literal["first_person", "few_shot", "third_person"] | None
    """How it is put; null: what suits the model."""


class OnlyIf(TypedDict, total=False):
    """A filter: the question is put only to those whose likeliest answer to an earlier one is among some."""

    question: Required[str]
    """Id of an earlier question."""
    any_of: Required[Sequence[str]]
    """Options of that question, or points of its scale as `1`, `2`; of a multiple choice any that applies."""


class Reference(TypedDict, total=False):
    """What people answered, brought by the user."""

    source: Required[str]
    """Where it comes from, as in `own customer survey, March 2026`."""
    n: int | None
    """People asked; absent: not stated."""
    shares: Required[Sequence[float]]
    """Share of each option, or of each point from the lowest, in the question's order, no answer left out."""


class SingleChoice(TypedDict, total=False):
    """One of several options; their order is rotated over respondents."""

    id: Required[str]
    """Names it in the results."""
    text: Required[str]
    """As respondents read it."""
    only_if: OnlyIf | None
    """A filter; absent: it is put to everybody."""
    no_answer: bool
    """Offer "cannot or would rather not say" as the last option."""
    reference: Reference | None
    """What people answered, to be held against; absent: nothing is."""
    type: Literal["single"]
    """One of the options."""
    options: Required[Sequence[str]]
    """What can be chosen."""


class MultipleChoice(TypedDict, total=False):
    """All options that apply.

    By log-probability each option is a yes-or-no question of its own, yes in the first slot for half of the
    respondents; else all are shown at once, rotated.
    """

    id: Required[str]
    """Names it in the results."""
    text: Required[str]
    """As respondents read it."""
    only_if: OnlyIf | None
    """A filter; absent: it is put to everybody."""
    no_answer: bool
    """Offer "cannot or would rather not say" as the last option."""
    reference: Reference | None
    """What people answered, to be held against; absent: nothing is."""
    type: Literal["multiple"]
    """All that apply."""
    options: Required[Sequence[str]]
    """What can be chosen."""


class RatingScale(TypedDict, total=False):
    """One point of a labelled scale; half of the respondents see it from the other end."""

    id: Required[str]
    """Names it in the results."""
    text: Required[str]
    """As respondents read it."""
    only_if: OnlyIf | None
    """A filter; absent: it is put to everybody."""
    no_answer: bool
    """Offer "cannot or would rather not say" as the last option."""
    reference: Reference | None
    """What people answered, to be held against; absent: nothing is."""
    type: Literal["scale"]
    """A labelled scale."""
    labels: Required[Sequence[str]]
    """Of each point, from the lowest."""


class NumberQuestion(TypedDict, total=False):
    """A number between two bounds."""

    id: Required[str]
    """Names it in the results."""
    text: Required[str]
    """As respondents read it."""
    only_if: OnlyIf | None
    """A filter; absent: it is put to everybody."""
    type: Literal["number"]
    """A number."""
    low: Required[float]
    """Smallest number that counts as an answer."""
    high: Required[float]
    """Largest number that counts as an answer."""
    unit: str
    """As in `dollars a month`; empty: a bare number."""


class OpenText(TypedDict, total=False):
    """An answer in words."""

    id: Required[str]
    """Names it in the results."""
    text: Required[str]
    """As respondents read it."""
    only_if: OnlyIf | None
    """A filter; absent: it is put to everybody."""
    type: Literal["open"]
    """Words."""


class SurveyRule(TypedDict, total=False):
    """What voids a question of a survey, fixed before the run and printed in the report."""

    max_missing: float
    """Share of answers missing above which a question cannot be read."""
    min_valid_mass: float
    """Mean share of the answer token's probability on valid letters, below which it cannot be read."""
    max_position_effect: float
    """Largest Cramer's V of the chosen slot, if its p is below `alpha` too."""
    max_pull: float
    """Largest pull of the first slot, in shares of the range, if its interval leaves out 0 too."""
    alpha: float
    """p below which a position effect is told from chance."""
    min_alike: int
    """Respondents who, if so many or more all give the same number, have given no answer of their own."""
    confidence: float
    """Coverage of the simulation intervals."""


class SurveyRequest(TypedDict, total=False):
    """A questionnaire."""

    title: str
    """Shown on the report."""
    panel: str
    """Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    questions: Required[Sequence[SingleChoice | MultipleChoice | RatingScale | NumberQuestion | OpenText]]
    """Single and multiple choices, scales, numbers and open questions, in order."""
    about: str
    """What the questionnaire is about, told to every respondent."""
    n: int
    """Respondents."""
    decision_rule: SurveyRule
    """Thresholds, fixed before the run."""
    elicit: Literal["logprob", "direct"] | None
    """How answers are read; null: what suits the model."""
    frame: Literal["first_person", "few_shot", "third_person"] | None
    """How questions are put; null: what suits the model."""


class Concept(TypedDict, total=False):
    """One product or service concept."""

    id: Required[str]
    """Your name for it; it comes back in the report."""
    name: str
    """Shown above its description."""
    text: Required[str]
    """What it is, for whom, at what price."""


class ConceptTestRequest(TypedDict, total=False):
    """A test of product or service concepts."""

    title: str
    """Shown on the report."""
    panel: str
    """Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona."""
    model: str
    """PROVIDER/NAME of the language model that speaks for the panel."""
    temperature: float | None
    """Of spoken answers; null: 0.7."""
    seed: int
    """The same seed draws the same panel and asks the same."""
    max_cost_usd: float
    """The most the run may ever cost, in US dollars; it stops before."""
    notes: bool
    """Whether notes on the personas are given with questions."""
    callback_url: str
    """An https address that is sent one signed webhook when the run has ended."""
    metadata: Mapping[str, str]
    """Up to 16 texts of your own, returned with the run."""
    concepts: Required[Sequence[str | Concept]]
    """One to eight; plain texts get the ids a, b, c. One alone is read against its controls."""
    n: int
    """Respondents; the control group adds half as many."""
    channel: str
    """How it is introduced."""
    measures: Sequence[str]
    """What each concept is rated on, from 1 to 5."""
    elicit: Literal["reaction", "logprob", "direct"] | None
    """How ratings are read; null: what suits the model."""
    frame: Literal["first_person", "few_shot", "third_person"] | None
    """How ratings are put; null: what suits the model."""
    controls: Controls
    """Which controls run beside the concepts."""
    decision_rule: DecisionRule | None
    """Thresholds of the verdict, fixed before the run; null: the defaults."""
