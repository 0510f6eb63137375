"""Parts: whole respondents of a run that are driven together, and how a part ended."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.base import Frozen

CALLS_PER_PART = 150
"""What a part holds: enough to keep its own cost small, few enough to be driven again after a crash."""


class Part(Frozen):
    """The respondents at the places `start` to `stop` (not included) of a run's panel."""

    index: Annotated[int, Field(ge=0)]
    start: Annotated[int, Field(ge=0)]
    stop: Annotated[int, Field(ge=0)]


class PartResult(Frozen):
    """How a part ended, in sessions."""

    done: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]
    """Sessions whose model could not be asked."""
    stopped: Literal["", "budget", "cancel"] = ""
    """Why sessions were left unasked; empty if none was."""
    reason: str = ""
    """In a sentence: of the stop, else of the first failure; empty for neither."""


def parts_of(
    respondents: int, calls_per_respondent: float, calls_per_part: int = CALLS_PER_PART
) -> Iterator[Part]:
    """Parts of some `calls_per_part` calls each, at least one respondent, in the order of the panel."""
    width = max(1, round(calls_per_part / max(1.0, calls_per_respondent)))
    for index, start in enumerate(range(0, respondents, width)):
        yield Part(index=index, start=start, stop=min(start + width, respondents))
