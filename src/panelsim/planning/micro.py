"""Micro-ICPs: what a child takes over from its parent, and where it reaches beyond it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from panelsim.model.icp import ICP
from panelsim.model.ranges import Range

OWN = ("id", "title", "version", "status", "parent", "review_due", "sources", "outcomes")
"""What a child never takes over: it is another profile, with its own customers."""
ADDED = ("must_have", "deal_breaker")
"""What a child can only add to: its companies must be good enough for the parent."""


def inherit(child: Mapping[str, JsonValue], parent: ICP) -> dict[str, JsonValue]:
    """The fields of a child's file, with what they leave out taken from the parent.

    A stated field replaces the parent's, part by part inside firmographics, technographics, growth,
    behaviour, account_fields and columns; lists and ranges are replaced whole. The parent's conditions come
    after the child's own. What says which profile it is (`OWN`) is never taken over.
    """
    given: dict[str, JsonValue] = parent.model_dump(mode="json", exclude_unset=True)
    merged = _merged(child, {name: value for name, value in given.items() if name not in OWN})
    for place in ADDED:
        own, above = child.get(place, []), given.get(place, [])
        if isinstance(own, list) and isinstance(above, list) and (own or above):
            merged[place] = [*own, *(one for one in above if not _among(one, own))]
    return merged


def _merged(child: Mapping[str, JsonValue], parent: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    merged = dict(child)
    for name, above in parent.items():
        own = merged.get(name)
        if own is None:
            merged[name] = above
        elif isinstance(own, dict) and isinstance(above, dict) and "min" not in above:
            merged[name] = _merged(own, above)
    return merged


def _among(condition: JsonValue, own: list[JsonValue]) -> bool:
    """Whether the child states the same condition, whatever its note."""
    return any(_core(condition) == _core(other) for other in own)


def _core(condition: JsonValue) -> JsonValue:
    return {k: v for k, v in condition.items() if k != "note"} if isinstance(condition, dict) else condition


class Excess(NamedTuple):
    """One place where a child reaches beyond its parent."""

    field: str
    child: str
    parent: str
    fix: str


def excess_of(child: ICP, parent: ICP) -> Iterator[Excess]:
    """Where the child's ranges and lists admit companies that the parent does not."""
    yield from _ranges_beyond(child, parent)
    for field, own, above in _lists(child, parent):
        beyond = [text for text in own if text.casefold() not in {other.casefold() for other in above}]
        if above and beyond:
            left = [text for text in own if text not in beyond]
            fix = f"keep {', '.join(left)}" if left else f"take some of {', '.join(above)}"
            yield Excess(field, ", ".join(beyond), ", ".join(above), f"{fix}, or widen the parent")


def _ranges_beyond(child: ICP, parent: ICP) -> Iterator[Excess]:
    for field, own, above in _ranges(child, parent):
        if own is None or above is None:
            continue
        if own.unit != above.unit:
            fix = f"state it in {above.unit} as {parent.id} does"
            yield Excess(field, range_text(own), range_text(above), fix)
        elif own.min < above.min or own.max > above.max:
            low, high = max(own.min, above.min), min(own.max, above.max)
            common = (
                f"narrow it to {low:g}-{high:g} {own.unit}" if low <= high else "move it into the parent's"
            )
            yield Excess(field, range_text(own), range_text(above), f"{common}, or widen the parent")


def range_text(one: Range) -> str:
    """A range as a file writes it: `50-500 employees`."""
    return f"{one.min:g}-{one.max:g} {one.unit}" if one.min >= 0 else f"{one.min:g} to {one.max:g} {one.unit}"


def _ranges(child: ICP, parent: ICP) -> Iterator[tuple[str, Range | None, Range | None]]:
    a, b = child.firmographics, parent.firmographics
    yield "firmographics.headcount", a.headcount, b.headcount
    yield "firmographics.revenue", a.revenue, b.revenue
    yield "firmographics.market_share", a.market_share, b.market_share
    yield "firmographics.sales_team", a.sales_team, b.sales_team
    yield "growth.rate", child.growth.rate, parent.growth.rate
    budgets = (child.budget.range if child.budget else None, parent.budget.range if parent.budget else None)
    yield ("budget.range", *budgets)


def _lists(child: ICP, parent: ICP) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    a, b = child.firmographics, parent.firmographics
    yield (
        "firmographics.industries",
        tuple(one.name for one in a.industries),
        tuple(one.name for one in b.industries),
    )
    yield "firmographics.regions", a.regions, b.regions
    yield "firmographics.countries", a.countries, b.countries
    yield "growth.stages", child.growth.stages, parent.growth.stages
    yield "growth.funding", child.growth.funding, parent.growth.funding
    structures = tuple((one.structure,) if one.structure else () for one in (child, parent))
    yield "structure", structures[0], structures[1]
