"""Dose and response: what a measured score does when an assigned level is changed."""

import numpy as np

from panelsim.metrics.arrays import Floats

NOTHING = 1e-12
TIED = 1e-9
"""Scores closer than this are tied: sums differ in their last bits between machines."""


def slope_of(assigned: Floats, measured: Floats) -> float | None:
    """Least-squares slope of measured on assigned: sum (x - mx)(y - my) / sum (x - mx)^2.

    Absent if the assigned levels are all one.
    """
    centred = assigned - assigned.mean() if len(assigned) else assigned
    below = float(centred @ centred)
    return None if below < NOTHING else float(centred @ (measured - measured.mean())) / below


def partial_slopes(assigned: Floats, measured: Floats) -> Floats | None:
    """(measured, assigned): least-squares slopes on all assigned levels at once, b = (X'X)^-1 X'Y.

    `assigned` (respondents, levels) and `measured` (respondents, scales). Where levels are orthogonal these
    are the slopes one by one; in a redrawn panel that is not balanced no level gets what belongs to another.
    Absent if the levels cannot be told apart.
    """
    x = np.column_stack([np.ones(len(assigned)), assigned])
    found, _, rank, _ = np.linalg.lstsq(x, measured, rcond=None)
    slopes: Floats = np.asarray(found, dtype=np.float64)[1:].T
    return slopes if rank == x.shape[1] else None


def slope_draws(assigned: Floats, measured: Floats, counts: Floats) -> Floats:
    """The slope in each redrawn panel; `counts` (draws, rows) says how much each row counts there.

    (W Sxy - Sx Sy) / (W Sxx - Sx^2) with sums weighted by the counts. Draws with a single level are left out.
    """
    columns = np.stack(
        [np.ones_like(assigned), assigned, measured, assigned * assigned, assigned * measured], axis=1
    )
    w, x, y, xx, xy = (counts @ columns).T
    below = w * xx - x * x
    usable = below > NOTHING
    slopes: Floats = (w * xy - x * y)[usable] / below[usable]
    return slopes


def ranks_of(values: Floats) -> Floats:
    """Ranks from 1, ties at their mean."""
    _, places, counts = np.unique(np.round(values / TIED) * TIED, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Floats = (ends - (counts - 1) / 2)[places]
    return ranks


def spearman(assigned: Floats, measured: Floats) -> float | None:
    """Spearman's rho: the correlation of the ranks (Spearman 1904). Absent if one of them does not vary.

    A measured score that never moves has no rank order, so it has no rho, not a rho of 0.
    """
    if len(assigned) < 2:
        return None
    one, other = ranks_of(assigned), ranks_of(measured)
    if one.std() < NOTHING or other.std() < NOTHING:
        return None
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1.0, 1.0))


def right_side_share(change_assigned: Floats, change_measured: Floats) -> float | None:
    """Share of profiles that moved from the base to the assigned side; one that did not move counts half.

    .5 for a respondent who ignores the trait. Absent without a profile.
    """
    if len(change_assigned) == 0:
        return None
    moved = np.where(np.abs(change_measured) < TIED, 0.0, np.sign(change_measured))
    return float(np.mean(np.where(moved == 0, 0.5, moved == np.sign(change_assigned))))


def mean_error(assigned: Floats, measured: Floats) -> float:
    """Mean of |measured - assigned|, in the unit of both: 0 if every level comes back as it was put."""
    return float(np.mean(np.abs(measured - assigned)))


def whole_profile_share(change_assigned: Floats, change_measured: Floats) -> float | None:
    """Share of profiles (rows) with every assigned trait (columns) on its side; the others do not count.

    .5 to the power of the traits assigned for a respondent who ignores them. Absent without a profile.
    """
    if len(change_assigned) == 0:
        return None
    moved = np.where(np.abs(change_measured) < TIED, 0.0, np.sign(change_measured))
    right = (moved == np.sign(change_assigned)) | (change_assigned == 0)
    return float(np.mean(right.all(axis=1)))
