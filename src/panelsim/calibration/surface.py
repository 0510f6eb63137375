"""The surface of a text in numbers: length, marks, capitals and a few small words."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from panelsim.metrics.arrays import Floats

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.?!…]+(?=\s|$)")
SMALL_WORDS: Mapping[str, str] = {
    "you": "you your yours you're you'll",
    "he": "he his him",
    "she": "she her hers",
    "they": "they their them",
    "we": "we our us",
    "i": "i my me",
    "this": "this these",
    "what": "what",
    "why": "why",
    "how": "how",
    "when": "when",
    "who": "who",
    "heres": "here's heres",
    "if": "if",
    "but": "but",
    "so": "so",
    "just": "just",
    "not": "not no never don't doesn't isn't can't won't",
    "the": "the",
    "a": "a an",
    "it": "it its it's",
    "watch": "watch see look",
    "is": "is are",
    "was": "was were",
    "and": "and",
    "because": "because",
    "that": "that",
    "about": "about",
    "or": "or",
}
"""English words that a text may hold, by the name of their feature; texts of other languages have none."""


def _marks(signs: str) -> Callable[[str, Sequence[str]], float]:
    return lambda text, _words: float(any(sign in text for sign in signs))


def _holds(family: str) -> Callable[[str, Sequence[str]], float]:
    members = frozenset(family.split())
    return lambda _text, words: float(any(word.lower().replace("’", "'") in members for word in words))


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


FEATURES: Mapping[str, Callable[[str, Sequence[str]], float]] = {
    "log_characters": lambda text, _words: float(np.log1p(len(text))),
    "log_words": lambda _text, words: float(np.log1p(len(words))),
    "characters_squared": lambda text, _words: (len(text) / 100) ** 2,
    "word_length": lambda _text, words: sum(map(len, words)) / len(words) if words else 0.0,
    "sentences": lambda text, _words: float(len(_SENTENCE_END.findall(text))),
    "digit": lambda text, _words: float(any(character.isdigit() for character in text)),
    "starts_with_number": lambda _text, words: float(bool(words) and words[0][0].isdigit()),
    "question": _marks("?"),
    "exclamation": _marks("!"),
    "quote": _marks('"“”«»'),
    "apostrophe": _marks("'’"),
    "ellipsis": lambda text, _words: float("..." in text or "…" in text),
    "comma": _marks(","),
    "colon": _marks(":"),
    "dash": _marks("-–—"),
    "bracket": _marks("(["),
    "capital_letters": lambda text, _words: _share([character.isupper() for character in text]),
    "capital_words": lambda _text, words: _share([word.isupper() and len(word) > 1 for word in words]),
    "title_words": lambda _text, words: _share([word[0].isupper() for word in words]),
    **{f"word_{name}": _holds(family) for name, family in SMALL_WORDS.items()},
}
"""Feature by name: of a text and its words."""


def surface_features(texts: Sequence[str]) -> Floats:
    """(texts, features): one row per text, columns in the order of FEATURES."""
    rows = []
    for text in texts:
        words = _WORD.findall(text)
        rows.append([feature(text, words) for feature in FEATURES.values()])
    return np.asarray(rows, dtype=np.float64).reshape(len(texts), len(FEATURES))
