"""The verdict on a committee study: an outcome for one proposal, a comparison for several, or cannot say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panelsim.analysis import words
from panelsim.analysis.committee.outcomes import mean_over
from panelsim.analysis.streams import stream
from panelsim.analysis.voids import mass_voids, missing_voids
from panelsim.metrics import inference
from panelsim.metrics.bootstrap import Bounds
from panelsim.model.analysis import Contrast, Control, ControlState, VerdictWord
from panelsim.model.committee import (
    Chance,
    CommitteeQuality,
    CommitteeVerdict,
    CompanyOutcome,
    OutcomeWord,
    ProposalOutcome,
)
from panelsim.model.study import CommitteeStudy

GO_AHEAD = "go_ahead"
"""What proposals are compared on: the probability of going ahead."""
GAP = Bounds(-1.0, 1.0)

SAID: dict[OutcomeWord, str] = {
    "go_ahead": "would go ahead",
    "blocked": "would be blocked",
    "stuck": "would get stuck",
    "cannot_say": "has no clear outcome",
}
NEXT: dict[OutcomeWord, str] = {
    "go_ahead": "Offer it to one real committee of this kind; the simulation is not proof of what people do.",
    "blocked": "Answer what the blocking seat needs before anyone else is asked, and run again.",
    "stuck": "Give the seats it waits for what they need, find it a champion, and run again.",
    "cannot_say": "Do not use this outcome: ask real holders of the seats that lean neither way.",
}
MOST_REASONS = 3
"""Companies whose reason is told."""
VOID = "Do not use this run: mend what the first reason names, run again, or ask people."


@dataclass(frozen=True)
class Evidence:
    """All that a verdict is read from."""

    study: CommitteeStudy
    proposals: tuple[ProposalOutcome, ...]
    outcomes: tuple[CompanyOutcome, ...]
    """Of target companies."""
    contrasts: tuple[Contrast, ...]
    controls: tuple[Control, ...]
    quality: CommitteeQuality

    def of(self, proposal: str) -> tuple[CompanyOutcome, ...]:
        """The companies' outcomes on one proposal."""
        return tuple(one for one in self.outcomes if one.proposal == proposal)


def contrasts_of(
    study: CommitteeStudy, outcomes: Sequence[CompanyOutcome], icps: Sequence[str]
) -> tuple[Contrast, ...]:
    """The proposal likeliest to go ahead against each other one, within companies; Holm-corrected.

    Companies in which a seat has no stance on either are left out. p is of sign flips over companies, so
    fewer than six of them cannot make a lead clear.
    """
    chances = {
        proposal.id: {
            one.account: one.go_ahead.low
            for one in outcomes
            if one.proposal == proposal.id and one.go_ahead.low == one.go_ahead.high
        }
        for proposal in study.proposals
    }
    means = {name: sum(found.values()) / len(found) for name, found in chances.items() if found}
    if len(means) < 2:
        return ()
    leader = max(means, key=lambda name: round(means[name], 9))
    accounts = tuple(dict.fromkeys(one.account for one in outcomes))
    made = [
        contrast
        for other in means
        if other != leader
        and (contrast := _contrast(study, (leader, other), chances, accounts, icps)) is not None
    ]
    corrected = inference.holm([one.p for one in made])
    return tuple(
        one.model_copy(update={"p_holm": round(p, 6)}) for one, p in zip(made, corrected, strict=True)
    )


def _contrast(
    study: CommitteeStudy,
    pair: tuple[str, str],
    chances: dict[str, dict[str, float]],
    accounts: Sequence[str],
    icps: Sequence[str],
) -> Contrast | None:
    one, other = (chances[name] for name in pair)
    present = np.array([account in one and account in other for account in accounts])
    gaps = np.array([one.get(account, 0.0) - other.get(account, 0.0) for account in accounts])
    estimate = mean_over(gaps, present, icps, study.rule, study.seed, GAP)
    if estimate is None:
        return None
    p = inference.sign_flip_p(gaps[present], stream(study.seed, f"sign_flip/{GO_AHEAD}/{pair[0]}/{pair[1]}"))
    return Contrast(
        leader=pair[0],
        other=pair[1],
        measure=GO_AHEAD,
        difference=estimate,
        p=round(p, 6),
        p_holm=round(p, 6),
        blocks=f"{estimate.n} compan{'y' if estimate.n == 1 else 'ies'}",
    )


def verdict_of(evidence: Evidence) -> CommitteeVerdict:
    """The verdict by the rule that the study fixed before the run."""
    voids = (
        *_control_voids(evidence, "failed", "failed"),
        *_quality_voids(evidence),
        *_control_voids(evidence, "not_computed", "could not be computed"),
    )
    several = len(evidence.proposals) > 1
    if voids:
        sentence = (
            "This run cannot say which proposal fares better."
            if several
            else ("This run cannot say what the committee would do.")
        )
        return CommitteeVerdict(
            word="cannot_say", leader=None, sentence=sentence, reasons=voids, next_step=VOID, is_void=True
        )
    return _compared(evidence) if several else _single(evidence, evidence.proposals[0])


def _control_voids(evidence: Evidence, state: ControlState, said: str) -> Iterator[str]:
    for control in evidence.controls:
        if control.state == state:
            yield f"Control {control.name} {said}: {control.found}"


def _quality_voids(evidence: Evidence) -> Iterator[str]:
    rule, quality = evidence.study.rule, evidence.quality
    for what, asked, missing in (
        ("all answers", quality.asked, quality.missing),
        ("the stances", quality.stances_asked, quality.stances_missing),
    ):
        yield from missing_voids(what, asked, missing, rule.max_missing)
    yield from mass_voids(quality.valid_mass, rule.min_valid_mass, "valid letters")
    kept = quality.order_consistency
    if kept is not None and kept < rule.min_order_consistency:
        yield (
            f"Position bias: only {words.percent(kept)} of the stances survived a swap of the options; "
            f"the rule asks for {words.percent(rule.min_order_consistency)}."
        )


def _single(evidence: Evidence, proposal: ProposalOutcome) -> CommitteeVerdict:
    outcomes = evidence.of(proposal.proposal)
    if len(outcomes) == 1:
        sentence = _odds(outcomes[0])
    else:
        sentence = f"Of {len(outcomes)} companies, {_counted(proposal)}."
    same = [one for one in outcomes if one.word == proposal.word] or list(outcomes)
    return CommitteeVerdict(
        word=proposal.word,
        leader=None,
        sentence=sentence,
        reasons=_reasons(same, outcomes),
        next_step=NEXT[proposal.word],
    )


def _odds(one: CompanyOutcome) -> str:
    parts = (
        f"{name} {_between(chance)}"
        for name, chance in (
            ("The chance of going ahead is", one.go_ahead),
            ("of being blocked", one.blocked),
            ("of getting stuck", one.stuck),
        )
    )
    return f"{', '.join(parts)}."


def _between(chance: Chance) -> str:
    low, high = words.percent(chance.low), words.percent(chance.high)
    return low if low == high else f"{low} to {high}"


def _reasons(same: Sequence[CompanyOutcome], outcomes: Sequence[CompanyOutcome]) -> tuple[str, ...]:
    """Why, company by company; those that are stopped first, as a veto is never averaged away."""
    ranked = sorted(outcomes, key=lambda one: (not one.stopped_by, one not in same))
    if len(outcomes) == 1:
        return (ranked[0].reason,)
    reasons = [f"{one.account}: {one.reason}" for one in ranked[:MOST_REASONS]]
    left = len(ranked) - len(reasons)
    return (*reasons, *([f"And {left} more, in the table of companies."] if left else []))


def _counted(proposal: ProposalOutcome) -> str:
    """`4 would go ahead and 6 would be blocked`."""
    parts = [
        f"{n} {SAID[word].replace('has', 'have') if n > 1 else SAID[word]}" for word, n in proposal.counts
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _compared(evidence: Evidence) -> CommitteeVerdict:
    """Several proposals: whether one is likelier to go ahead than every other."""
    outcomes = {one.proposal: one.word for one in evidence.proposals}
    if not evidence.contrasts:
        return CommitteeVerdict(
            word="cannot_say",
            leader=None,
            sentence="This run cannot say which proposal fares better.",
            reasons=("Too few proposals have a company in which every seat has a stance.",),
            next_step=NEXT["cannot_say"],
        )
    leader = evidence.contrasts[0].leader
    word = _grade(evidence, outcomes, leader)
    lines = tuple(_sentence(one) for one in evidence.contrasts)
    own = evidence.of(leader)
    vetoes = tuple(f"{leader!r} in {one.account}: {one.reason}" for one in own if one.stopped_by)[
        :MOST_REASONS
    ]
    return CommitteeVerdict(
        word=word,
        leader=leader if word in ("clear_lead", "lean") else None,
        sentence=_compared_sentence(word, leader, outcomes),
        reasons=(*vetoes, *lines),
        next_step=_compared_next(word, leader, outcomes[leader]),
    )


def _grade(evidence: Evidence, outcomes: dict[str, OutcomeWord], leader: str) -> VerdictWord:
    """A lead is clear by the permutation test, and a lean at most without every control.

    Too few companies for the test still give a lean if the leader alone would go ahead.
    """
    rule = evidence.study.rule
    beyond = [one.difference.value >= rule.min_lead for one in evidence.contrasts]
    off = any(control.state == "off" for control in evidence.controls)
    if all(beyond) and all(one.p_holm < rule.alpha for one in evidence.contrasts):
        return "lean" if off else "clear_lead"
    if all(beyond) and all(one.p_holm < rule.lean_alpha for one in evidence.contrasts):
        return "lean"
    alone = [name for name, word in outcomes.items() if word == "go_ahead"] == [leader]
    return "lean" if alone and all(beyond) else "no_difference"


def _sentence(contrast: Contrast) -> str:
    gap = contrast.difference
    return (
        f"The chance of going ahead is {100 * gap.value:.0f} points higher for {contrast.leader!r} than for "
        f"{contrast.other!r} ({words.chance(contrast.p_holm)}, {contrast.blocks})."
    )


def _compared_sentence(word: VerdictWord, leader: str, outcomes: Mapping[str, OutcomeWord]) -> str:
    after = f"by itself it {SAID[outcomes[leader]]}"
    match word:
        case "clear_lead":
            return f"“{leader}” is likelier to go ahead than every other proposal; {after}."
        case "lean":
            return f"“{leader}” is likelier to go ahead, but the lead is not clear; {after}."
        case "no_difference" | "cannot_say":
            who = "each" if len(set(outcomes.values())) == 1 else f"“{leader}”"
            return f"No proposal is likelier to go ahead than the others; {who} {SAID[outcomes[leader]]}."


def _compared_next(word: VerdictWord, leader: str, outcome: OutcomeWord) -> str:
    if word in ("clear_lead", "lean") and outcome == "go_ahead":
        return f"Offer “{leader}” to one real committee of this kind."
    return NEXT[outcome]
