"""Small ICPs, personas and panel sources for tests."""

from collections.abc import Mapping

from panelsim.model.account import Predicate
from panelsim.model.icp import ICP, Behaviour, Firmographics, Industry
from panelsim.model.panel import Decision, PanelSpec, PersonaShare
from panelsim.model.persona import Persona, StatedFacets, StatedHexaco
from panelsim.model.ranges import Headcount, Revenue
from panelsim.model.sources import NameList, PanelSources

NAMES = (
    NameList(
        locale="en-US", women=("Ada", "Bea", "Cleo"), men=("Al", "Bob", "Cy"), family=("Ash", "Beck", "Cole")
    ),
)


def icp(name: str = "soft", low: float = 50, high: float = 500, *, anti: bool = False) -> ICP:
    return ICP(
        id=name,
        title="Software company",
        polarity="negative" if anti else "positive",
        firmographics=Firmographics(
            industries=(Industry(name="software"), Industry(name="fintech")),
            headcount=Headcount(min=low, max=high, unit="employees"),
            revenue=Revenue(min=5, max=50, unit="MUSD"),
            countries=("Canada", "Norway"),
        ),
        behaviour=Behaviour(triggers=("a new leader",)),
    )


def persona(
    name: str = "boss",
    *icps: str,
    valid_in: tuple[Predicate, ...] = (),
    facets: Mapping[str, float] | None = None,
) -> Persona:
    return Persona(
        id=name,
        name=name.title(),
        title="VP",
        committee_role="economic",
        authority="signs",
        icps=icps or ("soft",),
        valid_in=valid_in,
        hexaco=StatedHexaco(extraversion=1.0, facets=StatedFacets.model_validate(facets or {})),
        decision=Decision(proof_demanded=0.9),
    )


def sources(
    *personas: Persona, icps: tuple[ICP, ...] = (), anti: bool = False, facets: bool = False
) -> PanelSources:
    people = personas or (persona(),)
    return PanelSources(
        spec=PanelSpec(
            id="panel",
            icps=("soft",),
            personas=tuple(PersonaShare(persona=one.id) for one in people),
            facets=facets,
            anti_icps=("shop",) if anti else (),
            anti_personas=(PersonaShare(persona="owner"),) if anti else (),
        ),
        icps=icps or (icp(),),
        personas=people,
        anti_icps=(icp("shop", 2, 20, anti=True),) if anti else (),
        anti_personas=(persona("owner", "shop"),) if anti else (),
        names=NAMES,
    )
