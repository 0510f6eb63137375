"""The benchmark `upworthy`: whether the paired form knows which of two headlines people clicked more."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from panelsim.errors import InputError
from panelsim.evaluation.finding import Finding, Findings
from panelsim.evaluation.material import Evidence, Material, Trial, session_trial, settings_of
from panelsim.evaluation.upworthy_memory import (
    MemorySettings,
    memory_figures,
    memory_table,
    memory_trials,
    recited_of,
)
from panelsim.evaluation.upworthy_splits import (
    COUNTS,
    SPLITS,
    Predicted,
    ceilings_of,
    curve_table,
    over_stories,
    places_of,
    predictors_table,
    split_figures,
)
from panelsim.evaluation.upworthy_text import features_of, story_folds, text_model
from panelsim.metrics.arrays import Floats
from panelsim.metrics.choice import first_slot_bias, order_consistency
from panelsim.model.base import Frozen
from panelsim.model.plan import PairedAssignment
from panelsim.model.response import ChoiceAnswer
from panelsim.model.study import Stimulus
from panelsim.sessions.buyer import Buyer, buyer_of

COLUMNS = ("pair_id", "test_id", "headline_a", "headline_b", "winner")


class UpworthySettings(Frozen):
    """What the benchmark needs to be told."""

    reader: str = "an ordinary reader of a news and stories site"
    readers: Annotated[int, Field(ge=1, le=64)] = 8
    """The same reader under several ids, so that pairs are asked side by side."""
    memory: MemorySettings | None = None
    """Which headlines are asked to be recited; absent: none."""


# ---- asking


def trials(material: Material) -> Iterator[Trial]:
    """Every pair in both orders, of the same reader; then headlines to recite."""
    settings = settings_of(material.benchmark, UpworthySettings)
    rows = _checked(material.rows)
    texts = {f"{row['pair_id']}.{side}": row[f"headline_{side}"] for row in rows for side in "ab"}
    buyers = {name: _reader(name, settings.reader) for name in _reader_names(settings)}
    scene = material.scene((Stimulus(id=name, text=text) for name, text in texts.items()), buyers=buyers)
    names = list(buyers)
    for at, row in sorted(enumerate(rows), key=lambda pair: pair[0] % len(names)):
        pair = (f"{row['pair_id']}.a", f"{row['pair_id']}.b")
        for first, second in (pair, pair[::-1]):
            assignment = PairedAssignment(
                respondent=names[at % len(names)], first=first, second=second, wording=0
            )
            yield session_trial("pairs", assignment, scene)
    if settings.memory is not None:
        yield from memory_trials(material, settings.memory, settings.readers)


def _reader_names(settings: UpworthySettings) -> list[str]:
    return [f"reader-{at}" for at in range(settings.readers)]


def _reader(name: str, who: str) -> Buyer:
    """A reader with no facts but what the question says of readers."""
    return buyer_of({"id": name, "title": who})


def _checked(rows: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    if not rows:
        raise InputError("benchmark 'upworthy' has no data; expected a CSV file of pairs")
    for number, row in enumerate(rows, start=2):
        wrong = _wrong_with(row)
        if wrong is not None:
            raise InputError(f"data of benchmark 'upworthy', line {number} {wrong}")
    return rows


def _wrong_with(row: Mapping[str, str]) -> str | None:
    """What is wrong with a row, and what was expected; None if nothing is."""
    lacking = [name for name in COLUMNS if not row.get(name)]
    if lacking or row["winner"] not in ("a", "b"):
        what = f"lacks {lacking}" if lacking else f"has the winner {row['winner']!r}"
        return f"{what}; expected {', '.join(COLUMNS)}"
    known = [split.name for split in SPLITS]
    splits = row.get("splits", known[0]).split()
    if not splits or not set(splits) <= set(known):
        return f"has the splits {row.get('splits')!r}; expected some of {', '.join(known)}"
    if row["headline_a"] == row["headline_b"]:
        return "has one headline twice; expected two"
    counts = {name: row[name] for name in COUNTS if row.get(name)}
    odd = [name for name, text in counts.items() if not text.isdecimal()]
    odd += [name for name in ("imp_a", "imp_b") if name in counts and name not in odd and not int(row[name])]
    if odd:
        return f"has {odd[0]} {row[odd[0]]!r}; expected a whole number, impressions above 0"
    return None


# ---- scoring


def score(evidence: Evidence) -> Findings:
    """Accuracy, Brier and calibration of the panel per split beside naive predictors; order; memory."""
    rows = _checked(evidence.rows)
    settings = settings_of(evidence.benchmark, UpworthySettings)
    first, second = _shares(evidence, rows)
    pairs = _predicted(rows, first, second)
    places = [(split, places_of(rows, split)) for split in SPLITS]
    splits = [(split, pairs.at(at)) for split, at in places if len(at)]
    recited = None if settings.memory is None else recited_of(evidence, rows, settings.memory)
    return Findings(
        figures=(
            *(figure for split, found in splits for figure in split_figures(split, found)),
            *_order_figures(pairs.stories, first, second),
            *(() if settings.memory is None else memory_figures(recited)),
        ),
        tables=(
            predictors_table(splits, ceilings_of(rows)),
            *(curve_table(split, found) for split, found in splits),
            *(() if recited is None else (memory_table(recited),)),
        ),
        notes=(
            "A pair without an answer in both orders counts as a coin's toss, not as left out.",
            "Each split is a draw of its own, one pair for each story.",
            "Most differences are noise in the clicks: the ceiling is what the truth itself has right.",
        ),
    )


def _predicted(rows: Sequence[Mapping[str, str]], first: Floats, second: Floats) -> Predicted:
    """What every predictor says of each pair; the text model learns from clear pairs of other stories."""
    stories = tuple(row.get("story_id") or row["test_id"] for row in rows)
    won = np.array([float(row["winner"] == "a") for row in rows])
    lengths = np.array([len(row["headline_a"]) - len(row["headline_b"]) for row in rows])
    clear = np.isin(np.arange(len(rows)), [at for split in SPLITS[:-1] for at in places_of(rows, split)])
    features = np.array([features_of(row["headline_a"]) - features_of(row["headline_b"]) for row in rows])
    return Predicted(
        stories,
        won,
        {
            "panel": _averaged(first, second),
            "coin": np.full(len(rows), 0.5),
            "longer": 0.5 + 0.5 * np.sign(lengths),
            "text": text_model(features, won, story_folds(stories), clear),
        },
    )


def _shares(evidence: Evidence, rows: Sequence[Mapping[str, str]]) -> tuple[Floats, Floats]:
    """Share of A shown first, and shown second; NaN in both where one is missing."""
    place = {row["pair_id"]: at for at, row in enumerate(rows)}
    shares = np.full((2, len(rows)), np.nan)
    for one in evidence.responses("pairs"):
        if isinstance(one.answer, ChoiceAnswer):
            pair = one.shown[0].rpartition(".")[0]
            is_turned = one.shown[0].endswith(".b")
            shares[int(is_turned), place[pair]] = one.answer.share_of(f"{pair}.a")
    shares[:, np.isnan(shares).any(axis=0)] = np.nan
    return shares[0], shares[1]


def preferences(evidence: Evidence) -> Floats:
    """The panel's share of A over both orders, in the order of the rows; .5 where an answer is missing."""
    first, second = _shares(evidence, _checked(evidence.rows))
    return _averaged(first, second)


def _averaged(first: Floats, second: Floats) -> Floats:
    shares: Floats = np.where(np.isnan(first + second), 0.5, (first + second) / 2)
    return shares


def _order_figures(stories: Sequence[str], first: Floats, second: Floats) -> Iterator[Finding]:
    yield over_stories(
        stories, "order_consistency", "Preference that survives a swap", order_consistency(first, second),
        "1 - |a first - a second|",
    )  # fmt: skip
    yield over_stories(
        stories, "first_slot_bias", "Pull of the first slot", first_slot_bias(first, second),
        "P(first) - .5", "signed",
    )  # fmt: skip
