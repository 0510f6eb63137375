"""What the benchmark `stability` needs to be told, and its headlines as stimuli."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from panelsim.model.base import Frozen
from panelsim.model.study import Stimulus


class StabilitySettings(Frozen):
    """What the benchmark needs to be told."""

    headlines: Annotated[tuple[str, ...], Field(min_length=3, max_length=6)]
    """Of about equal worth, and for different buyers: a panel must be able to disagree."""
    repeats: Annotated[int, Field(ge=2, le=20)] = 3
    measure: str = "relevance"
    slots: Annotated[int, Field(ge=3, le=6)] = 3
    """Headlines that stand beside each other where the slot is tested."""

    @model_validator(mode="after")
    def _has_enough(self) -> Self:
        if self.slots > len(self.headlines):
            raise ValueError(
                f"slots: found {self.slots}, expected at most the {len(self.headlines)} headlines"
            )
        return self


def stimuli_of(settings: StabilitySettings) -> tuple[Stimulus, ...]:
    """The headlines as h0, h1, ..."""
    return tuple(Stimulus(id=f"h{at}", text=text) for at, text in enumerate(settings.headlines))
