"""Making text of others safe to quote in a prompt: one line, no marks of a chat, no personal data."""

import re
from typing import Final, NamedTuple

MARK: Final = "[removed]"
"""Stands where an e-mail address or a phone number stood."""

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w#/.-])(?:\+|\(|00)?\d(?:[ \t().\u00a0/-]{0,2}\d){6,14}(?![\w/-]|\.\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}\s?[-–/]\s?\d{4}")
_CHAT_MARK = re.compile(
    r"<(?=[|｜/\w]|<)|(?<=[|｜\w/>])>|\[(?=/?(?:INST|SYS|system|user|assistant)\b)", re.IGNORECASE
)
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_DOUBLE_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»', "'"))


class PersonalDatum(NamedTuple):
    """Something in a text by which a person could be reached."""

    kind: str
    """`an e-mail address` or `a phone number`."""
    start: int
    stop: int


def personal_data(text: str) -> tuple[PersonalDatum, ...]:
    """E-mail addresses and phone numbers in `text`, in order. Names are not found: only people know them.

    A phone number is a run of 7 to 15 digits with usual separators that is neither a date, nor a figure with
    thousands separators, nor a plain number without a plus sign, a bracket or a separator.
    """
    found = [PersonalDatum("an e-mail address", one.start(), one.end()) for one in _EMAIL.finditer(text)]
    found += [
        PersonalDatum("a phone number", one.start(), one.end())
        for one in _PHONE.finditer(text)
        if _is_phone(one.group()) and not any(a.start <= one.start() < a.stop for a in found)
    ]
    return tuple(sorted(found, key=lambda datum: datum.start))


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if _DATE.fullmatch(text.strip()) or not 7 <= len(digits) <= 15:
        return False
    if text.startswith(("+", "(", "00")):
        return True
    groups = re.findall(r"\d+", text)
    # 12.500.000 and 1 200 000 are figures; 5551234 may be one
    is_figure = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    return len(groups) > 1 and not is_figure


def redacted(text: str) -> str:
    """`text` with a mark in place of e-mail addresses and phone numbers; lines stay where they are."""
    for datum in reversed(personal_data(text)):
        text = text[: datum.start] + MARK + text[datum.stop :]
    return text


def quotable(text: str) -> str:
    """`text` on one line, ready to stand between double quotes in a prompt.

    A chat template's marks (`<|im_start|>`, `</s>`, `[INST]`) are parted by a space, so that no tokenizer
    reads them as such; double quotes become single ones; control and direction characters go.
    """
    line = " ".join(_UNPRINTABLE.sub("", text.replace("\r\n", "\n")).split())
    return _CHAT_MARK.sub(_parted, line.translate(_DOUBLE_QUOTES))


def _parted(mark: re.Match[str]) -> str:
    return f" {mark.group()}" if mark.group() == ">" else f"{mark.group()} "
