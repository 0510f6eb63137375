"""The words of a discussion's moderator, and what an unrelated group says, from `sessions/moderator`."""

from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.study import Guide
from panelsim.prompts import Prompts

PLACE = "sessions/moderator"

Line = Annotated[str, Field(min_length=1)]


class Unrelated(Frozen):
    """A conversation about something else: a topic, and turns that anybody could say."""

    topic: Line
    turns: Annotated[tuple[Line, ...], Field(min_length=1)]


class ModeratorWords(Frozen):
    """The file `sessions/moderator`."""

    id: str
    version: Annotated[int, Field(ge=1)]
    question: Line
    probes: Annotated[tuple[Line, ...], Field(min_length=1)]
    """For the rounds on a question after its first; the last one serves for all that follow."""
    objection: Line
    unrelated: Unrelated

    def rounds(self, guide: Guide | None, each: int) -> tuple[str, ...]:
        """What the moderator asks, round by round: `each` rounds on every question."""
        asked: list[str] = []
        for text, probes in (
            [(one.text, one.probes) for one in guide.questions] if guide else [(self.question, ())]
        ):
            after = probes or self.probes
            asked += [text, *(after[min(at, len(after) - 1)] for at in range(each - 1))]
        return tuple(asked)


def read_moderator_words(prompts: Prompts) -> ModeratorWords:
    """The words of `sessions/moderator`. Raises `InputError` if the file is not of that form."""
    try:
        return ModeratorWords.model_validate(yaml.safe_load(prompts.text(PLACE)))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"prompt file {PLACE!r} does not hold the words of a moderator: {error}") from error
