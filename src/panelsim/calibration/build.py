"""Building a calibration: predictors side by side on tests they have not seen, badge and coefficients."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from panelsim.calibration.crossval import Columns, Forecast, cross_fit, fit_on
from panelsim.calibration.pairs import Pairs, duplicate_texts, exchanged, pairs_of
from panelsim.calibration.panel import PanelColumns, cross_fit_stacked, fit_stacked
from panelsim.calibration.ridge import Folds, fit_scale, folds_of
from panelsim.calibration.scoring import BASELINES, CONFIDENCE, Scorer, calibration_error
from panelsim.calibration.surface import FEATURES, surface_features
from panelsim.calibration.tfidf import cross_fit_longer, cross_fit_tfidf
from panelsim.errors import InputError
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.forecast import pair_auc
from panelsim.model.calibration import (
    Badge,
    Coefficients,
    Evaluation,
    Figure,
    LeakageChecks,
    PanelShare,
    PastResults,
    PredictorName,
)

FOLDS = 10
MIN_TESTS = 50
"""Fewer independent tests earn no badge, however good they look: of 50 a coin gets .36 to .64 right."""
MIN_TO_FIT = 20
"""Fewer groups of tests (or answered ones, for a panel) are not fitted at all."""
PERMUTATIONS = 5
PERMUTED_CONFIDENCE = 0.99
DECIMALS = 6
"""Of the coefficients: more would differ between machines."""


@dataclass(frozen=True)
class Evidence:
    """What a calibration is built from."""

    results: PastResults
    pairs: Pairs
    vectors: Floats | None
    """(texts of `pairs`, dimensions); absent without a sentence model."""
    panel: PanelColumns | None
    seed: int

    @property
    def columns(self) -> Columns:
        """Surface features and the vector of each text."""
        surface = surface_features(self.pairs.texts)
        values = surface if self.vectors is None else np.hstack([surface, self.vectors])
        return Columns(values, surface.shape[1])

    @property
    def surface(self) -> Columns:
        """Surface features alone."""
        surface = surface_features(self.pairs.texts)
        return Columns(surface, surface.shape[1])

    @property
    def folds(self) -> Folds:
        """The folds that every predictor shares."""
        return folds_of(self.pairs.group, FOLDS, np.random.Generator(np.random.PCG64([self.seed, 1])))


def check_enough(results: PastResults, pairs: Pairs) -> None:
    """InputError if there is too little to fit anything on."""
    if pairs.groups < MIN_TO_FIT:
        raise InputError(
            f"{results.name}: {len(results.tests)} usable tests in {pairs.groups} groups, expected at least "
            f"{MIN_TO_FIT} groups; tests that share a text or a group count as one"
        )


def calibrate(evidence: Evidence) -> tuple[Evaluation, Coefficients]:
    """The evaluation by cross-validation, and the coefficients fitted on everything.

    InputError if there are too few tests, or too few that the panel answered.
    """
    check_enough(evidence.results, evidence.pairs)
    tables = _cross_validated(evidence)
    return _evaluation(evidence, tables), coefficients_of(evidence)


class _Tables(NamedTuple):
    """Probabilities of every predictor for every pair, and the forecasts that intervals need."""

    p: dict[PredictorName, Floats]
    text: Forecast
    together: Forecast | None


def _cross_validated(evidence: Evidence) -> _Tables:
    pairs, folds = evidence.pairs, evidence.folds
    text, inner = cross_fit(evidence.columns, pairs, folds)
    p: dict[PredictorName, Floats] = {
        "coin": np.full(len(pairs), 0.5),
        "longer": cross_fit_longer(pairs, folds),
        "tfidf": cross_fit_tfidf(pairs, folds),
    }
    if evidence.vectors is not None:
        p["surface"] = cross_fit(evidence.surface, pairs, folds)[0].observed_p(pairs.variance)
    p[_text_name(evidence)] = text.observed_p(pairs.variance)
    if evidence.panel is None:
        return _Tables(p, text, None)
    answered = len(np.unique(pairs.test[evidence.panel.answered]))
    if answered < MIN_TO_FIT:
        raise InputError(
            f"the panel answered {answered} tests in full, expected at least {MIN_TO_FIT} to learn from"
        )
    alone = cross_fit_stacked(evidence.panel, pairs, folds, None, ())
    together = cross_fit_stacked(evidence.panel, pairs, folds, text, inner)
    p["panel"] = alone.observed_p(pairs.variance)
    p["text+panel"] = together.observed_p(pairs.variance)
    return _Tables(p, text, together)


def _text_name(evidence: Evidence) -> PredictorName:
    return "surface" if evidence.vectors is None else "text"


def _evaluation(evidence: Evidence, tables: _Tables) -> Evaluation:
    pairs, panel = evidence.pairs, evidence.panel
    everything = np.ones(len(pairs), dtype=np.bool_)
    rows = everything if panel is None else panel.answered
    final = "text+panel" if panel is not None else _text_name(evidence)
    scorer = Scorer(pairs, everything, evidence.seed)
    checked = Scorer(pairs, rows, evidence.seed)
    forecast = tables.together or tables.text
    reliability = checked.reliability(tables.p[final])
    leakage = leakage_checks(evidence)
    return Evaluation(
        tests=len(evidence.results.tests),
        pairs=len(pairs),
        confidence=CONFIDENCE,
        spread=round(fit_scale(np.zeros(len(pairs)), pairs.gap, pairs.variance, pairs.weight).spread, 6),
        predictors=tuple(
            scorer.score(name, p) for name, p in tables.p.items() if name not in ("panel", "text+panel")
        ),
        reliability=reliability,
        calibration_error=round(calibration_error(reliability), DECIMALS),
        coverage=checked.coverage(forecast.mean, forecast.spread),
        panel=None if panel is None else _panel_share(checked, rows, tables, _text_name(evidence)),
        leakage=leakage,
        badge=badge_of(checked, tables.p, final, leakage),
    )


def _panel_share(scorer: Scorer, rows: Flags, tables: _Tables, text: PredictorName) -> PanelShare:
    return PanelShare(
        tests=len(np.unique(scorer.pairs.test[rows])),
        pairs=int(rows.sum()),
        without=scorer.score(text, tables.p[text]),
        alone=scorer.score("panel", tables.p["panel"]),
        together=scorer.score("text+panel", tables.p["text+panel"]),
        gain=scorer.gain(tables.p[text], tables.p["text+panel"]),
    )


def badge_of(
    scorer: Scorer, p: dict[PredictorName, Floats], final: PredictorName, leakage: LeakageChecks
) -> Badge:
    """A badge for at least MIN_TESTS groups of tests, no leak, and a gain over the best baseline clear of 0.

    The best baseline is the one of the lowest log loss on the same pairs; the gain's interval is drawn over
    groups of tests.
    """
    tests, groups = (len(np.unique(of[scorer.rows])) for of in (scorer.pairs.test, scorer.pairs.group))
    losses = {name: -scorer.gain(p["coin"], p[name]).value for name in BASELINES}
    best = min(losses, key=lambda name: losses[name])
    gain = scorer.gain(p[best], p[final])
    refusal = _refusal(groups, leakage, best, gain)
    apart = "" if groups == tests else f" ({groups:,} of them independent)"
    return Badge(
        given=not refusal,
        reason=refusal or f"checked on {tests:,} past tests{apart}",
        min_tests=MIN_TESTS,
        best_baseline=best,
        gain=gain,
    )


def _refusal(groups: int, leakage: LeakageChecks, best: PredictorName, gain: Figure) -> str:
    """Why there is no badge; empty if there is nothing against it."""
    if groups < MIN_TESTS:
        return f"{groups} independent past tests are fewer than the {MIN_TESTS} that a badge needs"
    if not leakage.passed:
        return "exchanged outcomes could be predicted, so something leaks between training and testing"
    if gain.low <= 0:
        return (
            f"it does not beat the best naive baseline ({best}) by more than its interval: log loss lower by "
            f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
        )
    return ""


def leakage_checks(evidence: Evidence) -> LeakageChecks:
    """Counts groups on both sides of a fold, and tries to predict outcomes that were exchanged at random."""
    tests, folds = evidence.results.tests, evidence.folds
    return LeakageChecks(
        folds=folds.n,
        groups=evidence.pairs.groups,
        duplicate_texts=duplicate_texts(tests),
        groups_in_both=groups_in_both(evidence.pairs, folds),
        permuted=permuted_auc(evidence),
    )


def permuted_auc(evidence: Evidence) -> Figure:
    """Mean AUC over PERMUTATIONS exchanges of outcomes inside tests, with Student's interval of the mean.

    Without a leak it is .5 or a little less: what a fold holds was taken from the others, so chance effects
    turn round in it.
    """
    rng = np.random.Generator(np.random.PCG64([evidence.seed, 2]))
    found = []
    for _ in range(PERMUTATIONS):
        null = pairs_of(exchanged(evidence.results.tests, rng))
        raw = cross_fit(evidence.columns, null, evidence.folds)[0].raw
        found.append(pair_auc(1 / (1 + np.exp(-raw)), null.won))
    mean = float(np.mean(found))
    freedom = PERMUTATIONS - 1
    reach = float(special.stdtrit(freedom, (1 + PERMUTED_CONFIDENCE) / 2) * np.std(found, ddof=1))
    width = reach / PERMUTATIONS**0.5
    return Figure(
        value=round(mean, DECIMALS),
        low=round(max(0.0, mean - width), DECIMALS),
        high=round(min(1.0, mean + width), DECIMALS),
    )


def groups_in_both(pairs: Pairs, folds: Folds) -> int:
    """Groups of which some pairs are in one fold and some in another."""
    met = np.unique(np.column_stack([pairs.group, folds.of]), axis=0)
    return len(met) - len(np.unique(pairs.group))


def coefficients_of(evidence: Evidence) -> Coefficients:
    """The coefficients of a fit on all tests, scaled by predictions that each fold did not see."""
    pairs, folds, columns = evidence.pairs, evidence.folds, evidence.columns
    training = list(range(folds.n))
    fitted = fit_on(columns, pairs, folds, training)
    text, spread = fitted.scale.slope * fitted.weights, fitted.scale.spread
    panel: tuple[tuple[str, float], ...] = ()
    if evidence.panel is not None:
        answered = evidence.panel.answered
        stacked = fit_stacked(
            np.column_stack([fitted.inner, evidence.panel.values]),
            pairs,
            answered,
            [(folds.of == fold) & answered for fold in training],
        )
        shares = stacked.scale.slope * stacked.weights
        text, spread = shares[0] * fitted.weights, stacked.scale.spread
        panel = tuple(zip(evidence.panel.names, _rounded(shares[1:]), strict=True))
    return Coefficients(
        surface=tuple(zip(FEATURES, _rounded(text[: columns.surface]), strict=True)),
        embedding=_rounded(text[columns.surface :]),
        panel=panel,
        spread=round(spread, DECIMALS),
    )


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), DECIMALS) + 0.0 for value in values)
