"""Inventories: items that read traits or decisions back, and the scales they belong to."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen

InstrumentName: TypeAlias = Literal["ipip-hexaco-60", "ipip-hexaco-240", "decision-vignettes"]
ItemKind: TypeAlias = Literal["statement", "situation"]
Half: TypeAlias = Literal["development", "held_out"]
"""`development` items may be used to choose prompts; `held_out` items only to report."""

InventoryForm: TypeAlias = Literal["words", "numbers", "third_person", "vignette"]
"""How levels are put into the prompt. `words`: the card's phrases; `numbers`: figures with their scale
explained; `third_person`: the card's phrases, and a judge says what this buyer would answer; `vignette`:
things that the buyer does."""


class Item(Frozen):
    """One statement or situation, answered on a scale of 1 to 5."""

    id: str
    scale: str
    """A trait domain or a decision parameter."""
    facet: str = ""
    """Empty where the scale has none."""
    key: Literal[1, -1]
    """1: agreeing means a higher level; -1: agreeing means a lower one, so the answer is turned (6 - x)."""
    text: str
    """In the first person."""
    half: Half
    mean: float | None = None
    """Mean answer of people as given, on 1 to 5; absent where nobody was asked."""
    sd: float | None = None
    """Standard deviation of people's answers on 1 to 5."""


class Norm(Frozen):
    """How people score on a scale of which all items were asked, 1 to 5."""

    scale: str
    items: Annotated[int, Field(ge=2)]
    """Items of the full scale."""
    sd: Annotated[float, Field(gt=0)]
    """Standard deviation of the mean of all its items."""
    item_variance: Annotated[float, Field(gt=0)]
    """Sum of the variances of its items."""


class Instrument(Frozen):
    """Items asked together, their scales, and the norms of people if there are any."""

    name: InstrumentName
    kind: ItemKind
    scales: tuple[str, ...]
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    norms: tuple[Norm, ...] = ()
    """Empty if no person was ever asked: scores are then shares of the scale, 0 to 1."""
    people: int = 0
    """Persons behind the norms."""

    @property
    def has_norms(self) -> bool:
        """Whether scores are standard scores against people."""
        return bool(self.norms)

    def items_of(self, scale: str) -> tuple[Item, ...]:
        """The items of one scale, in order."""
        return tuple(item for item in self.items if item.scale == scale)
