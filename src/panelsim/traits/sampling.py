"""Trait levels drawn around a persona's, with the traits correlated as in the table.

For a persona with domain levels m and spread s, a respondent's domains are

    d = m + s L z,   L L' = the 6 x 6 correlations, z independent standard normal,

clipped to [-4, 4]. Facets, where they are asked for, are drawn given the domains: with the persona's facet
levels g, B and R of `levels`, and A = R B' (B R B')^-1,

    f = g + A (d - m) + s (I - A B) K e,   K K' = R, e independent standard normal.

As B A = I and B g = m, the sums B f are the domains exactly, whatever e is; and without clipping f has the
spread s and the correlations R. So whether facets are drawn changes no domain.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from panelsim.model.panel import FACETS, Hexaco
from panelsim.traits.levels import B, R
from panelsim.traits.tables import DOMAIN_CORRELATIONS

Floats = NDArray[np.float64]

LIMIT: Final = 4.0
"""Domains are clipped to this many standard deviations from the population mean.

A persona whose level is at least two spreads inside keeps its mean within .01 spreads.
"""
FACET_LIMIT: Final = 12.0
"""Beyond what the widest spread around the furthest level gives, so that facets add up to their domain."""


def _fixed(matrix: Floats) -> Floats:
    """`matrix` to twelve digits: the last ones of LAPACK differ between machines."""
    return np.asarray(np.round(matrix, 12), dtype=np.float64)


_L: Final[Floats] = _fixed(np.linalg.cholesky(np.array(DOMAIN_CORRELATIONS)))
_A: Final[Floats] = _fixed(R @ B.T @ np.linalg.inv(B @ R @ B.T))
_REST: Final[Floats] = _fixed((np.eye(len(FACETS)) - _A @ B) @ np.linalg.cholesky(R))


def draw_domains(around: Hexaco, spread: float, deviates: Floats) -> Floats:
    """Domain levels, n x 6 and not rounded, from n x 6 standard normal deviates."""
    levels = np.array(list(around.domains.values()))
    drawn = levels + spread * _product(deviates, _L)
    return np.clip(drawn, -LIMIT, LIMIT)


def draw_facets(around: Hexaco, spread: float, domains: Floats, deviates: Floats) -> Floats:
    """Facet levels, n x 24 and not rounded, given n x 6 domains, from n x 24 standard normal deviates.

    `around` must have facets, as `resolve_levels` gives them.
    """
    if around.facets is None:
        raise ValueError("the persona's facets were not resolved")
    levels = np.array([level for _, level in around.facets])
    moved = domains - np.array(list(around.domains.values()))
    drawn = levels + _product(moved, _A) + spread * _product(deviates, _REST)
    return np.clip(drawn, -FACET_LIMIT, FACET_LIMIT)


def _product(rows: Floats, matrix: Floats) -> Floats:
    """`rows` times the transposed `matrix`, column by column: BLAS rounds differently on each machine."""
    total = np.zeros((len(rows), len(matrix)))
    for at in range(matrix.shape[1]):
        if matrix[:, at].any():
            total += rows[:, at, np.newaxis] * matrix[:, at]
    return total
