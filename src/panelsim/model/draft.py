"""Drafts: a persona as a model wrote it, each field with what it rests on, and what was left out."""

from typing import Annotated, Literal

from pydantic import Field

from panelsim.model.account import Text
from panelsim.model.base import Frozen, Id
from panelsim.model.icp import ICP
from panelsim.model.note import Ground, Note
from panelsim.model.panel import DOMAINS, Decision, Hexaco
from panelsim.model.response import Missing

DraftBasis = Literal["inferred", "invented"]


class DraftRequest(Frozen):
    """What a persona is drafted from."""

    id: Id
    role: Text
    """The job title, as the persona will bear it."""
    icp: ICP
    notes: tuple[Note, ...] = ()


class DraftItem(Frozen):
    """One point of a field."""

    text: Text
    quote: str = ""
    """Words of the passage; a pain's only."""
    ground: Ground | None = None
    """The passage that it rests on; absent: none."""


class DraftField(Frozen):
    """One field, as it was answered; no items if it was not."""

    name: str
    """A field of a persona: `goals`, `journey.research`, `hexaco.openness`."""
    items: tuple[DraftItem, ...] = ()
    """Texts; of a choice its one option."""
    level: float | None = None
    """Of a trait or a decision parameter; absent: not one, or not answered."""
    missing: Missing | None = None
    """Why nothing can stand there; absent: something does."""
    left_out: tuple[str, ...] = ()
    """What was said and does not stand there, each with the reason."""
    call_keys: tuple[str, ...]

    @property
    def basis(self) -> DraftBasis:
        """`inferred` if every point rests on a passage of a note that was not made up, else `invented`."""
        grounds = [item.ground for item in self.items]
        rests = bool(grounds) and all(one is not None and one.basis == "observed" for one in grounds)
        return "inferred" if rests else "invented"

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """The passages it rests on, each once."""
        return tuple(dict.fromkeys(item.ground for item in self.items if item.ground is not None))


class Draft(Frozen):
    """A drafted persona, field by field."""

    request: DraftRequest
    fields: Annotated[tuple[DraftField, ...], Field(min_length=1)]

    def field(self, name: str) -> DraftField:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def levels(self) -> tuple[Hexaco, Decision]:
        """Trait levels and decision parameters; those that were not answered are at the middle."""
        stated = {field.name: field.level for field in self.fields if field.level is not None}
        traits = {name: stated[f"hexaco.{name}"] for name in DOMAINS if f"hexaco.{name}" in stated}
        decides = {
            name: stated[f"decision.{name}"] for name in Decision.model_fields if f"decision.{name}" in stated
        }
        return Hexaco(**traits), Decision(**decides)
