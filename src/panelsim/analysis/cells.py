"""Cells: each stimulus on each measure."""

import numpy as np

from panelsim.analysis.scene import SCALE, Differences, Scene
from panelsim.analysis.table import ArmTable
from panelsim.metrics import scale
from panelsim.metrics.arrays import Flags
from panelsim.model.analysis import Cell


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
        asked=asked,
        missing=sum(count for _, count in reasons),
        missing_reasons=reasons,
    )
