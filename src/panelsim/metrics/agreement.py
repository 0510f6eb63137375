"""Agreement between repeats, wordings, models or judges: ICC, Krippendorff's alpha, two kappas."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from panelsim.metrics.arrays import Floats

Level = Literal["nominal", "ordinal", "interval"]
NOTHING = 1e-12


class Icc(NamedTuple):
    """Intraclass correlations for absolute agreement."""

    single: float
    """ICC(A,1): one rating of a subject."""
    mean: float
    """ICC(A,k): the mean of the k ratings of a subject."""


def icc(ratings: Floats) -> Icc | None:
    """ICC(A,1) and ICC(A,k) of subjects (rows) by raters (columns), no value missing.

    ICC(A,1) = (MSr - MSe) / (MSr + (k-1) MSe + k/n (MSc - MSe)) and
    ICC(A,k) = (MSr - MSe) / (MSr + (MSc - MSe) / n), with mean squares of rows, columns and error
    (McGraw & Wong 1996, Psychological Methods 1; thresholds in Koo & Li 2016). Absent, not perfect, where
    subjects do not differ: repeats that are all equal say nothing if everybody is equal.
    """
    n, k = ratings.shape
    if n < 2 or k < 2:
        raise ValueError(f"icc: {n} subjects by {k} raters; expected at least 2 by 2")
    grand = ratings.mean()
    rows, columns = ratings.mean(axis=1), ratings.mean(axis=0)
    ms_rows = k * float(np.sum((rows - grand) ** 2)) / (n - 1)
    ms_columns = n * float(np.sum((columns - grand) ** 2)) / (k - 1)
    residual = ratings - rows[:, None] - columns[None, :] + grand
    ms_error = float(np.sum(residual**2)) / ((n - 1) * (k - 1))
    if ms_rows < NOTHING:
        return None
    single = ms_rows + (k - 1) * ms_error + k / n * (ms_columns - ms_error)
    mean = ms_rows + (ms_columns - ms_error) / n
    if abs(single) < NOTHING or abs(mean) < NOTHING:
        return None
    return Icc((ms_rows - ms_error) / single, (ms_rows - ms_error) / mean)


def krippendorff_alpha(units: Sequence[Sequence[float | None]], level: Level = "ordinal") -> float | None:
    """Krippendorff's alpha of units (rows) by raters (columns), None where a rater gave no value.

    alpha = 1 - Do / De over the coincidence matrix (Krippendorff 2011, "Computing Krippendorff's
    Alpha-Reliability"). Units with fewer than two values are left out. Absent if nothing can be paired or
    all values are one.
    """
    kept = [[value for value in unit if value is not None] for unit in units]
    kept = [unit for unit in kept if len(unit) > 1]
    values = sorted({value for unit in kept for value in unit})
    if len(values) < 2:
        return None
    coincidences = _coincidences(kept, values)
    totals = coincidences.sum(axis=1)
    n = float(totals.sum())
    distances = _distances(np.asarray(values, dtype=np.float64), totals, level)
    observed = float(np.sum(coincidences * distances))
    expected = float(np.sum(np.outer(totals, totals) * distances)) / (n - 1.0)
    return 1 - observed / expected


def _coincidences(units: Sequence[Sequence[float]], values: Sequence[float]) -> Floats:
    """Ordered pairs of values within units, each unit of m values weighted by 1 / (m - 1)."""
    place = {value: at for at, value in enumerate(values)}
    matrix = np.zeros((len(values), len(values)))
    for unit in units:
        counts = np.bincount([place[value] for value in unit], minlength=len(values)).astype(np.float64)
        matrix += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return matrix


def _distances(values: Floats, totals: Floats, level: Level) -> Floats:
    """Squared distances between values: 0/1, (c - k)^2, or the ranks between c and k, ends counted half."""
    match level:
        case "nominal":
            return 1.0 - np.eye(len(values))
        case "interval":
            gaps: Floats = (values[:, None] - values[None, :]) ** 2
            return gaps
        case "ordinal":
            middle = np.cumsum(totals) - totals / 2
            ranks: Floats = (middle[:, None] - middle[None, :]) ** 2
            return ranks


def cohen_kappa(table: Floats) -> float | None:
    """(Po - Pe) / (1 - Pe) of two raters' square contingency table (Cohen 1960).

    Absent if both raters use one category only.
    """
    shares = table / table.sum()
    observed = float(np.trace(shares))
    expected = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return None if 1 - expected < NOTHING else (observed - expected) / (1 - expected)


def fleiss_kappa(counts: Floats) -> float | None:
    """Fleiss' kappa of subjects (rows) by categories; `counts[i, j]` of m raters put subject i in category j.

    P_i = (sum n_ij^2 - m) / (m (m-1)); kappa = (mean P_i - sum p_j^2) / (1 - sum p_j^2) (Fleiss 1971).
    Absent if all raters chose one category.
    """
    raters = counts.sum(axis=1)
    m = float(raters[0])
    if m < 2 or np.any(raters != m):
        raise ValueError(
            f"fleiss_kappa: raters per subject {raters.tolist()!r}; expected one number, at least 2"
        )
    agreement = float(np.mean((np.sum(counts**2, axis=1) - m) / (m * (m - 1))))
    chance = float(np.sum((counts.sum(axis=0) / counts.sum()) ** 2))
    return None if 1 - chance < NOTHING else (agreement - chance) / (1 - chance)


def majority_share(answers: Floats) -> float:
    """Mean over subjects (rows) of the share of repeats (columns) with the subject's most frequent answer.

    Raw repeat stability. Read it beside kappa or alpha only: with two answers and three repeats it cannot be
    below 2/3, and who answers one thing whatever is asked has 1.
    """
    alike = (answers[:, :, None] == answers[:, None, :]).sum(axis=2)
    return float(alike.max(axis=1).mean() / answers.shape[1])
