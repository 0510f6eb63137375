"""How many calls to have under way: wide open at first, narrower where a provider has no room.

docs/design/limits.md has the reasoning.
"""

from dataclasses import dataclass

SAMPLE = 128
"""Calls of a round that are looked at, at most; at least a quarter as many."""
LEAST_SAMPLE = 16
"""Fewer calls say nothing about whether narrowing helps."""
CLEAN_ROUNDS = 4
"""Rounds without a refusal after which growth doubles."""
FIRST_HOLD = 16
"""Rounds between two trials of whether fewer calls would be refused less."""
LONGEST_HOLD = 256
MUCH_WORSE = 0.75
"""Of the share that was served when a trial found that narrowing does not help."""


@dataclass(slots=True, eq=False)
class Round:
    """Calls that were sent one after the other, and how many of them were refused."""

    size: int
    """Of the sample."""
    sent: int = 0
    back: int = 0
    refused: int = 0
    under_way: int = 0
    """The most calls that were under way when one of them was sent."""

    @property
    def served(self) -> float:
        """Share of the sample that was not refused, of those that are back."""
        return 1 - self.refused / self.back if self.back else 1.0


@dataclass(slots=True)
class _Trial:
    """A narrowing whose good is not known yet."""

    width: float
    """Before it."""
    used: float
    """What was made of the width before it."""
    round: Round
    """Before it."""

    def helped(self, now: Round, width: float) -> bool:
        """Whether a larger share is served now, by at least half of what load alone would explain.

        If the provider has room for C calls, a share C / w of w calls is served: half the width doubles it.
        What cannot be told from a handful of calls counts as a help: the cautious reading.
        """
        if self.round.back < LEAST_SAMPLE:
            return True
        before = self.round.served
        expected = min(1.0, before * self.used / width)
        return now.served >= (before + expected) / 2


class Width:
    """The number of calls that may be under way, between 1 and `ceiling`.

    Starts at the ceiling. The first refusal of a round halves it, and then nothing does for a round trip:
    the calls sent at the new width are awaited. If a larger share of them is served, it is halved again while
    any is refused; if not, refusals do not depend on the load, and the width goes back to what it was, for a
    number of rounds. A round without refusals adds one call, and from the fifth in a row on twice as many as
    the last four did.
    """

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self._width = float(ceiling)
        self._round = self._new_round()
        self._trial: _Trial | None = None
        self._hold = FIRST_HOLD
        """Rounds to leave the width alone once narrowing has not helped."""
        self._held = 0
        """Rounds of it that are left."""
        self._served_while_held = 0.0
        self._clean = 0

    @property
    def calls(self) -> int:
        """Calls that may be under way."""
        return int(self._width)

    def sent(self, under_way: int) -> Round | None:
        """Notes a call that is sent now, `under_way` with it; None if it is not looked at."""
        now = self._round
        if now.sent >= now.size:
            return None
        now.sent += 1
        now.under_way = max(now.under_way, under_way)
        return now

    def back(self, its: Round | None, *, refused: bool) -> None:
        """Notes what became of a call of the round `its`."""
        if its is None:
            return
        its.back += 1
        its.refused += refused
        if its is not self._round:
            return
        if its.back == its.size:
            self._judge(its)
        elif refused and self._may_narrow_at_once():
            self._narrow()
        elif not its.refused and its.back >= self._width:
            self._widen()

    def _may_narrow_at_once(self) -> bool:
        """Not before a trial is over, nor where narrowing has not helped before: there a round is awaited."""
        return self._trial is None and self._hold == FIRST_HOLD

    def _judge(self, its: Round) -> None:
        """Draws the conclusion from a whole round."""
        trial, self._trial = self._trial, None
        if not its.refused:
            self._hold, self._held = FIRST_HOLD, 0
            self._widen()
        elif trial is not None and not trial.helped(its, self._width):
            self._width, self._served_while_held = trial.width, its.served
            self._held, self._hold = self._hold, min(LONGEST_HOLD, 2 * self._hold)
            self._round = self._new_round()
        elif self._held and its.served >= MUCH_WORSE * self._served_while_held:
            self._held -= 1
            self._widen()
        else:
            self._narrow()

    def _narrow(self) -> None:
        used = min(self._width, max(1.0, self._round.under_way))
        self._trial = _Trial(self._width, used, self._round)
        self._width = max(1.0, used / 2)
        self._held = self._clean = 0
        self._round = self._new_round()

    def _widen(self) -> None:
        step = 2.0 ** (self._clean // CLEAN_ROUNDS)
        self._clean += self._width < self.ceiling
        self._width = min(float(self.ceiling), self._width + min(step, self._width))
        self._round = self._new_round()

    def _new_round(self) -> Round:
        return Round(size=max(SAMPLE // 4, min(SAMPLE, int(self._width))))
