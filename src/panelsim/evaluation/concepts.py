"""The benchmark `concepts`: whether a panel rates ideas as people rated them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from panelsim.errors import InputError
from panelsim.evaluation import people
from panelsim.evaluation.against import (
    ALONE,
    COLUMNS,
    HALF,
    LABELS,
    Clusters,
    Distributions,
    Halves,
    against,
    clusters_of,
    even,
    figures,
    filled,
    halves,
    means_of,
    people_against_people,
    pooled_others,
    side_by_side,
)
from panelsim.evaluation.finding import Finding, Findings, absent, measured
from panelsim.evaluation.material import Evidence, Material, Trial, settings_of
from panelsim.evaluation.people import Item, PeopleSettings, answered, counts_of
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.prediction import correlation_attainment, sd_ratio
from panelsim.model.benchmark import Table
from panelsim.model.measure import POINTS
from panelsim.model.table import Table as Read
from panelsim.reporting.figures import in_form

COUNTS = tuple(f"n{point}" for point in range(1, POINTS + 1))
COLUMNS_READ = ("concept", "text", *COUNTS)
SPLITS = 40
"""Random halves of people behind each value of the attainment."""
ATTAINMENT_DRAWS = 200
SEED = 32


class ConceptSettings(PeopleSettings):
    """What the benchmark needs to be told."""

    question: Annotated[str, Field(min_length=1)]
    """As people were asked it of every concept."""
    low: str
    """Label of point 1."""
    high: str
    """Label of point 5."""


LONGER = "The longer text"


class _Concepts(NamedTuple):
    clusters: Clusters
    """A concept each."""
    counts: tuple[Floats, ...]
    """How many people gave each point."""
    people: Distributions
    words: Floats
    """How long the text of each is."""


# ---- reading


def rows_of(tables: Sequence[Read]) -> tuple[dict[str, str], ...]:
    """The concepts of the ratings file: `idea_id`, `text`, `n1` to `n5`; other columns are left out.

    Raises `InputError` for a column that is not there.
    """
    (table,) = tables
    columns = {"concept": table.column("idea_id"), "text": table.column("text")}
    columns |= {name: table.column(name) for name in COUNTS}
    return tuple(dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))


def _checked(rows: Sequence[Mapping[str, str]]) -> _Concepts:
    if len(rows) < 3:
        raise InputError(f"benchmark 'concepts' has {len(rows)} concepts, expected 3 or more")
    counts = []
    for number, row in enumerate(rows, start=2):
        lacking = [name for name in COLUMNS_READ if not row.get(name, "").strip()]
        if lacking:
            raise InputError(
                f"data of benchmark 'concepts', row {number} lacks {', '.join(lacking)}; "
                f"expected {', '.join(COLUMNS_READ)}"
            )
        told = " ".join(row[name] for name in COUNTS)
        counts.append(counts_of(told, f"data of benchmark 'concepts', row {number}, n1 to n{POINTS}"))
    names = [row["concept"] for row in rows]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            f"data of benchmark 'concepts': found {twice!r} twice, expected a name for each concept"
        )
    return _Concepts(
        clusters_of("concepts", names),
        tuple(counts),
        tuple(n / n.sum() for n in counts),
        np.array([len(row["text"].split()) for row in rows], dtype=float),
    )


def trials(material: Material) -> Iterator[Trial]:
    """Every concept singly of every respondent, and once of somebody without a persona."""
    settings = settings_of(material.benchmark, ConceptSettings)
    _checked(material.rows)
    items = [
        Item(
            row["concept"],
            " ".join(row["text"].split()),
            settings.question,
            settings.low,
            settings.high,
            POINTS,
        )
        for row in material.rows
    ]
    yield from people.trials(material, settings, items)


# ---- scoring


def score(evidence: Evidence) -> Findings:
    """Means and distributions of the concepts against those of people; concepts are drawn again."""
    concepts = _checked(evidence.rows)
    said = answered(evidence, concepts.clusters.names)
    predictors = {
        "panel": filled(said.panel, concepts.people),
        "nobody": None if said.nobody is None else filled(said.nobody, concepts.people),
        "pooled": pooled_others(concepts.people, concepts.clusters).distributions,
        "even": tuple(even(POINTS) for _ in concepts.people),
    }
    return Findings(
        figures=(
            *_mean_figures(concepts, predictors["panel"]),
            *figures(concepts.clusters, concepts.people, predictors),
        ),
        tables=(_table(concepts, predictors, is_panel=said.nobody is not None),),
        notes=(
            "A concept that nobody answered counts as all points equally likely, not as left out.",
            "How people answer in general is the mean distribution of the other concepts.",
        ),
    )


def _mean_figures(concepts: _Concepts, panel: Distributions | None) -> Iterator[Finding]:
    """What the means tell of which concept is better."""
    names, theirs = concepts.clusters.names, means_of(concepts.people)
    asked = (
        ("mean_correlation", "Concepts' means rise with those of people", "Pearson's r of means"),
        ("mean_attainment", "The same beside people's agreement", "r(panel, half) / r(half, half)"),
        ("means_sd_ratio", "How far concepts differ beside people's", "SD of means / SD of people's means"),
    )
    if panel is None:
        for name, label, _ in asked:
            yield absent(name, label, "nothing was answered")
    else:
        ours = means_of(panel)
        answers = answers_of(concepts.counts)
        statistics = (
            partial(_correlation, ours, theirs),
            partial(_attainment, ours, answers),
            partial(_means_ratio, ours, theirs),
        )
        for (name, label, method), statistic in zip(asked, statistics, strict=True):
            draws = ATTAINMENT_DRAWS if name == "mean_attainment" else 1000
            yield measured(name, label, names, statistic, unit="concepts", method=method, draws=draws)
    yield measured(
        "mean_ceiling", "Best possible correlation of means", names, partial(_ceiling, concepts.counts),
        unit="concepts", method="square root of the reliability of people's means",
    )  # fmt: skip


def _correlation(ours: Floats, theirs: Floats, drawn: Ints) -> float | None:
    """Pearson's r; absent where one of both is flat."""
    x, y = ours[drawn], theirs[drawn]
    if np.std(x) < 1e-9 or np.std(y) < 1e-9:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def answers_of(counts: Sequence[Floats]) -> Floats:
    """(answers, concepts) single answers of people at random, as many as the least rated concept has."""
    rng = np.random.default_rng(SEED)
    least = int(min(n.sum() for n in counts))
    columns = []
    for n in counts:
        every = np.repeat(np.arange(1.0, len(n) + 1), n.astype(np.int64))
        columns.append(rng.permutation(every)[:least])
    return np.stack(columns, axis=1)


def _attainment(ours: Floats, answers: Floats, drawn: Ints) -> float | None:
    if np.std(ours[drawn]) < 1e-9:
        return None
    rng = np.random.default_rng(SEED)
    return correlation_attainment(ours[drawn], answers[:, drawn], rng, SPLITS)


def _means_ratio(ours: Floats, theirs: Floats, drawn: Ints) -> float | None:
    return sd_ratio(ours[drawn], theirs[drawn])


def _ceiling(counts: Sequence[Floats], drawn: Ints) -> float | None:
    """sqrt(1 - mean error variance of a concept's mean / variance of the means) (Lord & Novick 1968)."""
    chosen = [counts[at] for at in drawn]
    sizes = np.array([n.sum() for n in chosen])
    points = np.arange(1, POINTS + 1)
    means = np.array([n @ points / n.sum() for n in chosen])
    errors = np.array([n @ points**2 / n.sum() for n in chosen]) - means**2
    between = float(np.var(means, ddof=1))
    if between <= 0:
        return None
    reliability = 1 - float(np.mean(errors / (sizes - 1))) / between
    return float(np.sqrt(max(0.0, reliability)))


def _table(concepts: _Concepts, predictors: Mapping[str, Distributions | None], *, is_panel: bool) -> Table:
    labels = {**LABELS, "panel": LABELS["panel"] if is_panel else ALONE}
    rows = []
    theirs = means_of(concepts.people)
    for name, label in labels.items():
        one = predictors[name]
        if one is not None:
            # the mean of the others falls where a concept's own mean rises: that correlation is an artefact
            r = None if name == "pooled" else _correlation(means_of(one), theirs, np.arange(len(theirs)))
            told = "" if r is None else in_form(r, "signed")
            rows.append((label, told, *side_by_side(concepts.clusters, against(one, concepts.people))))
    by_length = _correlation(concepts.words, theirs, np.arange(len(theirs)))
    if by_length is not None:
        rows.append((LONGER, in_form(by_length, "signed"), *("" for _ in COLUMNS)))
    parted = halves(concepts.counts)
    cells = side_by_side(concepts.clusters, people_against_people(parted))
    rows.append((HALF, in_form(_agreement(parted), "signed"), *cells))
    return Table(
        title="Beside the naive predictors, on the same concepts",
        columns=("Predictor", "Correlation of means", *COLUMNS),
        rows=tuple(rows),
        note="Ends: share of points 1 and 5, less that of people. Half of the people are noisier than all.",
    )


def _agreement(parted: Halves) -> float:
    """Mean correlation of the means of both halves."""
    found = [
        _correlation(means_of(one), means_of(other), np.arange(len(one)))
        for one, other in zip(parted.one, parted.other, strict=True)
    ]
    return float(np.mean([0.0 if one is None else one for one in found]))
