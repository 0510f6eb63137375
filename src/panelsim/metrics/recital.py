"""Recital: how much of a text is said again, word for word and in its order."""

import re

import numpy as np


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case, without marks."""
    return re.findall(r"\w+", text.casefold().replace("'", "").replace("’", ""))


def overlap_of(said: str, text: str) -> float:
    """Longest common subsequence of words over the words of `text` (recall of ROUGE-L; Lin 2004).

    Only the first words of `said` count, half as many again as `text` has: long answers find more by chance.
    1 if `text` is said whole, 0 if it has no words.
    """
    wanted = words_of(text)
    if not wanted:
        return 0.0
    heard = words_of(said)[: len(wanted) + len(wanted) // 2]
    longest = np.zeros(len(wanted) + 1, dtype=np.int64)
    for word in heard:
        before = longest.copy()
        for at, one in enumerate(wanted, start=1):
            longest[at] = before[at - 1] + 1 if word == one else max(longest[at - 1], before[at])
    return float(longest[-1]) / len(wanted)
