"""The baseline to beat: logistic regression on the words of two texts, TF-IDF weighted."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import optimize, sparse, special

from panelsim.calibration.crossval import parts_of
from panelsim.calibration.pairs import Pairs
from panelsim.calibration.ridge import Folds
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.forecast import log_loss

_WORD = re.compile(r"\b\w\w+\b")
MIN_TEXTS = 2
"""Training texts that must hold a word or a pair of words for it to count."""
STRENGTHS = (0.03, 0.1, 0.3, 1.0)
"""Inverse penalties to choose from."""


def word_counts(texts: Sequence[str]) -> sparse.csr_array:
    """(texts, words and pairs of words): how often each stands in each text, lower case."""
    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        words = _WORD.findall(text.lower())
        for gram in (*words, *(f"{one} {two}" for one, two in pairwise(words))):
            rows.append(row)
            columns.append(vocabulary.setdefault(gram, len(vocabulary)))
    shape = (len(texts), max(1, len(vocabulary)))
    ones = np.ones(len(rows))
    return sparse.coo_array((ones, (rows, columns)), shape=shape).tocsr()


def tfidf(counts: sparse.csr_array, training: Flags) -> sparse.csr_array:
    """(1 + ln tf) (ln((1 + n) / (1 + df)) + 1), rows brought to length 1 (Salton & Buckley 1988).

    Document frequencies are those of the `training` texts; what fewer than MIN_TEXTS hold is left out.
    """
    held = np.asarray((counts[training] > 0).sum(axis=0)).ravel()
    kept = held >= MIN_TEXTS
    if not kept.any():
        return sparse.csr_array((counts.shape[0], 1))
    idf = np.log((1 + int(training.sum())) / (1 + held[kept])) + 1
    weighted = sparse.csr_array(counts[:, np.flatnonzero(kept)])
    weighted.data = 1 + np.log(weighted.data)
    weighted = sparse.csr_array(weighted.multiply(idf[None, :]))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_array(sparse.diags_array(inverse) @ weighted)


def fit_logistic(differences: sparse.csr_array, won: Floats, strength: float) -> Floats:
    """Weights that minimise the log loss plus |w|^2 / (2 strength), without an intercept."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = differences @ weights
        gradient = differences.T @ (special.expit(score) - won) + weights / strength
        value = np.logaddexp(0, score).sum() - won @ score + weights @ weights / (2 * strength)
        return float(value), gradient

    found = optimize.minimize(loss, np.zeros(differences.shape[1]), jac=True, method="L-BFGS-B")
    weights: Floats = np.asarray(found.x, dtype=np.float64)
    return weights


def cross_fit_tfidf(pairs: Pairs, folds: Folds) -> Floats:
    """P(a wins) of every pair by the fit on all other folds; the penalty is chosen inside them."""
    counts = word_counts(pairs.texts)
    p = np.full(len(pairs), 0.5)
    for fold in range(folds.n):
        training = [other for other in range(folds.n) if other != fold]
        losses = {
            strength: sum(
                _loss(counts, pairs, folds, training, part, strength) for part in parts_of(training)
            )
            for strength in STRENGTHS
        }
        best = min(losses, key=lambda strength: losses[strength])
        rows = folds.of == fold
        p[rows] = _predicted(counts, pairs, np.isin(folds.of, training), rows, best)
    return p


def _loss(
    counts: sparse.csr_array,
    pairs: Pairs,
    folds: Folds,
    training: Sequence[int],
    part: Sequence[int],
    strength: float,
) -> float:
    held_out = np.isin(folds.of, part)
    seen = np.isin(folds.of, training) & ~held_out
    return float(log_loss(_predicted(counts, pairs, seen, held_out, strength), pairs.won[held_out]).sum())


def _predicted(counts: sparse.csr_array, pairs: Pairs, seen: Flags, rows: Flags, strength: float) -> Floats:
    if not seen.any():
        return np.full(int(rows.sum()), 0.5)
    known = np.zeros(len(pairs.texts), dtype=np.bool_)
    known[pairs.a[seen]] = known[pairs.b[seen]] = True
    values = tfidf(counts, known)
    weights = fit_logistic(
        sparse.csr_array(values[pairs.a[seen]] - values[pairs.b[seen]]), pairs.won[seen], strength
    )
    p: Floats = np.asarray(
        special.expit((values[pairs.a[rows]] - values[pairs.b[rows]]) @ weights), dtype=np.float64
    )
    return p


def cross_fit_longer(pairs: Pairs, folds: Folds) -> Floats:
    """P(a wins) if a is longer, in characters: how often the longer text won in the other folds.

    One half for equal lengths. One win and one loss are added to the count, so that no share is 0 or 1.
    """
    lengths = np.array([len(text) for text in pairs.texts])
    side = np.sign(lengths[pairs.a] - lengths[pairs.b])
    longer_won = np.where(side > 0, pairs.won, 1 - pairs.won)
    p = np.full(len(pairs), 0.5)
    for fold in range(folds.n):
        seen, rows = (folds.of != fold) & (side != 0), folds.of == fold
        share = (1 + float(longer_won[seen].sum())) / (2 + int(seen.sum()))
        p[rows] = 0.5 + side[rows] * (share - 0.5)
    return p
