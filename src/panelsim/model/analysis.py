"""What an analysis says of a message test: estimates, contrasts, controls, cuts and the verdict, as data."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.panel import Treatment
from panelsim.model.study import Carried


class Estimate(Frozen):
    """A figure with its simulation interval: how repeatable the simulation is, never a margin of error."""

    value: float
    low: float
    high: float
    n: Annotated[int, Field(ge=1)]
    """Respondents behind the figure."""
    method: str
    """How value and interval were computed, as one phrase."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90


class Cell(Frozen):
    """One stimulus on one measure, target arm."""

    stimulus: str
    measure: str
    estimate: Estimate | None
    """Absent if every answer is missing."""
    distribution: tuple[float, ...] = ()
    """Mean probability of each scale point."""
    top_two: float | None = None
    """Mean probability of the two highest points."""
    top_box: Annotated[Estimate | None, Field(exclude_if=lambda box: box is None)] = None
    """The same with its interval; of the measure that decides a concept test."""
    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...] = ()


class Contrast(Frozen):
    """The leader against one other variant."""

    leader: str
    other: str
    measure: str
    """A measure, or `preference` for the pairs."""
    difference: Estimate
    """Leader minus other, within respondents; scale points, or win share minus .5 for pairs."""
    p: float
    """Two-sided sign-flip permutation p over `blocks`."""
    p_holm: float
    """Corrected over the leader's contrasts on the same measure."""
    blocks: str = ""
    """What was flipped as one: `9 persona-wording blocks` or `24 respondents`."""


class Pair(Frozen):
    """Two stimuli compared in both orders."""

    first: str
    second: str
    win_share: Estimate | None
    """Of `first` over `second`, averaged over both orders; ties count half."""
    order_consistency: float | None
    """Mean of 1 - abs(share of `first` in one order - its share in the other); 0 if the slot decides all."""
    asked: int
    missing: int


class Preference(Frozen):
    """All pairs together."""

    pairs: tuple[Pair, ...]
    strengths: tuple[tuple[str, Estimate], ...]
    """Bradley-Terry strength of each variant as its mean win probability against the others."""
    order_consistency: Estimate | None
    first_slot_bias: Estimate | None
    """P(first slot chosen) minus .5 over both orders; 0 without position bias."""


ControlName = Literal["duplicate", "decoy", "shuffled", "anti_icp"]
ControlState = Literal["passed", "failed", "not_computed", "off"]


class Control(Frozen):
    """One control of the run: what was expected, what was found."""

    name: ControlName
    state: ControlState
    expectation: str
    found: str
    """One sentence with the figure."""
    estimate: Estimate | None = None


class Cut(Frozen):
    """A segment of the target arm: its cells on the rule's measure, and who leads there."""

    dimension: Literal["icp", "persona", "role", "icp x persona x role"]
    value: str
    n: int
    cells: tuple[Cell, ...]
    win_shares: tuple[tuple[str, float], ...]
    """Mean preference share of each variant in the segment, if pairs were asked."""
    leader: str | None
    """Absent if nobody leads by more than the noise floor."""


class Quality(Frozen):
    """The noise beside the signal."""

    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    valid_mass: float | None
    """Mean share of the answer token's probability on valid answers, the lower of ratings and choices; absent
    unless by log-probability."""
    noise_floor: float | None
    """How far apart a text and its own copy may be rated, in scale points: the end of the A/A difference's
    interval that is further from 0. Absent without a duplicate."""
    preference_noise_floor: float | None = None
    """The same for pairs, as win share away from one half."""
    between_respondent_sd: float | None
    """SD of respondents' mean rating on the rule's measure, in scale points."""
    wording_sd: float | None
    """SD over wordings of the mean rating on the rule's measure, in scale points."""
    scale_range_used: tuple[float, float] | None
    """Lowest and highest single rating on the rule's measure."""


VerdictWord = Literal["clear_lead", "lean", "no_difference", "cannot_say"]


class Verdict(Frozen):
    """The answer to the test."""

    word: VerdictWord
    leader: str | None
    """The variant with the highest figure, whether or not it is separable; absent if none can be named."""
    not_separable: tuple[str, ...]
    """Variants that cannot be told from the leader."""
    reasons: tuple[str, ...]
    """One sentence each: what decided the verdict; failed controls first."""
    next_step: str
    """What to do now: ship, revise or test with people."""
    by_persona: tuple[tuple[str, str], ...] = ()
    """(persona, leading variant) where a persona has a leader; if leaders differ, split the message."""


class Verbatim(Frozen):
    """Words of one respondent, with the call they came from."""

    respondent: str
    persona: str
    stimulus: str
    question: str
    text: str
    rating: float | None
    """The respondent's rating of the stimulus on the rule's measure, if given."""
    stance: Literal["for", "against", "unrated"] = "unrated"
    """`for`: among the stimulus's highest ratings; `against`: among its lowest."""
    call_key: str


class Analysis(Frozen):
    """Everything derived from the transcripts of a message test."""

    cells: tuple[Cell, ...]
    anti_cells: tuple[Cell, ...]
    contrasts: tuple[Contrast, ...]
    preference: Preference | None
    controls: tuple[Control, ...]
    cuts: tuple[Cut, ...]
    quality: Quality
    verbatims: tuple[Verbatim, ...]
    verdict: Verdict


SourceName = Literal[
    "stimulus", "persona", "persona_stimulus", "respondent", "respondent_stimulus",
    "wording", "wording_stimulus", "wording_respondent", "rest", "replicate",
    "carried", "carried_stimulus",
]  # fmt: skip
"""Where variance of a rating comes from. `carried` is what goes with the swapped traits: it lies within the
others, not beside them."""


class VarianceSource(Frozen):
    """One source of the variance of a single rating."""

    name: SourceName
    variance: Annotated[float, Field(ge=0)]
    """In squared scale points."""
    share: Estimate
    """Of the variance of a single rating, from 0 to 1."""


class TreatmentRow(Frozen):
    """What respondents say with their own traits, without any, or with those of another."""

    treatment: Treatment
    means: tuple[tuple[str, Estimate], ...]
    """(stimulus, mean rating), in the study's order."""
    leader: str
    """The stimulus with the highest mean, whether or not it is separable."""
    lead: Estimate
    """The leader minus the next one, within respondents."""
    moved: Estimate | None
    """Mean absolute change of a respondent's rating of a stimulus; absent for their own traits."""


class AblationAnalysis(Frozen):
    """How much of a rating comes from whom, what and how it was asked."""

    measure: str
    carried: Carried
    respondents: int
    """Originals; each stands three times in the panel."""
    complete: int
    """Originals who gave every answer in all three treatments: the figures rest on these."""
    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    sources: tuple[VarianceSource, ...]
    """Of the ratings with own traits; empty if fewer than four respondents are complete."""
    swapped: tuple[VarianceSource, ...]
    """What moved when traits were swapped: of respondents' levels, and of how they order the stimuli."""
    treatments: tuple[TreatmentRow, ...]
    replicate_noise: float | None
    """Mean absolute difference of two replicates of one question, in scale points; absent with one."""
