"""Answers against those of people: distances of distributions, spread and ends, beside naive predictors."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from panelsim.evaluation.finding import Finding, absent, measured
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.distance import jensen_shannon, ks_similarity, ordinal_wasserstein
from panelsim.metrics.scale import endpoint_share, expected_value, spread
from panelsim.model.benchmark import FigureForm
from panelsim.reporting.figures import in_form

HALVES = 20
"""Random halves of the people of an item."""
SEED = 31

Distributions = tuple[Floats, ...]
"""Of each item; items may differ in their number of points."""


class Against(NamedTuple):
    """How far the distributions of a predictor lie from those of people, by item; NaN where undefined."""

    ks: Floats
    wasserstein: Floats
    jensen_shannon: Floats
    sd_ratio: Floats
    """SD of the predictor's answers over that of people's."""
    ends: Floats
    """Share of both end points, of the predictor less that of people."""


class Clusters(NamedTuple):
    """What is drawn again: concepts, or studies with all their items."""

    unit: str
    """In the plural."""
    names: tuple[str, ...]
    places: tuple[Ints, ...]
    """The items of each."""


def clusters_of(unit: str, by_item: Sequence[str]) -> Clusters:
    """The clusters in the order of their first item."""
    names = tuple(dict.fromkeys(by_item))
    found = np.array([names.index(one) for one in by_item])
    return Clusters(unit, names, tuple(np.flatnonzero(found == at) for at in range(len(names))))


def against(simulated: Distributions, people: Distributions) -> Against:
    """The distances item by item."""
    pairs = list(zip(simulated, people, strict=True))
    return Against(
        ks=np.array([ks_similarity(p, q) for p, q in pairs]),
        wasserstein=np.array([ordinal_wasserstein(p, q) for p, q in pairs]),
        jensen_shannon=np.array([jensen_shannon(p, q) for p, q in pairs]),
        sd_ratio=np.array([spread(p) / spread(q) if spread(q) > 0 else np.nan for p, q in pairs]),
        ends=np.array([endpoint_share(p) - endpoint_share(q) for p, q in pairs]),
    )


# ---- predictors


def even(points: int) -> Floats:
    """All points equally likely: what is said by who knows nothing."""
    return np.full(points, 1 / points)


def filled(said: Sequence[Floats | None], people: Distributions) -> Distributions | None:
    """The answers, with all points equally likely where there is none; None if nothing was answered."""
    if all(one is None for one in said):
        return None
    return tuple(even(len(q)) if p is None else p for p, q in zip(said, people, strict=True))


class Pooled(NamedTuple):
    """How people answer in general: for each item the mean distribution of the other clusters' items."""

    distributions: Distributions
    is_even: Flags
    """(items,): where no other cluster has an item with as many points, so all points are equally likely."""


def pooled_others(people: Distributions, clusters: Clusters) -> Pooled:
    """For each item the mean distribution of people over the items of the other clusters.

    Of those with as many points; all points equally likely if there are none. It knows how people answer in
    general and nothing of the item, and has not seen the item's own answers.
    """
    found = [even(len(one)) for one in people]
    is_even = np.ones(len(people), dtype=np.bool_)
    for own in clusters.places:
        outside = [at for at in range(len(people)) if at not in set(own.tolist())]
        for at in own:
            alike = [people[other] for other in outside if len(people[other]) == len(people[at])]
            if alike:
                found[at] = np.mean(alike, axis=0)
                is_even[at] = False
    return Pooled(tuple(found), is_even)


# ---- figures


def over_clusters(clusters: Clusters, values: Floats) -> partial[float | None]:
    """The mean over drawn clusters of the mean over their items, which are NaN where undefined."""
    means = np.array([_mean(values[places]) for places in clusters.places])
    return partial(_drawn_mean, means)


def _mean(values: Floats) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else np.nan


def _drawn_mean(means: Floats, drawn: Ints) -> float | None:
    found = _mean(means[drawn])
    return None if np.isnan(found) else found


def figures(
    clusters: Clusters, people: Distributions, predictors: Mapping[str, Distributions | None]
) -> Iterator[Finding]:
    """Distances of `panel` to people, and its gain over `pooled` and `nobody`, clusters drawn again."""
    panel, nobody, pooled = (predictors.get(name) for name in ("panel", "nobody", "pooled"))
    ours = None if panel is None else against(panel, people)
    each = f"mean over {clusters.unit}"
    labels: tuple[tuple[str, str, str, FigureForm], ...] = (
        ("ks", "Distribution near that of people", "1 - max |F - G|", "number"),
        ("wasserstein", "Distance moved on the scale", "sum |F - G| / (K - 1); 0 is equal", "number"),
        ("jensen_shannon", "Divergence from people", "bits; 0 is equal", "number"),
        ("sd_ratio", "Spread of answers beside that of people", "SD of the panel / SD of people", "number"),
        ("ends", "Use of both ends beside that of people", "share of the panel - share of people", "signed"),
    )
    for name, label, method, form in labels:
        if ours is None:
            yield absent(name, label, "nothing was answered", form=form)
            continue
        yield measured(
            name, label, clusters.names, over_clusters(clusters, field_of(ours, name)),
            unit=clusters.unit, method=f"{method}; {each}", form=form,
        )  # fmt: skip
    for name, label, rival in (
        ("gain_over_pooled", "Gain over how people answer in general", pooled),
        ("gain_over_nobody", "Gain over somebody without a persona", nobody),
    ):
        if ours is None or rival is None:
            why = (
                "nothing was answered"
                if ours is None
                else "it was not asked beside a panel, or gave no answer"
            )
            yield absent(name, label, why, form="signed")
            continue
        yield measured(
            name, label, clusters.names, over_clusters(clusters, ours.ks - against(rival, people).ks),
            unit=clusters.unit, method=f"difference in KS similarity, item by item; {each}", form="signed",
        )  # fmt: skip


def field_of(found: Against, name: str) -> Floats:
    """The field of that name."""
    return dict(zip(Against._fields, found, strict=True))[name]


# ---- side by side


LABELS: Mapping[str, str] = {
    "panel": "The panel",
    "nobody": "Somebody without a persona",
    "pooled": "How people answer in general",
    "even": "All points equally likely",
}
ALONE = "Somebody without a persona; no panel was asked"
HALF = "Half of the people, against the other half"
COLUMNS = ("KS similarity", "Wasserstein", "Jensen-Shannon", "SD ratio", "Ends")


def side_by_side(clusters: Clusters, found: Against) -> tuple[str, ...]:
    """The means of a predictor as cells, in the order of COLUMNS."""
    every = np.arange(len(clusters.names))
    cells = []
    for name, values in zip(Against._fields, found, strict=True):
        mean = over_clusters(clusters, values)(every)
        cells.append("" if mean is None else in_form(mean, "signed" if name == "ends" else "number"))
    return tuple(cells)


class Halves(NamedTuple):
    """Random halves of the people of every item, split by split."""

    one: tuple[Distributions, ...]
    other: tuple[Distributions, ...]


def halves(counts: Sequence[Floats], splits: int = HALVES) -> Halves:
    """People parted at random: how near people come to people, with half as many on each side."""
    rng = np.random.default_rng(SEED)
    one, other = [], []
    for _ in range(splits):
        drawn = [rng.multivariate_hypergeometric(n.astype(np.int64), int(n.sum()) // 2) for n in counts]
        rest = [n - half for n, half in zip(counts, drawn, strict=True)]
        one.append(tuple(half / half.sum() for half in drawn))
        other.append(tuple(left / left.sum() for left in rest))
    return Halves(tuple(one), tuple(other))


def people_against_people(parted: Halves) -> Against:
    """The mean distances of one half to the other."""
    found = [against(one, other) for one, other in zip(parted.one, parted.other, strict=True)]
    return Against(*(np.mean([field_of(each, name) for each in found], axis=0) for name in Against._fields))


def means_of(distributions: Distributions) -> Floats:
    """The mean answer of each item, points counted from 1."""
    return np.array([expected_value(one) for one in distributions])
