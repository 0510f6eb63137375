"""The sections of a committee's report: the outcome with its vetoes, the seats, and what they said."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from panelsim.analysis.objections import like
from panelsim.model.committee import CommitteeAnalysis, Seat, SeatStance, SeatWords, StanceState
from panelsim.model.panel import Panel, Respondent
from panelsim.model.plan import CONDITION, OBJECTION, REASON, Plan
from panelsim.model.report import (
    Committee,
    CommitteeAnswer,
    ExpectedObjection,
    ProposalTalk,
    Quote,
    SeatCell,
    SeatRow,
    SeatSaid,
    SeatTalk,
    SeatVoice,
)
from panelsim.model.study import CommitteeStudy
from panelsim.reporting.gleaning import quote_of

MOST_OUTCOMES = 200
"""Outcomes of single companies that a report lists."""
MOST_HOLDERS = 2
"""Holders of a seat whose words are shown for each proposal."""
MOST_NEW = 12
MOST_NAMES = 3
STATES: tuple[StanceState, ...] = ("yes", "no", "unsure", "unclear", "position_bias", "missing")


@dataclass(frozen=True)
class Room:
    """What every section reads: the seats, their people, stances and words."""

    study: CommitteeStudy
    seats: tuple[Seat, ...]
    """Of target companies."""
    people: Mapping[str, Respondent]
    stances: Mapping[tuple[str, str], SeatStance]
    """By respondent and proposal."""
    words: Mapping[tuple[str, str, str], SeatWords]
    """By respondent, proposal and question; the first ones."""

    @property
    def proposals(self) -> tuple[str, ...]:
        """Ids of the tested proposals."""
        return tuple(one.id for one in self.study.proposals)

    @property
    def kinds(self) -> dict[str, list[Seat]]:
        """Seats by persona, in the panel's order."""
        found: dict[str, list[Seat]] = {}
        for seat in self.seats:
            found.setdefault(seat.persona, []).append(seat)
        return found

    def state(self, seat: Seat, proposal: str) -> StanceState:
        """Where a seat stands."""
        stance = self.stances.get((seat.respondent, proposal))
        return "missing" if stance is None else stance.state

    def quote(self, seat: Seat, proposal: str, question: str) -> Quote | None:
        """What a seat said to one question."""
        said = self.words.get((seat.respondent, proposal, question))
        if said is None:
            return None
        return quote_of(self.people[seat.respondent], said.text, None, said.call_key)


def room_of(study: CommitteeStudy, panel: Panel, analysis: CommitteeAnalysis) -> Room:
    """The room of a run's analysis."""
    words: dict[tuple[str, str, str], SeatWords] = {}
    for one in analysis.words:
        words.setdefault((one.respondent, one.proposal, one.question), one)
    return Room(
        study=study,
        seats=tuple(seat for seat in analysis.seats if seat.arm == "target"),
        people={one.id: one for one in panel.respondents},
        stances={(one.respondent, one.proposal): one for one in analysis.stances},
        words=words,
    )


def outcome_of(room: Room, analysis: CommitteeAnalysis) -> CommitteeAnswer:
    """The verdict with who blocks, who champions and what whoever signs needs."""
    verdict = analysis.verdict
    return CommitteeAnswer(
        word=verdict.word,
        sentence=verdict.sentence,
        leader=verdict.leader,
        reasons=verdict.reasons,
        next_step=verdict.next_step,
        is_void=verdict.is_void,
        proposals=tuple(
            one.model_copy(update={"word": "cannot_say"}) if verdict.is_void else one
            for one in analysis.proposals
        ),
        vetoes=tuple(_voices(room, lambda seat: seat.can_stop, ("no",))),
        champions=tuple(_voices(room, lambda seat: seat.may_champion, ("yes",))),
        signers=tuple(_voices(room, lambda seat: seat.signs, STATES)),
    )


def _voices(room: Room, wanted: Callable[[Seat], bool], states: Sequence[StanceState]) -> Iterator[SeatVoice]:
    """Each kind of wanted seat in each of `states`, proposal by proposal."""
    for proposal in room.proposals:
        for seats in room.kinds.values():
            chosen = [seat for seat in seats if wanted(seat)]
            for state in states:
                standing = [seat for seat in chosen if room.state(seat, proposal) == state]
                if standing:
                    yield _voice(room, proposal, state, standing, len({seat.account for seat in seats}))


def _voice(room: Room, proposal: str, state: StanceState, seats: Sequence[Seat], companies: int) -> SeatVoice:
    shares = {seat.respondent: _share(room.stances.get((seat.respondent, proposal)), state) for seat in seats}
    known = [share for share in shares.values() if share is not None]
    firmest = max(seats, key=lambda seat: shares[seat.respondent] or 0.0)
    return SeatVoice(
        proposal=proposal,
        persona=firmest.persona,
        title=firmest.title,
        role=firmest.role,
        authority=firmest.authority,
        companies=len({seat.account for seat in seats}),
        of=companies,
        state=state,
        share=round(fmean(known), 6) if known else None,
        said=room.quote(firmest, proposal, REASON),
        needs=room.quote(firmest, proposal, CONDITION),
    )


def _share(stance: SeatStance | None, state: StanceState) -> float | None:
    """The probability of the stance that a seat is said to have."""
    if stance is None or stance.shares is None or state in ("missing", "position_bias"):
        return None
    shares = stance.shares
    return {"yes": shares.yes, "no": shares.no, "unsure": shares.unsure}.get(
        state, max(shares.yes, shares.no, shares.unsure)
    )


def committee_of(room: Room, panel: Panel, plan: Plan, analysis: CommitteeAnalysis) -> Committee:
    """The table of seats by proposals, controls last, and the outcome of each company."""
    own = [one for one in analysis.outcomes if one.proposal in room.proposals]
    companies = {one.account: one.icp for one in panel.respondents if one.arm == "target"}
    structures = {seat.account: seat.structure for seat in room.seats}
    counted = Counter((icp, structures[account]) for account, icp in companies.items())
    return Committee(
        proposals=plan.stimuli,
        companies=len(companies),
        structures=tuple((icp, structure, n) for (icp, structure), n in counted.items()),
        confidence=room.study.rule.confidence,
        rows=tuple(_row(room, seats, plan) for seats in room.kinds.values()),
        summaries=analysis.proposals,
        outcomes=tuple(own[:MOST_OUTCOMES]),
        omitted=max(0, len(own) - MOST_OUTCOMES),
        contrasts=analysis.contrasts,
    )


def _row(room: Room, seats: Sequence[Seat], plan: Plan) -> SeatRow:
    first = seats[0]
    return SeatRow(
        persona=first.persona,
        title=first.title,
        names=tuple(seat.name for seat in seats[:MOST_NAMES]),
        role=first.role,
        authority=first.authority,
        can_stop=any(seat.can_stop for seat in seats),
        may_champion=any(seat.may_champion for seat in seats),
        cells=tuple(_cell(room, seats, stimulus.id) for stimulus in plan.stimuli),
    )


def _cell(room: Room, seats: Sequence[Seat], proposal: str) -> SeatCell:
    stances = [room.stances.get((seat.respondent, proposal)) for seat in seats]
    counted = Counter("missing" if one is None else one.state for one in stances)
    whole = [one for one in stances if one is not None and one.shares is not None]
    shares = [one.shares for one in whole if one.shares is not None]
    return SeatCell(
        proposal=proposal,
        yes=_mean(share.yes for share in shares),
        no=_mean(share.no for share in shares),
        unsure=_mean(share.unsure for share in shares),
        yes_first=_mean(one.yes_first.yes for one in whole if one.yes_first is not None),
        yes_second=_mean(one.no_first.yes for one in whole if one.no_first is not None),
        order_consistency=_mean(one.order_consistency for one in whole if one.order_consistency is not None),
        states=tuple((state, counted[state]) for state in STATES if counted[state]),
    )


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(fmean(found), 6) if found else None


def talk_of(room: Room) -> SeatTalk | None:
    """Reasons, objections and conditions; absent if no seat said anything."""
    if not room.words:
        return None
    new = list(_new(room))
    return SeatTalk(
        talks=tuple(ProposalTalk(proposal=name, seats=tuple(_said(room, name))) for name in room.proposals),
        expected=tuple(_expected(room)),
        new=tuple(new[:MOST_NEW]),
        new_omitted=max(0, len(new) - MOST_NEW),
    )


def _said(room: Room, proposal: str) -> Iterator[SeatSaid]:
    for seats in room.kinds.values():
        talking = [
            seat
            for seat in seats
            if any((seat.respondent, proposal, name) in room.words for name in (REASON, OBJECTION, CONDITION))
        ]
        for seat in talking[:MOST_HOLDERS]:
            yield SeatSaid(
                persona=seat.persona,
                title=seat.title,
                name=seat.name,
                respondent=seat.respondent,
                account=seat.account,
                state=room.state(seat, proposal),
                reason=room.quote(seat, proposal, REASON),
                objection=room.quote(seat, proposal, OBJECTION),
                condition=room.quote(seat, proposal, CONDITION),
            )


def _raised(room: Room, seats: Sequence[Seat]) -> list[tuple[Seat, SeatWords]]:
    return [
        (seat, said)
        for seat in seats
        for proposal in room.proposals
        if (said := room.words.get((seat.respondent, proposal, OBJECTION))) is not None
    ]


def _expected(room: Room) -> Iterator[ExpectedObjection]:
    for persona, seats in room.kinds.items():
        raised = _raised(room, seats)
        counted = Counter(like(said.text, seats[0].expected) for _, said in raised)
        for expected in seats[0].expected if raised else ():
            yield ExpectedObjection(
                persona=persona,
                title=seats[0].title,
                expected=expected,
                raised=counted[expected],
                of=len(raised),
            )


def _new(room: Room) -> Iterator[Quote]:
    for seats in room.kinds.values():
        for seat, said in _raised(room, seats):
            if like(said.text, seat.expected) is None:
                yield quote_of(room.people[seat.respondent], said.text, None, said.call_key)
