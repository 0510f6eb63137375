"""Grounds: of a run's notes, the passages that are given with a question to a respondent of some persona."""

from collections.abc import Sequence
from typing import Final

from panelsim.model.call import ChatCall
from panelsim.model.note import Ground, Note, Passage
from panelsim.model.plan import Turn
from panelsim.passages.cutting import split
from panelsim.passages.quoting import with_quotes
from panelsim.passages.retrieval import Index
from panelsim.sessions.buyer import Buyer

IN_AN_INTERVIEW: Final = 3
WITH_A_REACTION: Final = 2
WITH_A_LABEL: Final = 1
"""Passages given with one question: the shorter the answer that is wanted, the fewer."""


class Grounds:
    """The notes of a run, searchable by persona and ICP; an index is built once, when it is first needed."""

    def __init__(self, notes: Sequence[Note] = ()) -> None:
        self._notes = tuple(notes)
        self._indexes: dict[tuple[str, str], Index] = {}
        self._passages: dict[str, tuple[Passage, ...]] = {}
        self._given: dict[tuple[str, str, str, str, int], tuple[Ground, ...]] = {}

    def of(
        self, buyer: Buyer, question: str, most: int, stimulus: str = "", *, but: Sequence[Ground] = ()
    ) -> tuple[Ground, ...]:
        """At most `most` passages that matter for `question` about `stimulus`; none if `buyer` has no notes.

        Those in `but` were given before and are not given again.
        """
        if not self._notes:
            return ()
        known = {(ground.note, ground.place) for ground in but}
        place = (buyer.persona, buyer.icp, question, stimulus, most + len(known))
        if place not in self._given:
            found = self._index(buyer).search(question, most + len(known), stimulus)
            self._given[place] = tuple(ground_of(one.passage) for one in found)
        return tuple(one for one in self._given[place] if (one.note, one.place) not in known)[:most]

    def _index(self, buyer: Buyer) -> Index:
        place = (buyer.persona, buyer.icp)
        if place not in self._indexes:
            spoken_of = [note for note in self._notes if note.speaks_of(*place)]
            self._indexes[place] = Index([passage for note in spoken_of for passage in self._split(note)])
        return self._indexes[place]

    def _split(self, note: Note) -> tuple[Passage, ...]:
        if note.id not in self._passages:
            self._passages[note.id] = split(note)
        return self._passages[note.id]


NO_GROUNDS: Final = Grounds()


def ground_of(passage: Passage) -> Ground:
    """The passage as it is given with a question."""
    return Ground(**passage.model_dump(exclude={"asked"}))


def grounded(buyer: Buyer, grounds: tuple[Ground, ...]) -> Buyer:
    """`buyer` with passages on its card; the very same buyer if there are none."""
    return buyer.model_copy(update={"notes": grounds}) if grounds else buyer


def turns_of(
    question: str, answer: str, call: ChatCall, grounds: tuple[Ground, ...] = ()
) -> tuple[Turn, Turn]:
    """A question and its answer as turns; `grounds` are kept as far as the call's prompt holds them."""
    prompt = "\n".join(message.content for message in call.messages) if grounds else ""
    given = tuple(ground for ground in grounds if ground.text in prompt)
    return (
        Turn(speaker="interviewer", text=question, grounds=with_quotes(given, answer)),
        Turn(speaker="respondent", text=answer, call_key=call.key),
    )
