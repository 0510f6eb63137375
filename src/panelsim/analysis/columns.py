"""Answers as they are heard, in compact buffers, and the columns they become."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from panelsim.errors import InputError
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.model.measure import POINTS
from panelsim.model.response import (
    AnswerOrMissing,
    ChoiceAnswer,
    Missing,
    MissingReason,
    RatingAnswer,
)

NO_WORDING = -1
REASONS: Sequence[str] = get_args(MissingReason)
_CODES: Mapping[str, int] = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Asked:
    """How often each respondent was asked, and what is missing."""

    asked: Ints
    """(respondents,): questions put, replicates counted."""
    missing_rows: Ints
    """(missing answers,): row of the respondent."""
    missing_reasons: Ints
    """(missing answers,): place of the reason in `REASONS`."""

    @property
    def missing(self) -> int:
        """Questions put that have no answer."""
        return len(self.missing_rows)

    def counts(self, rows: Flags) -> tuple[int, tuple[tuple[str, int], ...]]:
        """Questions put to `rows`, and how many are missing for each reason, most frequent first."""
        times = np.bincount(self.missing_reasons[rows[self.missing_rows]], minlength=len(REASONS))
        counted = [(reason, int(count)) for reason, count in zip(REASONS, times, strict=True) if count]
        return int(self.asked[rows].sum()), tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True)
class Rated(Asked):
    """One stimulus on one measure; replicates are averaged."""

    values: Floats
    """(respondents,): expected scale point; 0 where nothing is present."""
    present: Flags
    distributions: Floats
    """(respondents, points)."""
    wordings: Ints
    """(respondents,): wording of the question, NO_WORDING where nothing is present."""


@dataclass(frozen=True)
class Compared(Asked):
    """Two stimuli compared in both orders; a respondent is present with an answer to both."""

    first: str
    second: str
    a_first: Floats
    """(respondents,): share of `first` where it stood in the first slot."""
    a_second: Floats
    """(respondents,): share of `first` where it stood in the second slot."""
    present: Flags
    wordings: Ints


def _ints() -> "array[int]":
    return array("q")


def _floats() -> "array[float]":
    return array("d")


@dataclass
class _Heard:
    """Answers to one question in the order of hearing: eight bytes for each figure of an answer."""

    rows: "array[int]" = field(default_factory=_ints)
    shares: "array[float]" = field(default_factory=_floats)
    wordings: "array[int]" = field(default_factory=_ints)
    unread_rows: "array[int]" = field(default_factory=_ints)
    """Rows of answers that are neither figures nor missing."""
    missing_rows: "array[int]" = field(default_factory=_ints)
    missing_reasons: "array[int]" = field(default_factory=_ints)

    def miss(self, row: int, answer: Missing) -> None:
        """Keeps that `row` has no answer, and why."""
        self.missing_rows.append(row)
        self.missing_reasons.append(_CODES[answer.reason])

    def asked(self, size: int) -> Ints:
        """(respondents,): questions put."""
        parts = (self.rows, self.unread_rows, self.missing_rows)
        total: Ints = np.sum([np.bincount(_array(part), minlength=size) for part in parts], axis=0)
        return total.astype(np.int64)

    def wording_of(self, size: int) -> Ints:
        """(respondents,): the last wording heard, NO_WORDING where nothing was."""
        wordings = np.full(size, NO_WORDING, dtype=np.int64)
        wordings[_array(self.rows)] = _array(self.wordings)
        return wordings


class Ratings(_Heard):
    """What was heard of one stimulus on one measure."""

    def hear(self, row: int, answer: AnswerOrMissing, wording: int) -> None:
        """Keeps one answer. Raises `InputError` for a rating on another scale."""
        if isinstance(answer, RatingAnswer):
            if len(answer.distribution) != POINTS:
                raise InputError(f"a rating has {len(answer.distribution)} points, expected {POINTS}")
            self.rows.append(row)
            self.shares.extend(answer.distribution)
            self.wordings.append(wording)
        elif isinstance(answer, Missing):
            self.miss(row, answer)

    def column(self, size: int) -> Rated:
        """The column over `size` respondents."""
        rows = _array(self.rows)
        shares = np.array(self.shares, dtype=np.float64).reshape(-1, POINTS)
        counts = np.bincount(rows, minlength=size)
        sums = [np.bincount(rows, weights=shares[:, point], minlength=size) for point in range(POINTS)]
        distributions = np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None]
        return Rated(
            asked=self.asked(size),
            missing_rows=_array(self.missing_rows),
            missing_reasons=_array(self.missing_reasons),
            values=distributions @ np.arange(1, POINTS + 1, dtype=np.float64),
            present=counts > 0,
            distributions=distributions,
            wordings=self.wording_of(size),
        )


@dataclass
class Pairs(_Heard):
    """What was heard of two stimuli in both orders."""

    first: str = ""
    second: str = ""
    slots: "array[int]" = field(default_factory=_ints)
    """0 where `first` stood in the first slot, else 1."""

    def hear(self, row: int, shown: tuple[str, ...], answer: AnswerOrMissing, wording: int) -> None:
        """Keeps one answer."""
        if isinstance(answer, ChoiceAnswer):
            self.rows.append(row)
            self.slots.append(shown.index(self.first))
            self.shares.append(answer.share_of(self.first))
            self.wordings.append(wording)
        elif isinstance(answer, Missing):
            self.miss(row, answer)
        else:
            self.unread_rows.append(row)

    def column(self, size: int) -> Compared:
        """The column over `size` respondents."""
        cells = _array(self.slots) * size + _array(self.rows)
        counts = np.bincount(cells, minlength=2 * size).reshape(2, size)
        sums = np.bincount(cells, weights=np.array(self.shares), minlength=2 * size).reshape(2, size)
        shares = sums / np.maximum(counts, 1)
        return Compared(
            asked=self.asked(size),
            missing_rows=_array(self.missing_rows),
            missing_reasons=_array(self.missing_reasons),
            first=self.first,
            second=self.second,
            a_first=shares[0],
            a_second=shares[1],
            present=counts.min(axis=0) > 0,
            wordings=self.wording_of(size),
        )


def _array(numbers: "array[int]") -> Ints:
    return np.array(numbers, dtype=np.int64)
