"""Calibrating: texts of past results encoded, the calibration built and written."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from panelsim import __version__
from panelsim.calibration.build import Evidence, calibrate, check_enough
from panelsim.calibration.pairs import Pairs, pairs_of
from panelsim.calibration.panel import PanelColumns
from panelsim.files.calibrations import calibration_text
from panelsim.files.writing import check_folder
from panelsim.metrics.arrays import Floats
from panelsim.model.calibration import Calibration, DataFacts, PanelFacts, PastResults
from panelsim.model.call import ModelRef
from panelsim.providers.threads import thread_limit
from panelsim.reporting.calibration import render_calibration
from panelsim.service.output import write_text
from panelsim.service.vectors import encode_texts
from panelsim.settings import Settings

FILE, PAGE = "calibration.json", "calibration.md"


def checked_pairs(results: PastResults) -> Pairs:
    """The pairs of the results. InputError if there are too few tests, before anything is asked."""
    pairs = pairs_of(results.tests)
    check_enough(results, pairs)
    return pairs


def encode_pairs(pairs: Pairs, ref: ModelRef, settings: Settings) -> Floats:
    """(texts, dimensions): the sentence vector of each text."""
    said = encode_texts(pairs.texts, ref, settings)
    return np.array([one.vector for one in said], dtype=np.float64)


def build_calibration(
    results: PastResults,
    pairs: Pairs,
    *,
    vectors: Floats | None,
    embedding_model: ModelRef | None,
    panel: tuple[PanelColumns, PanelFacts] | None,
    seed: int,
    now: datetime | None = None,
) -> Calibration:
    """The calibration of the results; the same arguments give the same coefficients and figures."""
    columns, facts = panel or (None, None)
    with thread_limit()():
        evaluation, coefficients = calibrate(Evidence(results, pairs, vectors, columns, seed))
    return Calibration(
        created=f"{now or datetime.now(UTC):%Y-%m-%d}",
        panelsim_version=__version__,
        seed=seed,
        data=data_facts(results, pairs),
        embedding_model="" if vectors is None or embedding_model is None else str(embedding_model),
        panel=facts,
        evaluation=evaluation,
        coefficients=coefficients,
    )


def data_facts(results: PastResults, pairs: Pairs) -> DataFacts:
    """What the results are, in numbers."""
    variants = [variant for test in results.tests for variant in test.variants]
    dates = sorted(test.date for test in results.tests if test.date)
    return DataFacts(
        file=Path(results.name).name,
        sha256=results.sha256,
        channel=results.channel,
        outcome=results.outcome,
        tests=len(results.tests),
        variants=len(variants),
        pairs=len(pairs),
        shown=sum(variant.shown for variant in variants),
        acted=sum(variant.acted for variant in variants),
        first_date=dates[0] if dates else "",
        last_date=dates[-1] if dates else "",
        left_out=results.left_out,
    )


def write_calibration(calibration: Calibration, folder: Path) -> tuple[Path, ...]:
    """Writes the calibration file and its page into `folder`. InputError if that cannot be written."""
    check_folder(folder)
    return (
        write_text(folder / FILE, calibration_text(calibration)),
        write_text(folder / PAGE, render_calibration(calibration)),
    )
