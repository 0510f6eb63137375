"""Ranges with a unit, as a marketer types them: `50-500 employees`, `10-100 MUSD`, `10-60 kUSD/year`."""

import math
import re
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Self

from pydantic import model_validator

from panelsim.model.base import Frozen

_NUMBER = r"-?\d[\d,_]*(?:\.\d+)?"
_TYPED = re.compile(rf"^\s*({_NUMBER})\s*(?:-|–|—|\bto\b)\s*({_NUMBER})\s*(\S.*?)?\s*$")


class Scale(NamedTuple):
    """The unit a typed unit is stored in, and what one of the typed unit is worth in it."""

    unit: str
    factor: float


class Range(Frozen):
    """A closed range in a stated unit; a subclass says which units it reads and which one it keeps."""

    EXAMPLE: ClassVar[str]
    UNITS: ClassVar[Mapping[str, Scale]] = {}
    LOWEST: ClassVar[float] = 0.0
    HIGHEST: ClassVar[float] = math.inf

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""

    @classmethod
    def scale_of(cls, unit: str) -> Scale | None:
        """How the typed `unit` is stored; absent if this range does not know the unit."""
        return cls.UNITS.get(unit) or cls.UNITS.get(unit.lower())

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if isinstance(value, str):
            value = cls._split(value)
        if not isinstance(value, Mapping):
            raise cls._unreadable(value)
        unit = value.get("unit")
        if not isinstance(unit, str) or not unit.strip():
            raise ValueError(f"the range has no unit, expected one such as in {cls.EXAMPLE!r}")
        scale = cls.scale_of(unit.strip())
        if scale is None:
            raise ValueError(f"unknown unit {unit!r}, expected a range such as {cls.EXAMPLE!r}")
        return {name: _scaled(part, scale) for name, part in value.items()} | {"unit": scale.unit}

    @classmethod
    def _split(cls, text: str) -> dict[str, object]:
        found = _TYPED.match(text)
        if found is None:
            raise cls._unreadable(text)
        low, high, unit = found.groups()
        return {"min": _number(low), "max": _number(high), "unit": unit or ""}

    @classmethod
    def _unreadable(cls, value: object) -> ValueError:
        return ValueError(f"found {value!r}, expected a range with a unit such as {cls.EXAMPLE!r}")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not (math.isfinite(self.min) and math.isfinite(self.max)):
            raise ValueError(f"found a range from {self.min:g} to {self.max:g}, expected two finite ends")
        if self.min < self.LOWEST:
            raise ValueError(
                f"the range starts at {self.min:g}, expected at least {self.LOWEST:g} {self.unit}"
            )
        if self.max > self.HIGHEST:
            raise ValueError(f"the range ends at {self.max:g}, expected at most {self.HIGHEST:g} {self.unit}")
        if self.min > self.max:
            raise ValueError(f"the range runs from {self.min:g} down to {self.max:g}, expected min <= max")
        return self


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("_", ""))


def _scaled(part: object, scale: Scale) -> object:
    if isinstance(part, int | float) and not isinstance(part, bool):
        return round(part * scale.factor, 9)
    return part


class Headcount(Range):
    """Employees of a company."""

    EXAMPLE = "50-500 employees"
    UNITS: ClassVar[Mapping[str, Scale]] = {
        name: Scale("employees", 1) for name in ("employees", "people", "staff", "heads", "fte")
    }
    LOWEST = 1


class Revenue(Range):
    """Yearly revenue, kept in millions of US dollars (MUSD)."""

    EXAMPLE = "10-100 MUSD"
    UNITS: ClassVar[Mapping[str, Scale]] = {
        "USD": Scale("MUSD", 1e-6),
        "kUSD": Scale("MUSD", 1e-3),
        "MUSD": Scale("MUSD", 1),
        "musd": Scale("MUSD", 1),
        "BUSD": Scale("MUSD", 1e3),
    }


class Percent(Range):
    """A share or a rate in percent."""

    EXAMPLE = "5-20 %"
    UNITS: ClassVar[Mapping[str, Scale]] = {
        "%": Scale("%", 1), "percent": Scale("%", 1), "pct": Scale("%", 1),
    }  # fmt: skip
    HIGHEST = 100


class GrowthRate(Range):
    """Yearly growth of revenue in percent; a shrinking company is below 0."""

    EXAMPLE = "10-40 %/year"
    UNITS: ClassVar[Mapping[str, Scale]] = {
        name: Scale("%/year", 1) for name in ("%", "%/year", "% per year", "percent/year", "percent")
    }
    LOWEST = -100


class Churn(Range):
    """Customers lost a year in percent."""

    EXAMPLE = "4-9 %/year"
    UNITS: ClassVar[Mapping[str, Scale]] = {
        name: Scale("%/year", 1) for name in ("%/year", "% per year", "percent/year")
    }
    HIGHEST = 100


class Promoters(Range):
    """Net promoter score: percent who recommend us less percent who advise against."""

    EXAMPLE = "20-50 NPS"
    UNITS: ClassVar[Mapping[str, Scale]] = {"NPS": Scale("NPS", 1), "nps": Scale("NPS", 1)}
    LOWEST = -100
    HIGHEST = 100


_PREFIX: Mapping[str, float] = {"": 1e-3, "k": 1, "M": 1e3}


class Worth(Range):
    """What a customer brings in all, kept in thousands of a stated currency."""

    EXAMPLE = "40-120 kUSD"

    @classmethod
    def scale_of(cls, unit: str) -> Scale | None:
        """Reads any three-letter currency, with k or M before it."""
        found = re.fullmatch(r"([kM]?)([A-Z]{3})", unit)
        return Scale(f"k{found[2]}", _PREFIX[found[1]]) if found else None


class Spend(Range):
    """Money a company can spend, kept in thousands of a stated currency a year."""

    EXAMPLE = "10-60 kUSD/year"
    _PERIOD: ClassVar[Mapping[str, float]] = {"year": 1, "month": 12}

    @classmethod
    def scale_of(cls, unit: str) -> Scale | None:
        """Reads any three-letter currency, with k or M before it and a year or month after it."""
        found = re.fullmatch(r"([kM]?)([A-Z]{3})\s*/\s*(year|month)", unit)
        if found is None:
            return None
        prefix, currency, period = found.groups()
        return Scale(f"k{currency}/year", _PREFIX[prefix] * cls._PERIOD[period])
