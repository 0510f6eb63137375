"""Controls: what the run must find if its figures are to be believed, and what it found."""

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from panelsim.analysis import words
from panelsim.analysis.contrasts import pair_of
from panelsim.analysis.scene import (
    SCALE_GAP,
    SHARE,
    Differences,
    Scene,
    difference,
    mean_over,
    share_for,
)
from panelsim.metrics import bootstrap
from panelsim.model.analysis import Control, ControlName, ControlState, Estimate
from panelsim.model.study import Stimulus

EXPECTED: dict[ControlName, str] = {
    "duplicate": "A text and its own copy, asked in another wording, get the same rating.",
    "decoy": "A deliberately weak text is rated below the variants and loses its pair.",
    "shuffled": "A variant with its words shuffled is rated below the variant.",
    "anti_icp": "Buyers the offer is not made for rate the variants below the target buyers.",
}


class Finding(NamedTuple):
    """One comparison of a control: whether it came out as expected, and the sentence that says so."""

    held: bool
    sentence: str
    estimate: Estimate


Found: TypeAlias = Finding | Literal["not_asked", "no_answers"]


def controls_of(scene: Scene) -> tuple[Control, ...]:
    """All four controls, in a fixed order. One that cannot be computed has not passed."""
    switches = scene.study.controls
    return (
        _control(scene, "duplicate", switches.duplicate, _each(scene, "duplicate", _copy_rating, _copy_pair)),
        _control(scene, "decoy", switches.decoy, _each(scene, "decoy", _decoy_rating, _decoy_pair)),
        _control(scene, "shuffled", switches.shuffled, _each(scene, "shuffled", _shuffled_rating)),
        _control(scene, "anti_icp", switches.anti_icp, [_anti(scene)]),
    )


def _each(
    scene: Scene,
    role: Literal["duplicate", "decoy", "shuffled"],
    *finders: Callable[[Scene, Stimulus], Found],
) -> list[Found]:
    return [finder(scene, stimulus) for stimulus in scene.controls(role) for finder in finders]


def _control(scene: Scene, name: ControlName, wanted: bool, found: list[Found]) -> Control:
    made = [finding for finding in found if isinstance(finding, Finding)]
    state = _state(scene, name, wanted, found)
    sentences = [finding.sentence for finding in sorted(made, key=lambda finding: finding.held)]
    match state:
        case "off":
            said = "Needs ratings, and this design asks none." if wanted else "Switched off in the study."
        case "not_computed":
            said = " ".join(["There are too few answers to compute it.", *sentences])
        case "passed" | "failed":
            said = " ".join(sentences)
    return Control(
        name=name,
        state=state,
        expectation=EXPECTED[name],
        found=said,
        estimate=made[0].estimate if made and wanted else None,
    )


def _state(scene: Scene, name: ControlName, wanted: bool, found: list[Found]) -> ControlState:
    asked = [finding for finding in found if finding != "not_asked"]
    made = [finding for finding in asked if isinstance(finding, Finding)]
    needs_ratings = name in {"shuffled", "anti_icp"}
    if not wanted or (not asked and needs_ratings and not scene.study.design.monadic):
        return "off"
    if any(not finding.held for finding in made):
        return "failed"
    return "passed" if made and len(made) == len(asked) else "not_computed"


def _rating_gap(scene: Scene, above: tuple[str, ...], below: str) -> Differences | None:
    """Each respondent's mean rating of `above` minus that of `below`; absent if either was not asked."""
    higher = scene.target.rated(above, scene.measure)
    lower = scene.target.rated((below,), scene.measure)
    if not higher or not lower:
        return None
    mean = mean_over(higher)
    return Differences(mean.values - lower[0].values, mean.present & lower[0].present)


def _must_be_lower(scene: Scene, gap: Differences | None, sentence: str) -> Found:
    if gap is None:
        return "not_asked"
    estimate = scene.mean(scene.target, gap, SCALE_GAP)
    if estimate is None:
        return "no_answers"
    return Finding(estimate.low > 0, sentence.format(points=words.points(estimate)), estimate)


def _decoy_rating(scene: Scene, decoy: Stimulus) -> Found:
    sentence = f"Variants minus decoy {decoy.id!r} on {scene.measure}: {{points}}; expected above 0."
    return _must_be_lower(scene, _rating_gap(scene, scene.variants, decoy.id), sentence)


def _shuffled_rating(scene: Scene, shuffled: Stimulus) -> Found:
    sentence = f"{shuffled.of!r} minus its shuffled words on {scene.measure}: {{points}}; expected above 0."
    return _must_be_lower(scene, _rating_gap(scene, (shuffled.of,), shuffled.id), sentence)


def _decoy_pair(scene: Scene, decoy: Stimulus) -> Found:
    opponents = [name for name in scene.variants if pair_of(scene, name, decoy.id) is not None]
    if not opponents:
        return "not_asked"
    estimate = pair_share(scene, opponents[0], decoy.id)
    if estimate is None:
        return "no_answers"
    sentence = (
        f"Pairs of {opponents[0]!r} against decoy {decoy.id!r}: {words.share(estimate)}; expected above 50%."
    )
    return Finding(estimate.low > 0.5, sentence, estimate)


def _copy_rating(scene: Scene, copy: Stimulus) -> Found:
    columns = scene.target.rated((copy.of, copy.id), scene.measure)
    if len(columns) < 2:
        return "not_asked"
    estimate = scene.mean(scene.target, difference(*columns), SCALE_GAP)
    if estimate is None:
        return "no_answers"
    held = estimate.low <= 0 <= estimate.high or abs(estimate.value) <= scene.study.rule.min_lead
    sentence = f"{copy.of!r} minus its own copy on {scene.measure}: {words.points(estimate)}; expected 0."
    return Finding(held, sentence, estimate)


def _copy_pair(scene: Scene, copy: Stimulus) -> Found:
    if pair_of(scene, copy.of, copy.id) is None:
        return "not_asked"
    estimate = pair_share(scene, copy.of, copy.id)
    if estimate is None:
        return "no_answers"
    away = abs(estimate.value - 0.5)
    held = estimate.low <= 0.5 <= estimate.high or away <= scene.study.rule.min_lead_share
    return Finding(
        held, f"Pairs of {copy.of!r} against its own copy: {words.share(estimate)}; expected 50%.", estimate
    )


def pair_share(scene: Scene, one: str, other: str) -> Estimate | None:
    """Win share of `one` over `other`; absent if the pair was not asked or not answered."""
    pair = pair_of(scene, one, other)
    return None if pair is None else scene.mean(scene.target, share_for(pair, one), SHARE)


def _anti(scene: Scene) -> Found:
    """Target mean minus anti-ICP mean, over all variants; the arms are drawn again independently."""
    columns = scene.target.rated(scene.variants, scene.measure)
    others = () if scene.anti is None else scene.anti.rated(scene.variants, scene.measure)
    if scene.anti is None or not columns or not others:
        return "not_asked"
    ours, theirs = mean_over(columns), mean_over(others)
    if not ours.present.any() or not theirs.present.any():
        return "no_answers"
    arms = ((scene.target, ours), (scene.anti, theirs))
    means = [bootstrap.weighted_mean(one.values, arm.weights, one.present) for arm, one in arms]
    draws = [bootstrap.mean_draws(arm.resamples, one.values, arm.weights, one.present) for arm, one in arms]
    usable = min(len(draws[0]), len(draws[1]))
    estimate = bootstrap.estimate_of(
        means[0] - means[1],
        draws[0][:usable] - draws[1][:usable],
        n=int(ours.present.sum() + theirs.present.sum()),
        freedom=min(bootstrap.freedom_of(arm.resamples, one.present) for arm, one in arms),
        bounds=SCALE_GAP,
        confidence=scene.confidence,
        method=f"difference of weighted means; {scene.target.resamples.method} in each arm",
    )
    sentence = f"Target minus anti-ICP buyers on {scene.measure}: {words.points(estimate)}; expected above 0."
    return Finding(estimate.low > 0, sentence, estimate)
