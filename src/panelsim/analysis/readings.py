"""Answers to an inventory as they are heard, and the scores they become."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelsim.errors import InputError
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.reliability import subset_sd
from panelsim.model.inventory import Instrument, Item, Norm
from panelsim.model.measure import POINTS
from panelsim.model.panel import Panel, Respondent
from panelsim.model.plan import Transcript
from panelsim.model.response import Missing, RatingAnswer
from panelsim.model.study import InventoryStudy

MIDPOINT = (POINTS + 1) / 2


@dataclass(frozen=True)
class Scores:
    """One scale over the panel, in the run's unit."""

    values: Floats
    """(respondents,); 0 where nothing is present."""
    present: Flags
    raw: Floats
    """(respondents,): mean answer turned by key, 1 to 5; 0 where nothing is present."""


class Readings:
    """What was answered: one figure for each respondent and item, replicates averaged."""

    def __init__(self, study: InventoryStudy, panel: Panel, instrument: Instrument) -> None:
        self.study, self.instrument = study, instrument
        self.people: Sequence[Respondent] = panel.respondents
        self.asked = 0
        self.reasons: Counter[str] = Counter()
        self._rows = {one.id: row for row, one in enumerate(panel.respondents)}
        self._columns = {item.id: column for column, item in enumerate(instrument.items)}
        size = (len(self._rows), len(self._columns))
        self._sums, self._counts = np.zeros(size), np.zeros(size, dtype=np.int64)
        self._put = np.zeros(size, dtype=np.int64)
        self._mass = [0.0, 0.0]
        self._weighed = False

    def hear(self, transcript: Transcript) -> None:
        """Keeps the figures of one session.

        Raises `InputError` if it names a respondent or an item that panel or instrument do not hold.
        """
        for response in transcript.responses:
            row, column = self._rows.get(response.respondent), self._columns.get(response.question)
            if row is None or column is None:
                raise InputError(
                    f"study {self.study.id!r}: transcripts hold item {response.question!r} of respondent "
                    f"{response.respondent!r}, expected those of its panel and instrument"
                )
            self.asked += 1
            self._put[row, column] += 1
            if isinstance(response.answer, RatingAnswer):
                self._sums[row, column] += response.answer.value
                self._counts[row, column] += 1
                self._mass[0] += response.answer.valid_mass
                self._mass[1] += 1
                self._weighed |= response.answer.valid_mass < 1
            elif isinstance(response.answer, Missing):
                self.reasons[response.answer.reason] += 1

    @property
    def valid_mass(self) -> float | None:
        """Mean probability on valid points; absent if every mass is 1: then it was not measured."""
        return self._mass[0] / self._mass[1] if self._weighed else None

    def columns_of(self, items: tuple[Item, ...]) -> tuple[Floats, Flags]:
        """(respondents, items) answers as given, and which are present."""
        at = [self._columns[item.id] for item in items]
        counts = self._counts[:, at]
        answers: Floats = self._sums[:, at] / np.maximum(counts, 1)
        return answers, counts > 0

    def counted(self, items: tuple[Item, ...]) -> tuple[int, int]:
        """Questions put about `items`, and how many have no answer."""
        at = [self._columns[item.id] for item in items]
        put, had = int(self._put[:, at].sum()), int(self._counts[:, at].sum())
        return put, put - had

    def scores(self, scale: str, items: tuple[Item, ...] = ()) -> Scores:
        """The scale's scores, on `items` of it if given: of people who answered `min_answered` of them.

        With norms z = mean over the answered items of (turned answer - people's mean) / sd, where sd is that
        of people on these items; without, the mean as a share of the scale, (x - 1) / 4.
        """
        items = items or self.instrument.items_of(scale)
        answers, present = self.columns_of(items)
        keyed = turned(answers, items)
        n = present.sum(axis=1)
        enough: Flags = (n >= self.study.min_answered * len(items) - 1e-9) & (n > 0)
        raw = np.where(present, keyed, 0.0).sum(axis=1) / np.maximum(n, 1)
        norm = next((one for one in self.instrument.norms if one.scale == scale), None)
        if norm is None:
            values = (raw - 1) / (POINTS - 1)
        else:
            usual = turned(np.array([item.mean or MIDPOINT for item in items]), items)
            gaps = np.where(present, keyed - usual, 0.0).sum(axis=1) / np.maximum(n, 1)
            values = gaps / sd_of(norm, items)
        return Scores(np.where(enough, values, 0.0), enough, np.where(enough, raw, 0.0))


def turned(answers: Floats, items: tuple[Item, ...]) -> Floats:
    """Answers turned by key: x, or 6 - x for an item keyed down."""
    keys = np.array([item.key for item in items])
    keyed: Floats = np.where(keys == 1, answers, POINTS + 1 - answers)
    return keyed


def sd_of(norm: Norm, items: tuple[Item, ...]) -> float:
    """Standard deviation of people's mean over `items` of the scale."""
    variance = sum((item.sd or 0.0) ** 2 for item in items)
    return subset_sd(norm.sd, norm.item_variance, norm.items, variance, len(items))


def alpha_of_people(norm: Norm, items: tuple[Item, ...]) -> float:
    """Cronbach's alpha of people on `items` of a scale, from its norms.

    k / (k - 1) (1 - sum var_i / (k sd)^2), where sd is that of people's mean over the items.
    """
    k = len(items)
    apart = sum((item.sd or 0.0) ** 2 for item in items)
    return k / (k - 1) * (1 - apart / (k * sd_of(norm, items)) ** 2)
