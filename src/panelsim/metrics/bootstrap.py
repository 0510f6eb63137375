"""Simulation intervals: the panel drawn again from its personas, and what a figure does meanwhile."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.model.analysis import Estimate

DRAWS = 2000
MIN_CLUSTERS = 8
"""From this many personas on, personas themselves are drawn again (coverage: docs/design/verdict.md)."""
MAX_CELLS = 20_000_000
"""Draws times respondents kept in memory; larger panels get fewer draws, and the method says how many."""
CHUNK_CELLS = 250_000
"""Draws times respondents computed at once as floats: what fits beside a processor core."""
DECIMALS = 6
"""Figures are rounded, so that the last bits of a sum do not differ between machines."""


class Resamples(NamedTuple):
    """The same redrawn panels for every figure of an arm."""

    drawn: NDArray[np.uint8]
    """(draws, respondents): how often each respondent is drawn: about once, never near 255 times."""
    scale: Floats
    """(respondents,): what being drawn once counts, so that a respondent counts 1 on average."""
    strata: Ints
    """(respondents,): the persona (or pool) each respondent is drawn within."""
    whole_personas: bool
    scheme: str
    """What is drawn again: `bootstrap over respondents within 3 personas`."""

    @property
    def method(self) -> str:
        """The scheme and the number of draws."""
        return f"{self.scheme}, {len(self.drawn)} draws"

    def counts(self, each: int = 1) -> Floats:
        """(draws / each, respondents): how much each respondent counts in every `each`-th draw."""
        counted: Floats = self.drawn[::each] * self.scale
        return counted

    def sums(self, columns: Floats) -> Floats:
        """(draws, k): the sums of the (respondents, k) `columns` over each redrawn panel."""
        scaled = self.scale[:, None] * columns
        sums = np.empty((len(self.drawn), columns.shape[1]))
        rows = max(1, CHUNK_CELLS // len(self.scale))
        for start in range(0, len(sums), rows):
            sums[start : start + rows] = self.drawn[start : start + rows].astype(np.float64) @ scaled
        return sums


def resamples_of(personas: Sequence[str], rng: np.random.Generator, draws: int = DRAWS) -> Resamples:
    """Draws the panel again `draws` times; `personas` names each respondent's persona.

    From MIN_CLUSTERS personas on, personas are drawn with all their respondents. With fewer, each persona
    is a stratum and its respondents are drawn: three clusters are too coarse to resample. Personas of one
    respondent cannot be strata; then all respondents are drawn as one pool. A group of m is drawn m - 1 at
    a time and rescaled by m / (m - 1), which makes the bootstrap variance unbiased (Rao & Wu 1988, JASA 83).
    """
    _, codes = np.unique(np.asarray(personas, dtype=str), return_inverse=True)
    strata = codes.astype(np.int64)
    sizes = np.bincount(strata)
    draws = max(200, min(draws, MAX_CELLS // max(1, len(strata))))
    if len(sizes) >= MIN_CLUSTERS:
        drawn, scale = _redraw(len(sizes), draws, rng)[:, strata], np.full(len(strata), _scale(len(sizes)))
        return Resamples(drawn, scale, strata, True, f"bootstrap over {len(sizes)} personas")
    if sizes.min() < 2:
        drawn, scale = _redraw(len(strata), draws, rng), np.full(len(strata), _scale(len(strata)))
        return Resamples(drawn, scale, np.zeros_like(strata), False, "bootstrap over respondents")
    drawn = np.zeros((draws, len(strata)), dtype=np.uint8)
    for stratum, size in enumerate(sizes):
        drawn[:, strata == stratum] = _redraw(int(size), draws, rng)
    scale = np.array([_scale(int(size)) for size in sizes])[strata]
    many = "persona" if len(sizes) == 1 else "personas"
    return Resamples(drawn, scale, strata, False, f"bootstrap over respondents within {len(sizes)} {many}")


def _redraw(size: int, draws: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(draws, size) counts of drawing size - 1 of `size`; a group of one is always drawn once."""
    drawn = np.ones((draws, size), dtype=np.uint8)
    rows = max(1, CHUNK_CELLS // size)
    for start in range(0, draws if size > 1 else 0, rows):
        part = drawn[start : start + rows]
        picked = rng.integers(0, size, size=(len(part), size - 1)) + np.arange(len(part))[:, None] * size
        part[:] = np.bincount(picked.ravel(), minlength=part.size).reshape(part.shape)
    return drawn


def _scale(size: int) -> float:
    return size / (size - 1) if size > 1 else 1.0


def mean_draws(resamples: Resamples, values: Floats, weights: Floats, present: Flags) -> Floats:
    """The weighted mean of the present values in each redrawn panel, without draws that hold none of them."""
    counted = np.where(present, weights, 0.0)
    below, above = resamples.sums(np.stack([counted, np.where(present, counted * values, 0.0)], axis=1)).T
    usable = below > 0
    means: Floats = above[usable] / below[usable]
    return means


def weighted_mean(values: Floats, weights: Floats, present: Flags) -> float:
    """Sum of weight times value over sum of weights, over the present values; one must be present."""
    return float(np.average(values[present], weights=weights[present]))


def freedom_of(resamples: Resamples, present: Flags) -> int:
    """Degrees of freedom behind a mean: personas - 1, or respondents - strata."""
    groups = len(np.unique(resamples.strata[present]))
    return groups - 1 if resamples.whole_personas else int(present.sum()) - groups


def interval_of(draws: Floats, freedom: int, confidence: float) -> tuple[float, float]:
    """Low and high end of the expanded percentile interval.

    Percentile levels are Phi(t) with t the Student quantile of `freedom` at (1 - confidence) / 2, which
    corrects the narrowness of the plain percentile interval in small samples (Hesterberg 2015, The American
    Statistician 69; its factor sqrt(n / (n - 1)) is already in the rescaled draws).
    """
    tail = float(special.ndtr(special.stdtrit(freedom, (1 - confidence) / 2)))
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def rounded(value: float) -> float:
    """`value` to DECIMALS places; a rounded -0.0 is 0.0."""
    return round(value, DECIMALS) + 0.0


class Bounds(NamedTuple):
    """The least and the greatest value a figure can take."""

    low: float
    high: float


def estimate_of(
    value: float, draws: Floats, *, n: int, freedom: int, bounds: Bounds, confidence: float, method: str
) -> Estimate:
    """`value` with its interval; a single respondent has no freedom, so its interval is `bounds`."""
    if freedom < 1 or len(draws) == 0:
        low, high = bounds
        method = f"{method}; too few respondents for an interval, so the whole range"
    else:
        low, high = interval_of(draws, freedom, confidence)
    return Estimate(
        value=rounded(value),
        low=rounded(min(low, value)),
        high=rounded(max(high, value)),
        n=n,
        method=method,
        confidence=confidence,
    )


def estimate_mean(
    resamples: Resamples,
    values: Floats,
    weights: Floats,
    present: Flags,
    *,
    bounds: Bounds,
    confidence: float,
) -> Estimate | None:
    """The weighted mean of the present values with its simulation interval; absent if nothing is present."""
    n = int(present.sum())
    if n == 0:
        return None
    return estimate_of(
        weighted_mean(values, weights, present),
        mean_draws(resamples, values, weights, present),
        n=n,
        freedom=freedom_of(resamples, present),
        bounds=bounds,
        confidence=confidence,
        method=f"weighted mean; {resamples.method}",
    )
