"""The benchmark `surveys`: whether a panel answers published questions as the people of the studies did."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.errors import InputError
from panelsim.evaluation import people
from panelsim.evaluation.against import (
    ALONE,
    COLUMNS,
    HALF,
    LABELS,
    Clusters,
    Distributions,
    Pooled,
    against,
    clusters_of,
    even,
    figures,
    filled,
    halves,
    people_against_people,
    pooled_others,
    side_by_side,
)
from panelsim.evaluation.finding import Findings
from panelsim.evaluation.material import Evidence, Material, Trial, settings_of
from panelsim.evaluation.people import MOST_POINTS, Item, PeopleSettings, answered, counts_of
from panelsim.metrics.arrays import Floats
from panelsim.model.benchmark import Table
from panelsim.model.table import Table as Read
from panelsim.reporting.figures import in_form
from panelsim.reporting.words import count

ASKED = ("study", "outcome", "text", "question", "low", "high")
NEEDED = ("study", "outcome", "question", "low", "high", "counts")


class _Outcomes(NamedTuple):
    clusters: Clusters
    """A study each, with its outcomes."""
    names: tuple[tuple[str, str], ...]
    """Study and outcome."""
    versions: tuple[tuple[str, ...], ...]
    """The items of each outcome: the versions of its question, which people saw in equal shares."""
    counts: tuple[Floats, ...]
    people: Distributions


# ---- reading


def rows_of(tables: Sequence[Read]) -> tuple[dict[str, str], ...]:
    """The questions of the second table, each with the answers that the first has of its outcome.

    Outcomes that no question names are not asked. Raises `InputError` for a column that is not there, and
    with row and column for a question without answers.
    """
    outcomes, questions = tables
    places = {
        (study, dv): at
        for at, (study, dv) in enumerate(zip(outcomes.column("study"), outcomes.column("dv"), strict=True))
    }
    rows = []
    for at, number in enumerate(questions.rows):
        row = {name: questions.column(name)[at] for name in ASKED}
        known = places.get((row["study"], row["outcome"]))
        if known is None:
            raise InputError(
                f"{questions.name}, row {number}: found the outcome {row['outcome']!r} of {row['study']!r}, "
                f"expected one that {outcomes.name} has under study and dv"
            )
        rows.append({**row, "counts": _histogram(outcomes, known)})
    return tuple(rows)


def _histogram(outcomes: Read, at: int) -> str:
    """`12 30 40`: how many people gave each point from the lowest to the highest."""
    where = f"{outcomes.name}, row {outcomes.rows[at]}, column 'human_hist'"
    told = outcomes.column("human_hist")[at]
    try:
        low, high = (float(outcomes.column(name)[at]) for name in ("scale_min", "scale_max"))
        found = {float(point): int(n) for point, n in json.loads(told or "{}").items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"{where}: found {told[:80]!r}, expected counts by point as a JSON object"
        ) from error
    if not found:
        raise InputError(f"{where}: found nothing, expected the counts of an outcome that a question names")
    size = round(high - low) + 1
    points = [low + step for step in range(size)] if 2 <= size <= MOST_POINTS else []
    stray = next((point for point in found if point not in points), None)
    if stray is not None:
        raise InputError(
            f"{where}: found the point {stray:g}, expected whole points from {low:g} to {high:g}, "
            f"at most {MOST_POINTS} of them"
        )
    return " ".join(str(found.get(point, 0)) for point in points)


def _checked(rows: Sequence[Mapping[str, str]]) -> _Outcomes:
    if not rows:
        raise InputError("benchmark 'surveys' has no questions, expected one row each")
    versions: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], Floats] = {}
    for number, row in enumerate(rows, start=2):
        where = f"data of benchmark 'surveys', row {number}"
        lacking = [name for name in NEEDED if not row.get(name, "").strip()]
        if lacking:
            raise InputError(f"{where} lacks {', '.join(lacking)}; expected {', '.join((*ASKED, 'counts'))}")
        name = (row["study"], row["outcome"])
        told = counts_of(row["counts"], f"{where}, counts")
        if name in counts and not np.array_equal(counts[name], told):
            raise InputError(
                f"{where}: found other counts than before for {row['outcome']!r}, expected the same"
            )
        counts[name] = told
        versions.setdefault(name, []).append(_item_id(number))
    return _Outcomes(
        clusters_of("studies", [study for study, _ in versions]),
        tuple(versions),
        tuple(tuple(found) for found in versions.values()),
        tuple(counts.values()),
        tuple(n / n.sum() for n in counts.values()),
    )


def _item_id(number: int) -> str:
    return f"row-{number}"


def trials(material: Material) -> Iterator[Trial]:
    """Every question singly of every respondent, and once of somebody without a persona."""
    settings = settings_of(material.benchmark, PeopleSettings)
    _checked(material.rows)
    items = [
        Item(
            _item_id(number),
            " ".join(row.get("text", "").split()),
            " ".join(row["question"].split()),
            row["low"],
            row["high"],
            len(row["counts"].split()),
        )
        for number, row in enumerate(material.rows, start=2)
    ]
    yield from people.trials(material, settings, items)


# ---- scoring


def score(evidence: Evidence) -> Findings:
    """Distributions of the outcomes against those of people; studies count alike and are drawn again."""
    outcomes = _checked(evidence.rows)
    items = [item for versions in outcomes.versions for item in versions]
    said = answered(evidence, items)
    pooled = pooled_others(outcomes.people, outcomes.clusters)
    predictors = {
        "panel": _by_outcome(outcomes, items, said.panel),
        "nobody": None if said.nobody is None else _by_outcome(outcomes, items, said.nobody),
        "pooled": pooled.distributions,
        "even": tuple(even(len(one)) for one in outcomes.people),
    }
    return Findings(
        figures=tuple(figures(outcomes.clusters, outcomes.people, predictors)),
        tables=(
            _table(outcomes, predictors, is_panel=said.nobody is not None),
            _outcome_table(outcomes, predictors),
        ),
        notes=(
            "Each study counts the same, however many of its outcomes are asked.",
            "An outcome that nobody answered counts as all points equally likely, not as left out.",
            _pooled_note(pooled),
        ),
    )


def _pooled_note(pooled: Pooled) -> str:
    """What the pooled predictor is, and how often it is no more than all points equally likely."""
    n, lacking = len(pooled.is_even), int(pooled.is_even.sum())
    what = "How people answer in general is the mean of the other studies' outcomes with as many points"
    if not lacking:
        return f"{what}; every outcome has one."
    return (
        f"{what}. No other study has one for {lacking} of {count(n, 'outcome')}: there all points count as "
        "equally likely, so that a gain over it is a gain over knowing nothing."
    )


def _by_outcome(
    outcomes: _Outcomes, items: Sequence[str], said: Sequence[Floats | None]
) -> Distributions | None:
    """The versions of each outcome averaged; None if nothing was answered."""
    by_item = dict(zip(items, said, strict=True))
    means: list[Floats | None] = []
    for versions in outcomes.versions:
        there = [one for version in versions if (one := by_item[version]) is not None]
        means.append(np.mean(there, axis=0) if there else None)
    return filled(means, outcomes.people)


def _table(outcomes: _Outcomes, predictors: Mapping[str, Distributions | None], *, is_panel: bool) -> Table:
    labels = {**LABELS, "panel": LABELS["panel"] if is_panel else ALONE}
    rows = [
        (label, *side_by_side(outcomes.clusters, against(one, outcomes.people)))
        for name, label in labels.items()
        if (one := predictors[name]) is not None
    ]
    parted = people_against_people(halves(outcomes.counts))
    rows.append((HALF, *side_by_side(outcomes.clusters, parted)))
    return Table(
        title="Beside the naive predictors, on the same outcomes",
        columns=("Predictor", *COLUMNS),
        rows=tuple(rows),
        note="Ends: share of both end points, less that of people.",
    )


def _outcome_table(outcomes: _Outcomes, predictors: Mapping[str, Distributions | None]) -> Table:
    near = {
        name: None if one is None else against(one, outcomes.people).ks
        for name, one in predictors.items()
        if name in ("panel", "nobody")
    }
    return Table(
        title="KS similarity, outcome by outcome",
        columns=("Study", "Outcome", "People", "The panel", "Without a persona"),
        rows=tuple(
            (
                study,
                outcome,
                f"{outcomes.counts[at].sum():.0f}",
                *("" if one is None else in_form(float(one[at]), "number") for one in near.values()),
            )
            for at, (study, outcome) in enumerate(outcomes.names)
        ),
    )
