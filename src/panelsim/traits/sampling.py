"""HEXACO levels drawn around a persona, with the traits correlated as in published self-reports.

What is known and used: in 100,318 online and 2,868 student self-reports on the HEXACO-100, only one pair
of the six scales, Honesty-Humility and Agreeableness, correlates above .20 in absolute value (Lee and
Ashton 2018, Assessment 25(5), 543-556, abstract). Over 549 samples with 316,133 people that pair is
moderately and the others are only weakly correlated (Moshagen, Thielmann, Hilbig and Zettler 2019,
Zeitschrift fuer Psychologie, abstract, doi 10.1027/2151-2604/a000377). The size .30 for "moderate" is
our reading; the other fourteen cells are 0 because no published value for them could be read, not because
they are known to be 0. Replace the table when the matrix is at hand: nothing else depends on its values.
"""

import math
from typing import Final

import numpy as np

from panelsim.model.panel import DOMAINS, Hexaco

LIMIT: Final = 3.0
"""Draws are clipped to this many standard deviations from the population mean."""

_HONESTY_WITH_AGREEABLENESS: Final = 0.30

CORRELATIONS: Final[tuple[tuple[float, ...], ...]] = tuple(
    tuple(
        1.0 if row == column
        else _HONESTY_WITH_AGREEABLENESS if {row, column} == {"honesty_humility", "agreeableness"}
        else 0.0
        for column in DOMAINS
    )
    for row in DOMAINS
)  # fmt: skip
"""Correlations of the six domains, in the order of DOMAINS."""


def cholesky(matrix: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
    """The lower triangle L with L L' = `matrix`, a positive definite matrix.

    Plain arithmetic instead of LAPACK, whose last bits differ between machines.
    """
    lower: list[list[float]] = []
    for i, row in enumerate(matrix):
        lower.append([0.0] * len(matrix))
        for j in range(i + 1):
            rest = row[j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    return tuple(tuple(row) for row in lower)


_FACTOR: Final = cholesky(CORRELATIONS)


def draw_traits(around: Hexaco, spread: float, rng: np.random.Generator) -> Hexaco:
    """Level + `spread` x correlated standard deviate per domain, clipped to [-3, 3], to two decimals."""
    deviates = [float(deviate) for deviate in rng.standard_normal(len(DOMAINS))]
    drawn: dict[str, float] = {}
    for (name, level), weights in zip(around.domains.items(), _FACTOR, strict=True):
        correlated = sum(weight * deviate for weight, deviate in zip(weights, deviates, strict=True))
        # Adding 0.0 turns -0.0 into 0.0.
        drawn[name] = round(min(LIMIT, max(-LIMIT, level + spread * correlated)), 2) + 0.0
    return Hexaco.model_validate(drawn)
