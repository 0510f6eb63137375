"""What every section of an analysis reads: the study, its variants and the columns of both arms."""

from dataclasses import dataclass

import numpy as np

from panelsim.analysis.table import ArmTable, Compared, Rated
from panelsim.metrics import bootstrap, choice
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.bootstrap import Bounds
from panelsim.model.analysis import Estimate
from panelsim.model.measure import POINTS
from panelsim.model.plan import PREFERENCE
from panelsim.model.study import Stimulus, StimulusRole, StimulusTest

SCALE = Bounds(1.0, float(POINTS))
SCALE_GAP = Bounds(1.0 - POINTS, POINTS - 1.0)
SHARE = Bounds(0.0, 1.0)
SHARE_GAP = Bounds(-0.5, 0.5)


@dataclass(frozen=True)
class Scene:
    """One analysed run."""

    study: StimulusTest
    stimuli: tuple[Stimulus, ...]
    target: ArmTable
    anti: ArmTable | None

    @property
    def variants(self) -> tuple[str, ...]:
        """Ids of the tested stimuli, in the study's order."""
        return tuple(stimulus.id for stimulus in self.stimuli if stimulus.role == "variant")

    def rivals(self, leader: str) -> tuple[str, ...]:
        """What `leader` must be ahead of: the other variants; for one that is tested alone, its decoy."""
        others = tuple(name for name in self.variants if name != leader)
        return others or tuple(one.id for one in self.controls("decoy"))

    @property
    def measure(self) -> str:
        """The measure of the decision rule."""
        return self.study.rule.measure

    @property
    def confidence(self) -> float:
        """Coverage of every interval."""
        return self.study.rule.confidence

    @property
    def primary(self) -> str:
        """What decides: the pairs if the design asks them, else the rule's measure. Fixed by the design."""
        return PREFERENCE if self.study.design.paired else self.measure

    def controls(self, role: StimulusRole) -> tuple[Stimulus, ...]:
        """The control stimuli of one role."""
        return tuple(stimulus for stimulus in self.stimuli if stimulus.role == role)

    def variant_pairs(self) -> tuple[Compared, ...]:
        """The pairs between variants."""
        known = set(self.variants)
        return tuple(pair for key, pair in self.target.pairs.items() if known.issuperset(key))

    def mean(self, arm: ArmTable, column: "Differences | Rated", bounds: Bounds) -> Estimate | None:
        """Weighted mean of a column over its present rows; absent if there are none."""
        return bootstrap.estimate_mean(
            arm.resamples,
            column.values,
            arm.weights,
            column.present,
            bounds=bounds,
            confidence=self.confidence,
        )


@dataclass(frozen=True)
class Differences:
    """One figure per respondent, made from several columns."""

    values: Floats
    present: Flags

    def within(self, rows: Flags) -> "Differences":
        """The same figures, present in `rows` only."""
        return Differences(self.values, self.present & rows)


def difference(one: Rated, other: Rated) -> Differences:
    """`one` minus `other` within respondents who rated both."""
    return Differences(one.values - other.values, one.present & other.present)


def mean_over(columns: tuple[Rated, ...]) -> Differences:
    """Each respondent's mean over those of the columns that are present."""
    values = np.stack([column.values for column in columns])
    present = np.stack([column.present for column in columns])
    counts = present.sum(axis=0)
    sums = np.where(present, values, 0.0).sum(axis=0)
    return Differences(sums / np.maximum(counts, 1), counts > 0)


def share_for(pair: Compared, option: str) -> Differences:
    """Each respondent's share of `option` in a pair, both orders averaged."""
    shares = choice.win_shares(pair.a_first, pair.a_second)
    return Differences(shares if option == pair.first else 1 - shares, pair.present)
