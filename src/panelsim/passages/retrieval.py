"""Finding the passages that matter for a question: BM25 over their words, by the library bm25s."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from panelsim.model.note import Passage

FEWEST_SHARED: Final = 2
"""Different content words that a passage must share with a question that comes without a topic."""
MIN_SCORE: Final = 0.1
"""Share of a question's weight below which a passage is about something else."""
DIGITS: Final = 6
"""Decimals to which scores are compared, so that equal passages tie on every machine."""

_WORD = re.compile(r"\w\w+")


class Found(NamedTuple):
    """A passage with its score for a question."""

    passage: Passage
    score: float
    """0 to 1: the BM25 score (Lucene's form, k1 = 1.2, b = 0.75) over the summed weights of the question's
    words that occur in any passage, which is what a passage would near that repeated them for ever."""


class Index:
    """Passages that can be searched, any number of times; built once, holds no file and no clock."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = tuple(passages)
        self._texts = _texts()
        listed = self._texts.words([f"{one.asked} {one.text}" for one in self._passages])
        self._shared = [frozenset(words) for words in listed]
        self._holding = Counter(word for words in self._shared for word in words)
        self._engine = _Engine(listed) if self._holding else None

    def __len__(self) -> int:
        return len(self._passages)

    def search(
        self, query: str, most: int, topic: str = "", *, least: float = MIN_SCORE
    ) -> tuple[Found, ...]:
        """At most `most` passages for `query`, best first; of equals the one that comes first in the index.

        A passage that has nothing to do with it is not given at all: it must share a content word with
        `topic` (a stimulus, which is part of the query too), or without one two words with the query (one, if
        it has only one), and score at least `least`.
        """
        words, about = self._texts.words([f"{query} {topic}", topic])
        asked = [word for word in dict.fromkeys(words) if word in self._holding]
        if self._engine is None or not asked:
            return ()
        wanted = frozenset(about or words)
        needed = 1 if about else min(FEWEST_SHARED, len(wanted))
        weight = math.fsum(self._weight(word) for word in asked)
        scores = np.round(self._engine.scores(asked) / weight, DIGITS)
        found: list[Found] = []
        for place in np.argsort(-scores, kind="stable"):
            if len(found) == most or scores[place] < least:
                break
            if len(wanted & self._shared[place]) >= needed:
                found.append(Found(self._passages[place], float(scores[place])))
        return tuple(found)

    def _weight(self, word: str) -> float:
        """Lucene's inverse document frequency, n of N passages: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        n = self._holding[word]
        return math.log(1 + (len(self._passages) - n + 0.5) / (n + 0.5))


def stems(text: str) -> frozenset[str]:
    """The stems of the content words of `text`: equal for a word however it is bent."""
    (words,) = _texts().words([text])
    return frozenset(words)


class _Texts:
    """Texts as the stems of their content words, in English."""

    def __init__(self) -> None:
        # dear imports: most runs have no notes
        from bm25s.stopwords import STOPWORDS_EN_PLUS
        from snowballstemmer import stemmer

        self._stop_words = frozenset(STOPWORDS_EN_PLUS)
        self._stemmer = stemmer("english")
        self._stems: dict[str, str] = {}

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        return [
            [self._stem(word) for word in _WORD.findall(text.casefold()) if word not in self._stop_words]
            for text in texts
        ]

    def _stem(self, word: str) -> str:
        stem = self._stems.get(word)
        if stem is None:
            stem = self._stems[word] = str(self._stemmer.stemWord(word))
        return stem


class _Engine:
    """bm25s over lists of words."""

    def __init__(self, listed: list[list[str]]) -> None:
        import bm25s

        self._ids: dict[str, int] = {}
        rows = [[self._ids.setdefault(word, len(self._ids)) for word in words] for words in listed]
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene", backend="numpy", auto_compile=False)
        self._bm25.index((rows, self._ids), create_empty_token=False, show_progress=False)

    def scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """The score of every passage for words that the index knows."""
        ids = [self._ids[word] for word in words]
        return np.asarray(self._bm25.get_scores_from_ids(ids), dtype=np.float64)


@lru_cache(maxsize=1)
def _texts() -> _Texts:
    """The one reader of texts: its stop words and stems are the same for all."""
    return _Texts()
