"""The answers of a run as columns: one row per respondent of an arm, one column per stimulus and question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from panelsim.analysis.columns import (
    NO_WORDING,
    Asked,
    Compared,
    Pairs,
    Rated,
    Ratings,
)
from panelsim.analysis.streams import stream
from panelsim.metrics import bootstrap
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.bootstrap import Resamples
from panelsim.model.panel import Arm, Respondent
from panelsim.model.response import AnswerOrMissing
from panelsim.model.rows import column_of

__all__ = ["NO_WORDING", "ArmHeard", "ArmTable", "Asked", "Compared", "Rated"]


@dataclass(frozen=True)
class ArmTable:
    """The answers of one arm."""

    respondents: Sequence[Respondent]
    weights: Floats
    resamples: Resamples
    ratings: Mapping[tuple[str, str], Rated]
    """By (stimulus, measure)."""
    pairs: Mapping[tuple[str, str], Compared]
    """By (first, second), in the plan's order of stimuli."""

    @property
    def personas(self) -> tuple[str, ...]:
        """The persona of each respondent."""
        return tuple(map(str, column_of(self.respondents, "persona")))

    def everyone(self) -> Flags:
        """True for each respondent."""
        return np.ones(len(self.respondents), dtype=np.bool_)

    def rated(self, stimuli: Iterable[str], measure: str) -> tuple[Rated, ...]:
        """The columns of `stimuli` that were asked for `measure`."""
        return tuple(
            self.ratings[key] for key in ((name, measure) for name in stimuli) if key in self.ratings
        )


@dataclass
class ArmHeard:
    """The answers of one arm while they are heard."""

    arm: Arm
    order: Sequence[str]
    """Ids of the stimuli, in the order of the plan."""
    respondents: Sequence[Respondent] = ()
    ratings: dict[tuple[str, str], Ratings] = field(default_factory=dict)
    pairs: dict[tuple[str, ...], Pairs] = field(default_factory=dict)
    """By what was shown in which slot: two keys for a pair that was shown in both orders."""

    def hear_rating(self, row: int, stimulus: str, measure: str, said: AnswerOrMissing, wording: int) -> None:
        """Keeps what the respondent of `row` said to one measure of one stimulus."""
        column = self.ratings.get((stimulus, measure))
        if column is None:
            column = self.ratings[stimulus, measure] = Ratings()
        column.hear(row, said, wording)

    def hear_choice(self, row: int, shown: tuple[str, ...], said: AnswerOrMissing, wording: int) -> None:
        """Keeps what the respondent of `row` said to a pair."""
        column = self.pairs.get(shown)
        if column is None:
            one, other = sorted(shown, key=self.order.index)
            column = self.pairs.setdefault((one, other), Pairs(first=one, second=other))
            self.pairs[other, one] = column
        column.hear(row, shown, said, wording)

    def table(self, *, seed: int, draws: int) -> ArmTable | None:
        """The columns; absent if the panel has nobody in this arm. The buffers are given up on the way."""
        if not self.respondents:
            return None
        size = len(self.respondents)
        ratings = {key: self.ratings.pop(key).column(size) for key in tuple(self.ratings)}
        pairs = [pair.column(size) for key, pair in self.pairs.items() if key == (pair.first, pair.second)]
        self.pairs.clear()
        pairs.sort(key=lambda pair: (self.order.index(pair.first), self.order.index(pair.second)))
        personas = [str(persona) for persona in column_of(self.respondents, "persona")]
        return ArmTable(
            respondents=self.respondents,
            weights=np.array(column_of(self.respondents, "weight"), dtype=np.float64),
            resamples=bootstrap.resamples_of(personas, stream(seed, f"bootstrap/{self.arm}"), draws),
            ratings=ratings,
            pairs={(pair.first, pair.second): pair for pair in pairs},
        )
