"""Objections: which of those that a persona's file expects were raised, and which are new.

By words alone, so that the same transcripts give the same table: an objection is like an expected one if it
shares at least half of that one's content words, and two if it has two, cut to their first five letters. It
misses paraphrases; what it calls new is to be read, not counted.
"""

import re
from collections.abc import Sequence

STEM = 5
LEAST = 0.5
"""Share of an expected objection's content words that a like one holds."""

FEWEST = 2
"""Words shared at least: one alone (`data`) is in many objections."""

_WORD = re.compile(r"[a-z][a-z'-]+")
_FUNCTION_WORDS = """
a about after all already an and any are as at be before but by can could do does for from get had has have
here how i if in into is it its like me more most my no not now of off on one only or our out over own so
something than that the their them then there they this to too up us was we what when where which who why
will with without would you your
"""
_FUNCTION = frozenset(_FUNCTION_WORDS.split())


def content_words(text: str) -> frozenset[str]:
    """The content words of `text`, cut to STEM letters."""
    found = (word.removesuffix("'s") for word in _WORD.findall(text.lower()))
    return frozenset(word[:STEM] for word in found if word not in _FUNCTION)


def like(raised: str, expected: Sequence[str]) -> str | None:
    """The expected objection that `raised` is most like; None if it is like none, the first of equals."""
    said = content_words(raised)
    best, most = None, 0.0
    for one in expected:
        wanted = content_words(one)
        share = len(wanted & said) / len(wanted) if wanted else 0.0
        if share >= LEAST and share > most and len(wanted & said) >= min(FEWEST, len(wanted)):
            best, most = one, share
    return best
