"""Outcomes: what each company comes to on each proposal, and each proposal over all companies.

A seat without a stance (no answer, or one that went with the slot) is left open, not filled in: the outcome
is worked out with all such seats at yes, at no and at unsure, and named only if all three agree.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from panelsim.analysis import words
from panelsim.analysis.committee.odds import Odds, odds_of
from panelsim.analysis.streams import stream
from panelsim.metrics.arrays import Flags, Floats
from panelsim.metrics.bootstrap import Bounds, estimate_mean, resamples_of
from panelsim.model.analysis import Estimate
from panelsim.model.committee import (
    Chance,
    CompanyOutcome,
    OutcomeWord,
    ProposalOutcome,
    Seat,
    SeatStance,
    Shares,
    Stance,
)
from panelsim.model.study import CommitteeRule

SHARE = Bounds(0.0, 1.0)
CERTAIN: Mapping[Stance, Shares] = {
    "yes": Shares(yes=1, no=0, unsure=0),
    "no": Shares(yes=0, no=1, unsure=0),
    "unsure": Shares(yes=0, no=0, unsure=1),
}
WORDS: tuple[OutcomeWord, ...] = get_args(OutcomeWord)
DECIMALS = 6


@dataclass(frozen=True)
class Heard:
    """One company's seats with where they stand on one proposal, in one order."""

    seats: Sequence[Seat]
    stances: Sequence[SeatStance | None]
    """None where nothing was planned or kept."""

    def shares(self, gap: Stance) -> tuple[Shares, ...]:
        """The seats' probabilities, those without a stance at `gap`."""
        return tuple(CERTAIN[gap] if (known := usable(one)) is None else known for one in self.stances)

    def where(self, wanted: Sequence[Seat], *states: str) -> tuple[str, ...]:
        """Respondents of `wanted` in one of `states`."""
        keep = {seat.respondent for seat in wanted}
        return tuple(
            seat.respondent
            for seat, one in zip(self.seats, self.stances, strict=True)
            if seat.respondent in keep and (one.state if one else "missing") in states
        )


def usable(stance: SeatStance | None) -> Shares | None:
    """The probabilities of a seat that has a stance, however unclear."""
    if stance is None or stance.state in ("missing", "position_bias"):
        return None
    return stance.shares


def company_outcome(account: str, proposal: str, heard: Heard, rule: CommitteeRule) -> CompanyOutcome:
    """What one company comes to on one proposal."""
    stops = [seat for seat in heard.seats if seat.can_stop]
    refusing = sorted(heard.where(stops, "no"), key=lambda name: -_no(heard, name))
    gaps: Sequence[Stance] = tuple(CERTAIN) if any(usable(one) is None for one in heard.stances) else ("yes",)
    cases = {gap: odds_of(heard.seats, heard.shares(gap)) for gap in gaps}
    named = {_word(odds, heard, gap, refusing, rule) for gap, odds in cases.items()}
    word: OutcomeWord = named.pop() if len(named) == 1 else "cannot_say"
    unknown = heard.where(heard.seats, "missing", "position_bias")
    needed = stops or [seat for seat in heard.seats if seat.signs]
    waiting = heard.where(needed, "unsure", "unclear", "missing", "position_bias")
    champions = heard.where([seat for seat in heard.seats if seat.may_champion], "yes")
    found = CompanyOutcome(
        account=account,
        proposal=proposal,
        word=word,
        go_ahead=_chance([odds.go_ahead for odds in cases.values()]),
        blocked=_chance([odds.blocked for odds in cases.values()]),
        stuck=_chance([odds.stuck for odds in cases.values()]),
        stopped_by=tuple(refusing),
        waiting_for=waiting,
        champions=champions,
        unknown=unknown,
        reason="",
    )
    return found.model_copy(update={"reason": _reason(heard, found, rule)})


def _no(heard: Heard, respondent: str) -> float:
    for one in heard.stances:
        if one is not None and one.respondent == respondent and one.shares is not None:
            return one.shares.no
    return 0.0


def _chance(values: Sequence[float]) -> Chance:
    low, high = (min(1.0, max(0.0, round(value, DECIMALS))) for value in (min(values), max(values)))
    return Chance(low=low, high=high)


def _word(odds: Odds, heard: Heard, gap: Stance, refusing: Sequence[str], rule: CommitteeRule) -> OutcomeWord:
    """The outcome by the rule.

    Blocked takes somebody who clearly refuses: three half-hearted seats that can each say no make a block
    likely, but name nobody.
    """
    if not any(seat.signs for seat in heard.seats):
        return "cannot_say"
    unknown = [one for one in heard.stances if usable(one) is None]
    opened = gap == "no" and _open_veto(heard)
    refused = bool(refusing) or opened or _majority_refuses(heard, gap, len(unknown))
    if odds.blocked >= rule.min_outcome and refused:
        return "blocked"
    if odds.go_ahead >= rule.min_outcome:
        return "go_ahead"
    return "stuck" if odds.stuck >= rule.min_outcome else "cannot_say"


def _open_veto(heard: Heard) -> bool:
    """Whether a seat that can stop the proposal has no stance."""
    pairs = zip(heard.seats, heard.stances, strict=True)
    return any(seat.can_stop and usable(one) is None for seat, one in pairs)


def _majority_refuses(heard: Heard, gap: Stance, unknown: int) -> bool:
    if not any(seat.structure == "flat" for seat in heard.seats):
        return False
    clear = len(heard.where(heard.seats, "no")) + (unknown if gap == "no" else 0)
    return 2 * clear > len(heard.seats)


def _reason(heard: Heard, found: CompanyOutcome, rule: CommitteeRule) -> str:
    """Why the company comes to its outcome, in one sentence."""
    if not any(seat.signs for seat in heard.seats):
        return "Nobody in this committee signs: one persona needs the authority `signs`."
    match found.word:
        case "blocked" if found.stopped_by:
            return f"{_and(found.stopped_by)} can stop it and would."
        case "blocked":
            return "More than half of the seats would say no."
        case "go_ahead":
            carried = _and(found.champions) or "a champion"
            return f"Nobody who can stop it would, and {carried} would carry it."
        case "stuck":
            lacking = [f"a clear yes of {_and(found.waiting_for)}"] if found.waiting_for else []
            lacking += [] if found.champions else ["a champion"]
            return f"It lacks {_and(lacking) or 'a majority'}."
        case "cannot_say":
            return _open_reason(heard, found, rule)


def _open_reason(heard: Heard, found: CompanyOutcome, rule: CommitteeRule) -> str:
    if found.unknown:
        return f"It turns on {_and(found.unknown)}, without a stance."
    pairs = zip(heard.seats, heard.stances, strict=True)
    sure = [(shares.yes, seat.respondent) for seat, one in pairs if seat.can_stop and (shares := usable(one))]
    doubt = f"; of those who can stop it {min(sure)[1]} is the least sure" if sure else ""
    return f"No outcome reaches {words.percent(rule.min_outcome)}{doubt}."


def _and(names: Sequence[str]) -> str:
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"


def proposal_outcome(
    proposal: str, outcomes: Sequence[CompanyOutcome], icps: Sequence[str], rule: CommitteeRule, seed: int
) -> ProposalOutcome:
    """One proposal over its companies; `icps` names the ICP of each, within which they are drawn again."""
    counts = Counter(one.word for one in outcomes)
    word, most = counts.most_common(1)[0]
    known = np.array([one.go_ahead.low == one.go_ahead.high for one in outcomes])
    chances = np.array([one.go_ahead.low for one in outcomes])
    going = np.array([float(one.word == "go_ahead") for one in outcomes])
    share = mean_over(going, np.ones(len(outcomes), dtype=np.bool_), icps, rule, seed)
    return ProposalOutcome(
        proposal=proposal,
        word=word if 2 * most > len(outcomes) else "cannot_say",
        counts=tuple((one, counts[one]) for one in WORDS if counts[one]),
        share=share,
        go_ahead=mean_over(chances, known, icps, rule, seed),
    )


def mean_over(
    values: Floats,
    present: Flags,
    icps: Sequence[str],
    rule: CommitteeRule,
    seed: int,
    bounds: Bounds = SHARE,
) -> Estimate | None:
    """The mean over companies with its simulation interval; one company alone has the whole range."""
    estimate = estimate_mean(
        resamples_of(icps, stream(seed, "companies")),
        values,
        np.ones(len(values)),
        present,
        bounds=bounds,
        confidence=rule.confidence,
    )
    if estimate is None:
        return None
    method = estimate.method.replace("respondents", "companies").replace("persona", "ICP")
    return estimate.model_copy(update={"method": method})
