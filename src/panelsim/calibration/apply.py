"""Applying a calibration to a later study: where it holds, and what it says of each pair of variants."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from panelsim.calibration.surface import FEATURES, surface_features
from panelsim.errors import InputError
from panelsim.metrics.arrays import Floats
from panelsim.metrics.forecast import normal_p
from panelsim.model.analysis import Analysis
from panelsim.model.calibration import (
    AppliedCalibration,
    Calibration,
    PairProbability,
    PanelFacts,
    PredictorName,
)
from panelsim.model.plan import PREFERENCE
from panelsim.model.study import MessageTest

DECIMALS = 4


def text_scores(calibration: Calibration, texts: Sequence[str], vectors: Sequence[Sequence[float]]) -> Floats:
    """The score of each text, in log odds up to a constant; `vectors` is empty if none is needed."""
    weights = dict(calibration.coefficients.surface)
    scores: Floats = surface_features(texts) @ np.array([weights[name] for name in FEATURES])
    embedding = calibration.coefficients.embedding
    if embedding:
        scores = scores + np.asarray(vectors, dtype=np.float64) @ np.asarray(embedding)
    return scores


def probability(calibration: Calibration, gap: float) -> float:
    """P(a really beats b), where `gap` is the difference that is predicted, in log odds."""
    spread = calibration.coefficients.spread
    return float(normal_p(np.array([gap]), np.array([spread**2]))[0])


def check_fits(calibration: Calibration, channel: str, asked: PanelFacts | None) -> None:
    """InputError if the calibration does not hold for a study: of another channel, model or way of asking.

    `asked` is how the study's panel is asked; a calibration that reads texts alone does not depend on it.
    """
    key = short_key(calibration)
    made = calibration.data.channel
    if plain_channel(channel) != plain_channel(made):
        raise InputError(
            f"calibration {key} was made from past tests of the channel {made!r}; found the channel "
            f"{channel!r}, expected the same one: what wins in one place need not win in another"
        )
    if calibration.panel is None or asked is None:
        return
    for what, then, now in (
        ("model", calibration.panel.model, asked.model),
        ("elicitation", calibration.panel.elicit, asked.elicit),
        ("frame", calibration.panel.frame, asked.frame),
        ("panel", calibration.panel.panel_key, asked.panel_key),
    ):
        if then != now:
            raise InputError(
                f"calibration {key} was made with the {what} {then!r}; found {now!r}, expected the same one: "
                "answers asked in another way were never compared with its tests"
            )
    changed = sorted(set(calibration.panel.prompts) - set(asked.prompts))
    if changed:
        raise InputError(
            f"calibration {key} was made with another version of the prompt {changed[0][0]!r}; expected the "
            "same one: make the calibration again with `panelsim calibrate`"
        )
    missing = [name for name in calibration.panel.features if name not in asked.features]
    if missing:
        raise InputError(
            f"calibration {key} reads the panel's answers on {missing[0]!r}, which this study does not ask"
        )


def plain_channel(channel: str) -> str:
    """A channel's name without case and spare blanks."""
    return " ".join(channel.casefold().split())


def short_key(calibration: Calibration) -> str:
    """The first twelve digits of the content hash."""
    return calibration.key.rpartition(":")[2][:12]


def apply_calibration(
    calibration: Calibration,
    study: MessageTest,
    analysis: Analysis,
    vectors: Mapping[str, Sequence[float]] | None,
) -> AppliedCalibration:
    """What the calibration says of every pair of variants, likelier first; or why it says nothing.

    `vectors` holds the sentence vector of each text; None if they are not at hand.
    """
    badge = calibration.evaluation.badge
    panel = calibration.evaluation.panel
    row = panel.together if panel is not None else calibration.evaluation.row(_text_name(calibration))
    overall = row.subsets[0]
    reason = "" if badge.given else badge.reason
    if not reason and vectors is None and calibration.coefficients.embedding:
        reason = f"the vectors of these texts by {calibration.embedding_model} are not in the store"
    pairs = () if reason else _pairs(calibration, study, analysis, vectors or {})
    if pairs is None:
        reason, pairs = "the panel's answers that it reads are missing", ()
    return AppliedCalibration(
        key=calibration.key,
        channel=calibration.data.channel,
        tests=panel.tests if panel is not None else calibration.evaluation.tests,
        badge=badge.given,
        uses_panel=calibration.panel is not None,
        auc=overall.auc,
        pairs=pairs,
        reason=reason,
    )


def _text_name(calibration: Calibration) -> PredictorName:
    return "text" if calibration.coefficients.embedding else "surface"


def _pairs(
    calibration: Calibration,
    study: MessageTest,
    analysis: Analysis,
    vectors: Mapping[str, Sequence[float]],
) -> tuple[PairProbability, ...] | None:
    """None if an answer of the panel that the calibration reads is missing."""
    variants = [stimulus for stimulus in study.stimuli if stimulus.role == "variant"]
    texts = [stimulus.text for stimulus in variants]
    scores = text_scores(calibration, texts, [vectors[text] for text in texts] if vectors else [])
    found = []
    for one, other in combinations(range(len(variants)), 2):
        first, second = variants[one].id, variants[other].id
        gap = float(scores[one] - scores[other])
        for feature, weight in calibration.coefficients.panel:
            said = panel_gap(analysis, feature, first, second)
            if said is None:
                return None
            gap += weight * said
        if gap < 0:
            first, second, gap = second, first, -gap
        p = round(probability(calibration, gap), DECIMALS)
        found.append(PairProbability(first=first, second=second, probability=p))
    return tuple(found)


def panel_gap(analysis: Analysis, feature: str, first: str, second: str) -> float | None:
    """What the panel said of two variants: mean rating of the first less that of the second.

    For `preference`, the first one's win share in pairs less one half. None if either is missing.
    """
    if feature == PREFERENCE:
        for pair in analysis.preference.pairs if analysis.preference else ():
            if pair.win_share is not None and {pair.first, pair.second} == {first, second}:
                gap = pair.win_share.value - 0.5
                return gap if pair.first == first else -gap
        return None
    means = {cell.stimulus: cell.estimate for cell in analysis.cells if cell.measure == feature}
    one, other = means.get(first), means.get(second)
    return None if one is None or other is None else one.value - other.value
