"""What a draft asks for, and what its prompts say of the companies of an ICP."""

from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.icp import ICP
from panelsim.prompts import Prompts

FEW = 3
"""Of company facts that a prompt names, of each kind."""


class ListField(Frozen):
    """A field that is asked as a list of points."""

    field: str
    most: Annotated[int, Field(ge=1, le=10)]
    ask: str
    words: str
    """What finds the passages for it."""


class ChoiceField(Frozen):
    """A field that is one of some options, each put in words."""

    ask: str
    words: str
    options: dict[str, str]


class LevelFields(Frozen):
    """How trait levels and decision parameters are asked for."""

    ask: str
    middle: str


class DraftForm(Frozen):
    """The prompt file `draft/fields`."""

    id: str
    version: int
    lists: tuple[ListField, ...]
    choices: dict[str, ChoiceField]
    levels: LevelFields


class Company(Frozen):
    """What a prompt says of the companies of an ICP."""

    industries: str
    size: str
    places: str
    uses: str
    challenges: str
    triggers: str
    decision_process: str


def read_form(prompts: Prompts) -> DraftForm:
    """What a draft asks for. Raises `InputError` if the prompt file `draft/fields` does not say it."""
    try:
        return DraftForm.model_validate(yaml.safe_load(prompts.text("draft/fields")))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"prompt file 'draft/fields' cannot be read: {error}") from error


def company_of(icp: ICP) -> Company:
    """The companies of `icp` in a few words."""
    firm = icp.firmographics
    size = f"{firm.headcount.min:,.0f} to {firm.headcount.max:,.0f} people" if firm.headcount else "any size"
    return Company(
        industries=", ".join(one.name for one in firm.industries[:FEW]) or icp.title,
        size=size,
        places=", ".join((firm.countries or firm.regions)[:FEW]),
        uses=", ".join((*icp.technographics.uses, *icp.technographics.incumbents[:1])),
        challenges="; ".join((*icp.challenges, *icp.behaviour.pains)[: 2 * FEW]),
        triggers="; ".join(icp.behaviour.triggers[:FEW]),
        decision_process=icp.behaviour.decision_process,
    )
