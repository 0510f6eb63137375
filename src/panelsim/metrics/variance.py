"""Where the variance of ratings comes from: random effects, and what swapping one cause moves."""

from typing import NamedTuple

import numpy as np

from panelsim.metrics.arrays import Floats, Ints


class Components(NamedTuple):
    """Variances in squared scale points; one that comes out below 0 is 0."""

    stimulus: float
    persona: float
    persona_stimulus: float
    """Personas order the stimuli differently."""
    respondent: float
    """Respondents within a persona differ in level."""
    respondent_stimulus: float
    """Respondents within a persona order the stimuli differently."""
    wording: float
    wording_stimulus: float
    wording_respondent: float
    rest: float
    """Respondent x stimulus x wording, with the replicates' noise where each cell has one replicate."""
    replicate: float
    """Between replicates of one cell; 0 with one replicate, which cannot tell."""

    @property
    def total(self) -> float:
        """Of a single rating: the sum of all."""
        return float(sum(self))


def variance_components(ratings: Floats, personas: Ints) -> Components:
    """The components of (respondents, stimuli, wordings, replicates) `ratings`; `personas` codes respondents.

    Analysis of variance with every effect random, replicates within cells, respondents within personas:
    each mean square is set equal to its expectation and solved from the bottom up (Searle, Casella &
    McCulloch 1992, Variance Components, chapter 4; G theory in Brennan 2001). With personas of unequal size
    n0 = (R - sum n_p^2 / R) / (P - 1) stands for their size. An effect of one level is 0: with one persona
    its differences cannot be told. ValueError below two respondents or two stimuli.
    """
    r, s, w, k = ratings.shape
    if r < 2 or s < 2:
        raise ValueError(f"variance_components: {r} respondents by {s} stimuli; expected at least 2 by 2")
    means = _Means(ratings, personas)
    groups, within = len(means.sizes), r - len(means.sizes)
    size = (r - float(np.sum(means.sizes**2)) / r) / (groups - 1) if groups > 1 else 0.0
    replicate = _mean_square(means.replicates, r * s * w * (k - 1))
    rest = _mean_square(k * means.rsw, (r - 1) * (s - 1) * (w - 1))
    rw = _mean_square(k * s * means.rw, (r - 1) * (w - 1))
    sw = _mean_square(k * r * means.sw, (s - 1) * (w - 1))
    rs = _mean_square(k * w * means.rs, within * (s - 1))
    ps = _mean_square(k * w * means.ps, (groups - 1) * (s - 1))
    in_persona = _mean_square(k * w * s * means.r, within)
    persona = _mean_square(k * w * s * means.p, groups - 1)
    stimulus = _mean_square(k * w * r * means.s, s - 1)
    wording = _mean_square(k * s * r * means.w, w - 1)
    # with one wording the cell's own variance stands in the respondent x stimulus effect
    floor = rest if w > 1 else 0.0
    v_rs = _solved(rs - (floor if w > 1 else replicate), k * w)
    v_ps = _solved(ps - rs, k * w * size)
    return Components(
        stimulus=_solved(stimulus - (ps if groups > 1 else rs) - (sw - rest if w > 1 else 0.0), k * w * r),
        persona=_solved(persona - in_persona - k * w * size * v_ps, k * w * s * size),
        persona_stimulus=v_ps,
        respondent=_solved(in_persona - rs - (rw - rest if w > 1 else 0.0), k * w * s),
        respondent_stimulus=v_rs,
        wording=_solved(wording - rw - sw + rest, k * s * r),
        wording_stimulus=_solved(sw - rest, k * r),
        wording_respondent=_solved(rw - rest, k * s),
        rest=_solved(rest - replicate, k) if w > 1 else 0.0,
        replicate=replicate,
    )


def swap_variance(own: Floats, swapped: Floats, noise: float = 0.0) -> tuple[float, float]:
    """Variance that goes with a cause that was swapped between respondents: of their levels, of their order.

    `own` and `swapped` are (respondents, stimuli) means of the same respondents with their own and with
    another's cause; `noise` is the variance of one such mean by replicates alone. With D = own - swapped,
    independent causes and nothing else changed, E D^2 = 2 V + 2 noise, so V = (mean D^2 - 2 noise) / 2: for
    levels D is a respondent's mean over stimuli, for order what is left of it, with s - 1 for s. Below 0 is
    0. ValueError below two stimuli.
    """
    gaps = own - swapped
    stimuli = gaps.shape[1]
    if stimuli < 2:
        raise ValueError(f"swap_variance: {stimuli} stimuli; expected at least 2")
    level = gaps.mean(axis=1)
    order = float(np.mean(np.sum((gaps - level[:, None]) ** 2, axis=1))) / (stimuli - 1)
    levels = float(np.mean(level**2)) - order / stimuli
    return max(0.0, levels / 2), max(0.0, order / 2 - noise)


def _mean_square(squares: Floats, freedom: int) -> float:
    return float(np.sum(squares)) / freedom if freedom > 0 else 0.0


def _solved(difference: float, times: float) -> float:
    return max(0.0, difference / times) if times > 0 else 0.0


class _Means:
    """Squared effects of each source, each summed once over the levels that carry it."""

    def __init__(self, ratings: Floats, personas: Ints) -> None:
        _, codes = np.unique(personas, return_inverse=True)
        self.sizes = np.bincount(codes).astype(np.float64)
        cell = ratings.mean(axis=3)
        rs, rw, sw = cell.mean(axis=2), cell.mean(axis=1), cell.mean(axis=0)
        r, s, w, grand = rs.mean(axis=1), rs.mean(axis=0), rw.mean(axis=0), cell.mean()
        in_persona = np.stack([rs[codes == code].mean(axis=0) for code in range(len(self.sizes))])
        p = in_persona.mean(axis=1)
        each = self.sizes[:, None]
        self.replicates = (ratings - cell[..., None]) ** 2
        self.rsw = (
            cell
            - rs[:, :, None]
            - rw[:, None, :]
            - sw[None]
            + r[:, None, None]
            + s[None, :, None]
            + w[None, None, :]
            - grand
        ) ** 2
        self.rw = (rw - r[:, None] - w[None] + grand) ** 2
        self.sw = (sw - s[:, None] - w[None] + grand) ** 2
        self.rs = (rs - r[:, None] - in_persona[codes] + p[codes][:, None]) ** 2
        self.ps = each * (in_persona - p[:, None] - s[None] + grand) ** 2
        self.r = (r - p[codes]) ** 2
        self.p = self.sizes * (p - grand) ** 2
        self.s = (s - grand) ** 2
        self.w = (w - grand) ** 2
