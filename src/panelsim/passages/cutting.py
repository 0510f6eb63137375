"""Cutting notes into passages: paragraphs, list items or the buyer's turns, each of a bounded length."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from panelsim.keys import content_key
from panelsim.model.note import Note, Passage
from panelsim.passages.quotable import quotable

LONGEST: Final = 320
"""Characters of a passage, about 80 tokens: two of them beside a headline leave room for an answer."""
FEWEST_WORDS: Final = 4
"""What is shorter says nothing by itself."""
ASKED_LONGEST: Final = 200

_HEADING = re.compile(r"\s*#{1,6}\s")
_RULE = re.compile(r"\s*([-*_=])(?:\s*\1){2,}\s*")
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"\s*>\s?")
_SENTENCE_END = re.compile(r"(?<=[.!?…])['’)]?\s+")


class _Piece(NamedTuple):
    place: str
    text: str
    asked: str = ""


def split(note: Note) -> tuple[Passage, ...]:
    """The passages of `note`, in its order. Headings, rules and pieces of under four words are left out."""
    pieces = _turns(note) if note.speakers else _paragraphs(note.text)
    return tuple(
        passage
        for piece in pieces
        for passage in _bounded(note, piece)
        if len(passage.text.split()) >= FEWEST_WORDS
    )


def _bounded(note: Note, piece: _Piece) -> Iterator[Passage]:
    texts = _parts(quotable(piece.text))
    for number, text in enumerate(texts, start=1):
        yield Passage(
            note=note.id,
            place=piece.place if len(texts) == 1 else f"{piece.place}.{number}",
            kind=note.kind,
            source=quotable(note.source),
            date=note.date,
            who=quotable(note.who),
            basis=note.basis,
            text=text,
            asked=quotable(piece.asked)[:ASKED_LONGEST],
            key=content_key("passage1", text),
        )


def _parts(text: str) -> list[str]:
    """`text` cut at ends of sentences, or between words where a sentence is too long."""
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        for stretch in _stretches(sentence):
            if parts and len(parts[-1]) + 1 + len(stretch) <= LONGEST:
                parts[-1] = f"{parts[-1]} {stretch}"
            else:
                parts.append(stretch)
    return parts


def _stretches(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        cut = sentence.rfind(" ", 0, LONGEST + 1)
        cut = cut if cut > 0 else LONGEST
        yield sentence[:cut]
        sentence = sentence[cut:].lstrip()
    yield sentence


def _paragraphs(text: str) -> Iterator[_Piece]:
    """Blocks of lines between blank ones; each item of a list is one by itself."""
    lines: list[str] = []
    count = 0
    for line in [*text.splitlines(), ""]:
        bare = _QUOTED.sub("", line, count=1)
        opens_item = _ITEM.match(bare) is not None
        ends = not bare.strip() or opens_item or _HEADING.match(bare) or _RULE.fullmatch(bare)
        if ends and lines:
            count += 1
            yield _Piece(f"p{count}", " ".join(lines))
            lines = []
        if opens_item:
            lines = [_ITEM.sub("", bare, count=1)]
        elif not ends:
            lines.append(bare)


def _turns(note: Note) -> Iterator[_Piece]:
    """What buyers say, with what we said before it; text ahead of the first label belongs to nobody."""
    sides = {speaker.label.casefold(): speaker.side for speaker in note.speakers}
    labels = "|".join(re.escape(speaker.label) for speaker in note.speakers)
    opening = re.compile(rf"^[ \t]*(?:\*\*)?({labels})[ \t]*:(?:\*\*)?[ \t]*", re.IGNORECASE | re.MULTILINE)
    _, *rest = opening.split(note.text)
    asked = ""
    for number, (label, said) in enumerate(zip(rest[::2], rest[1::2], strict=True), start=1):
        if sides[label.casefold()] == "us":
            asked = said
        else:
            yield _Piece(f"t{number}", said, asked)
