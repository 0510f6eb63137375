"""The benchmark `upworthy`: whether the paired form knows which of two headlines people clicked more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field
from scipy import special

from panelsim.errors import InputError
from panelsim.evaluation.finding import Finding, Findings, measured
from panelsim.evaluation.material import Evidence, Material, Trial, session_trial, settings_of
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.choice import first_slot_bias, order_consistency
from panelsim.metrics.forecast import brier, log_loss
from panelsim.metrics.prediction import calibration_curve, calibration_error
from panelsim.model.base import Frozen
from panelsim.model.benchmark import Table
from panelsim.model.plan import PairedAssignment
from panelsim.model.response import ChoiceAnswer
from panelsim.model.study import Stimulus
from panelsim.reporting.figures import in_form
from panelsim.sessions.buyer import Buyer, buyer_of

COLUMNS = ("pair_id", "test_id", "headline_a", "headline_b", "winner")
FOLDS = 10
RIDGE = 1.0
STEPS = 25


class UpworthySettings(Frozen):
    """What the benchmark needs to be told."""

    reader: str = "an ordinary reader of a news and stories site"
    readers: Annotated[int, Field(ge=1, le=64)] = 8
    """The same reader under several ids, so that pairs are asked side by side."""


class _Pairs(NamedTuple):
    """The pairs in the order of the data."""

    stories: tuple[str, ...]
    won: Floats
    """1 where A was clicked more."""
    longer: Floats
    """1 where A is longer in characters, 0 where B is, .5 for a tie."""
    features: Floats
    """(pairs, features): A minus B."""


# ---- asking


def trials(material: Material) -> Iterator[Trial]:
    """Every pair in both orders, of the same reader."""
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


def _reader_names(settings: UpworthySettings) -> list[str]:
    return [f"reader-{at}" for at in range(settings.readers)]


def _reader(name: str, who: str) -> Buyer:
    """A reader with no facts but what the question says of readers."""
    return buyer_of({"id": name, "title": who})


def _checked(rows: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    if not rows:
        raise InputError("benchmark 'upworthy' has no data; expected a CSV file of pairs")
    for number, row in enumerate(rows, start=2):
        lacking = [name for name in COLUMNS if not row.get(name)]
        if lacking or row["winner"] not in ("a", "b"):
            what = f"lacks {lacking}" if lacking else f"has the winner {row['winner']!r}"
            raise InputError(
                f"data of benchmark 'upworthy', line {number} {what}; expected {', '.join(COLUMNS)}"
            )
    return rows


# ---- scoring


def score(evidence: Evidence) -> Findings:
    """Accuracy, Brier and calibration of the panel beside a coin, the longer headline and a text model."""
    rows = _checked(evidence.rows)
    pairs = _pairs(rows)
    first, second = _shares(evidence, rows)
    panel = np.where(np.isnan(first + second), 0.5, (first + second) / 2)
    text = text_model(pairs.features, pairs.won, _folds(pairs.stories))
    there = ~np.isnan(first + second)
    predictions = {"panel": panel, "longer": pairs.longer, "text": text, "coin": np.full(len(rows), 0.5)}
    return Findings(
        figures=(
            *_panel_figures(pairs, panel),
            *_baseline_figures(pairs, predictions),
            *_order_figures(pairs, np.where(there, first, np.nan), np.where(there, second, np.nan)),
        ),
        tables=(_baseline_table(pairs, predictions), _curve_table(panel, pairs.won)),
        notes=(
            "A pair without an answer in both orders counts as a coin's toss, not as left out.",
            "The pairs are those whose difference in clicks is significant at a false discovery rate of 5%.",
        ),
    )


def _pairs(rows: Sequence[Mapping[str, str]]) -> _Pairs:
    lengths = np.array([len(row["headline_a"]) - len(row["headline_b"]) for row in rows])
    return _Pairs(
        stories=tuple(row["test_id"] for row in rows),
        won=np.array([float(row["winner"] == "a") for row in rows]),
        longer=0.5 + 0.5 * np.sign(lengths),
        features=np.array([_features(row["headline_a"]) - _features(row["headline_b"]) for row in rows]),
    )


def _shares(evidence: Evidence, rows: Sequence[Mapping[str, str]]) -> tuple[Floats, Floats]:
    """Share of A shown first, and shown second; NaN where missing."""
    place = {row["pair_id"]: at for at, row in enumerate(rows)}
    shares = np.full((2, len(rows)), np.nan)
    for one in evidence.responses("pairs"):
        if isinstance(one.answer, ChoiceAnswer):
            pair = one.shown[0].rpartition(".")[0]
            is_turned = one.shown[0].endswith(".b")
            shares[int(is_turned), place[pair]] = one.answer.share_of(f"{pair}.a")
    return shares[0], shares[1]


def right(predicted: Floats, won: Floats) -> Floats:
    """1 where the likelier one won, .5 where neither was likelier."""
    leaning = np.sign(np.round(predicted - 0.5, 9))
    marks: Floats = np.where(leaning == 0, 0.5, (leaning > 0) == (won > 0.5))
    return marks


def _by_story(stories: Sequence[str]) -> tuple[tuple[str, ...], list[Ints]]:
    """The stories, and the places of the pairs of each."""
    names = tuple(dict.fromkeys(stories))
    codes = np.array([names.index(one) for one in stories])
    return names, [np.flatnonzero(codes == code) for code in range(len(names))]


def _over_stories(
    pairs: _Pairs, name: str, label: str, values: Floats, method: str, form: str = "share"
) -> Finding:
    """The mean of `values` by pair, stories drawn again."""
    stories, places = _by_story(pairs.stories)

    def mean(drawn: Ints) -> float | None:
        found = values[np.concatenate([places[at] for at in drawn])]
        return None if np.isnan(found).all() else float(np.nanmean(found))

    return measured(
        name, label, stories, mean, unit="stories", method=method,
        form="share" if form == "share" else "signed" if form == "signed" else "number",
    )  # fmt: skip


def _panel_figures(pairs: _Pairs, panel: Floats) -> Iterator[Finding]:
    stories, places = _by_story(pairs.stories)

    def over(statistic: object, drawn: Ints) -> float:
        rows = np.concatenate([places[at] for at in drawn])
        if statistic == "log_loss":
            return float(log_loss(panel[rows], pairs.won[rows]).mean())
        return calibration_error(calibration_curve(panel[rows], pairs.won[rows]))

    yield _over_stories(
        pairs,
        "accuracy",
        "Picks the headline that was clicked more",
        right(panel, pairs.won),
        "both orders averaged",
    )
    yield _over_stories(
        pairs, "brier", "Brier score", brier(panel, pairs.won), "mean (p - y)^2; .25 is a coin", "number"
    )
    for name, label, method in (
        ("log_loss", "Log loss", "nats; .693 is a coin"),
        ("calibration_error", "Distance from calibration", "five groups of equal size"),
    ):
        yield measured(name, label, stories, partial(over, name), unit="stories", method=method)


def _baseline_figures(pairs: _Pairs, predictions: Mapping[str, Floats]) -> Iterator[Finding]:
    for name, label in (
        ("longer", "Gain over the longer headline"),
        ("text", "Gain over a trivial text model"),
    ):
        gain = right(predictions["panel"], pairs.won) - right(predictions[name], pairs.won)
        yield _over_stories(
            pairs, f"gain_over_{name}", label, gain, "difference in accuracy, pair by pair", "signed"
        )


def _order_figures(pairs: _Pairs, first: Floats, second: Floats) -> Iterator[Finding]:
    yield _over_stories(
        pairs, "order_consistency", "Preference that survives a swap", order_consistency(first, second),
        "1 - |a first - a second|",
    )  # fmt: skip
    yield _over_stories(
        pairs,
        "first_slot_bias",
        "Pull of the first slot",
        first_slot_bias(first, second),
        "P(first) - .5",
        "signed",
    )


def _baseline_table(pairs: _Pairs, predictions: Mapping[str, Floats]) -> Table:
    names = {
        "panel": "The panel, both orders",
        "coin": "A coin",
        "longer": "The longer headline",
        "text": "A trivial text model, cross-validated by story",
    }
    rows = []
    for name, label in names.items():
        p, is_sure = predictions[name], name == "longer"
        rows.append(
            (
                label,
                in_form(float(right(p, pairs.won).mean()), "share"),
                "" if is_sure else f"{brier(p, pairs.won).mean():.3f}",
                "" if is_sure else f"{log_loss(p, pairs.won).mean():.3f}",
            )
        )
    return Table(
        title="Beside the naive predictors, on the same pairs",
        columns=("Predictor", "Right", "Brier", "Log loss"),
        rows=tuple(rows),
        note="The longer headline states no probability.",
    )


def _curve_table(panel: Floats, won: Floats) -> Table:
    return Table(
        title="Calibration of the panel",
        columns=("P(A), mean", "A was clicked more", "Pairs"),
        rows=tuple(
            (in_form(one.predicted, "share"), in_form(one.happened, "share"), str(one.n))
            for one in calibration_curve(panel, won)
        ),
    )


# ---- the trivial text model


def _features(text: str) -> Floats:
    """What the text model sees of a headline: length, words, and a few marks of style."""
    words = re.findall(r"[\w']+", text)
    return np.array(
        [
            len(text) / 50,
            len(words) / 10,
            float("?" in text),
            float("!" in text),
            float(bool(re.search(r"\d", text))),
            float(bool(re.search(r"[\"'“‘]", text))),
            float(bool(re.search(r"\b(you|your|you're)\b", text, re.IGNORECASE))),
            float(bool(re.search(r"\b(this|these|here's|what|why|how)\b", text, re.IGNORECASE))),
            sum(map(len, words)) / max(1, len(words)) / 5,
        ]
    )


def _folds(stories: Sequence[str]) -> Ints:
    """The fold of each pair; the pairs of a story stand in one."""
    names = sorted(set(stories))
    return np.array([names.index(one) % FOLDS for one in stories])


def text_model(features: Floats, won: Floats, folds: Ints) -> Floats:
    """P(A) by ridge logistic regression on differences of features, each fold predicted from the others.

    Without an intercept: which headline is called A means nothing.
    """
    predicted = np.full(len(won), 0.5)
    for fold in np.unique(folds):
        held = folds == fold
        scale = features[~held].std(axis=0)
        scale[scale == 0] = 1.0
        weights = _fit(features[~held] / scale, won[~held])
        predicted[held] = special.expit(features[held] / scale @ weights)
    return predicted


def _fit(x: Floats, y: Floats) -> Floats:
    """Ridge logistic regression by Newton's steps."""
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = special.expit(x @ weights)
        slope = x.T @ (y - p) - RIDGE * weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, slope)
    return weights
