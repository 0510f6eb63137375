"""What follows from the trait levels that a persona states: all six domains and all 24 facets.

Facets are standard scores f with the correlations R of `tables`. A domain is the mean of its four facets'
raw scores, so as a standard score it is d = B f with

    b_k = sd_k / sqrt(sum over its facets i, j of sd_i sd_j r_ij)  for its own four facets, else 0.

B R B' gives the domain correlations of the table to .001. What is stated, C f = y, has one row of B for each
stated domain and a single 1 for each stated facet; the rest is its conditional expectation under the normal
distribution with those correlations,

    f = R C' (C R C')^-1 y,

which keeps every stated level exactly. A domain with neither a level nor a stated facet is stated as 0, the
population mean. If all four facets of a domain are stated, they alone decide it.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from panelsim.errors import InputError
from panelsim.model.panel import DOMAINS, FACETS, FACETS_OF, Facets, Hexaco
from panelsim.model.persona import StatedHexaco
from panelsim.traits.tables import FACET_CORRELATIONS, FACET_NORMS

Floats = NDArray[np.float64]

TOLERANCE: Final = 0.1
"""How far a stated domain may lie from what its facets say when nothing is left open."""

OPEN_SPREADS: Final = 2.0
"""By how many standard deviations of what the stated facets leave open it may lie further away."""

_LEAST, _MOST = -4.0, 4.0

R: Final[Floats] = np.array(FACET_CORRELATIONS)


def _sums() -> Floats:
    sd = np.array([norm.sd for norm in FACET_NORMS.values()])
    rows = np.zeros((len(DOMAINS), len(FACETS)))
    for at, domain in enumerate(DOMAINS):
        own = [FACETS.index(name) for name in FACETS_OF[domain]]
        variance = sd[own] @ R[np.ix_(own, own)] @ sd[own]
        rows[at, own] = sd[own] / math.sqrt(variance)
    return rows


B: Final[Floats] = _sums()
"""6 x 24: domains from facets."""


class Implied(NamedTuple):
    """What stated facets say of their domain."""

    level: float
    open: float
    """Standard deviation of the domain that they leave; 0 if all four are stated."""


def resolve_levels(stated: StatedHexaco, persona: str) -> Hexaco:
    """All levels of `persona`: the stated ones, and what follows from them.

    InputError if a domain and its facets contradict each other, or facets put their domain beyond 4 standard
    deviations.
    """
    rows: list[Floats] = []
    levels: list[float] = []
    for at, domain in enumerate(DOMAINS):
        level = getattr(stated, domain)
        facets = stated_facets(stated, domain)
        _check(persona, domain, level, facets)
        for name, value in facets.items():
            rows.append(np.eye(len(FACETS))[FACETS.index(name)])
            levels.append(value)
        if len(facets) < len(FACETS_OF[domain]) and (level is not None or not facets):
            rows.append(B[at])
            levels.append(level or 0.0)
    c = np.array(rows)
    # twelve digits: the last ones of a solver differ between machines
    f = np.round(R @ c.T @ np.linalg.solve(c @ R @ c.T, np.array(levels)), 12) + 0.0
    d = np.round(B @ f, 12) + 0.0
    facet_levels = dict(zip(FACETS, f.tolist(), strict=True))
    return Hexaco(**dict(zip(DOMAINS, d.tolist(), strict=True)), facets=Facets(**facet_levels))


def stated_facets(stated: StatedHexaco, domain: str) -> dict[str, float]:
    """The facets of `domain` that are stated."""
    found = {name: getattr(stated.facets, name) for name in FACETS_OF[domain]}
    return {name: level for name, level in found.items() if level is not None}


def implied_domain(domain: str, facets: dict[str, float]) -> Implied:
    """What some facets of `domain` say of it: its conditional expectation and standard deviation."""
    if not facets:
        return Implied(0.0, 1.0)
    own = [FACETS.index(name) for name in facets]
    covariance = R[own] @ B[DOMAINS.index(domain)]
    weights = np.linalg.solve(R[np.ix_(own, own)], covariance)
    left = max(0.0, 1.0 - float(weights @ covariance))
    return Implied(float(weights @ np.array(list(facets.values()))), math.sqrt(round(left, 9)))


def _check(persona: str, domain: str, level: float | None, facets: dict[str, float]) -> None:
    said = ", ".join(f"{name} {value:+g}" for name, value in facets.items())
    implied = implied_domain(domain, facets)
    if facets and not _LEAST <= implied.level <= _MOST:
        raise InputError(
            f"persona {persona!r}: hexaco.facets: {said} put {domain} at {implied.level:+.2f}, "
            f"expected a level from {_LEAST:g} to {_MOST:g}"
        )
    if level is None or not facets:
        return
    room = TOLERANCE + OPEN_SPREADS * implied.open
    if abs(level - implied.level) > room:
        low, high = max(_LEAST, implied.level - room), min(_MOST, implied.level + room)
        raise InputError(
            f"persona {persona!r}: hexaco.{domain} {level:+g} contradicts its facets {said}, which put it at "
            f"{implied.level:+.2f}, expected {domain} from {low:+.2f} to {high:+.2f}, or other facets"
        )
