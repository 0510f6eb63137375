"""Making text of others safe to quote in a prompt: one line, no marks of a chat, no personal data."""

import re
from typing import Final

from panelsim.personal import personal_data

MARK: Final = "[removed]"
"""Stands where an e-mail address or a phone number stood."""

_CHAT_MARK = re.compile(
    r"<(?=[|｜/\w]|<)|(?<=[|｜\w/>])>|\[(?=/?(?:INST|SYS|system|user|assistant)\b)", re.IGNORECASE
)
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_DOUBLE_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»', "'"))


def redacted(text: str) -> str:
    """`text` with a mark in place of e-mail addresses and phone numbers; lines stay where they are."""
    for datum in reversed(personal_data(text)):
        if datum.kind == "link":
            continue  # a link leads to a page, not to a person
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
