"""Controls of a committee: what the run must find if its outcomes are to be believed, and what it found."""

from collections.abc import Sequence
from dataclasses import dataclass

from panelsim.analysis import words
from panelsim.analysis.committee.outcomes import usable
from panelsim.model.analysis import Control, ControlName, ControlState
from panelsim.model.committee import STANCES, CompanyOutcome, Seat, SeatStance
from panelsim.model.study import CommitteeStudy, Stimulus

EXPECTED: dict[ControlName, str] = {
    "duplicate": "A proposal and its own copy, asked in another wording, get the same stances and outcome.",
    "decoy": "Every seat refuses a proposal that has nothing to do with its work.",
    "anti_icp": "A company that the offer is not made for does not go ahead.",
}


@dataclass(frozen=True)
class Hearing:
    """What the controls are read from."""

    study: CommitteeStudy
    stimuli: tuple[Stimulus, ...]
    seats: tuple[Seat, ...]
    stances: tuple[SeatStance, ...]
    outcomes: tuple[CompanyOutcome, ...]
    """Of the target companies, control proposals included."""
    anti_outcomes: tuple[CompanyOutcome, ...]
    has_anti: bool
    """Whether a company outside the ICP was planned."""

    def of(self, proposal: str) -> dict[str, SeatStance]:
        """The target seats' stances on one proposal, by respondent; not those that went with the slot."""
        target = {seat.respondent for seat in self.seats if seat.arm == "target"}
        return {
            one.respondent: one
            for one in self.stances
            if one.proposal == proposal and one.respondent in target and usable(one) is not None
        }

    def control(self, role: str) -> Stimulus | None:
        """The control proposal of one role."""
        return next((one for one in self.stimuli if one.role == role), None)


def controls_of(heard: Hearing) -> tuple[Control, ...]:
    """All three controls, in a fixed order. One that cannot be computed has not passed."""
    switches = heard.study.controls
    return (
        _control("duplicate", _duplicate(heard) if switches.duplicate else None),
        _control("decoy", _decoy(heard) if switches.decoy else None),
        _control("anti_icp", _anti(heard) if switches.anti_icp else None),
    )


def _control(name: ControlName, found: tuple[ControlState, str] | None) -> Control:
    state, said = found or ("off", "Switched off in the study.")
    return Control(name=name, state=state, expectation=EXPECTED[name], found=said)


def _state(held: bool) -> ControlState:
    return "passed" if held else "failed"


def _duplicate(heard: Hearing) -> tuple[ControlState, str]:
    """Mean of half the sum of |share - share of the copy| over seats, and outcomes that contradict."""
    copy = heard.control("duplicate")
    if copy is None:
        return "not_computed", "No copy was planned."
    one, other = heard.of(copy.of), heard.of(copy.id)
    gaps = [_distance(one[name], other[name]) for name in one if name in other]
    if not gaps:
        return "not_computed", "No seat answered both the proposal and its copy."
    gap = sum(gaps) / len(gaps)
    changed = _changed(heard.outcomes, copy.of, copy.id)
    most = heard.study.rule.max_copy_gap
    said = (
        f"Stances on {copy.of!r} and its own copy lie {words.percent(gap)} apart on average; "
        f"expected at most {words.percent(most)}."
    )
    if changed:
        said += f" The outcome changes in {', '.join(changed)}."
    return _state(gap <= most and not changed), said


def _distance(one: SeatStance, other: SeatStance) -> float:
    if one.shares is None or other.shares is None:
        return 0.0
    return sum(abs(one.shares.of(stance) - other.shares.of(stance)) for stance in STANCES) / 2


def _changed(outcomes: Sequence[CompanyOutcome], proposal: str, copy: str) -> tuple[str, ...]:
    """Companies with an outcome on both that is not the same."""
    copies = {one.account: one.word for one in outcomes if one.proposal == copy}
    named = [one for one in outcomes if one.proposal == proposal and one.word != "cannot_say"]
    return tuple(
        one.account for one in named if copies.get(one.account, "cannot_say") not in (one.word, "cannot_say")
    )


def _decoy(heard: Hearing) -> tuple[ControlState, str]:
    decoy = heard.control("decoy")
    stances = [] if decoy is None else [one.shares for one in heard.of(decoy.id).values() if one.shares]
    if not stances:
        return "not_computed", "No seat answered the decoy."
    refusing = sum(one.no > one.yes for one in stances)
    least = heard.study.rule.min_refusal
    said = (
        f"{refusing} of {len(stances)} seats would sooner refuse the decoy than take it; "
        f"expected at least {words.percent(least)}."
    )
    return _state(refusing >= least * len(stances) - 1e-9), said


def _anti(heard: Hearing) -> tuple[ControlState, str]:
    if not heard.has_anti:
        return "off", "The panel has no anti-ICP to draw a company from."
    known = [one for one in heard.anti_outcomes if one.go_ahead.low == one.go_ahead.high]
    if not known:
        return "not_computed", "No company outside the ICP has a stance in every seat."
    chance = sum(one.go_ahead.low for one in known) / len(known)
    limit = heard.study.rule.min_outcome
    said = (
        f"Outside the ICP a proposal goes ahead with probability {words.percent(chance)}; "
        f"expected below {words.percent(limit)}."
    )
    return _state(chance < limit), said
