"""The verdict of a discussion: what it did to private ratings, unless the control did as much."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from panelsim.analysis import words
from panelsim.analysis.discussion.controls import DOING, has_direction, too_few
from panelsim.analysis.voids import mass_voids, missing_voids
from panelsim.model.discussion import (
    DiscussionControl,
    DiscussionQuality,
    DiscussionVerdict,
    DiscussionWord,
    GroupShift,
    Movement,
)
from panelsim.model.study import DiscussionStudy

NOTHING_RATED = "Nothing was rated: the study has a guide and no text, so there is no shift to speak of."
USE = (
    "Read the transcripts for arguments and objections you had not thought of, and hold a real group before "
    "you believe that people would move so."
)
MEND = (
    "Do not use this run to say what the talk did: mend what the first reason names, ask more groups, or "
    "hold a real one. The words can still be read."
)


class _Rated(NamedTuple):
    study: DiscussionStudy
    movement: Movement
    groups: tuple[GroupShift, ...]


def verdict_of(
    study: DiscussionStudy,
    movement: Movement | None,
    controls: Sequence[DiscussionControl],
    quality: DiscussionQuality,
    groups: tuple[GroupShift, ...],
) -> DiscussionVerdict:
    """The word with its reasons; a control that moved as much, or too little answered, voids it."""
    voids = [NOTHING_RATED] if study.stimulus is None else list(_voids(study, movement, controls, quality))
    if voids or movement is None:
        return DiscussionVerdict(
            word="cannot_say",
            sentence="This run cannot say whether the discussion moved anybody.",
            reasons=tuple(voids),
            next_step=MEND,
            is_void=True,
        )
    rated = _Rated(study, movement, groups)
    word = _word(rated)
    return DiscussionVerdict(
        word=word, sentence=_sentence(word, rated), reasons=tuple(_reasons(rated)), next_step=USE
    )


def _voids(
    study: DiscussionStudy,
    movement: Movement | None,
    controls: Sequence[DiscussionControl],
    quality: DiscussionQuality,
) -> Iterator[str]:
    rule = study.rule
    on = [one for one in controls if one.state != "off"]
    if not on:
        yield "Both controls are off, so no shift can be told from noise."
    few = movement is not None and too_few(movement, rule)
    if few and movement is not None:
        yield (
            f"A rating moved by {movement.moved.value:.2f} points, but {movement.blocks} are too few: "
            f"no shift of theirs can have p below {rule.alpha}. Ask for more groups."
        )
    for one in on:
        if one.state == "failed":
            yield f"Control {one.name} failed: {one.found}"
        elif one.state == "not_computed" and not few:
            yield f"Control {one.name} could not be computed: {one.found}"
    for what, asked, missing in (
        ("answers", quality.asked, quality.missing),
        ("private ratings", quality.ratings_asked, quality.ratings_missing),
    ):
        yield from missing_voids(what, asked, missing, rule.max_missing)
    yield from mass_voids(quality.valid_mass, rule.min_valid_mass)


def _word(rated: _Rated) -> DiscussionWord:
    movement, rule = rated.movement, rated.study.rule
    if movement.moved.value < rule.min_shift:
        return "held"
    if has_direction(movement, rule) and _agree(rated):
        return "rose" if movement.net.value > 0 else "fell"
    pull = movement.net_pull
    if pull is not None and pull.value >= rule.min_pull and pull.low > 0:
        return "converged"
    if pull is not None and pull.value <= -rule.min_pull and pull.high < 0:
        return "parted"
    return "moved"


def _agree(rated: _Rated) -> bool:
    """Whether every group went the way of the mean: members of one group heard the same words."""
    return all(group.net * rated.movement.net.value > 0 for group in rated.groups if group.net is not None)


def _sentence(word: DiscussionWord, rated: _Rated) -> str:
    movement, measure = rated.movement, rated.study.measure
    beyond = f"beyond what they do {DOING[movement.against]}"
    net = f"{abs(movement.net.value):.2f} points"
    match word:
        case "rose" | "fell":
            return f"After the discussion private ratings of {measure} {word} by {net} {beyond}."
        case "converged":
            return f"Members came to rate {measure} more like each other, {beyond}, with no rise or fall."
        case "parted":
            return f"Members came to rate {measure} less like each other, {beyond}, with no rise or fall."
        case "moved":
            return f"Private ratings of {measure} moved, {beyond}, but in no common direction."
        case _:
            return f"The discussion hardly moved private ratings of {measure}."


def _reasons(rated: _Rated) -> Iterator[str]:
    movement, rule = rated.movement, rated.study.rule
    doing = DOING[movement.against]
    yield (
        f"A private rating moved by {movement.moved.value:.2f} points over the discussion and by "
        f"{movement.noise.value:.2f} {doing} ({words.chance(movement.moved_p)}, {movement.blocks}); "
        f"{rule.min_shift:.2f} counts."
    )
    yield (
        f"The mean moved by {words.points(movement.shift)}; net of the control by "
        f"{words.points(movement.net)} ({words.chance(movement.net_p)})."
    )
    if movement.net_pull is not None and movement.pull is not None:
        yield (
            f"Members closed {words.percent(movement.pull.value)} of the distance to where the others stood, "
            f"net of the control {words.share(movement.net_pull)}."
        )
    yield (
        f"Two members of a group lay {movement.distance_before.value:.2f} points apart before, "
        f"{movement.distance_after.value:.2f} after and {movement.distance_control.value:.2f} {doing}."
    )
    if has_direction(movement, rule) and not _agree(rated):
        yield "The groups went different ways, so no common rise or fall is named."
