"""How the figures of a committee are put into words, the same in every format."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from panelsim.model.analysis import VerdictWord
from panelsim.model.committee import Chance, CompanyOutcome, OutcomeWord, ProposalOutcome, StanceState
from panelsim.model.icp import Structure
from panelsim.model.panel import CommitteeRole
from panelsim.model.persona import Authority
from panelsim.model.report import CommitteeMethod, SeatCell, SeatVoice
from panelsim.model.study import StimulusRole
from panelsim.reporting.words import VERDICTS, count, listed, percent, percent_interval

OUTCOMES: Mapping[OutcomeWord, str] = {
    "go_ahead": "Would go ahead",
    "blocked": "Blocked",
    "stuck": "Stuck",
    "cannot_say": "Cannot say",
}
STANCES: Mapping[StanceState, str] = {
    "yes": "yes",
    "no": "no",
    "unsure": "cannot say",
    "unclear": "unclear",
    "position_bias": "slot bias",
    "missing": "no answer",
}
AUTHORITIES: Mapping[Authority, str] = {
    "signs": "signs",
    "approves": "approves",
    "blocks": "can block",
    "influences": "is heard",
    "recommends": "recommends",
}
COMMITTEE_ROLES: Mapping[CommitteeRole, str] = {
    "champion": "champion",
    "economic": "economic buyer",
    "technical": "technical buyer",
    "user": "user",
    "sponsor": "executive sponsor",
    "procurement": "procurement",
    "blocker": "blocker",
}
STRUCTURES: Mapping[Structure, str] = {
    "flat": "flat: the majority decides and the signature follows; only who blocks can stop it",
    "hierarchical": "hierarchical: whoever signs, approves or blocks can stop it",
    "decentralised": "decentralised: whoever signs, approves or blocks can stop it, and so can the highest "
    "seat of every function",
}
CONTROLS: Mapping[StimulusRole, str] = {
    "variant": "",
    "duplicate": "copy (control)",
    "decoy": "decoy (control)",
    "shuffled": "shuffled (control)",
}
"""Control proposals at the head of a column."""
FORMULA = (
    "The chance of going ahead is that every seat which can stop the proposal says yes, and so does at least "
    "one that may champion it; the chance of being blocked is that any seat which can stop it says no. Seats "
    "are independent and none is averaged: one firm no stays a no."
)


def verdict(word: OutcomeWord | VerdictWord) -> str:
    """The word that stands at the top: `Blocked`, `Clear lead`."""
    match word:
        case "go_ahead" | "blocked" | "stuck":
            return OUTCOMES[word]
        case "clear_lead" | "lean" | "no_difference" | "cannot_say":
            return VERDICTS[word]
        case _:
            assert_never(word)


def stance(cell: SeatCell) -> str:
    """`no 81%` for one company; `2 yes, 1 no` for several."""
    if sum(n for _, n in cell.states) == 1:
        return _one_stance(cell.states[0][0], cell)
    return ", ".join(f"{n} {STANCES[state]}" for state, n in cell.states)


def _one_stance(state: StanceState, cell: SeatCell) -> str:
    match state:
        case "yes":
            return f"yes {_share(cell.yes)}"
        case "no":
            return f"no {_share(cell.no)}"
        case "unsure":
            return f"cannot say {_share(cell.unsure)}"
        case "unclear":
            return f"unclear, yes {_share(cell.yes)}"
        case "position_bias" | "missing":
            return STANCES[state]
        case _:
            assert_never(state)


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def tone(cell: SeatCell) -> StanceState:
    """Where most companies' seats stand; of equals the first in the order of the states."""
    return max(cell.states, key=lambda pair: pair[1])[0] if cell.states else "missing"


def orders(cell: SeatCell) -> str:
    """P(yes) in both orders: `yes 88% / 79%`; empty without both."""
    if cell.yes_first is None or cell.yes_second is None:
        return ""
    return f"yes {percent(cell.yes_first)} / {percent(cell.yes_second)}"


def voice(one: SeatVoice, *, several: bool) -> str:
    """`signs: no 81%`, with the number of companies and, if `several` were tested, the proposal."""
    share = "" if one.share is None else f" {percent(one.share)}"
    where = "" if one.of == 1 else f", in {one.companies} of {one.of} companies"
    on = f"{one.proposal}, " if several else ""
    return f"{on}{AUTHORITIES[one.authority]}: {STANCES[one.state]}{share}{where}"


def chance(one: Chance) -> str:
    """`34%`, or `20% to 60%` where seats without a stance leave it open."""
    if percent(one.low) == percent(one.high):
        return percent(one.low)
    return f"{percent(one.low)} to {percent(one.high)}"


def odds(one: CompanyOutcome) -> str:
    """`go ahead 2%, blocked 81%, stuck 17%`."""
    return f"go ahead {chance(one.go_ahead)}, blocked {chance(one.blocked)}, stuck {chance(one.stuck)}"


def counts(one: ProposalOutcome) -> str:
    """`7 would go ahead, 3 blocked`."""
    return ", ".join(f"{n} {OUTCOMES[word].lower()}" for word, n in one.counts)


def going(one: ProposalOutcome) -> str:
    """The share of companies that would go ahead, with its interval where there are several."""
    if one.share is None:
        return "no company"
    if one.share.n == 1:
        return "one company, so no interval"
    return f"{percent(one.share.value)} of companies ({percent_interval(one.share)})"


def structures(found: Sequence[tuple[str, Structure, int]]) -> tuple[str, ...]:
    """One sentence for each ICP: how its companies decide."""
    return tuple(f"{count(n, 'company', 'companies')} of {icp}, {STRUCTURES[how]}." for icp, how, n in found)


def method_rows(section: CommitteeMethod) -> tuple[tuple[str, str], ...]:
    """The design and the rule as pairs of label and text."""
    rule, design = section.rule, section.design
    anti = (
        f" and {count(section.anti_companies, 'company', 'companies')} outside the ICP"
        if section.anti_companies
        else ""
    )
    companies = count(section.companies, "company", "companies")
    stance_share = percent(rule.min_stance)
    lead = (
        f"{percent(rule.min_lead)} more chance of going ahead; clear with Holm-corrected p below "
        f"{rule.alpha} over companies, a lean below {rule.lean_alpha} or if it alone would go ahead"
    )
    words = "; then the reason, the first objection and the condition in words" if design.words else ""
    return (
        (
            "Asked",
            f"{count(section.seats, 'seat')} in {companies}{anti}, in {count(section.sessions, 'session')}",
        ),
        ("Met as", section.channel),
        ("Each seat", f"alone, its stance in both orders of the options{words}"),
        ("Wordings", f"{count(design.wordings, 'wording')}, {count(design.replicates, 'replicate')}"),
        ("Clear stance", f"{stance_share} or more of the probability on yes, on no or on cannot say"),
        ("Outcome", f"{percent(rule.min_outcome)} or more on it; blocked takes a seat that clearly refuses"),
        (
            "Lead of a proposal",
            lead,
        ),
        ("Cannot say", f"{listed(_voids(section), 'or')}; a seat without a stance may turn an outcome open"),
        ("Controls", ", ".join(_switches(section))),
    )


def _voids(section: CommitteeMethod) -> tuple[str, ...]:
    rule = section.rule
    return (
        "a control fails or cannot be computed",
        f"less than {percent(rule.min_order_consistency)} of the stances survives a swap",
        f"more than {percent(rule.max_missing)} of answers are missing",
        f"less than {percent(rule.min_valid_mass)} of the probability is on valid letters",
    )


def _switches(section: CommitteeMethod) -> tuple[str, ...]:
    on = section.controls
    named = (
        ("exact duplicate", on.duplicate),
        ("decoy to refuse", on.decoy),
        ("anti-ICP company", on.anti_icp),
    )
    return tuple(f"{name} {'on' if wanted else 'off'}" for name, wanted in named)
