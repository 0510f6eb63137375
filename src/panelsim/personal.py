"""Personal data in a text: where e-mail addresses, phone numbers and links stand. Names only people know."""

import re
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["e-mail", "phone", "link"]

_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]]+@[^\s@<>(),;:\"'\[\]]+\.[^\s@<>(),;:\"'\[\].]{2,}")
_LINK = re.compile(r"(?:https?://|www\.|linkedin\.com/)\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w#/.-])(?:\+|\(|00)?\d(?:[ \t().\u00a0/–-]{0,2}\d){6,14}(?![\w/-]|\.\d)")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}(?::\d{2}){0,2})?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}\s?[-–/]\s?\d{4}"
)


class PersonalDatum(NamedTuple):
    """Something in a text by which a person could be reached."""

    kind: Kind
    start: int
    stop: int


def personal_data(text: str) -> tuple[PersonalDatum, ...]:
    """E-mail addresses, links and phone numbers in `text`, in order; none overlaps another.

    A phone number is a run of 7 to 15 digits with usual separators that is neither a date, nor a figure with
    thousands separators, nor a plain number without a plus sign, a bracket or a separator.
    """
    found = [PersonalDatum("e-mail", *one.span()) for one in _EMAIL.finditer(text)]
    found += [PersonalDatum("link", *one.span()) for one in _LINK.finditer(text) if not _within(one, found)]
    found += [
        PersonalDatum("phone", *one.span())
        for one in _PHONE.finditer(text)
        if _is_phone(one.group()) and not _within(one, found)
    ]
    return tuple(sorted(found, key=lambda datum: datum.start))


def _within(match: re.Match[str], found: list[PersonalDatum]) -> bool:
    return any(one.start < match.end() and match.start() < one.stop for one in found)


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
