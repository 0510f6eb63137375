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

    point: Annotated[str, Field(max_length=LONGEST)]
    quote: str = ""
    """Words of the passage."""
    rests_on: int
    """Number of the passage, from 1; 0 for none."""


class Points(Frozen):
    """A list as it was said."""

    items: tuple[Point, ...]


_POINTS = TypeAdapter(Points)


class ItemsQuestion(Frozen):
    """Asks for at most `most` points, with quotes or without; with `among`, each is one of those words."""

    id: str
    most: Annotated[int, Field(ge=1, le=10)]
    quotes: bool = False
    among: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        """A JSON object that holds a list."""
        text: JsonValue = {"type": "string", "enum": list(self.among)} if self.among else {"type": "string"}
        # in the order of their names, which is the order in which a schema makes a model say them
        parts: dict[str, JsonValue] = {"point": text, "rests_on": {"type": "integer"}}
        if self.quotes:
            parts["quote"] = {"type": "string"}
        point: JsonValue = {
            "type": "object",
            "properties": parts,
            "required": [*parts],
            "additionalProperties": False,
        }
        items: JsonValue = {"type": "array", "items": point, "maxItems": self.most}
        schema: JsonValue = {
            "type": "object",
            "properties": {"items": items},
            "required": ["items"],
            "additionalProperties": False,
        }
        per_point = 90 if self.quotes else 45
        return Form(
            max_tokens=60 + per_point * self.most, response_schema=canonical_json(schema), spoken=True
        )

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        quote = ', "quote": ""' if self.quotes else ""
        example = f'{{"items": [{{"point": "a point"{quote}, "rests_on": 0}}]}}'
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
            text = " ".join(point.point.split()).strip(" .;")
            if text and (not known or text.casefold() in known):
                shown = known.get(text.casefold(), text)
                kept.setdefault(text.casefold(), point.model_copy(update={"point": shown}))
        if not kept:
            return Missing(reason="unreadable", raw=said.text)
        return tuple(kept.values())[: self.most]
