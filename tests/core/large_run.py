"""Analyses, reports and exports a large run in a process of its own, and prints what it took as JSON."""

import json
import sys
from collections import Counter
from pathlib import Path

from panelsim.analysis import analysis_of
from panelsim.analysis.hearing import Hearing
from panelsim.reporting.build import message_report
from panelsim.reporting.exports import Export, Origin
from panelsim.reporting.formats import FORMATS, Page
from panelsim.reporting.gleaning import Gleaning
from tests import builders
from tests.core.generated import STUDY, run_of

STATUS = Path("/proc/self/status")
"""Where Linux says what memory a process takes."""


def memory_mb(what: str) -> float:
    """`VmRSS`, the memory in use, or `VmHWM`, the most there ever was; in MB."""
    line = next(line for line in STATUS.read_text("utf-8").splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def main(respondents: int) -> dict[str, float]:
    """Lines written of each export, characters of each page, and how far memory grew beyond the panel."""
    run = run_of(respondents)
    before = memory_mb("VmRSS")
    hearing, gleaning = Hearing(STUDY, run.panel, run.plan), Gleaning(STUDY, run.panel)
    origin = Origin(
        run_id="run-0001",
        study=STUDY.id,
        stimuli={one.id: one for one in run.plan.stimuli},
        people={one.id: one for one in run.panel.respondents},
    )
    forms = {name: form for name, form in FORMATS.items() if name != "readings"}
    writers = {name: form.writer(origin) for name, form in forms.items() if isinstance(form, Export)}
    written: Counter[str] = Counter()
    for transcript in run:
        hearing.hear(transcript)
        gleaning.hear(transcript)
        for name, text_of in writers.items():
            written[name] += text_of(transcript).count("\n")
    analysis = analysis_of(hearing, run)
    report = message_report(STUDY, run.panel, run.plan, gleaning, analysis, builders.facts(), ())
    for name, form in forms.items():
        if isinstance(form, Page):
            written[name] = len(form.render(report, None))
    return {**written, "asked": analysis.quality.asked, "grown_mb": memory_mb("VmHWM") - before}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))))
