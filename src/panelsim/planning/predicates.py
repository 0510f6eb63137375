"""Predicates on accounts: whether one holds for facts, and whether it can or must hold within an ICP."""

from collections.abc import Mapping
from typing import TypeAlias

from panelsim.model.account import Operator, Predicate, Value, bounds_of
from panelsim.model.icp import ICP
from panelsim.model.panel import CompanyFacts
from panelsim.model.ranges import Range

Fact: TypeAlias = float | str | bool | tuple[str, ...]


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
    return None if fact is None else holds_for(predicate, fact)


def holds_for(predicate: Predicate, fact: Fact) -> bool:
    """Whether the predicate is true of what is known in its field."""
    op, value = predicate.op, predicate.value
    if isinstance(fact, bool):
        return fact is value
    if isinstance(fact, float | int):
        return can_compare(op, value, fact, fact)
    if op == "contains":
        return any(str(value).casefold() in text for text in folded(fact))
    found = bool(folded(fact) & folded(value))
    return not found if op in ("is_not", "not_in", "excludes") else found


def can_hold(predicate: Predicate, icp: ICP) -> bool | None:
    """Whether some company within the ICP fulfils the predicate; None if the ICP does not state its field."""
    extent = extent_of(predicate.field, icp)
    op, value = predicate.op, predicate.value
    if extent is None:
        return None
    if isinstance(extent, Range):
        return can_compare(op, value, extent.min, extent.max)
    stated, named = folded(extent), folded(value)
    match op:
        case "contains":
            return any(str(value).casefold() in text for text in stated)
        case "excludes":
            return True
        case "is_not" | "not_in":
            return bool(stated - named)
        case _:
            return bool(stated & named)


def must_hold(predicate: Predicate, icp: ICP) -> bool:
    """Whether every company within the ICP fulfils the predicate, as far as the ICP states its field.

    A list field never tells: companies run some of the tools that are stated.
    """
    extent = extent_of(predicate.field, icp)
    op, value = predicate.op, predicate.value
    if isinstance(extent, Range):
        return must_compare(op, value, extent.min, extent.max)
    if extent is None or op not in ("is", "is_not", "in", "not_in", "contains"):
        return False
    return all(holds_for(predicate, text) for text in extent)


def can_compare(op: Operator, value: Value, low: float, high: float) -> bool:
    """Whether some number from low to high fulfils the condition."""
    bounds = bounds_of(value)
    if bounds is None:
        return False
    match op:
        case "at_least":
            return high >= bounds[0]
        case "at_most":
            return low <= bounds[0]
        case "is" | "between":
            return low <= bounds[1] and high >= bounds[0]
        case _:
            return not low == high == bounds[0]


def must_compare(op: Operator, value: Value, low: float, high: float) -> bool:
    """Whether every number from low to high fulfils the condition."""
    bounds = bounds_of(value)
    if bounds is None:
        return False
    match op:
        case "at_least":
            return low >= bounds[0]
        case "at_most":
            return high <= bounds[0]
        case "is" | "between":
            return bounds[0] <= low and high <= bounds[1]
        case _:
            return not low <= bounds[0] <= high


def extent_of(field: str, icp: ICP) -> Range | tuple[str, ...] | None:
    """What the ICP states of an account field; None if nothing, or if the field is the CRM's own."""
    firm, growth, tools = icp.firmographics, icp.growth, icp.technographics
    extents: dict[str, Range | tuple[str, ...] | None] = {
        "headcount": firm.headcount,
        "revenue_musd": firm.revenue,
        "market_share": firm.market_share,
        "sales_team": firm.sales_team,
        "growth_rate": growth.rate,
        "budget": icp.budget.range if icp.budget else None,
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
    return extents.get(field) or None


def folded(value: Fact | Value) -> frozenset[str]:
    """The texts in `value` without regard to capitals."""
    texts = value if isinstance(value, tuple) else (value,)
    return frozenset(str(text).casefold() for text in texts)
