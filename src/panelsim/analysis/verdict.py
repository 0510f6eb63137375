"""The verdict: first what voids the run, then how far the leader is ahead (docs/design/verdict.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from panelsim.analysis import words
from panelsim.analysis.scene import Scene
from panelsim.analysis.voids import mass_voids, missing_voids
from panelsim.model.analysis import Contrast, Control, Cut, Preference, Quality, Verdict, VerdictWord
from panelsim.model.plan import PREFERENCE


@dataclass(frozen=True)
class Evidence:
    """All that a verdict is read from."""

    scene: Scene
    leader: str | None
    contrasts: tuple[Contrast, ...]
    preference: Preference | None
    controls: tuple[Control, ...]
    cuts: tuple[Cut, ...]
    quality: Quality

    @property
    def primary(self) -> tuple[Contrast, ...]:
        """The leader's contrasts on the outcome that decides."""
        return tuple(one for one in self.contrasts if one.measure == self.scene.primary)

    @property
    def secondary(self) -> tuple[Contrast, ...]:
        """The leader's contrasts on the other outcome, if there is one."""
        return tuple(one for one in self.contrasts if one.measure != self.scene.primary)


def verdict_of(evidence: Evidence) -> Verdict:
    """The verdict by the rule that the study fixed before the run."""
    voids = [*_control_voids(evidence), *_quality_voids(evidence), *_evidence_voids(evidence)]
    not_separable = tuple(one.other for one in evidence.primary if not _is_clear(evidence, one))
    segments = tuple(
        (cut.value, cut.leader)
        for cut in evidence.cuts
        if cut.dimension == "persona" and cut.leader is not None
    )
    if voids:
        word: VerdictWord = "cannot_say"
        reasons = voids
    else:
        word, reasons = _grade(evidence)
    split = len({leader for _, leader in segments}) > 1
    if split and not voids:
        reasons = [
            *reasons,
            f"Personas differ: {'; '.join(f'{who} prefers {what!r}' for who, what in segments)}.",
        ]
    return Verdict(
        word=word,
        leader=evidence.leader,
        not_separable=not_separable,
        reasons=tuple(reasons),
        next_step=_next_step(evidence, word, not_separable, split),
        by_persona=segments,
    )


def _control_voids(evidence: Evidence) -> Iterator[str]:
    for control in evidence.controls:
        if control.state == "failed":
            yield f"Control {control.name} failed: {control.found}"
    for control in evidence.controls:
        if control.state == "not_computed":
            yield f"Control {control.name} could not be computed: {control.found}"


def _quality_voids(evidence: Evidence) -> Iterator[str]:
    rule = evidence.scene.study.rule
    quality = evidence.quality
    for what, asked, missing in _missing(evidence):
        yield from missing_voids(what, asked, missing, rule.max_missing)
    yield from mass_voids(quality.valid_mass, rule.min_valid_mass)
    consistency = None if evidence.preference is None else evidence.preference.order_consistency
    if consistency is not None and consistency.value < rule.min_order_consistency:
        yield (
            f"Only {words.percent(consistency.value)} of the preference in pairs survived a swap of slots; "
            f"the rule asks for {words.percent(rule.min_order_consistency)}."
        )


def _missing(evidence: Evidence) -> Iterator[tuple[str, int, int]]:
    """(what, asked, missing) for all answers and those that decide: a part can fail in a sound whole."""
    yield "all answers", evidence.quality.asked, evidence.quality.missing
    scene = evidence.scene
    columns = scene.target.rated(scene.variants, scene.measure)
    for what, group in ((f"the ratings of {scene.measure}", columns), ("the pairs", scene.variant_pairs())):
        yield what, sum(int(one.asked.sum()) for one in group), sum(one.missing for one in group)


def _evidence_voids(evidence: Evidence) -> Iterator[str]:
    scene = evidence.scene
    if evidence.leader is None:
        yield f"No variant has an answer on {scene.primary}, which decides this study."
    elif not scene.rivals(evidence.leader):
        yield "There is one variant only and no decoy, so there is nothing to compare it with."
    elif len(evidence.primary) < len(scene.rivals(evidence.leader)):
        yield f"{evidence.leader!r} could not be compared with every other variant on {scene.primary}."
    against = contradicting(evidence)
    if against:
        yield (
            f"The pairs favour {evidence.leader!r}, but the ratings of {scene.measure} favour "
            f"{words.listed(tuple(one.other for one in against))} ({words.chance(against[0].p_holm)})."
        )


def contradicting(evidence: Evidence) -> tuple[Contrast, ...]:
    """Ratings in which a variant beats the leader of the pairs, where both designs tell the two apart."""
    rule = evidence.scene.study.rule
    led = {one.other for one in evidence.primary if one.p_holm < rule.lean_alpha}
    return tuple(
        one
        for one in evidence.secondary
        if one.other in led and one.difference.value < 0 and one.p_holm < rule.alpha
    )


def floor_of(scene: Scene, quality: Quality, measure: str) -> float:
    """The lead that counts on `measure`: beyond the A/A noise floor and the rule's smallest lead."""
    rule = scene.study.rule
    if measure == PREFERENCE:
        return max(rule.min_lead_share, quality.preference_noise_floor or 0.0)
    return max(rule.min_lead, quality.noise_floor or 0.0)


def _beyond_floor(evidence: Evidence, contrast: Contrast) -> bool:
    return contrast.difference.value > floor_of(evidence.scene, evidence.quality, contrast.measure)


def _is_clear(evidence: Evidence, contrast: Contrast) -> bool:
    return contrast.p_holm < evidence.scene.study.rule.alpha and _beyond_floor(evidence, contrast)


def _is_lean(evidence: Evidence, contrast: Contrast) -> bool:
    """A lean by the deciding outcome, or by the ratings alone where the pairs point the same way."""
    if contrast.p_holm < evidence.scene.study.rule.lean_alpha and _beyond_floor(evidence, contrast):
        return True
    same = [one for one in evidence.secondary if one.other == contrast.other]
    return contrast.difference.value > 0 and any(_is_clear(evidence, one) for one in same)


def _grade(evidence: Evidence) -> tuple[VerdictWord, list[str]]:
    """The word and its reasons for a run that nothing voids.

    A lead in pairs is clear only if no rating points the other way, and only with every control on.
    """
    reasons = [_sentence(evidence, one) for one in evidence.primary]
    off = tuple(control.name for control in evidence.controls if control.state == "off")
    if all(_is_clear(evidence, one) for one in evidence.primary):
        if off:
            return "lean", [f"Without the control {' and '.join(off)} a lead is a lean at most.", *reasons]
        if any(one.difference.value < 0 for one in evidence.secondary):
            return "lean", [*reasons, *(_sentence(evidence, one) for one in evidence.secondary)]
        return "clear_lead", reasons
    if all(_is_lean(evidence, one) for one in evidence.primary):
        return "lean", [*reasons, *(_sentence(evidence, one) for one in evidence.secondary)]
    return "no_difference", reasons


def _sentence(evidence: Evidence, contrast: Contrast) -> str:
    floor = floor_of(evidence.scene, evidence.quality, contrast.measure)
    if contrast.measure == PREFERENCE:
        lead = f"{words.percent(contrast.difference.value + 0.5)} of the pairs against {contrast.other!r}"
        below = f"{words.percent(floor + 0.5)}"
    else:
        lead = f"{words.points(contrast.difference)} on {contrast.measure} over {contrast.other!r}"
        below = f"{floor:+.2f} points"
    sentence = f"{contrast.leader!r} has {lead} ({words.chance(contrast.p_holm)}, {contrast.blocks})"
    return (
        f"{sentence}."
        if _beyond_floor(evidence, contrast)
        else f"{sentence}, within the noise floor of {below}."
    )


def _next_step(evidence: Evidence, word: VerdictWord, not_separable: Sequence[str], split: bool) -> str:
    leader = repr(evidence.leader)
    if word == "cannot_say":
        return (
            "Do not use this run to choose: mend what the first reason names, run again, or test with people."
        )
    if len(evidence.scene.variants) == 1:
        return _next_alone(leader, word)
    if split:
        return "Split the message: give each persona the text it prefers, and test that split with people."
    if word == "clear_lead":
        return f"Ship {leader} to a small test with people; the simulation is not proof of what people do."
    if word == "lean":
        others = words.listed(tuple(not_separable)) if not_separable else "the others"
        return f"Test {leader} against {others} with people, or add personas and wordings and run again."
    equals = words.listed((str(evidence.leader), *not_separable))
    return f"Revise: write variants that differ more, or choose between {equals} on other grounds."


def _next_alone(leader: str, word: VerdictWord) -> str:
    if word == "no_difference":
        return f"Rewrite {leader}: it does no better than an offer that nobody should want."
    return (
        f"Set {leader} beside a second concept, or beside what buyers use today: it is ahead of an offer "
        "that nobody should want, and nothing more is known."
    )
