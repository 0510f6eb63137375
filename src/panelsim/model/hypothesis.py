"""Hypotheses: two positions that are put to a panel, and what an analysis says of them, as data."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.analysis import ControlState, Estimate
from panelsim.model.base import Frozen, Id

Side = Literal["a", "b", "neither"]
SIDES: tuple[Side, ...] = ("a", "b", "neither")
HYPOTHESIS = "hypothesis"
"""Id of the hypothesis itself among what is posed; the others are controls."""


class Posed(Frozen):
    """A question with two positions, in one wording or more."""

    id: Id
    wordings: Annotated[tuple[str, ...], Field(min_length=1)]
    a: str
    b: str
    right: Literal["a", "b"] | None = None
    """The obvious answer of a known question; absent in a hypothesis and a placebo."""

    def text_of(self, side: Side, neither: str) -> str:
        """What a respondent reads for `side`."""
        return neither if side == "neither" else self.a if side == "a" else self.b


class ControlHypotheses(Frozen):
    """The controls of every hypothesis, from `prompts/sessions/hypothesis`."""

    id: str
    version: Annotated[int, Field(ge=1)]
    placebos: Annotated[tuple[Posed, ...], Field(min_length=1)]
    """Positions that say the same: nobody should lean to either."""
    known: Annotated[tuple[Posed, ...], Field(min_length=1)]
    """Positions of which one is plainly right, on either side."""


HypothesisWord = Literal["supports_a", "supports_b", "leans_a", "leans_b", "no_difference", "cannot_say"]
HypothesisControlName = Literal["placebo", "known"]


class HypothesisControl(Frozen):
    """What a control must find, and what it found."""

    name: HypothesisControlName
    state: ControlState
    expectation: str
    found: str


class WordingShare(Frozen):
    """The share for a over b in one wording."""

    text: str
    share: Estimate | None


class PositionCut(Frozen):
    """A segment of the panel."""

    dimension: Literal["persona", "role", "icp"]
    value: str
    n: int
    share: Estimate | None
    """For a over b; absent without an answer."""


class HypothesisVerdict(Frozen):
    """The answer to the hypothesis."""

    word: HypothesisWord
    reasons: tuple[str, ...]
    """What voids the run first; else what decided it."""
    next_step: str


class HypothesisAnalysis(Frozen):
    """Everything derived from the transcripts of a hypothesis."""

    share: Estimate | None
    """For a over b, "neither" counting half; absent without an answer."""
    sides: tuple[tuple[Side, Estimate], ...]
    """Mean probability of each answer."""
    p: float
    """Two-sided sign-flip permutation p of the share against one half."""
    blocks: str
    """What was flipped as one: `24 respondents` or `8 personas`."""
    wordings: tuple[WordingShare, ...]
    cuts: tuple[PositionCut, ...]
    controls: tuple[HypothesisControl, ...]
    order_consistency: float | None
    """Mean of 1 - abs(share in one order - share in the other); 0 if the slot decides all."""
    first_slot_bias: float | None
    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]
    valid_mass: float | None
    """Absent unless by log-probability."""
    verdict: HypothesisVerdict
