"""Predictions against what happened: calibration; spread and correlation against people."""

from typing import NamedTuple

import numpy as np

from panelsim.metrics.arrays import Floats

SPLITS = 200


class Bin(NamedTuple):
    """Predictions that were about equally sure."""

    predicted: float
    """Their mean."""
    happened: float
    """The share of them that came true."""
    n: int


def calibration_curve(predicted: Floats, happened: Floats, bins: int = 5) -> tuple[Bin, ...]:
    """Mean prediction and share that came true in `bins` groups of about equal size, lowest first.

    Groups by quantile, so that none is empty (Niculescu-Mizil & Caruana 2005); equals stay together.
    """
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1]))
    group = np.searchsorted(edges, predicted, side="right")
    return tuple(
        Bin(float(predicted[group == g].mean()), float(happened[group == g].mean()), int(np.sum(group == g)))
        for g in np.unique(group)
    )


def calibration_error(curve: tuple[Bin, ...]) -> float:
    """Mean |share that came true - mean prediction| of the groups by size (ECE; Naeini et al. 2015)."""
    total = sum(one.n for one in curve)
    return sum(one.n * abs(one.happened - one.predicted) for one in curve) / total


def interval_coverage(low: Floats, high: Floats, truth: Floats) -> float:
    """Share of truths inside their stated interval, ends included; a stated 80% should give .80."""
    return float(np.mean((low <= truth) & (truth <= high)))


def sd_ratio(simulated: Floats, human: Floats) -> float | None:
    """SD of simulated over SD of human answers (n - 1); models are often below 1. Absent if people agree."""
    spread = float(np.std(human, ddof=1))
    return None if spread <= 0 else float(np.std(simulated, ddof=1)) / spread


def correlation_attainment(
    simulated: Floats, humans: Floats, rng: np.random.Generator, splits: int = SPLITS
) -> float | None:
    """E[r(simulated, half of the people)] / E[r(one half, the other half)] over random splits.

    `simulated` (stimuli,) mean scores; `humans` (people, stimuli). 1: the panel agrees with people as people
    agree with each other (Maier et al. 2025, arXiv 2510.08338). Absent if people do not agree above 0.
    """
    half = len(humans) // 2
    if half < 1 or humans.shape[1] < 3:
        raise ValueError(
            f"correlation_attainment: {humans.shape} answers; expected 2 people and 3 stimuli or more"
        )
    ours, theirs = [], []
    for _ in range(splits):
        order = rng.permutation(len(humans))
        one, other = humans[order[:half]].mean(axis=0), humans[order[half:]].mean(axis=0)
        ours.append(_r(simulated, one))
        theirs.append(_r(one, other))
    ceiling = float(np.mean(theirs))
    return None if ceiling <= 0 else float(np.mean(ours)) / ceiling


def _r(x: Floats, y: Floats) -> float:
    """Pearson's r; 0 where one of both does not vary: it tells nothing apart."""
    if np.std(x) == 0 or np.std(y) == 0:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])
