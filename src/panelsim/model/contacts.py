"""Rules by which exported contacts become draft personas: a file that people can edit."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from panelsim.model.account import Text
from panelsim.model.base import Frozen, Id
from panelsim.model.persona import Authority, Role

Use: TypeAlias = Literal["title", "department", "seniority", "lifecycle", "buying_role"]
"""What a column is read for."""

Statement: TypeAlias = Literal[
    "responsibilities", "kpis", "goals", "pains", "fears", "objections", "triggers"
]
"""Persona fields that a column of texts may fill."""


class PersonalColumns(Frozen):
    """Names of columns that are dropped, compared without spaces, marks and capitals."""

    whole: Annotated[tuple[Text, ...], Field(alias="is")] = ()
    holds: tuple[Text, ...] = ()
    """Anywhere in the name."""


class ColumnNames(Frozen):
    """Names under which exports carry what is read; the first that a file has counts."""

    title: tuple[Text, ...]
    department: tuple[Text, ...] = ()
    seniority: tuple[Text, ...] = ()
    lifecycle: tuple[Text, ...] = ()
    buying_role: tuple[Text, ...] = ()


class TitleRule(Frozen):
    """A function or a seniority by the words of a job title."""

    name: Id
    title: Text
    """As a persona's title says it."""
    words: tuple[Text, ...] = ()
    """Any of them, found whole; none: fits every title."""
    but_not: tuple[Text, ...] = ()
    """Does not fit a title with one of these."""


class Standing(Frozen):
    """What somebody is in a buying committee."""

    role: Role
    authority: Authority


class RoleRule(Standing):
    """The standing of a function at a seniority; either may be left open."""

    function: str = ""
    seniority: str = ""


class ContactRules(Frozen):
    """All rules, in the order in which they are tried."""

    personal: PersonalColumns
    columns: ColumnNames
    functions: Annotated[tuple[TitleRule, ...], Field(min_length=1)]
    seniorities: Annotated[tuple[TitleRule, ...], Field(min_length=1)]
    roles: Annotated[tuple[RoleRule, ...], Field(min_length=1)]
    buying_roles: Annotated[dict[str, Standing], Field(default_factory=dict)]
    """By what a column of buying roles says."""
    in_market: tuple[Text, ...] = ()
    """Lifecycle stages of somebody who is looking for a solution now."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        functions = {rule.name for rule in self.functions} | {""}
        seniorities = {rule.name for rule in self.seniorities} | {""}
        for rule in self.roles:
            if rule.function not in functions or rule.seniority not in seniorities:
                raise ValueError(
                    f"a role is given to {rule.function or 'any'!r}, {rule.seniority or 'any'!r}, "
                    "expected functions and seniorities named above"
                )
        if self.roles[-1].function or self.roles[-1].seniority:
            raise ValueError(
                "the last role names a function or a seniority, expected one that fits everybody"
            )
        if self.seniorities[-1].words:
            raise ValueError("the last seniority has words, expected one that fits everybody")
        return self
