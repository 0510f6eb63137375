"""The checks of a report: its controls, and figures that a rule has a bound for."""

from collections.abc import Sequence
from typing import Protocol

from panelsim.model.report import Check, CheckState
from panelsim.model.study import CommitteeRule, HypothesisRule, SurveyRule
from panelsim.reporting.words import count, percent, reasons, signed


class AnyControl(Protocol):
    """A control of any kind of study."""

    @property
    def name(self) -> str:
        """As the study calls it."""

    @property
    def state(self) -> CheckState:
        """How it came out."""

    @property
    def expectation(self) -> str:
        """What it must find."""

    @property
    def found(self) -> str:
        """What it found, in a sentence."""


def control_check(control: AnyControl, label: str) -> Check:
    """A control, as the analysis has it."""
    return Check(
        name=control.name,
        label=label,
        state=control.state,
        figure="",
        expectation=control.expectation,
        found=control.found,
        is_control=True,
    )


def threshold_check(
    name: str, label: str, value: float | None, holds: bool, expectation: str, found: str
) -> Check:
    """A figure in percent that the rule has a bound for; `found` may hold it as `{}`."""
    state: CheckState = ("passed" if holds else "failed") if value is not None else "not_computed"
    return Check(
        name=name,
        label=label,
        state=state,
        figure="" if value is None else percent(value),
        expectation=expectation,
        found="Not computed in this run." if value is None else found.format(percent(value)),
    )


def slot_check(bias: float | None, found: str) -> Check:
    """How far the first slot won more often than half of the time; `found` holds how often as `{}`."""
    return Check(
        name="first_slot_bias",
        label="First-slot bias",
        state="not_computed" if bias is None else "noted",
        figure="" if bias is None else signed(bias),
        expectation="0 without a position habit; both orders are asked, so it cancels in the shares.",
        found="Not computed in this run." if bias is None else found.format(percent(bias + 0.5)),
    )


def answer_checks(
    missing: int,
    asked: int,
    missing_reasons: Sequence[tuple[str, int]],
    valid_mass: float | None,
    rule: CommitteeRule | HypothesisRule | SurveyRule,
) -> tuple[Check, ...]:
    """How much is missing, and how much probability lay on valid answers if that was measured."""
    lost = missing / asked if asked else None
    why = reasons(missing_reasons)
    checks = [
        threshold_check(
            "missing",
            "Missing answers",
            lost,
            lost is not None and lost <= rule.max_missing,
            f"At most {percent(rule.max_missing)} of answers missing.",
            f"{missing:,} of {count(asked, 'answer')} missing{': ' + why if why else ''}.",
        )
    ]
    if valid_mass is not None:
        checks.append(
            threshold_check(
                "valid_mass",
                "Probability on valid answers",
                valid_mass,
                valid_mass >= rule.min_valid_mass,
                f"At least {percent(rule.min_valid_mass)} of the token's probability is on a letter shown.",
                "{} of the answer token's probability lay on the letters shown.",
            )
        )
    return tuple(checks)
