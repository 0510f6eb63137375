"""The words of a committee's questions: what a seat is asked to do by its authority, and how it answers."""

from typing import Annotated, Literal, TypeAlias

import yaml
from pydantic import Field, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.committee import Stance
from panelsim.model.measure import FrameWordings
from panelsim.prompts import Prompts

PLACE = "sessions/committee"
ACT = "{act}"

Line: TypeAlias = Annotated[str, Field(min_length=1)]


class ByAuthority(Frozen):
    """One text for each authority."""

    signs: Line
    approves: Line
    blocks: Line
    influences: Line
    recommends: Line

    def of(self, authority: str) -> str:
        """The text of `authority`. Raises `InputError` if there is none."""
        texts: dict[str, str] = dict(self)
        if authority not in texts:
            raise InputError(f"authority {authority!r} has no words, expected one of {', '.join(texts)}")
        return texts[authority]


class ByStance(Frozen):
    """One text for each stance."""

    yes: Line
    no: Line
    unsure: Line

    def of(self, stance: Stance) -> str:
        """The text of `stance`."""
        match stance:
            case "yes":
                return self.yes
            case "no":
                return self.no
            case "unsure":
                return self.unsure


class ReasonWordings(ByStance):
    """How the reason is asked for after each stance."""

    open: Line
    """After no stance."""


class SeatWordings(Frozen):
    """The file `sessions/committee`; `{act}` stands for what the seat does."""

    id: str
    version: Annotated[int, Field(ge=1)]
    acts: ByAuthority
    duties: ByAuthority
    answers: ByStance
    stance: FrameWordings
    reason: ReasonWordings
    objection: Line
    condition: Line


SeatQuestion: TypeAlias = Literal["objection", "condition"]


def read_seat_wordings(prompts: Prompts) -> SeatWordings:
    """The wordings of `sessions/committee`. Raises `InputError` if the file is not of that form."""
    try:
        return SeatWordings.model_validate(yaml.safe_load(prompts.text(PLACE)))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"prompt file {PLACE!r} does not hold the words of a committee: {error}") from error
