"""What a respondent was shown and said in a run, taken from its transcripts for a question asked later."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from panelsim.model.conversation import Recalled
from panelsim.model.plan import STANCE, SWAPPED, Transcript, Turn
from panelsim.model.response import ChoiceAnswer, RatingAnswer, Response, TextAnswer
from panelsim.model.study import Stimulus

MOST_WORDS = 600
"""Characters of what was said of one text that are told again."""


def interview_turns(transcripts: Iterable[Transcript]) -> tuple[Turn, ...]:
    """The turns of the interviews among `transcripts`; empty if there are none."""
    return tuple(
        turn for one in transcripts if one.assignment.kind == "interview" for turn in _in_turn(one.turns)
    )


def _in_turn(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Without passages, and without a pair whose answer has no words."""
    pairs = zip(turns[::2], turns[1::2], strict=False)
    return tuple(
        Turn(speaker=one.speaker, text=one.text, call_key=one.call_key)
        for asked, said in pairs
        if said.text.strip()
        for one in (asked, said)
    )


def recalled(
    respondent: str, transcripts: Iterable[Transcript], stimuli: Sequence[Stimulus]
) -> tuple[Recalled, ...]:
    """What `respondent` said of each variant, in their order, then what it said without one.

    Controls are left out: nobody means to talk about them. Repeats of a rating are averaged.
    """
    mine = [one for said in transcripts for one in said.responses if one.respondent == respondent]
    variants = {one.id: one for one in stimuli if one.role == "variant"}
    of_text: dict[str, list[Response]] = defaultdict(list)
    pairs: list[Response] = []
    for response in mine:
        if len(response.shown) == 2:
            pairs.append(response)
        elif not response.shown or response.shown[0] in variants:
            of_text[response.shown[0] if response.shown else ""].append(response)
    liked = _liked(pairs, variants)
    found = [
        _of_text(variants[name].text if name else "", of_text[name], liked.get(name, ()))
        for name in (*variants, "")
        if of_text[name] or liked.get(name)
    ]
    return tuple(one for one in found if one != Recalled(shown=one.shown))


def _of_text(shown: str, said: Sequence[Response], preferred_to: tuple[str, ...]) -> Recalled:
    words = tuple(dict.fromkeys(one.answer.text for one in said if isinstance(one.answer, TextAnswer)))
    return Recalled(
        shown=shown,
        words=_within(words),
        ratings=tuple(_ratings(said)),
        stances=_stance(said),
        preferred_to=preferred_to,
    )


def _within(words: tuple[str, ...]) -> tuple[str, ...]:
    """The first of `words` that are told again, cut where there is no more room."""
    kept: list[str] = []
    room = MOST_WORDS
    for text in words:
        if room <= 0:
            break
        kept.append(text[:room])
        room -= len(text)
    return tuple(kept)


def _ratings(said: Sequence[Response]) -> Iterable[str]:
    rated: dict[str, list[RatingAnswer]] = defaultdict(list)
    for one in said:
        if isinstance(one.answer, RatingAnswer):
            rated[one.question].append(one.answer)
    for question, answers in rated.items():
        mean = sum(answer.value for answer in answers) / len(answers)
        yield f"{question.replace('_', ' ')} {mean:.1f} of {len(answers[0].distribution)}"


def _stance(said: Sequence[Response]) -> tuple[str, ...]:
    """The likeliest stance over both orders of its options; empty where none was asked for."""
    shares: dict[str, float] = defaultdict(float)
    for one in said:
        if one.question in (STANCE, SWAPPED) and isinstance(one.answer, ChoiceAnswer):
            for option, share in zip(one.answer.options, one.answer.shares, strict=True):
                shares[option] += share
    return (max(shares, key=lambda option: shares[option]),) if shares else ()


def _liked(pairs: Iterable[Response], variants: Mapping[str, Stimulus]) -> dict[str, tuple[str, ...]]:
    """For each variant the texts that it was preferred to, over both orders of a pair."""
    lead: dict[tuple[str, str], float] = defaultdict(float)
    for one in pairs:
        first, second = sorted(one.shown)
        if isinstance(one.answer, ChoiceAnswer) and first in variants and second in variants:
            lead[first, second] += one.answer.share_of(first) - one.answer.share_of(second)
    found: dict[str, tuple[str, ...]] = {}
    for (first, second), ahead in lead.items():
        if ahead:
            winner, loser = (first, second) if ahead > 0 else (second, first)
            found[winner] = (*found.get(winner, ()), variants[loser].text)
    return found
