"""The splits of `upworthy`: the same predictors on all pairs, on those at p below .05, and at FDR 5%."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import special

from panelsim.calibration.ridge import fit_scale
from panelsim.evaluation.finding import Finding, measured
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.forecast import brier, log_loss
from panelsim.metrics.prediction import calibration_curve, calibration_error
from panelsim.metrics.rates import gap_variance, log_odds
from panelsim.model.benchmark import FigureForm, Table
from panelsim.reporting.figures import in_form, with_interval

PREDICTORS = {
    "panel": "The panel, both orders",
    "coin": "A coin",
    "longer": "The longer headline",
    "text": "A trivial text model, cross-validated by story",
}
COUNTS = ("clicks_a", "imp_a", "clicks_b", "imp_b")


class Split(NamedTuple):
    """A fair draw of pairs of one kind."""

    name: str
    """In the data."""
    ending: str
    """Of the names of its figures."""
    label: str


FAIR = "all"
SPLITS = (
    Split("fdr", "", "FDR 5%"),
    Split("p05", "_p05", "p < .05"),
    Split(FAIR, "_all", "all pairs"),
)
"""The first is the one of rows that name no split; the last is a fair draw of all pairs, noise and all."""


class Predicted(NamedTuple):
    """Pairs with what each predictor says of them, in one order."""

    stories: tuple[str, ...]
    won: Floats
    """1 where A was clicked more."""
    p: Mapping[str, Floats]
    """By predictor: P(A was clicked more)."""

    def at(self, places: Ints) -> "Predicted":
        """The pairs at these places."""
        return Predicted(
            tuple(self.stories[at] for at in places),
            self.won[places],
            {name: one[places] for name, one in self.p.items()},
        )


def places_of(rows: Sequence[Mapping[str, str]], split: Split) -> Ints:
    """Which rows belong to a split; a row that names none belongs to the first."""
    return np.array(
        [at for at, row in enumerate(rows) if split.name in row.get("splits", SPLITS[0].name).split()],
        dtype=np.int64,
    )


def right(predicted: Floats, won: Floats) -> Floats:
    """1 where the likelier one won, .5 where neither was likelier."""
    leaning = np.sign(np.round(predicted - 0.5, 9))
    marks: Floats = np.where(leaning == 0, 0.5, (leaning > 0) == (won > 0.5))
    return marks


# ---- figures


def by_story(stories: Sequence[str]) -> tuple[tuple[str, ...], list[Ints]]:
    """The stories, and the places of the pairs of each."""
    places: dict[str, list[int]] = {}
    for at, one in enumerate(stories):
        places.setdefault(one, []).append(at)
    return tuple(places), [np.array(one, dtype=np.int64) for one in places.values()]


def over_stories(
    stories: Sequence[str], name: str, label: str, values: Floats, method: str, form: FigureForm = "share"
) -> Finding:
    """The mean of `values` by pair, stories drawn again."""
    names, places = by_story(stories)
    there = ~np.isnan(values)
    sums = np.array([values[at][there[at]].sum() for at in places])
    counts = np.array([there[at].sum() for at in places])

    def mean(drawn: Ints) -> float | None:
        n = int(counts[drawn].sum())
        return float(sums[drawn].sum()) / n if n else None

    return measured(name, label, names, mean, unit="stories", method=method, form=form)


def split_figures(split: Split, pairs: Predicted) -> Iterator[Finding]:
    """How the panel does on the pairs of a split, and what it gains over the naive predictors."""
    panel, end = pairs.p["panel"], split.ending
    of = f", {split.label}" if end else ""
    yield over_stories(
        pairs.stories, f"accuracy{end}", f"Picks the headline that was clicked more{of}",
        right(panel, pairs.won), "both orders averaged",
    )  # fmt: skip
    yield over_stories(
        pairs.stories, f"brier{end}", f"Brier score{of}", brier(panel, pairs.won),
        "mean (p - y)^2; .25 is a coin", "number",
    )  # fmt: skip
    yield over_stories(
        pairs.stories, f"log_loss{end}", f"Log loss{of}", log_loss(panel, pairs.won),
        "nats; .693 is a coin", "number",
    )  # fmt: skip
    names, places = by_story(pairs.stories)
    yield measured(
        f"calibration_error{end}", f"Distance from calibration{of}", names,
        partial(_error_of_draw, panel, pairs.won, places), unit="stories", method="five groups of equal size",
    )  # fmt: skip
    for name, label in (
        ("longer", "Gain over the longer headline"),
        ("text", "Gain over a trivial text model"),
    ):
        gain = right(panel, pairs.won) - right(pairs.p[name], pairs.won)
        yield over_stories(
            pairs.stories, f"gain_over_{name}{end}", f"{label}{of}", gain,
            "difference in accuracy, pair by pair", "signed",
        )  # fmt: skip


def _error_of_draw(panel: Floats, won: Floats, places: list[Ints], drawn: Ints) -> float:
    rows = np.concatenate([places[at] for at in drawn])
    return calibration_error(calibration_curve(panel[rows], won[rows]))


# ---- the ceiling


def ceilings_of(rows: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """By split, how often the headline that is really better was clicked more: no predictor can do better.

    A difference in log odds of a click is the true one plus noise of a known variance v; true differences are
    N(0, s^2), s by maximum likelihood on the fair draw of all pairs. Given the observed difference g, the
    clicks point the right way with Phi(|g| s / sqrt(v (v + s^2))). Empty without impressions and clicks.
    """
    fair = places_of(rows, SPLITS[-1])
    if len(fair) < 2 or any(not row.get(name) for row in rows for name in COUNTS):
        return {}
    clicks_a, imp_a, clicks_b, imp_b = (np.array([float(row[name]) for row in rows]) for name in COUNTS)
    gap = log_odds(clicks_a, imp_a) - log_odds(clicks_b, imp_b)
    noise = gap_variance(clicks_a, imp_a, clicks_b, imp_b)
    spread = fit_scale(np.zeros(len(fair)), gap[fair], noise[fair], np.ones(len(fair))).spread
    sure = special.ndtr(np.abs(gap) * spread / np.sqrt(noise * (noise + spread**2)))
    found = ((split.name, places_of(rows, split)) for split in SPLITS)
    return {name: float(np.mean(sure[places])) for name, places in found if len(places)}


# ---- tables


def predictors_table(splits: Sequence[tuple[Split, Predicted]], ceilings: Mapping[str, float]) -> Table:
    """Every predictor on every split, and the ceiling of each."""
    rows: list[tuple[str, ...]] = []
    for split, pairs in splits:
        n = f"{split.label} ({len(pairs.won)})"
        rows.extend((n, *_predictor_row(name, pairs)) for name in PREDICTORS)
        if split.name in ceilings:
            best = in_form(ceilings[split.name], "share")
            rows.append((n, "The best possible, given the noise in clicks", best, "", ""))
    return Table(
        title="Beside the naive predictors, on the same pairs",
        columns=("Pairs", "Predictor", "Right", "Brier", "Log loss"),
        rows=tuple(rows),
        note="The longer headline states no probability. Intervals: stories drawn again.",
    )


def _predictor_row(name: str, pairs: Predicted) -> tuple[str, ...]:
    p, is_sure = pairs.p[name], name == "longer"
    found = over_stories(pairs.stories, name, name, right(p, pairs.won), "").figure
    return (
        PREDICTORS[name],
        in_form(0.5, "share") if name == "coin" else with_interval(found),
        "" if is_sure else f"{brier(p, pairs.won).mean():.3f}",
        "" if is_sure else f"{log_loss(p, pairs.won).mean():.3f}",
    )


def curve_table(split: Split, pairs: Predicted) -> Table:
    """Whether what the panel calls likely comes true as often."""
    return Table(
        title=f"Calibration of the panel, {split.label}",
        columns=("P(A), mean", "A was clicked more", "Pairs"),
        rows=tuple(
            (in_form(one.predicted, "share"), in_form(one.happened, "share"), str(one.n))
            for one in calibration_curve(pairs.p["panel"], pairs.won)
        ),
    )
