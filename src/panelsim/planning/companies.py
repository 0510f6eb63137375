"""Drawing the company of a respondent from an ICP's ranges and lists."""

import math
from collections.abc import Sequence

import numpy as np

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.panel import CompanyFacts
from panelsim.model.persona import Persona
from panelsim.model.ranges import Headcount, Revenue
from panelsim.planning.predicates import facts_of, holds

STACK_SIZE = 3
"""Most tools of the ICP's stack that one company is given."""

REVENUE_SPREAD = 0.15
"""Standard deviation of a company's place in the revenue range around its place in the headcount range."""

ATTEMPTS = 200


def draw_company(icp: ICP, persona: Persona, rng: np.random.Generator) -> CompanyFacts:
    """A company within the ICP in which the persona can exist.

    Draws again until the must-haves hold, no deal-breaker does and the persona is valid, as far as the
    drawn facts can tell. InputError if the ICP states no industry, headcount or place, or if 200 draws give
    no such company.
    """
    headcount = _required(icp)
    for _ in range(ATTEMPTS):
        company = _draw_facts(icp, headcount, rng)
        if _fits(company, icp, persona):
            return company
    raise InputError(
        f"persona {persona.id!r} in icp {icp.id!r}: no company within the ICP's ranges meets the must-haves, "
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


def _draw_facts(icp: ICP, headcount: Headcount, rng: np.random.Generator) -> CompanyFacts:
    firm = icp.firmographics
    place = float(rng.random())
    revenue_place = place + REVENUE_SPREAD * float(rng.standard_normal())
    return CompanyFacts(
        industry=_one([industry.name for industry in firm.industries], rng),
        headcount=round(_log_between(headcount.min, headcount.max, place)),
        revenue_musd=_revenue(firm.revenue, revenue_place),
        region=_one(firm.countries or firm.regions, rng),
        growth_stage=_one(icp.growth.stages, rng),
        stack=_some(icp.technographics.uses, rng),
        incumbent=_one(icp.technographics.incumbents, rng),
        signal=_one(icp.growth.signals, rng),
        challenge=_one(icp.challenges, rng),
    )


def _fits(company: CompanyFacts, icp: ICP, persona: Persona) -> bool:
    facts = facts_of(company, icp)
    wanted = all(holds(predicate, facts) is not False for predicate in icp.must_have + persona.valid_in)
    return wanted and not any(holds(predicate, facts) for predicate in icp.deal_breaker)


def _revenue(revenue: Revenue | None, place: float) -> float | None:
    if revenue is None:
        return None
    value = float(f"{_log_between(revenue.min, revenue.max, place):.2g}")
    return min(revenue.max, max(revenue.min, value))


def _log_between(low: float, high: float, place: float) -> float:
    """The number at `place` (0 to 1) between low and high on a log scale, or a linear one from 0."""
    return low * math.exp(place * math.log(high / low)) if low > 0 else low + place * (high - low)


def _one(options: Sequence[str], rng: np.random.Generator) -> str:
    """One of the options, each as likely; empty if there are none. One draw either way, so streams align."""
    draw = float(rng.random())
    return options[math.floor(draw * len(options))] if options else ""


def _some(options: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Up to STACK_SIZE of the options, in their order."""
    draws = [float(rng.random()) for _ in options]
    chosen = sorted(range(len(options)), key=lambda at: draws[at])[:STACK_SIZE]
    return tuple(options[at] for at in sorted(chosen))
