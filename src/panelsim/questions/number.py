"""The number question: one number between two bounds."""

import re
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from panelsim.keys import canonical_json
from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.response import Missing, NumberAnswer
from panelsim.questions.form import Form, refused

_LONE_NUMBER = re.compile(r"[^\w.{-]*(-?\d+(?:\.\d+)?)\W*")
"""A number said alone: with words around it, it is no answer."""


class _Number(Frozen):
    number: Annotated[float, Field(allow_inf_nan=False)]


_SAID = TypeAdapter(_Number)


class DirectNumber(Frozen):
    """A JSON object with one number."""

    kind: Literal["number_direct"] = "number_direct"
    id: str
    low: float
    high: float

    @property
    def form(self) -> Form:
        """A JSON object that follows a schema."""
        number: JsonValue = {"type": "number", "minimum": self.low, "maximum": self.high}
        schema: JsonValue = {
            "type": "object",
            "properties": {"number": number},
            "required": ["number"],
            "additionalProperties": False,
        }
        return Form(max_tokens=24, response_schema=canonical_json(schema))

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return f'a JSON object such as {{"number": {self.low:g}}} from {self.low:g} to {self.high:g}'

    def parse(self, said: Completion) -> NumberAnswer | Missing:
        """The number; one outside the bounds is Missing, as nothing is pushed into them."""
        if (missing := refused(said)) is not None:
            return missing
        try:
            value = _SAID.validate_json(said.text.strip()).number
        except ValidationError:
            found = _LONE_NUMBER.fullmatch(said.text.strip())
            if found is None:
                cut_off = said.finish_reason == "length"
                return Missing(reason="cut_off" if cut_off else "unreadable", raw=said.text)
            value = float(found[1])
        if not self.low <= value <= self.high:
            return Missing(reason="unreadable", raw=said.text)
        return NumberAnswer(value=value)
