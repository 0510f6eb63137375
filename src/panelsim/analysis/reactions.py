"""Reactions while they are heard: the words of the few that may be quoted, and who said anything at all."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from panelsim.model.plan import REACTION, Transcript
from panelsim.model.response import RatingAnswer, Response, TextAnswer
from panelsim.model.study import Stimulus

EACH_SIDE = 2
"""Reactions quoted for a variant, and against it."""


class Words(NamedTuple):
    """What one respondent said of a variant, and the call it came from."""

    text: str
    call_key: str


@dataclass
class Ends:
    """The reactions of one persona to one variant that may be quoted, by (rank, row, words)."""

    first: list[tuple[float, int, Words]] = field(default_factory=list)
    highest: list[tuple[float, int, Words]] = field(default_factory=list)
    lowest: list[tuple[float, int, Words]] = field(default_factory=list)

    def hear(self, row: int, words: Words, rating: float | None) -> None:
        """Keeps `words` if they are among the first, the best rated (earliest) or the worst (latest)."""
        if len(self.first) < EACH_SIDE:
            self.first.append((0.0, row, words))
        if rating is None:
            return
        if len(self.highest) < EACH_SIDE or rating > self.highest[-1][0]:
            self.highest.append((rating, row, words))
            self.highest.sort(key=lambda kept: -kept[0])
            del self.highest[EACH_SIDE:]
        if len(self.lowest) < EACH_SIDE or rating <= self.lowest[-1][0]:
            self.lowest.insert(0, (rating, row, words))
            self.lowest.sort(key=lambda kept: kept[0])
            del self.lowest[EACH_SIDE:]


@dataclass
class Variant:
    """The reactions to one variant: each respondent's first."""

    rows: "array[int]" = field(default_factory=lambda: array("q"))
    """Rows of those who said something, in the order of hearing."""
    ends: dict[str, Ends] = field(default_factory=dict)
    """By persona."""
    seen: set[int] = field(default_factory=set)

    def kept(self) -> dict[int, Words]:
        """The words that were kept, by row."""
        sides = (side for ends in self.ends.values() for side in (ends.first, ends.highest, ends.lowest))
        return {row: words for side in sides for _, row, words in side}


class Reactions:
    """The reactions of the target arm to the variants."""

    def __init__(self, stimuli: Sequence[Stimulus], measure: str) -> None:
        """`measure` is the one whose ratings tell for from against."""
        self.variants = {one.id: Variant() for one in stimuli if one.role == "variant"}
        self._measure = measure

    def hear(self, row: int, persona: str, response: Response, transcript: Transcript) -> None:
        """Notes that the respondent of `row` reacted in words; keeps them if they may be quoted."""
        variant = self.variants.get(response.shown[0]) if len(response.shown) == 1 else None
        if variant is None or row in variant.seen or not isinstance(response.answer, TextAnswer):
            return
        variant.seen.add(row)
        variant.rows.append(row)
        ends = variant.ends.setdefault(persona, Ends())
        ends.hear(row, _words(response, response.answer), self._rating(response, transcript))

    def _rating(self, reaction: Response, transcript: Transcript) -> float | None:
        """The rating in the same session; replicates may move a respondent's own later on."""
        for one in transcript.responses:
            is_its_own = one.question == self._measure and one.shown == reaction.shown
            if is_its_own and isinstance(one.answer, RatingAnswer):
                return round(one.answer.value, 6)
        return None


def find_words(
    wanted: Collection[tuple[str, str]], transcripts: Iterable[Transcript]
) -> dict[tuple[str, str], Words]:
    """The first reaction in words of each (respondent, variant), read again from the transcripts."""
    found: dict[tuple[str, str], Words] = {}
    for respondent, stimulus, words in _reactions(transcripts):
        if len(found) == len(wanted):
            break
        if (respondent, stimulus) in wanted:
            found.setdefault((respondent, stimulus), words)
    return found


def _reactions(transcripts: Iterable[Transcript]) -> Iterator[tuple[str, str, Words]]:
    for transcript in transcripts:
        for one in transcript.responses:
            if one.question == REACTION and len(one.shown) == 1 and isinstance(one.answer, TextAnswer):
                yield one.respondent, one.shown[0], _words(one, one.answer)


def _words(response: Response, answer: TextAnswer) -> Words:
    return Words(answer.text, response.call_keys[0] if response.call_keys else "")
