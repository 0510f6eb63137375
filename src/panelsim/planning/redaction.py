"""Redaction: e-mail addresses, phone numbers, links and known names taken out of a text."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from panelsim import personal

Kind: TypeAlias = personal.Kind | Literal["name"]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_UNPARTED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")

SHORT = 2
"""Letters up to which a name is only found in its own capitals: `An` is a name, `an` is not."""


class Redacted(NamedTuple):
    """A text with `[name]` and the like in place of what was found."""

    text: str
    found: Counter[Kind]


class Names:
    """Names that must not be repeated, found as whole words in any capitals."""

    def __init__(self, names: Iterable[str]) -> None:
        words = {word for name in names for word in _WORD.findall(name)}
        unparted = sorted((word for word in words if _UNPARTED.search(word)), key=lambda word: -len(word))
        self.unparted = re.compile("|".join(map(re.escape, unparted))) if unparted else None
        """Names in scripts that write words without spaces between them."""
        self._short = frozenset(word for word in words if len(word) <= SHORT)
        self._long = frozenset(word.casefold() for word in words if len(word) > SHORT)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and (word.casefold() in self._long or word in self._short)


def redact(text: str, names: Names) -> Redacted:
    """`text` without what identifies a person. Names that are not among `names` are not found."""
    found: Counter[Kind] = Counter()
    for datum in reversed(personal.personal_data(text)):
        found[datum.kind] += 1
        text = f"{text[: datum.start]}[{datum.kind}]{text[datum.stop :]}"
    if names.unparted is not None:
        text, n = names.unparted.subn("[name]", text)
        if n:
            found["name"] += n

    def of_word(match: re.Match[str]) -> str:
        word = match.group()
        stem = re.sub(r"['’]s$", "", word)
        if stem not in names:
            return word
        found["name"] += 1
        return "[name]" + word[len(stem) :]

    return Redacted(_WORD.sub(of_word, text), found)


def holds_personal(text: str) -> personal.Kind | None:
    """What kind of personal data a text holds: an e-mail address, a link or a phone number."""
    return next((datum.kind for datum in personal.personal_data(text)), None)
