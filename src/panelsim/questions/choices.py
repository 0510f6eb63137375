"""The multiple-choice question, said outright: which letters apply, as a list."""

from string import ascii_uppercase
from typing import Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from panelsim.keys import canonical_json
from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.response import ChoicesAnswer, Missing
from panelsim.questions.form import Form, refused


class _Choices(Frozen):
    choices: tuple[str, ...]


_SAID = TypeAdapter(_Choices)


class DirectChoices(Frozen):
    """A JSON object with the letters of all options that apply; an empty list is an answer."""

    kind: Literal["choices_direct"] = "choices_direct"
    id: str
    options: tuple[str, ...]
    """Option ids in the order of their slots: the first is shown as A."""
    alone: str = ""
    """An option that excludes all others, as "no answer" does; empty: there is none."""

    @property
    def letters(self) -> tuple[str, ...]:
        """The slots' letters."""
        return tuple(ascii_uppercase[: len(self.options)])

    @property
    def form(self) -> Form:
        """A JSON object with a list of letters."""
        letter: JsonValue = {"type": "string", "enum": list(self.letters)}
        several: JsonValue = {"type": "array", "items": letter, "maxItems": len(self.options)}
        schema: JsonValue = {
            "type": "object",
            "properties": {"choices": several},
            "required": ["choices"],
            "additionalProperties": False,
        }
        return Form(max_tokens=24 + 6 * len(self.options), response_schema=canonical_json(schema))

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return f'a JSON object such as {{"choices": ["A", "B"]}} with letters of {", ".join(self.letters)}'

    def parse(self, said: Completion) -> ChoicesAnswer | Missing:
        """1 for every option whose letter is listed; Missing for another letter, or "no answer" and more."""
        if (missing := refused(said)) is not None:
            return missing
        try:
            listed = set(_SAID.validate_json(said.text.strip()).choices)
        except ValidationError:
            cut_off = said.finish_reason == "length"
            return Missing(reason="cut_off" if cut_off else "unreadable", raw=said.text)
        picked = tuple(letter in listed for letter in self.letters)
        contradicts = (
            self.alone in self.options and len(listed) > 1 and picked[self.options.index(self.alone)]
        )
        if not listed <= set(self.letters) or contradicts:
            return Missing(reason="unreadable", raw=said.text)
        return ChoicesAnswer(options=self.options, shares=tuple(float(one) for one in picked))
