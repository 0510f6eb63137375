"""A calibration as a page: what it was made from, predictors side by side, reliability, leaks, the badge."""

from collections.abc import Sequence

from panelsim.model.calibration import Calibration, Evaluation, Figure, PredictorScore, Subset
from panelsim.reporting.calibrated import short_hash
from panelsim.reporting.markdown_tables import Lines, escaped, table
from panelsim.reporting.words import fixed, percent

SUBSETS: tuple[tuple[Subset, str], ...] = (("all", "all"), ("p<.05", "p < .05"), ("FDR 5%", "FDR 5%"))


def render_calibration(calibration: Calibration) -> str:
    """The calibration as Markdown."""
    evaluation, data = calibration.evaluation, calibration.data
    period = f", {data.first_date} to {data.last_date}" if data.first_date else ""
    lines = [
        f"# Calibration {short_hash(calibration.key)}: {escaped(data.channel)}",
        "",
        f"**{_badge(evaluation)}**",
        "",
        f"{data.tests:,} past tests ({evaluation.leakage.groups:,} independent), {data.variants:,} texts, "
        f"{data.pairs:,} pairs, {data.shown:,} impressions, {data.acted:,} {data.outcome}{period}. "
        f"From {escaped(data.file)}, SHA-256 {data.sha256[:12]}. Made {calibration.created} with panelsim "
        f"{calibration.panelsim_version}, seed {calibration.seed}"
        + (f", sentence model `{calibration.embedding_model}`." if calibration.embedding_model else "."),
    ]
    if data.left_out:
        left = "; ".join(f"{count:,} {why}" for why, count in data.left_out)
        lines += ["", f"Left out: {left}."]
    lines += _predictors(evaluation)
    lines += _panel(evaluation)
    lines += _reliability(evaluation)
    lines += _leakage(evaluation)
    return "\n".join(lines) + "\n"


def _badge(evaluation: Evaluation) -> str:
    badge = evaluation.badge
    if not badge.given:
        return f"No badge: {badge.reason}."
    return (
        f"Badge: {badge.reason}; log loss {_gap(badge.gain)} below that of the best naive baseline "
        f"({badge.best_baseline})."
    )


def _gap(figure: Figure) -> str:
    return f"{fixed(figure.value, 4)} ({fixed(figure.low, 4)} to {fixed(figure.high, 4)})"


def _span(figure: Figure, places: int = 3) -> str:
    if figure.low == figure.high:
        return fixed(figure.value, places)
    return f"{fixed(figure.value, places)} ({fixed(figure.low, places)}–{fixed(figure.high, places)})"


def _predictors(evaluation: Evaluation) -> Lines:
    sizes = evaluation.predictors[0]
    heads = [f"right, {label} ({_pairs(sizes, subset)})" for subset, label in SUBSETS if sizes.on(subset)]
    columns = ["predictor", *heads, "AUC", "Brier", "log loss"]
    return [
        "",
        "## Every predictor on tests it has not seen",
        "",
        *table(columns, [_row(one) for one in evaluation.predictors], len(columns)),
        "",
        (
            f"Cross-validation in {evaluation.leakage.folds} folds of whole groups of tests; penalties and "
            "scales are chosen inside the training folds. Intervals of "
            f"{percent(evaluation.confidence)} from groups drawn again. AUC, Brier and log loss are over all "
            "pairs; the winner is the text with the higher observed rate, which is partly chance."
        ),
    ]


def _pairs(score: PredictorScore, subset: Subset) -> str:
    found = score.on(subset)
    return f"{found.pairs:,}" if found else "0"


def _row(score: PredictorScore) -> list[str]:
    overall = score.subsets[0]
    name = f"{score.label} (baseline)" if score.is_baseline else score.label
    accuracy = [_span(found.accuracy) for subset, _ in SUBSETS if (found := score.on(subset))]
    return [
        name,
        *accuracy,
        _span(overall.auc),
        fixed(overall.brier.value, 4),
        fixed(overall.log_loss.value, 4),
    ]


def _panel(evaluation: Evaluation) -> Lines:
    panel = evaluation.panel
    if panel is None:
        return [
            "",
            "The panel was not asked: this calibration reads texts alone and says nothing of a panel.",
        ]
    rows = [_row(one) for one in (panel.without, panel.alone, panel.together)]
    columns = ["predictor"]
    columns += [f"right, {label}" for subset, label in SUBSETS if panel.without.on(subset)]
    columns += ["AUC", "Brier", "log loss"]
    return [
        "",
        "## What the panel's answers add",
        "",
        *table(columns, rows, len(columns)),
        "",
        (
            f"On the {panel.tests:,} tests ({panel.pairs:,} pairs) that the panel answered. With its answers "
            f"the log loss falls by {_gap(panel.gain)}"
            + ("." if panel.gain.low > 0 else ": no gain that this many tests can show.")
        ),
    ]


def _reliability(evaluation: Evaluation) -> Lines:
    rows: Sequence[Sequence[str]] = [
        [
            f"{percent(one.low)}–{percent(one.high)}",
            f"{one.pairs:,}",
            percent(one.predicted),
            f"{percent(one.observed.value)} ({percent(one.observed.low)}–{percent(one.observed.high)})",
        ]
        for one in evaluation.reliability
    ]
    inside = ", ".join(
        f"{percent(one.observed.value)} ({percent(one.observed.low)}–{percent(one.observed.high)}) for "
        f"{percent(one.stated)}"
        for one in evaluation.coverage
    )
    return [
        "",
        "## Are the probabilities true?",
        "",
        *table(["said of the likelier text", "pairs", "mean said", "won"], rows, 4),
        "",
        (
            f"Mean distance {fixed(evaluation.calibration_error, 3)}. Intervals of the difference held the "
            f"observed one in {inside}. True differences between texts of one test have an SD of "
            f"{fixed(evaluation.spread)} in log odds, noise taken off."
        ),
    ]


def _leakage(evaluation: Evaluation) -> Lines:
    checks = evaluation.leakage
    verdict = "passed" if checks.passed else "FAILED"
    return [
        "",
        "## Does anything leak?",
        "",
        f"- Groups of tests on both sides of a fold: {checks.groups_in_both}.",
        f"- Texts that stand in more than one test: {checks.duplicate_texts:,}; their tests share a group.",
        (
            f"- Outcomes exchanged at random inside each test: AUC {_span(checks.permuted)}, expected no "
            f"more than .5 within its 99% interval: {verdict}."
        ),
    ]
