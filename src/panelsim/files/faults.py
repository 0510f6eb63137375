"""What is wrong with a document, in one sentence: file, line, place, what was found, what was expected."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar, get_args

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from panelsim.errors import FieldFault, InputError, WrongFields
from panelsim.files.document import Document, Place

Noun = TypeVar("Noun")

PATTERNS = {
    r"^[a-z0-9][a-z0-9._-]{0,63}$": "lower-case letters, digits, dots, dashes and underscores, at most 64",
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$": "a date such as 2027-03-31",
    r"^[a-z]{2}-[A-Z]{2}$": "a language and a country such as en-US",
}
"""Patterns of the nouns in words."""

EXPECTED = {
    **dict.fromkeys(("float_type", "int_type", "int_parsing", "float_parsing"), "a number"),
    "string_type": "a text",
    "tuple_type": "a list",
    **dict.fromkeys(("model_type", "model_attributes_type"), "fields and values"),
}
"""What was expected where a value is of another type."""


def validate(noun: type[Noun], document: Document, value: JsonValue) -> Noun:
    """`value`, read from `document`, as a noun; InputError in one sentence if it is not one."""
    try:
        return TypeAdapter(noun).validate_python(value)
    except ValidationError as error:
        faults = [
            FieldFault(path_text(place), _fault(detail, place, noun))
            for place, detail in _faults(document, error)
        ]
        raise WrongFields(fault_sentence(document, error, noun), faults) from error


def wrong(document: Document, place: Place, what: str) -> InputError:
    """The error for one value of a document, which `what` says in words."""
    field = path_text(place)
    return WrongFields(f"{document.where(place)}: {field}: {what}", [FieldFault(field, what)])


def fault_sentence(document: Document, error: ValidationError, noun: type[object]) -> str:
    """The first fault with its line, and where the others are."""
    (place, detail), *others = _faults(document, error)
    shown = f"{path_text(place)}: " if place else ""
    rest = ", ".join(path_text(other) for other, _ in others)
    more = f" (and {len(others)} more: {rest})" if others else ""
    return f"{document.where(place)}: {shown}{_fault(detail, place, noun)}{more}"


def path_text(place: Place) -> str:
    """A place as people write it: `stimuli[1].text`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the document"


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` if a known word is close, else nothing."""
    close = get_close_matches(found, list(known), n=1, cutoff=0.6)
    return f", did you mean {close[0]!r}?" if close else ""


def unknown_id(document: Document, place: Place, found: str, what: str, known: Sequence[str]) -> InputError:
    """The error for a reference to something that does not exist."""
    listed = ", ".join(known) or "there are none"
    hint = did_you_mean(found, known)
    return wrong(document, place, f"found {found!r}, expected a known {what} ({listed}){hint}")


def _faults(document: Document, error: ValidationError) -> list[tuple[Place, ErrorDetails]]:
    """One fault per place in the order of the file; missing fields last, as one may be misspelt above."""
    faults: dict[Place, ErrorDetails] = {}
    details = [
        (_place_in(document.value, detail["loc"]), detail) for detail in error.errors(include_url=False)
    ]
    for place, detail in details:
        # A list is called too short as soon as one of its items is refused.
        inside = any(other[: len(place)] == place and other != place for other, _ in details)
        if not (detail["type"] == "too_short" and inside):
            faults.setdefault(place, detail)
    # A union's branches each have their say: the fault of the whole value covers those of its parts.
    outer = [
        (place, detail)
        for place, detail in faults.items()
        if not any(_is_scalar_fault(faults.get(place[:at])) for at in range(len(place)))
    ]
    return sorted(outer, key=lambda fault: (fault[1]["type"] == "missing", document.line(fault[0])))


def _is_scalar_fault(detail: ErrorDetails | None) -> bool:
    return detail is not None and detail["type"] in ("float_type", "string_type")


def _place_in(value: JsonValue, loc: Sequence[str | int]) -> Place:
    """`loc` without the parts that name a branch of a union, not a value; a missing last field stays."""
    place: list[str | int] = []
    for at, part in enumerate(loc):
        match value, part:
            case dict(), str() if part in value:
                value = value[part]
            case list(), int() if part < len(value):
                value = value[part]
            case dict(), _ if at == len(loc) - 1:
                pass
            case _:
                continue
        place.append(part)
    return tuple(place)


def _fault(detail: ErrorDetails, place: Place, noun: type[object]) -> str:
    context = detail.get("ctx", {})
    found = _shown(detail["input"])
    match detail["type"]:
        case "missing":
            return "the field is missing"
        case "extra_forbidden":
            known = _fields_at(noun, place)
            hint = did_you_mean(str(place[-1]), known) or f", expected one of {', '.join(known)}"
            return f"unknown field{hint}"
        case "literal_error":
            allowed = str(context["expected"])
            return f"found {found}, expected {allowed}{_close_literal(detail['input'], allowed)}"
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            return f"found {found}, expected {PATTERNS.get(pattern, f'text that matches {pattern}')}"
        case "union_tag_invalid" | "union_tag_not_found":
            return _tag_fault(detail)
        case kind if kind in EXPECTED:
            return f"found {found}, expected {EXPECTED[kind]}"
        case _:
            return f"found {found}, expected {_expectation(detail['msg'])}"


def _tag_fault(detail: ErrorDetails) -> str:
    """A field that says which kind of thing this is, missing or with a word that is none of its kinds."""
    context = detail.get("ctx", {})
    field = str(context["discriminator"]).strip("'")
    if "tag" not in context:
        return f"the field {field!r} is missing"
    known = str(context["expected_tags"])
    return f"{field} is {context['tag']!r}, expected one of {known}{_close_literal(context['tag'], known)}"


def _expectation(message: str) -> str:
    return re.sub(r"^(?:Input|String|Tuple|Value) should (?:be |have )?", "", message)


def _close_literal(found: object, allowed: str) -> str:
    return did_you_mean(found, re.findall(r"'([^']*)'", allowed)) if isinstance(found, str) else ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _fields_at(noun: type[object], place: Place) -> tuple[str, ...]:
    """The fields that the models at `place`'s parent have."""
    models = _models_in(noun)
    for part in place[:-1]:
        inside = [
            inner
            for model in models
            if isinstance(part, str) and part in model.model_fields
            for inner in _models_in(model.model_fields[part].annotation)
        ]
        models = inside or models
    return tuple(dict.fromkeys(name for model in models for name in model.model_fields))


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
