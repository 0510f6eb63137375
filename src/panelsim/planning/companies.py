"""Drawing the companies of respondents from an ICP's ranges and lists, many at a time as columns."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy.special import ndtri

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.model.ranges import Headcount, Range
from panelsim.planning.facts import Facts, Flags, Floats, Listed, Whole

STACK_SIZE = 3
"""Most tools of the ICP's stack that one company is given."""

SIZE_SPREAD = 0.15
"""Standard deviation of a company's place in its ranges of revenue, sales team and budget around its place in
the range of headcounts, each from 0 to 1."""

LEAST_TRIED = 2_000
MOST_TRIED_EACH = 200
"""Companies drawn before the search is given up: so many with nothing found, so many for each one wanted."""
MOST_AT_ONCE = 1 << 17

_DRAWS: Final = (
    "place", "revenue", "sales_team", "budget", "growth_rate", "market_share", "industry", "region",
    "country", "growth_stage", "funding_stage", "incumbent", "signal", "challenge",
)  # fmt: skip
"""What each uniform number of a company decides; the tools follow, one number each."""


def draw_companies(
    icp: ICP, personas: Sequence[Persona], n: int, rng: np.random.Generator
) -> Mapping[str, Listed]:
    """`n` companies within the ICP in which each of `personas` can exist: the fields of `CompanyFacts`.

    Draws companies in turn and keeps those whose must-haves hold, for which no deal-breaker does and all
    personas are valid, as far as the drawn facts can tell; a larger `n` begins with the same companies.
    InputError if the ICP states no industry, headcount or place, or if no such company is found.
    """
    headcount = _required(icp)
    kept: list[Facts] = []
    found = tried = 0
    while found < n:
        rows = min(MOST_AT_ONCE, max(256, _expected(n - found, found, tried)))
        facts = _draw_facts(icp, headcount, rng.random((rows, len(_DRAWS) + len(icp.technographics.uses))))
        fitting = np.flatnonzero(_fitting(facts, icp, personas))[: n - found]
        kept.append(facts.chosen(fitting))
        found, tried = found + len(fitting), tried + rows
        if found < n and tried >= LEAST_TRIED and found * MOST_TRIED_EACH < tried:
            raise _nothing_fits(icp, personas)
    return Facts.joined(kept).columns()


def _expected(wanted: int, found: int, tried: int) -> int:
    """How many companies to draw to find `wanted` more."""
    share = found / tried if found else 0.5
    return int(1.1 * wanted / share) + 16


def _nothing_fits(icp: ICP, personas: Sequence[Persona]) -> InputError:
    who = ", ".join(repr(persona.id) for persona in personas)
    names = f"persona {who}" if len(personas) == 1 else f"personas {who} together"
    return InputError(
        f"{names} in icp {icp.id!r}: no company within the ICP's ranges meets the must-haves, "
        "deal-breakers and valid_in conditions, expected ranges and conditions that overlap"
    )


def _required(icp: ICP) -> Headcount:
    firm = icp.firmographics
    stated = {
        "industries": firm.industries,
        "headcount": firm.headcount,
        "regions": firm.regions or firm.countries,
    }
    lacking = [name for name, value in stated.items() if not value]
    if lacking or firm.headcount is None:
        raise InputError(
            f"icp {icp.id!r}: firmographics lack {', '.join(lacking)}, expected them to draw companies"
        )
    return firm.headcount


def _fitting(facts: Facts, icp: ICP, personas: Sequence[Persona]) -> Flags:
    fits = np.ones(facts.size, dtype=np.bool_)
    for predicate in (*icp.must_have, *(one for persona in personas for one in persona.valid_in)):
        held = facts.held(predicate)
        if held is not None:
            fits &= held
    for predicate in icp.deal_breaker:
        held = facts.held(predicate)
        if held is not None:
            fits &= ~held
    return fits


def _draw_facts(icp: ICP, headcount: Headcount, uniform: Floats) -> Facts:
    """A company for each row of `uniform`, fitting or not."""
    firm, growth, tools = icp.firmographics, icp.growth, icp.technographics
    draw = {name: uniform[:, at] for at, name in enumerate(_DRAWS)}
    people = np.round(_log_between(headcount, draw["place"]))
    budget = icp.budget.range if icp.budget is not None and icp.budget.range.unit == "kUSD/year" else None
    sales = _sized(firm.sales_team, draw["place"], draw["sales_team"])
    numbers = {
        "headcount": people,
        "sales_team": None if sales is None else np.minimum(np.round(sales), people),
        "revenue_musd": _two_digits(firm.revenue, _sized(firm.revenue, draw["place"], draw["revenue"])),
        "budget_kusd": _two_digits(budget, _sized(budget, draw["place"], draw["budget"])),
        "growth_rate": _linear_between(growth.rate, draw["growth_rate"]),
        "market_share": _linear_between(firm.market_share, draw["market_share"]),
    }
    lists: dict[str, Sequence[str]] = {
        "industry": [industry.name for industry in firm.industries],
        "region": _regions(icp),
        "country": firm.countries,
        "growth_stage": growth.stages,
        "funding_stage": growth.funding,
        "incumbent": tools.incumbents,
        "signal": growth.signals,
        "challenge": icp.challenges,
    }
    texts = {name: _one(options, draw[name]) for name, options in lists.items()}
    texts["structure"] = Listed((icp.structure or "",), np.zeros(len(uniform), dtype=np.int64))
    return Facts(numbers, texts, tools.uses, _some(len(tools.uses), uniform[:, len(_DRAWS) :]))


def _regions(icp: ICP) -> Sequence[str]:
    """Regions to draw from: none if countries are stated too and it is not said which lies in which."""
    firm = icp.firmographics
    return () if firm.countries and len(firm.regions) > 1 else firm.regions


def _sized(range_: Range | None, place: Floats, draw: Floats) -> Floats | None:
    """Numbers of the range that go with the company's size."""
    if range_ is None:
        return None
    deviates = ndtri(np.clip(draw, 2.0**-53, 1 - 2.0**-53))
    return _log_between(range_, np.clip(place + SIZE_SPREAD * deviates, 0, 1))


def _log_between(range_: Range, place: Floats) -> Floats:
    """Numbers at `place` (0 to 1) of the range on a log scale, or on a linear one from 0."""
    if range_.min > 0:
        spread = np.log(range_.max) - np.log(range_.min)
        return _within(range_, range_.min * np.exp(place * spread))
    return _within(range_, range_.min + place * (range_.max - range_.min))


def _linear_between(range_: Range | None, place: Floats) -> Floats | None:
    """Numbers of the range to one decimal place."""
    if range_ is None:
        return None
    return _within(range_, np.round(range_.min + place * (range_.max - range_.min), 1))


def _two_digits(range_: Range | None, numbers: Floats | None) -> Floats | None:
    """The numbers with two significant digits, inside the range."""
    if range_ is None or numbers is None:
        return None
    power = np.floor(np.log10(np.maximum(numbers, 1e-9))) - 1
    whole = np.round(numbers / 10.0**power)
    # a division by a whole power of ten rounds once, as reading the digits would
    rounded = np.where(power < 0, whole / 10.0 ** np.maximum(-power, 0), whole * 10.0 ** np.maximum(power, 0))
    return _within(range_, rounded)


def _within(range_: Range, numbers: Floats) -> Floats:
    return np.asarray(np.clip(numbers, range_.min, range_.max), dtype=np.float64)


def _one(options: Sequence[str], draw: Floats) -> Listed:
    """One of the options each; the empty text if there are none."""
    if not options:
        return Listed(("",), np.zeros(len(draw), dtype=np.int64))
    return Listed(tuple(options), (draw * len(options)).astype(np.int64))


def _some(options: int, draws: Floats) -> Whole:
    """Places of up to STACK_SIZE of the options in each row, ascending."""
    chosen = np.argsort(draws, axis=1, kind="stable")[:, : min(STACK_SIZE, options)]
    return np.sort(chosen, axis=1)
