"""The trivial text model beside the panel in `upworthy`: a few marks of style, cross-validated by story."""

import re
from collections.abc import Sequence

import numpy as np
from scipy import special

from panelsim.metrics.arrays import Flags, Floats, Ints

FOLDS = 10
RIDGE = 1.0
STEPS = 25


def features_of(text: str) -> Floats:
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


def story_folds(stories: Sequence[str]) -> Ints:
    """The fold of each pair; the pairs of a story stand in one."""
    names = sorted(set(stories))
    return np.array([names.index(one) % FOLDS for one in stories])


def text_model(features: Floats, won: Floats, folds: Ints, clear: Flags) -> Floats:
    """P(A) by ridge logistic regression on differences of features, each fold predicted from the others.

    It learns from the `clear` pairs alone: who won the others is mostly noise. Without an intercept: which
    headline is called A means nothing.
    """
    predicted = np.full(len(won), 0.5)
    for fold in np.unique(folds):
        held = folds == fold
        seen = ~held & clear
        if not seen.any():
            continue
        scale = features[seen].std(axis=0)
        scale[scale == 0] = 1.0
        weights = _fit(features[seen] / scale, won[seen])
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
