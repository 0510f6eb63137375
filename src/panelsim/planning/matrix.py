"""Building the persona matrix: which mapping holds, is left open, or breaks a rule."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from panelsim.model.icp import ICP
from panelsim.model.matrix import Cell, Column, Fit, LastResult, Matrix, Row
from panelsim.model.persona import Persona
from panelsim.planning.predicates import can_hold

Results: TypeAlias = Mapping[tuple[str, str], LastResult]
"""By persona and ICP."""


def build_matrix(personas: Sequence[Persona], icps: Sequence[ICP], results: Results) -> Matrix:
    """The matrix of these personas and ICPs; whatever else a persona names is left out."""
    return Matrix(
        columns=tuple(Column(id=icp.id, title=icp.title, polarity=icp.polarity) for icp in icps),
        rows=tuple(
            Row(
                persona=one.id,
                title=one.title,
                version=one.version,
                status=one.status,
                role=one.committee_role,
                authority=one.authority,
                cells=tuple(
                    _cell(one, icp, results.get((one.id, icp.id))) for icp in icps if icp.id in one.icps
                ),
            )
            for one in personas
        ),
    )


def _cell(persona: Persona, icp: ICP, last: LastResult | None) -> Cell:
    found = [(predicate, can_hold(predicate, icp)) for predicate in persona.valid_in]
    broken = [predicate.words().replace("_", " ") for predicate, holds in found if holds is False]
    fit: Fit = "broken" if broken else "unsaid" if any(holds is None for _, holds in found) else "holds"
    return Cell(
        icp=icp.id,
        rule=" and ".join(predicate.words().replace("_", " ") for predicate, _ in found),
        fit=fit,
        broken=" and ".join(broken),
        last=last,
    )
