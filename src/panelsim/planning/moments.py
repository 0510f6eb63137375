"""A drawn panel beside what it was drawn from: means, spreads, correlations, quotas, shares in market."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from panelsim.model.base import Frozen
from panelsim.model.panel import DOMAINS, FACETS, Decision, Hexaco, Panel, PersonaShare
from panelsim.model.persona import Persona
from panelsim.model.rows import column_of
from panelsim.model.sources import PanelSources
from panelsim.planning.draw import DECISION_SPREAD
from panelsim.planning.facts import Flags, Floats
from panelsim.traits.levels import resolve_levels
from panelsim.traits.tables import DOMAIN_CORRELATIONS, FACET_CORRELATIONS

TOLERANCE: Final = 0.02
"""How far a mean (in standard deviations of the population) or a correlation may be off in 10,000 draws."""


class Moment(Frozen):
    """A trait over the whole panel, in standard deviations of the population."""

    name: str
    target_mean: float
    """The mean of the personas' levels, each counted as often as it was drawn."""
    mean: float
    target_sd: float
    """From the personas' spreads and the differences between their levels."""
    sd: float


class Correlation(Frozen):
    """Two traits around their personas' levels; personas without spread are left out."""

    one: str
    other: str
    target: float
    """Of the table."""
    drawn: float


class Drawn(Frozen):
    """How often a persona was drawn, and how many of its respondents are in market."""

    persona: str
    weight: float
    due: float
    """weight / all weights x n, before quotas."""
    quota: str
    """`1 to 25%`; empty if there is none."""
    n: int
    target_in_market: float
    in_market: float | None
    """Absent if nobody was drawn."""


class Moments(Frozen):
    """What was drawn beside what was asked for."""

    panel: str
    n: int
    seed: int
    domains: tuple[Moment, ...]
    correlations: tuple[Correlation, ...]
    """None if no persona has a spread."""
    facets: tuple[Moment, ...]
    """None unless every respondent has facets."""
    facet_correlations: tuple[Correlation, ...]
    decision: tuple[Moment, ...]
    """From 0 to 1."""
    personas: tuple[Drawn, ...]
    clipped: int
    """Domain levels that would lie beyond 4 standard deviations."""

    @property
    def mean_off(self) -> float:
        """The largest distance of a domain's mean from its target."""
        return max(abs(one.mean - one.target_mean) for one in self.domains)

    @property
    def correlation_off(self) -> float:
        """The largest distance of a correlation of domains from the table."""
        return max((abs(one.drawn - one.target) for one in self.correlations), default=0.0)

    @property
    def facet_correlation_off(self) -> float:
        """The largest distance of a correlation of facets from the table."""
        return max((abs(one.drawn - one.target) for one in self.facet_correlations), default=0.0)


def moments_of(sources: PanelSources, panel: Panel) -> Moments:
    """The moments of the target arm of `panel`, which was drawn from `sources`."""
    names = panel.personas
    place = {persona.id: at for at, persona in enumerate(sources.personas)}
    target = np.array([arm == "target" for arm in panel.arms])
    who = np.array([place.get(name, 0) for name in names])[target]
    spread = np.array([persona.trait_spread for persona in sources.personas])[who]
    around = [resolve_levels(persona.hexaco, persona.id) for persona in sources.personas]
    drawn = _levels(panel, "traits", DOMAINS, target)
    levels = np.array([list(one.domains.values()) for one in around])[who]
    has_facets = all(column_of(panel.respondents, "traits.facets"))
    facets = _levels(panel, "traits.facets", FACETS, target) if has_facets else None
    facet_levels = _facet_levels(around)[who]
    decision = _levels(panel, "decision", Decision.model_fields, target)
    decision_levels = np.array([[level for _, level in one.decision] for one in sources.personas])[who]
    in_market = np.array(column_of(panel.respondents, "in_market"), dtype=np.float64)[target]
    return Moments(
        panel=panel.id,
        n=len(who),
        seed=panel.seed,
        domains=_moments(DOMAINS, drawn, levels, spread),
        correlations=_correlations(DOMAINS, drawn - levels, spread, DOMAIN_CORRELATIONS),
        facets=() if facets is None else _moments(FACETS, facets, facet_levels, spread),
        facet_correlations=()
        if facets is None
        else _correlations(FACETS, facets - facet_levels, spread, FACET_CORRELATIONS),
        decision=_moments(
            tuple(Decision.model_fields), decision, decision_levels, np.full(len(who), DECISION_SPREAD)
        ),
        personas=tuple(
            _drawn(share, persona, sources.spec.personas, len(who), in_market[who == at])
            for at, (share, persona) in enumerate(zip(sources.spec.personas, sources.personas, strict=True))
        ),
        clipped=int((np.abs(drawn) >= 4.0).sum()),
    )


def _levels(panel: Panel, part: str, names: Iterable[str], rows: Flags) -> Floats:
    columns = [column_of(panel.respondents, f"{part}.{name}") for name in names]
    return np.asarray(np.array(columns, dtype=np.float64).T[rows])


def _facet_levels(around: Sequence[Hexaco]) -> Floats:
    return np.array([[level for _, level in one.facets or ()] for one in around], dtype=np.float64)


def _moments(names: Sequence[str], drawn: Floats, levels: Floats, spread: Floats) -> tuple[Moment, ...]:
    means, sds = drawn.mean(axis=0), drawn.std(axis=0)
    targets = levels.mean(axis=0)
    target_sds = np.sqrt((spread**2).mean() + levels.var(axis=0))
    return tuple(
        Moment(
            name=name,
            target_mean=_rounded(targets[at]),
            mean=_rounded(means[at]),
            target_sd=_rounded(target_sds[at]),
            sd=_rounded(sds[at]),
        )
        for at, name in enumerate(names)
    )


def _correlations(
    names: Sequence[str], deviations: Floats, spread: Floats, table: Sequence[Sequence[float]]
) -> tuple[Correlation, ...]:
    kept = spread > 0
    if kept.sum() < 2:
        return ()
    found = np.asarray(np.corrcoef((deviations[kept] / spread[kept, np.newaxis]).T))
    return tuple(
        Correlation(one=names[a], other=names[b], target=table[a][b], drawn=_rounded(found[a, b]))
        for a, b in combinations(range(len(names)), 2)
    )


def _drawn(
    share: PersonaShare, persona: Persona, shares: Sequence[PersonaShare], n: int, in_market: Floats
) -> Drawn:
    return Drawn(
        persona=persona.id,
        weight=share.weight,
        due=_rounded(share.weight / sum(one.weight for one in shares) * n),
        quota=_quota(share),
        n=len(in_market),
        target_in_market=persona.in_market_share,
        in_market=_rounded(in_market.mean()) if len(in_market) else None,
    )


def _quota(share: PersonaShare) -> str:
    """`at least 1, at most 25%`."""
    bounds = (
        (share.min, "at least {}"),
        (share.min_share, "at least {:.0%}"),
        (share.max, "at most {}"),
        (share.max_share, "at most {:.0%}"),
    )
    return ", ".join(form.format(bound) for bound, form in bounds if bound is not None)


def _rounded(value: float) -> float:
    return round(float(value), 4) + 0.0
