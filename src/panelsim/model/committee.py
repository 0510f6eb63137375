"""Buying committees: who sits in one, where each seat stands, and what that comes to, as data."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.analysis import Contrast, Control, Estimate, VerdictWord
from panelsim.model.base import Frozen
from panelsim.model.icp import Structure
from panelsim.model.panel import Arm, CommitteeRole
from panelsim.model.persona import Authority

Share = Annotated[float, Field(ge=0, le=1)]

Stance = Literal["yes", "no", "unsure"]
"""Would support the proposal in the seat's own way; would not; cannot say from what it was shown."""

STANCES: tuple[Stance, ...] = ("yes", "no", "unsure")

StanceState = Literal["yes", "no", "unsure", "unclear", "position_bias", "missing"]
"""`unclear`: no stance reaches the rule's probability; `position_bias`: the answer went with the slot."""

OutcomeWord = Literal["go_ahead", "blocked", "stuck", "cannot_say"]
"""`stuck`: nobody says no for good, but a signature, an approval, a majority or a champion is lacking."""


class Seat(Frozen):
    """One place in the committee of one company, and what its holder can do."""

    respondent: str
    account: str
    arm: Arm
    persona: str
    name: str
    title: str
    role: CommitteeRole
    authority: Authority
    structure: Structure
    """Of the company: who can say no follows from it."""
    can_stop: bool
    """A no from this seat stops the proposal, whatever the others say."""
    may_champion: bool
    """The committee needs a yes from at least one such seat."""
    expected: tuple[str, ...] = ()
    """The objections that the persona's file expects."""

    @property
    def signs(self) -> bool:
        """Whether the seat signs the contract."""
        return self.authority == "signs"


class Shares(Frozen):
    """How a seat's answer is spread over the stances; sums to 1."""

    yes: Share
    no: Share
    unsure: Share

    def of(self, stance: Stance) -> float:
        """The share of one stance."""
        return {"yes": self.yes, "no": self.no, "unsure": self.unsure}[stance]


class SeatStance(Frozen):
    """Where one seat stands on one proposal; replicates are averaged."""

    respondent: str
    proposal: str
    state: StanceState
    shares: Shares | None
    """Mean of both orders; absent unless both were answered."""
    yes_first: Shares | None
    """With yes in the first slot."""
    no_first: Shares | None
    """With no in the first slot."""
    order_consistency: Share | None
    """1 - half the sum of |yes_first - no_first| over the stances."""
    asked: int
    missing: int
    call_keys: tuple[str, ...] = ()


class SeatWords(Frozen):
    """What one seat said of one proposal, with the call it came from."""

    respondent: str
    proposal: str
    question: Literal["reason", "objection", "condition"]
    text: str
    call_key: str


class Chance(Frozen):
    """A probability; low and high differ only by what seats without a stance may still say."""

    low: Share
    high: Share


class CompanyOutcome(Frozen):
    """What one company's committee comes to on one proposal."""

    account: str
    proposal: str
    word: OutcomeWord
    go_ahead: Chance
    blocked: Chance
    stuck: Chance
    stopped_by: tuple[str, ...]
    """Seats that can stop the proposal and clearly refuse it; the firmest first."""
    waiting_for: tuple[str, ...]
    """Seats whose yes is needed and not clear."""
    champions: tuple[str, ...]
    """Seats that may champion and clearly say yes."""
    unknown: tuple[str, ...]
    """Seats without a stance: missing, or position bias."""
    reason: str
    """One sentence."""


class ProposalOutcome(Frozen):
    """One proposal over all companies."""

    proposal: str
    word: OutcomeWord
    """What more than half of the companies come to; `cannot_say` if no outcome has that many."""
    counts: tuple[tuple[OutcomeWord, int], ...]
    """Companies by outcome, in the order of the words; zeros are left out."""
    share: Estimate | None
    """Share of companies that would go ahead; absent if there is no company."""
    go_ahead: Estimate | None
    """Mean probability of going ahead, over companies in which every seat has a stance; absent if none."""


class CommitteeQuality(Frozen):
    """The noise beside the signal."""

    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    stances_asked: int
    stances_missing: int
    valid_mass: float | None
    """Mean share of the answer token's probability on valid letters; absent unless by log-probability."""
    order_consistency: float | None
    """Mean over seats and proposals."""
    first_slot_bias: float | None
    """P(first of yes and no) minus .5 among those two; 0 without position bias."""
    biased: int
    """Stances that went with the slot."""


class CommitteeVerdict(Frozen):
    """The answer: an outcome for one proposal, a comparison for several."""

    word: OutcomeWord | VerdictWord
    leader: str | None
    """The proposal likeliest to go ahead; absent for one proposal or if none can be named."""
    sentence: str
    reasons: tuple[str, ...]
    """One sentence each: failed controls first, then vetoes."""
    next_step: str
    is_void: bool = False
    """True if a control or the quality of the answers forbids an outcome."""


class CommitteeAnalysis(Frozen):
    """Everything derived from the transcripts of a committee study."""

    seats: tuple[Seat, ...]
    stances: tuple[SeatStance, ...]
    words: tuple[SeatWords, ...]
    outcomes: tuple[CompanyOutcome, ...]
    """Of the target companies; controls among the proposals included."""
    anti_outcomes: tuple[CompanyOutcome, ...]
    proposals: tuple[ProposalOutcome, ...]
    """The tested ones, in the study's order."""
    contrasts: tuple[Contrast, ...]
    """The leader against each other proposal, in the probability of going ahead."""
    controls: tuple[Control, ...]
    quality: CommitteeQuality
    verdict: CommitteeVerdict
