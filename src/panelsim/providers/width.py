"""How many calls to have under way: wide open at first, narrower where a provider has no room.

docs/design/limits.md has the reasoning.
"""

from dataclasses import dataclass

SAMPLE = 128
"""Calls of a round: enough to tell a share of .1 from one of .2."""
CLEAN_ROUNDS = 4
"""Rounds without a refusal after which growth doubles."""
FIRST_HOLD = 16
"""Rounds between two trials of whether fewer calls would be refused less; then twice as many each time."""
LONGEST_HOLD = 32
MUCH_WORSE = 0.5
"""Of the share that was served before: a change that ends a hold early."""


@dataclass(slots=True, eq=False)
class Round:
    """Calls that were sent one after the other, and how many of them were refused."""

    sent: int = 0
    back: int = 0
    refused: int = 0
    load: int = 0
    """Calls under way when one of them was sent, summed."""
    most: int = 0
    """The most calls under way when one of them was sent."""

    @property
    def served(self) -> float:
        """Share that was not refused, of those that are back."""
        return 1 - self.refused / self.back if self.back else 1.0

    @property
    def under_way(self) -> float:
        """Calls under way, on average: with refusals that come quickly far fewer than there may be."""
        return self.load / self.sent if self.sent else 1.0


@dataclass(slots=True)
class _Trial:
    """A narrowing whose good is not known yet."""

    restored: float
    """The width to go back to if it does no good."""
    used: float = 0.0
    """What was made of the width before it."""
    before: Round | None = None
    """A whole round before it; None if there was none yet."""

    def failed(self, now: Round, width: float) -> bool:
        """Whether the share that is served has not grown by half of what load alone would explain.

        If the provider has room for C calls, a share C / w of w calls is served: half the width doubles it.
        Cannot be said of a width that was not used to the full.
        """
        if self.before is None or now.most < int(width):
            return False
        expected = min(1.0, self.before.served * self.used / width)
        return now.served < (self.before.served + expected) / 2


class Width:
    """The number of calls that may be under way, between 1 and `ceiling`.

    Starts at the ceiling. The first refusal halves it, and then nothing does until the calls before it and
    those at the new width are back. It is halved again while any of those is refused and halving helps: a
    larger share is served. If it does not help, refusals do not depend on the load, and the width goes back
    to what it was, for a number of rounds. A round without refusals adds one call, and from the fifth in a
    row on twice as many as the last four did; so does a round of such a hold.
    """

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.calls = ceiling
        """Calls that may be under way."""
        self._width = float(ceiling)
        self._out = 0
        self._draining = 0
        """Calls from before the last narrowing that must be back before a round starts."""
        self._round, self._others = Round(), Round()
        self._trial: _Trial | None = None
        self._hold = FIRST_HOLD
        """Rounds to leave the width alone once narrowing has not helped."""
        self._held = 0
        """Rounds of it that are left."""
        self._usual = Round()
        """All rounds since narrowing has not helped, as one."""
        self._clean = 0
        """Rounds without a refusal, in a row."""
        self._clean_calls = 0

    def sent(self, under_way: int) -> Round:
        """Notes a call that is sent now, `under_way` with it; the round to name when it is back."""
        self._out += 1
        now = self._round
        its = self._others if self._draining or now.sent >= SAMPLE else now
        its.sent += 1
        its.load += under_way
        if under_way > now.most:
            now.most = under_way
        return its

    def back(self, its: Round, *, refused: bool) -> None:
        """Notes what became of a call of the round `its`."""
        self._out -= 1
        its.back += 1
        its.refused += refused
        if its is self._round:
            self._learn(its, refused=refused)
        elif self._draining and its is not self._others:
            self._draining -= 1

    def _learn(self, its: Round, *, refused: bool) -> None:
        if its.back >= SAMPLE:
            self._judge(its)
        elif refused and self._trial is None and not self._usual.back:
            self._narrow(_Trial(self._width))
        elif not its.refused and its.back >= self.calls:
            self._widen(its)

    def _judge(self, its: Round) -> None:
        """Draws the conclusion from a whole round."""
        trial, self._trial = self._trial, None
        if not its.refused:
            self._widen(its)
        elif trial is None and self._held and its.served >= MUCH_WORSE * self._usual.served:
            self._held -= 1
            self._note_usual(its)
            self._widen(its)
        elif trial is None:
            self._note_usual(its)
            self._narrow(self._next_trial(self._width, self._usual))
        elif trial.failed(its, self._width):
            self._held, self._hold = self._hold, min(LONGEST_HOLD, 2 * self._hold)
            self._note_usual(its)
            self._set(trial.restored)
        else:
            known = self._width if trial.before is not None else trial.restored
            self._forget_usual()
            self._narrow(self._next_trial(known, its))

    def _next_trial(self, restored: float, before: Round) -> _Trial:
        return _Trial(restored, min(self._width, self._round.under_way), before)

    def _note_usual(self, its: Round) -> None:
        """Pools the rounds of a hold: what starts a trial may be a round that was bad by chance."""
        self._usual.back += its.back
        self._usual.refused += its.refused

    def _forget_usual(self) -> None:
        self._usual, self._hold, self._held = Round(), FIRST_HOLD, 0

    def _narrow(self, trial: _Trial) -> None:
        self._trial = trial
        self._held = self._clean = self._clean_calls = 0
        self._draining = self._out * 9 // 10  # not for the last few: one may take until its time is out
        used = min(self._width, self._round.under_way)
        self._set(max(1.0, used / 2))

    def _widen(self, its: Round) -> None:
        self._clean_calls = 0 if its.refused else self._clean_calls + its.back
        if self._clean_calls >= SAMPLE:
            self._forget_usual()
        step = 2.0 ** (self._clean // CLEAN_ROUNDS)
        self._clean += self._width < self.ceiling
        self._set(min(float(self.ceiling), self._width + min(step, self._width)))

    def _set(self, width: float) -> None:
        self._width = width
        self.calls = int(width)
        self._round, self._others = Round(), Round()
