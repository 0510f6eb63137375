"""Predicates on accounts: whether one holds for a drawn company, and whether it can hold within an ICP."""

from collections.abc import Mapping
from typing import TypeAlias

from panelsim.model.icp import ICP, Predicate
from panelsim.model.panel import CompanyFacts
from panelsim.model.ranges import Range

Fact: TypeAlias = float | str | tuple[str, ...]


def facts_of(company: CompanyFacts, icp: ICP) -> Mapping[str, Fact]:
    """What is known of a drawn company, by account field; what was not drawn is absent."""
    firm = icp.firmographics
    facts: dict[str, Fact | None] = {
        "headcount": company.headcount,
        "revenue_musd": company.revenue_musd,
        "growth_rate": company.growth_rate,
        "sales_team": company.sales_team,
        "industry": company.industry,
        # panels drawn before companies had a country hold it as their region
        "country": company.country or (company.region if firm.countries else None),
        "region": company.region if firm.regions and company.region in firm.regions else None,
        "growth_stage": company.growth_stage or None,
        "funding_stage": company.funding_stage or None,
        "incumbent": company.incumbent or None,
        "stack": company.stack or None,
        "signals": (company.signal,) if company.signal else None,
        "structure": company.structure or icp.structure,
    }
    return {field: fact for field, fact in facts.items() if fact is not None}


def holds(predicate: Predicate, facts: Mapping[str, Fact]) -> bool | None:
    """Whether the predicate is true of the facts; None if its field is not among them."""
    fact = facts.get(predicate.field)
    if fact is None:
        return None
    if isinstance(fact, tuple):
        found = _folded(predicate.value) <= _folded(fact)
        return found if predicate.op == "includes" else not found
    if isinstance(fact, str):
        found = _folded(fact) <= _folded(predicate.value)
        return found if predicate.op in ("is", "in") else not found
    return _compare(predicate, fact, fact)


def can_hold(predicate: Predicate, icp: ICP) -> bool | None:
    """Whether some company within the ICP fulfils the predicate; None if the ICP does not state its field."""
    extent = _extent(predicate.field, icp)
    if extent is None:
        return None
    if isinstance(extent, Range):
        return _compare(predicate, extent.min, extent.max)
    stated, named = _folded(extent), _folded(predicate.value)
    if predicate.op == "excludes":
        return True
    return bool(stated & named) if predicate.op in ("is", "in", "includes") else bool(stated - named)


def _compare(predicate: Predicate, low: float, high: float) -> bool:
    """Whether some number from low to high fulfils the predicate."""
    value = predicate.value
    if not isinstance(value, float | int):
        return False
    match predicate.op:
        case "at_least":
            return high >= value
        case "at_most":
            return low <= value
        case "is":
            return low <= value <= high
        case _:
            return not low == high == value


def _extent(field: str, icp: ICP) -> Range | tuple[str, ...] | None:
    firm, growth, tools = icp.firmographics, icp.growth, icp.technographics
    extents: dict[str, Range | tuple[str, ...] | None] = {
        "headcount": firm.headcount,
        "revenue_musd": firm.revenue,
        "sales_team": firm.sales_team,
        "growth_rate": growth.rate,
        "industry": tuple(industry.name for industry in firm.industries),
        "region": firm.regions,
        "country": firm.countries,
        "growth_stage": growth.stages,
        "funding_stage": growth.funding,
        "structure": (icp.structure,) if icp.structure else (),
        "incumbent": tools.incumbents,
        "stack": tools.uses,
        "signals": growth.signals,
    }
    return extents[field] or None


def _folded(value: Fact) -> frozenset[str]:
    texts = value if isinstance(value, tuple) else (str(value),)
    return frozenset(text.casefold() for text in texts)
