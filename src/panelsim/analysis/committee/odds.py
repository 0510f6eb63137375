"""The odds of a committee: what independent seats come to together, without averaging any of them.

Each seat answers yes, no or unsure with its own probabilities, independently of the others. One set of
answers comes to exactly one outcome:

- **blocked** if a seat that can stop the proposal says no; in a flat company also if more than half of all
  seats say no;
- **go ahead** if nobody blocks, every seat that can stop it says yes, at least one seat that may champion it
  says yes, and somebody in the committee signs: in a flat company more than half of all seats must say yes,
  elsewhere whoever signs is among those who can stop it;
- **stuck** otherwise.

P(outcome) is the sum over all sets of answers that come to it of the product of the seats' probabilities.
In a hierarchical company whose champions C cannot stop it that is, with V the seats that can,
P(blocked) = 1 - prod over V of (1 - no) and
P(go ahead) = prod over V of yes * (1 - prod over C of (1 - yes)).
So five friends never outvote one veto: a factor of 0 stays 0.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from panelsim.model.committee import STANCES, Seat, Shares, Stance


class Odds(NamedTuple):
    """Probabilities of the outcomes; they sum to 1."""

    go_ahead: float
    blocked: float
    stuck: float


class _Tally(NamedTuple):
    """What matters of the answers of some seats."""

    yes: int = 0
    no: int = 0
    """Counted in flat companies only."""
    refused: bool = False
    """A seat that can stop the proposal said no."""
    waits: bool = False
    """A seat that can stop it was unsure."""
    championed: bool = False

    def heard(self, seat: Seat, stance: Stance) -> "_Tally":
        """The tally with one more answer."""
        counts = seat.structure == "flat"
        return _Tally(
            yes=self.yes + (counts and stance == "yes"),
            no=self.no + (counts and stance == "no"),
            refused=self.refused or (seat.can_stop and stance == "no"),
            waits=self.waits or (seat.can_stop and stance == "unsure"),
            championed=self.championed or (seat.may_champion and stance == "yes"),
        )


def odds_of(seats: Sequence[Seat], shares: Sequence[Shares]) -> Odds:
    """The odds of one company's committee on one proposal; `shares` are those of `seats`, in their order.

    Exact: answers that come to the same tally are added up seat by seat, which is the sum above in fewer
    steps than its 3 ** seats terms.
    """
    tallies: dict[_Tally, float] = {_Tally(): 1.0}
    for seat, share in zip(seats, shares, strict=True):
        chances = {stance: p for stance in STANCES if (p := share.of(stance)) > 0}
        heard: defaultdict[_Tally, float] = defaultdict(float)
        for tally, so_far in tallies.items():
            for stance, chance in chances.items():
                heard[tally.heard(seat, stance)] += so_far * chance
        tallies = heard
    is_flat = any(seat.structure == "flat" for seat in seats)
    signs = any(seat.signs for seat in seats)
    go_ahead = blocked = 0.0
    for tally, chance in tallies.items():
        if tally.refused or (is_flat and 2 * tally.no > len(seats)):
            blocked += chance
        elif signs and tally.championed and not tally.waits and _carried(tally, len(seats), is_flat=is_flat):
            go_ahead += chance
    return Odds(go_ahead, blocked, max(0.0, 1.0 - go_ahead - blocked))


def _carried(tally: _Tally, seats: int, *, is_flat: bool) -> bool:
    return not is_flat or 2 * tally.yes > seats
