"""What an inventory run says: scores by scale, and how measured scores follow assigned levels."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.analysis import Estimate
from panelsim.model.base import Frozen
from panelsim.model.inventory import InstrumentName, InventoryForm
from panelsim.model.study import Asserted

Unit: TypeAlias = Literal["z", "share"]
"""`z`: standard scores against people; `share`: of the scale, 0 to 1, where no person was ever asked."""

Layout: TypeAlias = Literal["doses", "drawn"]
"""`doses`: profiles that differ from their base in one level; `drawn`: a panel with the levels it drew."""


class ScaleScore(Frozen):
    """One scale over the panel."""

    scale: str
    items: Annotated[int, Field(ge=1)]
    score: Estimate | None
    """Mean score in the run's unit; absent if no respondent answered enough."""
    raw: float | None
    """Mean answer turned by key, 1 to 5."""
    sd: float | None
    """Standard deviation of the respondents' scores, in the run's unit; absent for fewer than two."""
    alpha: float | None
    """Cronbach's alpha over respondents who answered every item; absent if it cannot be computed."""
    scored: int
    """Respondents with a score."""
    asked: int
    missing: int


class FacetScore(Frozen):
    """One facet over the panel."""

    scale: str
    facet: str
    items: Annotated[int, Field(ge=1)]
    raw: float | None
    """Mean answer turned by key, 1 to 5; absent if none was given."""
    alpha: float | None


class Point(Frozen):
    """One assigned level and what was measured on the same scale."""

    level: float
    score: float
    """Mean over the base respondents, in the run's unit."""
    n: Annotated[int, Field(ge=1)]


class DoseResponse(Frozen):
    """What one measured scale does when one assigned level changes."""

    measured: str
    slope: Estimate | None
    """In units of the measured scale for one of the assigned; absent if nothing was scored."""
    rho: float | None
    """Spearman's, over personas and levels; absent if the measured score never moves."""


class Dose(Frozen):
    """One trait or parameter that was assigned, and all that was measured."""

    assigned: str
    slope: Estimate | None
    """On the scale of the same name; absent if the instrument does not read it."""
    rho: float | None
    right_side: float | None
    """Share of profiles on the right side of their base; absent in a drawn panel."""
    leak_slope: float | None
    """Largest slope, by amount, on another scale."""
    leak_rho: float | None
    """Mean amount of rho on the other scales; one that never moves counts 0."""
    n: int
    """Profiles with a score."""
    missing: int
    """Profiles without one."""
    points: tuple[Point, ...]
    """The dose-response curve, by level; empty in a drawn panel."""
    responses: tuple[DoseResponse, ...]
    """One for each measured scale, in the instrument's order."""


class InventoryAnalysis(Frozen):
    """Everything that can be said of an inventory run."""

    unit: Unit
    layout: Layout
    bases: int
    """Base respondents, or respondents of a drawn panel."""
    scales: tuple[ScaleScore, ...]
    facets: tuple[FacetScore, ...]
    doses: tuple[Dose, ...]
    acquiescence: Estimate | None
    """In points of the 5-point scale; 0 without a lean, 2 for agreeing with everything."""
    convergent: float | None
    """Mean rho of what was assigned with its own scale."""
    discriminant: float | None
    """Mean amount of rho with the other scales."""
    first_component: float | None
    """Share of variance on one axis; 1 / scales if none."""
    valid_mass: float | None
    """Mean share of the answer token's probability on valid points; absent unless by log-probability."""
    asked: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]


class Readback(Frozen):
    """What an inventory asked, and whether what was assigned came back."""

    kind: Literal["readback"] = "readback"
    instrument: InstrumentName
    items: int
    form: InventoryForm
    asserted: Asserted
    layout: Layout
    bases: int
    """Base respondents, or respondents of a drawn panel."""
    respondents: int
    """Base respondents and their profiles."""
    sentence: str
    """The result in one sentence."""
    scales: int
    convergent: float | None
    """Mean rho of what was assigned with its own scale; absent if the instrument reads none of it."""
    discriminant: float | None
    """Mean amount of rho with the other scales."""
    acquiescence: Estimate | None
    first_component: float | None
    valid_mass: float | None
    answers: int
    missing: int
    missing_reasons: tuple[tuple[str, int], ...]


class Recovery(Frozen):
    """The dose-response table: assigned levels against measured ones."""

    kind: Literal["recovery"] = "recovery"
    unit: Unit
    assigned_unit: Unit
    """`share` for decision parameters."""
    layout: Layout
    confidence: float
    """Coverage of the simulation intervals."""
    measured: tuple[str, ...]
    """Scales of the instrument."""
    doses: tuple[Dose, ...]


class ScaleScores(Frozen):
    """Scores and reliability by scale and facet."""

    kind: Literal["scale_scores"] = "scale_scores"
    unit: Unit
    people: int
    """Persons behind the norms; 0 if there are none."""
    min_answered: float
    scales: tuple[ScaleScore, ...]
    facets: tuple[FacetScore, ...]
