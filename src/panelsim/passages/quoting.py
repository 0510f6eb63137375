"""Whether an answer repeats a passage word for word."""

import re
from difflib import SequenceMatcher
from typing import Final

from panelsim.model.note import Ground

FEWEST: Final = 5
"""Words in a row from which on a repetition is a quotation and no accident."""

_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text` in lower case, without punctuation."""
    return tuple(word.casefold().replace("’", "'") for word in _WORD.findall(text))


def longest_run(answer: str, passage: str) -> str:
    """The longest run of words that both have, as `passage` writes it; empty if under five.

    Of equal runs the first; capitals and punctuation do not matter.
    """
    matcher = SequenceMatcher(None, words_of(answer), words_of(passage), autojunk=False)
    found = matcher.find_longest_match()
    if found.size < FEWEST:
        return ""
    spans = [match.span() for match in _WORD.finditer(passage)][found.b : found.b + found.size]
    return passage[spans[0][0] : spans[-1][1]]


def with_quotes(grounds: tuple[Ground, ...], answer: str) -> tuple[Ground, ...]:
    """`grounds`, each with what `answer` repeats of it."""
    return tuple(ground.model_copy(update={"quoted": longest_run(answer, ground.text)}) for ground in grounds)
