"""Cuts: the same figures by ICP, persona, role, and all three at once."""

from typing import Literal

import numpy as np

from panelsim.analysis.cells import cell_of
from panelsim.analysis.contrasts import pair_of
from panelsim.analysis.preference import mean_shares
from panelsim.analysis.scene import (
    SCALE_GAP,
    SHARE_GAP,
    Differences,
    Scene,
    difference,
    share_for,
)
from panelsim.metrics.arrays import Flags
from panelsim.metrics.bootstrap import Bounds
from panelsim.model.analysis import Cut
from panelsim.model.plan import PREFERENCE
from panelsim.model.rows import column_of

MIN_SEGMENT = 5
"""Respondents below which no segment is given a leader of its own; our own proposal."""

Dimension = Literal["icp", "persona", "role", "icp x persona x role"]

DIMENSIONS: dict[Dimension, tuple[str, ...]] = {
    "icp": ("icp",),
    "persona": ("persona",),
    "role": ("role",),
    "icp x persona x role": ("icp", "persona", "role"),
}
"""Fields of a respondent."""


def cuts_of(scene: Scene, floor: float) -> tuple[Cut, ...]:
    """Every segment of every dimension, in drawing order; `floor` is the smallest lead that counts."""
    cuts: list[Cut] = []
    for dimension, fields in DIMENSIONS.items():
        places: dict[str, int] = {}
        columns = [map(str, column_of(scene.target.respondents, field)) for field in fields]
        values = map(" x ".join, zip(*columns, strict=True))
        segments = [places.setdefault(value, len(places)) for value in values]
        of_row = np.array(segments)
        cuts += [_cut(scene, dimension, value, of_row == place, floor) for value, place in places.items()]
    return tuple(cuts)


def _cut(scene: Scene, dimension: Dimension, value: str, rows: Flags, floor: float) -> Cut:
    rated = [name for name in scene.variants if (name, scene.measure) in scene.target.ratings]
    cells = tuple(cell_of(scene, scene.target, name, scene.measure, rows) for name in rated)
    shares = mean_shares(scene, rows.astype(np.float64))
    means = {cell.stimulus: cell.estimate.value for cell in cells if cell.estimate is not None}
    return Cut(
        dimension=dimension,
        value=value,
        n=int(rows.sum()),
        cells=cells,
        win_shares=tuple((name, round(share, 6)) for name, share in shares.items()),
        leader=_leader(scene, rows, shares if scene.primary == PREFERENCE else means, floor),
    )


def _leader(scene: Scene, rows: Flags, figures: dict[str, float], floor: float) -> str | None:
    """Who leads the segment on the primary outcome by more than `floor`, with an interval above 0."""
    if int(rows.sum()) < MIN_SEGMENT or len(figures) < 2:
        return None
    first, second = sorted(figures, key=lambda name: -round(figures[name], 9))[:2]
    found = _gap(scene, first, second)
    if found is None:
        return None
    gap, bounds = found
    lead = scene.mean(scene.target, gap.within(rows), bounds)
    return first if lead is not None and lead.low > 0 and lead.value > floor else None


def _gap(scene: Scene, first: str, second: str) -> tuple[Differences, Bounds] | None:
    if scene.primary == PREFERENCE:
        pair = pair_of(scene, first, second)
        if pair is None:
            return None
        shares = share_for(pair, first)
        return Differences(shares.values - 0.5, shares.present), SHARE_GAP
    columns = scene.target.rated((first, second), scene.measure)
    return (difference(*columns), SCALE_GAP) if len(columns) == 2 else None
