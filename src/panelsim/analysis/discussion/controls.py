"""Controls of a discussion: what moves with no discussion of the text must move less than with one."""

from collections.abc import Mapping
from typing import Literal

from panelsim.analysis import words
from panelsim.model.discussion import DiscussionControl, Movement
from panelsim.model.discussion_design import DiscussionControlName, DiscussionRule
from panelsim.model.study import DiscussionStudy

EXPECTED: Mapping[DiscussionControlName, str] = {
    "retest": "Rated again with nothing in between, members move less than after the discussion, or hardly.",
    "unrelated": "Having heard a talk about something else, members move less than after the discussion, "
    "or hardly.",
}
DOING: Mapping[DiscussionControlName, str] = {
    "retest": "with nothing in between",
    "unrelated": "after an unrelated talk",
}
NAMES: tuple[DiscussionControlName, ...] = ("retest", "unrelated")


def controls_of(
    study: DiscussionStudy, found: Mapping[DiscussionControlName, Movement]
) -> tuple[DiscussionControl, ...]:
    """Both controls, in a fixed order. One that cannot be computed has not passed."""
    on = study.controls.names
    return tuple(_control(name, found.get(name), study.rule, is_on=name in on) for name in NAMES)


def _control(
    name: DiscussionControlName, movement: Movement | None, rule: DiscussionRule, *, is_on: bool
) -> DiscussionControl:
    state: Literal["passed", "failed", "not_computed", "off"] = "not_computed" if is_on else "off"
    said = "No member has a rating before, after and in it." if is_on else "Switched off in the study."
    if movement is not None:
        state = "passed" if passes(movement, rule) else "failed"
        if state == "failed" and too_few(movement, rule):
            state = "not_computed"
        said = (
            f"A rating moves by {movement.noise.value:.2f} points {DOING[name]} and by "
            f"{movement.moved.value:.2f} over the discussion ({words.chance(movement.moved_p)}, "
            f"{movement.blocks}); the mean moves by {movement.control_shift.value:+.2f} and "
            f"{movement.shift.value:+.2f}."
        )
    return DiscussionControl(
        name=name,
        state=state,
        moved=movement.noise if movement else None,
        shift=movement.control_shift if movement else None,
        expectation=EXPECTED[name],
        found=said,
    )


def passes(movement: Movement, rule: DiscussionRule) -> bool:
    """Whether the discussion moves more than the control, or neither moves by as much as counts."""
    if movement.moved.value < rule.min_shift:
        return movement.noise.value < rule.min_shift
    return is_beyond(movement, rule)


def too_few(movement: Movement, rule: DiscussionRule) -> bool:
    """Whether ratings moved, and so few signs tell nothing: the least p is 2 of 2^n, doubled by Holm."""
    many = int(movement.blocks.partition(" ")[0])
    return bool(movement.moved.value >= rule.min_shift and 2.0 ** (2 - many) >= rule.alpha)


def is_beyond(movement: Movement, rule: DiscussionRule) -> bool:
    """Whether ratings move more than in the control, singly or on average."""
    singly = movement.moved.value > movement.noise.value and movement.moved_p < rule.alpha
    return singly or has_direction(movement, rule)


def has_direction(movement: Movement, rule: DiscussionRule) -> bool:
    """Whether the mean goes further up or down than in the control."""
    return (
        abs(movement.net.value) >= rule.min_shift
        and movement.net_p < rule.alpha
        and abs(movement.shift.value) > abs(movement.control_shift.value)
        and movement.net.value * movement.shift.value > 0
    )
