"""Cells: each stimulus on each measure."""

import numpy as np

from panelsim.analysis.scene import SCALE, SHARE, Differences, Scene
from panelsim.analysis.table import ArmTable, Rated
from panelsim.metrics import scale
from panelsim.metrics.arrays import Flags
from panelsim.model.analysis import Cell, Estimate
from panelsim.model.study import ConceptTest


def cells_of(scene: Scene, arm: ArmTable) -> tuple[Cell, ...]:
    """One cell for each stimulus and measure that the arm was asked, in the study's order."""
    keys = ((stimulus.id, measure) for stimulus in scene.stimuli for measure in scene.study.measures)
    return tuple(cell_of(scene, arm, *key, arm.everyone()) for key in keys if key in arm.ratings)


def cell_of(scene: Scene, arm: ArmTable, stimulus: str, measure: str, rows: Flags) -> Cell:
    """The cell of one stimulus and measure over some of the arm's respondents."""
    column = arm.ratings[stimulus, measure]
    present = column.present & rows
    asked, reasons = column.counts(rows)
    estimate = scene.mean(arm, Differences(column.values, present), SCALE)
    distribution = np.zeros(0)
    if estimate is not None:
        distribution = scale.pooled(column.distributions[present], arm.weights[present])
    return Cell(
        stimulus=stimulus,
        measure=measure,
        estimate=estimate,
        distribution=tuple(round(float(share), 6) for share in distribution),
        top_two=None if estimate is None else round(scale.top_two(distribution), 6),
        top_box=_top_box(scene, arm, measure, column, present),
        asked=asked,
        missing=sum(count for _, count in reasons),
        missing_reasons=reasons,
    )


def _top_box(scene: Scene, arm: ArmTable, measure: str, column: Rated, present: Flags) -> Estimate | None:
    """Mean over respondents of the probability they give to the two highest points, in a concept test."""
    if measure != scene.measure or not isinstance(scene.study, ConceptTest):
        return None
    shares = column.distributions[:, -2:].sum(axis=1)
    return scene.mean(arm, Differences(shares, present), SHARE)
