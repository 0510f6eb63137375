"""Missing answers of an evaluation, counted by reason over all that were wanted."""

from collections import Counter
from collections.abc import Iterable

from panelsim.model.benchmark import Held, Outcome, Unheld
from panelsim.model.response import Missing


class Counted(Counter[str]):
    """Missing answers by reason."""

    asked = 0
    """Answers that were wanted in all."""


def count_missing(said: Iterable[Outcome]) -> Counted:
    """How many answers were wanted and, by reason, how many are missing."""
    counted = Counted()
    for outcome in said:
        match outcome:
            case Held():
                for response in outcome.transcript.responses:
                    counted.asked += 1
                    if isinstance(response.answer, Missing):
                        counted[response.answer.reason] += 1
            case Unheld():
                counted.asked += outcome.questions
                counted["failed"] += outcome.questions
            case _:
                counted.asked += 1
    return counted
