"""The reports kept in tests/golden; `python -m tests.golden_reports` writes them anew."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from panelsim.model.inventory import Item
from panelsim.model.report import Report, Respondents, Transcripts
from panelsim.reporting.build import build_interview_report, build_report
from panelsim.reporting.charts import Draw
from panelsim.reporting.exports import Origin
from panelsim.reporting.formats import FORMATS, FormatName, pieces
from tests import builders, committees, discussions
from tests.core.inventories import inventory_report
from tests.core.test_concepts_study import concept_report
from tests.core.test_hypothesis_study import hypothesis_study_report
from tests.core.test_survey_study import survey_study_report

GOLDEN = Path(__file__).parent / "golden"
SESSIONS = (0, 5, 6, 36)
"""Places of transcripts that show each kind: a stimulus seen alone, a pair, another respondent."""


def message_report() -> Report:
    """A message test of three headlines, with few of its transcripts."""
    all_said = builders.transcripts()
    said = [all_said[place] for place in SESSIONS]
    return build_report(
        builders.message_test(),
        builders.panel(),
        builders.plan(),
        said,
        builders.analysis(),
        builders.facts(),
        builders.personas(),
    )


def interview_report() -> Report:
    """Two interviews."""
    return build_interview_report(
        builders.interview_study(),
        builders.panel(),
        builders.interviews(),
        builders.facts(),
        builders.personas(),
    )


FORMATS_OF: Mapping[str, list[FormatName]] = {
    "message_test": [name for name in FORMATS if name not in ("readings", "answers")],
    "interview": [name for name in FORMATS if name not in ("readings", "answers")],
    "committee": [name for name in FORMATS if name not in ("readings", "answers")],
    "inventory": [name for name in FORMATS if name not in ("csv", "answers")],
    "concept_test": [name for name in FORMATS if name not in ("readings", "answers")],
    "hypothesis": [name for name in FORMATS if name not in ("csv", "readings")],
    "survey": [name for name in FORMATS if name not in ("csv", "readings")],
    "discussion": [name for name in FORMATS if name not in ("readings", "answers")],
}
"""A kind of study has one table of answers."""


def render(
    report: Report, name: str, draw: Draw | None = None, items: Mapping[str, Item] | None = None
) -> str:
    """The report in one format; exports are made of the respondents and transcripts that it holds."""
    (people,) = [section.respondents for section in report.record if isinstance(section, Respondents)]
    (said,) = [section.transcripts for section in report.record if isinstance(section, Transcripts)]
    origin = Origin(
        run_id=report.run_id,
        study=report.study,
        stimuli={one.id: one for one in report.stimuli},
        people={one.id: one for one in people},
        items=items or {},
    )
    return "".join(pieces(name, report, origin, said, draw))


@cache
def golden_texts() -> Mapping[str, str]:
    """File name to text, for every format and kind of study with a page of its own."""
    inventory, items = inventory_report()
    reports = {
        "message": message_report(),
        "interview": interview_report(),
        "committee": committees.report(),
        "discussion": discussions.report(),
        "inventory": inventory,
        "concept": concept_report(),
        "hypothesis": hypothesis_study_report(),
        "survey": survey_study_report(),
    }
    return {
        f"{kind}-{FORMATS[name].file}": render(report, name, items=items)
        for kind, report in reports.items()
        for name in FORMATS_OF[report.study_kind]
    }


if __name__ == "__main__":
    for name, text in golden_texts().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
