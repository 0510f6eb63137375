"""The list question: some points as JSON, each with the passage it claims to rest on."""

from typing import Annotated

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from panelsim.keys import canonical_json
from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.response import Missing
from panelsim.questions.form import Form, refused

LONGEST = 400
"""Characters of a point, as in a persona."""


class Point(Frozen):
    """One point as it was said."""

    text: Annotated[str, Field(max_length=LONGEST)]
    passage: int
    """Number of the passage, from 1; 0 for none."""
    quote: str = ""


class Points(Frozen):
    """A list as it was said."""

    items: tuple[Point, ...]


_POINTS = TypeAdapter(Points)


class ItemsQuestion(Frozen):
    """Asks for at most `most` points; with `among`, each is one of those words."""

    id: str
    most: Annotated[int, Field(ge=1, le=10)]
    among: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        """A JSON object that holds a list."""
        text: JsonValue = {"type": "string", "enum": list(self.among)} if self.among else {"type": "string"}
        point: JsonValue = {
            "type": "object",
            "properties": {"text": text, "passage": {"type": "integer"}, "quote": {"type": "string"}},
            "required": ["text", "passage", "quote"],
            "additionalProperties": False,
        }
        items: JsonValue = {"type": "array", "items": point, "maxItems": self.most}
        schema: JsonValue = {
            "type": "object",
            "properties": {"items": items},
            "required": ["items"],
            "additionalProperties": False,
        }
        return Form(max_tokens=60 + 90 * self.most, response_schema=canonical_json(schema), spoken=True)

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        example = '{"items": [{"text": "a point", "passage": 0, "quote": ""}]}'
        return f"a JSON object such as {example} with at most {self.most} items"

    def parse(self, said: Completion) -> tuple[Point, ...] | Missing:
        """The points with words in them, each once, at most `most`; Missing if it is no such list."""
        if (missing := refused(said)) is not None:
            return missing
        cut_off = said.finish_reason == "length"
        try:
            points = _POINTS.validate_json(said.text.strip()).items
        except ValidationError:
            return Missing(reason="cut_off" if cut_off else "unreadable", raw=said.text)
        known = {word.casefold(): word for word in self.among}
        kept: dict[str, Point] = {}
        for point in points:
            text = " ".join(point.text.split()).strip(" .;")
            if text and (not known or text.casefold() in known):
                shown = known.get(text.casefold(), text)
                kept.setdefault(text.casefold(), point.model_copy(update={"text": shown}))
        if not kept:
            return Missing(reason="unreadable", raw=said.text)
        return tuple(kept.values())[: self.most]
