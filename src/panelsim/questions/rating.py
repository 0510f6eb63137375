"""Rating questions on a scale of 1 to k: read from log-probabilities, or from a structured answer."""

import math
import re
from typing import Literal

from pydantic import JsonValue, ValidationError

from panelsim.keys import canonical_json
from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.measure import POINTS
from panelsim.model.response import Missing, RatingAnswer
from panelsim.questions.form import Form, refused
from panelsim.questions.tokens import MIN_MASS, label_masses

_LONE_DIGIT = re.compile(
    r"[^\w.{-]*(?:(?:rating|score|answer)\W+)*([1-9])(?:\s*(?:/|out of)\s*(\d+))?\W*", re.IGNORECASE
)
"""A digit said alone, with its noun or out of the scale: in "I have 2 of those" it is no answer."""


class LogprobRating(Frozen):
    """One digit, read as the expected value over the digit's log-probabilities."""

    kind: Literal["rating_logprob"] = "rating_logprob"
    id: str
    points: int = POINTS

    @property
    def form(self) -> Form:
        """One token with its 20 likeliest alternatives."""
        return Form(max_tokens=1, top_logprobs=20)

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return f"one digit from 1 to {self.points} and nothing else"

    def parse(self, said: Completion) -> RatingAnswer | Missing:
        """P(point) proportional to the mass of its digit tokens; `valid_mass` is their share before that."""
        if (missing := refused(said)) is not None:
            return missing
        if not said.logprobs:
            return Missing(reason="no_logprobs", raw=said.text)
        masses = label_masses(said.logprobs[0], tuple(str(point) for point in range(1, self.points + 1)))
        total = math.fsum(masses)
        if total < MIN_MASS:
            return Missing(reason="low_mass", raw=said.text)
        return RatingAnswer(distribution=tuple(mass / total for mass in masses), valid_mass=min(1.0, total))


class _Rating(Frozen):
    rating: int


class DirectRating(Frozen):
    """A structured answer: a JSON object with one integer."""

    kind: Literal["rating_direct"] = "rating_direct"
    id: str
    points: int = POINTS

    @property
    def form(self) -> Form:
        """A JSON object that follows a schema."""
        rating: JsonValue = {"type": "integer", "minimum": 1, "maximum": self.points}
        schema: JsonValue = {
            "type": "object",
            "properties": {"rating": rating},
            "required": ["rating"],
            "additionalProperties": False,
        }
        return Form(max_tokens=24, response_schema=canonical_json(schema))

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return f'a JSON object such as {{"rating": 3}} with a whole number from 1 to {self.points}'

    def parse(self, said: Completion) -> RatingAnswer | Missing:
        """All probability on the one point given; a digit said alone is read too (`4.`, `4/5`)."""
        if (missing := refused(said)) is not None:
            return missing
        point = self._point(said.text)
        if point is None or not 1 <= point <= self.points:
            cut_off = said.finish_reason == "length"
            return Missing(reason="cut_off" if cut_off else "unreadable", raw=said.text)
        return RatingAnswer(distribution=tuple(float(p == point) for p in range(1, self.points + 1)))

    def _point(self, text: str) -> int | None:
        try:
            return _Rating.model_validate_json(text.strip()).rating
        except ValidationError:
            found = _LONE_DIGIT.fullmatch(text.strip())
            if found is None or found[2] not in (None, str(self.points)):
                return None
            return int(found[1])
