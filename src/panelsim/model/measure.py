"""Measures: what a rating question asks, in several wordings, with the anchors of its scale."""

from typing import Annotated, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen

Wordings: TypeAlias = Annotated[tuple[str, ...], Field(min_length=3, max_length=3)]
AnchorSet: TypeAlias = Annotated[tuple[str, ...], Field(min_length=5, max_length=5)]

POINTS = 5
"""Points of every rating scale."""


class FrameWordings(Frozen):
    """The same question to the buyer and about the buyer, three paraphrases each."""

    first_person: Wordings
    third_person: Wordings


class Measure(Frozen):
    """One measure of a message test, from `prompts/measures/`."""

    id: str
    version: Annotated[int, Field(ge=1)]
    label: str
    low: str
    """Label of point 1."""
    high: str
    """Label of point 5."""
    wordings: FrameWordings
    anchors: Annotated[tuple[AnchorSet, ...], Field(min_length=1)]
    """Sets of five statements from point 1 to point 5, for similarity rating."""
