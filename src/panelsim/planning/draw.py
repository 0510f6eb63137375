"""Drawing a panel: respondents from personas, their companies from ICPs, all from one seed.

Each persona has random streams of its own, made from the seed and its id, and its respondents take from them
in turn. So the same seed gives the same panel everywhere, a larger panel begins with the smaller one, and a
new persona reshuffles nobody. Traits and decision parameters come from an even sequence (`planning/evenly`):
a small panel is spread over what its personas may be, and a large one has their levels, spreads and
correlations to a few thousandths.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.panel import Arm, Decision, Panel, PersonaShare
from panelsim.model.persona import Persona
from panelsim.model.sources import NameList, PanelSources
from panelsim.planning.columns import PanelColumns
from panelsim.planning.companies import draw_companies
from panelsim.planning.evenly import even_points
from panelsim.planning.facts import Floats, Listed, Whole
from panelsim.planning.naming import NamePool
from panelsim.planning.quotas import apportion
from panelsim.planning.streams import stream
from panelsim.traits.levels import resolve_levels
from panelsim.traits.sampling import draw_domains, draw_facets
from panelsim.traits.tables import DOMAIN_NORMS, FACET_NORMS

DECISION_SPREAD = 0.1
"""Standard deviation of each decision parameter around the persona's."""

_TRAITS = slice(0, len(DOMAIN_NORMS))
_DECISION = slice(_TRAITS.stop, _TRAITS.stop + len(Decision.model_fields))
_FACETS = slice(_DECISION.stop, _DECISION.stop + len(FACET_NORMS))
"""Axes of the even sequence."""


def draw_panel(sources: PanelSources, n: int, seed: int, *, anti_n: int = 0) -> Panel:
    """`n` target and `anti_n` anti-ICP respondents, by the personas' weights and quotas.

    InputError if the quotas cannot be met, a persona has no ICP in the panel or contradicts itself, or an ICP
    states too little to draw a company from it.
    """
    if n < 1 or anti_n < 0:
        raise InputError(
            f"panel {sources.spec.id!r}: {n} + {anti_n} respondents, expected n >= 1, anti_n >= 0"
        )
    spec = sources.spec
    if anti_n and not sources.anti_personas:
        raise InputError(f"panel {spec.id!r}: found no anti-ICP, expected one to draw {anti_n} controls from")
    people = (*sources.personas, *(sources.anti_personas if anti_n else ()))
    has_facets = spec.facets or any(one.hexaco.states_facets for one in people)
    columns = PanelColumns(n + anti_n, has_facets=has_facets)
    drawing = _Drawing(columns, sources.names, seed, spec.facets)
    drawing.draw_arm("target", spec.personas, sources.personas, sources.icps, n)
    drawing.draw_arm("anti", spec.anti_personas, sources.anti_personas, sources.anti_icps, anti_n)
    return Panel(id=spec.id, seed=seed, respondents=columns.rows())


class _Drawing(NamedTuple):
    """A panel while it is drawn."""

    columns: PanelColumns
    names: Sequence[NameList]
    seed: int
    all_facets: bool
    """Whether everybody carries facets."""

    def draw_arm(
        self,
        arm: Arm,
        shares: Sequence[PersonaShare],
        personas: Sequence[Persona],
        icps: Sequence[ICP],
        n: int,
    ) -> None:
        """The respondents of one arm, the first of every persona before the second of any.

        `shares` and `personas` go in pairs.
        """
        if n == 0:
            return
        counts = apportion(shares, n)
        start = self.columns.filled
        pool = NamePool(self.names, arm, self.seed)
        for position, persona in enumerate(personas):
            numbers = np.arange(counts[position])
            rows = start + in_turns(counts, position)
            if len(rows):
                self._draw_who(arm, persona, rows, pool.names(persona.locale, position, numbers))
                self._draw_levels(persona, rows)
                self._draw_situation(persona, homes_of(persona, icps), rows)
        self.columns.filled += n

    def _draw_who(self, arm: Arm, persona: Persona, rows: Whole, names: Listed) -> None:
        columns = self.columns
        columns.put_ids(rows, persona.id)
        columns.put_all("persona", rows, persona.id)
        columns.put_all("arm", rows, arm)
        columns.put_all("role", rows, persona.committee_role)
        columns.put_all("title", rows, persona.title)
        columns.put("name", rows, names)

    def _draw_levels(self, persona: Persona, rows: Whole) -> None:
        """Traits and decision parameters."""
        with_facets = self.all_facets or persona.hexaco.states_facets
        axes = (_FACETS if with_facets else _DECISION).stop
        deviates = ndtri(even_points(len(rows), axes, stream(self.seed, persona.id, "levels")))
        around = resolve_levels(persona.hexaco, persona.id)
        domains = draw_domains(around, persona.trait_spread, deviates[:, _TRAITS])
        self.columns.put_domains(rows, domains)
        if with_facets:
            facets = draw_facets(around, persona.trait_spread, domains, deviates[:, _FACETS])
            self.columns.put_facets(rows, facets)
        levels = np.array([level for _, level in persona.decision])
        self.columns.put_decision(rows, np.clip(levels + DECISION_SPREAD * deviates[:, _DECISION], 0, 1))

    def _draw_situation(self, persona: Persona, homes: Sequence[ICP], rows: Whole) -> None:
        """ICP and company, and whether something set a purchase going; the persona's ICPs take turns."""
        draws = stream(self.seed, persona.id, "market").random((len(rows), 2))
        in_market = exact_share(persona.in_market_share, draws[:, 0])
        self.columns.put("in_market", rows, Listed((False, True), in_market))
        for turn, icp in enumerate(homes):
            places = slice(turn, None, len(homes))
            mine = rows[places]
            if not len(mine):
                continue
            self.columns.put_all("icp", mine, icp.id)
            rng = stream(self.seed, persona.id, icp.id, "companies")
            for name, column in draw_companies(icp, (persona,), len(mine), rng).items():
                self.columns.put(f"company.{name}", mine, column)
            triggers = ("", *(persona.triggers or icp.behaviour.triggers))
            drawn = 1 + (draws[places, 1] * (len(triggers) - 1)).astype(np.int64)
            happened = in_market[places] if len(triggers) > 1 else np.zeros(len(mine), dtype=np.int64)
            self.columns.put("trigger", mine, Listed(triggers, drawn * happened))


def in_turns(counts: Sequence[int], position: int) -> Whole:
    """Places of the respondents of the persona at `position` when personas take turns.

    Number k of it stands after the first k of each persona, and after number k of those before it.
    """
    numbers = np.arange(counts[position], dtype=np.int64)
    places = np.zeros(len(numbers), dtype=np.int64)
    for other, count in enumerate(counts):
        places += np.minimum(count, numbers + (1 if other < position else 0))
    return places


def exact_share(share: float, draws: Floats) -> Whole:
    """A 1 for about `share` of the rows, else 0: among the first n of them n x share, rounded up or down.

    Each row has the chance `share`. With a = frac(n x share), the count after n rows is ahead (one above
    floor(n x share)) with probability a. A row at which the floor rises must decide for who is behind, and
    leaves ahead with probability a' / a; at another, who is behind gets ahead with (a' - a) / (1 - a).
    """
    due = np.round(np.arange(len(draws) + 1) * share, 9)
    floor = np.floor(due)
    rest = due - floor
    before, after = rest[:-1], rest[1:]
    rises = floor[1:] > floor[:-1]
    falls_back = rises & (draws * before >= after)
    gets_ahead = ~rises & (draws * (1 - before) < after - before)
    # all other rows leave it as it was: whoever decided last decides
    decided = np.where(falls_back | gets_ahead, np.arange(1, len(draws) + 1), 0)
    last = np.maximum.accumulate(np.concatenate(([0], decided)))
    ahead = np.concatenate(([False], gets_ahead))[last]
    return np.diff(floor + ahead).astype(np.int64)


def homes_of(persona: Persona, icps: Sequence[ICP]) -> Sequence[ICP]:
    """The ICPs of the panel that the persona belongs to; InputError if there is none."""
    homes = [icp for icp in icps if icp.id in persona.icps]
    if not homes:
        known = ", ".join(icp.id for icp in icps)
        raise InputError(f"persona {persona.id!r} belongs to no ICP of the panel, expected one of {known}")
    return homes
