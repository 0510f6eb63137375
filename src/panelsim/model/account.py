"""Accounts: the fields that a company can be judged by, and predicates over them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from panelsim.model.base import Frozen

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""One short statement."""

FieldName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""The name of a built-in field, or of a column as the CRM has it."""

Kind = Literal["number", "text", "list", "flag"]
"""What an account field holds: one number, one text, several texts, or yes and no."""

Operator = Literal[
    "is", "is_not", "at_least", "at_most", "between", "in", "not_in", "contains",
    "includes", "includes_any", "excludes",
]  # fmt: skip

OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    "number": ("is", "is_not", "at_least", "at_most", "between"),
    "text": ("is", "is_not", "in", "not_in", "contains"),
    "list": ("includes", "includes_any", "excludes"),
    "flag": ("is",),
}

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Value = (
    Annotated[bool, Field(strict=True)]
    | Number
    | Text
    | tuple[Number, Number]
    | Annotated[tuple[Text, ...], Field(min_length=1)]
)


class AccountField(Frozen):
    """A field of accounts."""

    type: Kind
    """What its cells hold."""
    unit: str = ""
    """What a number counts (`visits`, `kEUR/year`); empty for the other types."""
    note: str = ""
    """What it says of an account, and who fills it when."""

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if self.unit and self.type != "number":
            raise ValueError(f"a {self.type} has unit {self.unit!r}, expected a unit only for numbers")
        return self


def _number(unit: str, note: str = "") -> AccountField:
    return AccountField(type="number", unit=unit, note=note)


_TEXT = AccountField(type="text")

FIELDS: Mapping[str, AccountField] = {
    "headcount": _number("employees"),
    "revenue_musd": _number("MUSD/year"),
    "market_share": _number("%"),
    "growth_rate": _number("%/year"),
    "sales_team": _number("people"),
    "budget": _number("thousands a year", "in the currency of the ICP's own budget"),
    "problem_fit": _number("points from 1 to 5", "how well we solve a problem that this account has"),
    "success_potential": _number("points from 1 to 5", "how sure this account is to succeed with us"),
    "industry": _TEXT,
    "region": _TEXT,
    "country": _TEXT,
    "growth_stage": _TEXT,
    "funding_stage": _TEXT,
    "structure": _TEXT,
    "incumbent": _TEXT,
    "stack": AccountField(type="list", note="tools in use"),
    "signals": AccountField(type="list", note="hiring, funded, expanding"),
}
"""The built-in fields. Others are declared by the ICP, under `account_fields`."""


class Predicate(Frozen):
    """A condition on an account: field, operator, value. Capitals in texts do not matter."""

    field: FieldName
    """A built-in field, or one that the ICP declares under `account_fields`."""
    op: Operator
    """How field and value are compared."""
    value: Value
    """A number or two (`between`), yes or no, one text, or a list (`in`, `not_in`, `includes_any`)."""
    note: str = ""
    """Why it matters."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        built_in = FIELDS.get(self.field)
        fault = built_in and fault_in(self, built_in.type)
        if fault:
            raise ValueError(fault)
        return self

    def words(self) -> str:
        """The condition as people read it: `headcount at least 50`, `industry in retail, health`."""
        match self.value:
            case bool():
                said = "yes" if self.value else "no"
            case float():
                said = _plain(self.value)
            case str():
                said = self.value
            case _:
                said = ", ".join(part if isinstance(part, str) else _plain(part) for part in self.value)
        between = " and ".join(said.split(", ")) if self.op == "between" else said
        return f"{self.field} {self.op.replace('_', ' ')} {between}"


def _plain(number: float) -> str:
    return f"{number:.10g}"


def bounds_of(value: Value) -> tuple[float, float] | None:
    """The two numbers of a `between`, or one number twice; None if the value is not of numbers."""
    if isinstance(value, float):
        return value, value
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    low, high = value
    return (low, high) if isinstance(low, float) and isinstance(high, float) else None


def fault_in(predicate: Predicate, kind: Kind) -> str:
    """Why the predicate cannot be judged on a field of that kind; empty if it can."""
    field, op, value = predicate.field, predicate.op, predicate.value
    allowed = OPERATORS[kind]
    if op not in allowed:
        return f"operator {op!r} on {field!r}, expected one of {', '.join(allowed)}"
    bounds = bounds_of(value)
    match kind, op:
        case "number", "between":
            expected = "two numbers, the smaller one first"
            fits = isinstance(value, tuple) and bounds is not None and bounds[0] <= bounds[1]
        case "number", _:
            expected, fits = "a number", isinstance(value, float)
        case "flag", _:
            expected, fits = "true or false", isinstance(value, bool)
        case _, "in" | "not_in" | "includes_any":
            expected, fits = "a list of texts", isinstance(value, tuple) and bounds is None
        case _:
            expected, fits = "one text", isinstance(value, str)
    return "" if fits else f"{field!r} {op} {value!r}, expected {expected}"


def unknown_field(field: str, declared: Iterable[str] = ()) -> str:
    """The fault of a predicate whose field is neither built in nor declared, with a near name if one is."""
    known = (*FIELDS, *declared)
    near = get_close_matches(field, known, n=1, cutoff=0.6)
    hint = f", did you mean {near[0]!r}?" if near else f", expected one of {', '.join(known)}"
    return f"unknown account field {field!r}{hint}"
