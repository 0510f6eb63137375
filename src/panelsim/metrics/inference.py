"""Tests and corrections: sign-flip permutation, Holm, Wilson's interval."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from panelsim.metrics.arrays import Floats

EXACT_BLOCKS = 12
"""Up to this many blocks all 2^blocks sign patterns are counted."""
FLIPS = 9999
ROUNDING = 1e-12
MAX_CELLS = 100_000
"""Signs drawn at once: what fits beside a processor core."""


def sign_flip_p(block_sums: Floats, rng: np.random.Generator, flips: int = FLIPS) -> float:
    """Two-sided p of the mean difference, by flipping the sign of whole blocks of paired differences.

    `block_sums` holds sum of weight times difference for each block. Under the null a block is as likely to
    lean one way as the other. Up to EXACT_BLOCKS blocks: share of all sign patterns whose |sum| is at least
    the one observed. Beyond: (b + 1) / (m + 1) over m random patterns (Phipson & Smyth 2010, SAGMB 9,
    article 39). No blocks: 1.
    """
    if len(block_sums) == 0:
        return 1.0
    scale = float(np.abs(block_sums).sum())
    if scale == 0.0:
        return 1.0
    observed = abs(float(block_sums.sum())) - ROUNDING * scale
    if len(block_sums) <= EXACT_BLOCKS:
        sums = np.abs(_all_signs(len(block_sums)) @ block_sums)
        return float(np.mean(sums >= observed))
    at_least, left = 0, flips
    while left:
        rows = min(left, max(1, MAX_CELLS // len(block_sums)))
        signs = rng.integers(0, 2, size=(rows, len(block_sums))) * 2.0 - 1.0
        at_least += int(np.sum(np.abs(signs @ block_sums) >= observed))
        left -= rows
    return (at_least + 1) / (flips + 1)


def _all_signs(blocks: int) -> Floats:
    bits = (np.arange(2**blocks)[:, None] >> np.arange(blocks)) & 1
    signs: Floats = bits.astype(np.float64) * 2.0 - 1.0
    return signs


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down corrected p-values, in the order given (Holm 1979, Scand. J. Statist. 6).

    The i-th smallest of m is multiplied by m - i + 1, made monotone and capped at 1.
    """
    corrected = [1.0] * len(ps)
    floor = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda at: ps[at])):
        floor = max(floor, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = floor
    return tuple(corrected)


def wilson(successes: float, n: int, confidence: float = 0.90) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927, JASA 22).

    (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"wilson: {successes!r} successes of n = {n!r}; expected 0 <= successes <= n and n >= 1"
        )
    z = float(special.ndtri((1 + confidence) / 2))
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    below = 1 + z * z / n
    return max(0.0, (centre - spread) / below), min(1.0, (centre + spread) / below)
