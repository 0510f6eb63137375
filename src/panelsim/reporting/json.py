"""The JSON export: the whole report, with the name of its schema."""

import json

from panelsim.model.report import Report


def render_json(report: Report) -> str:
    """The report as indented JSON that `read_json` reads back; a lone surrogate becomes `?`."""
    text = json.dumps(report.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "replace").decode() + "\n"


def read_json(text: str) -> Report:
    """The report that `render_json` wrote; raises pydantic's `ValidationError` on any other text."""
    return Report.model_validate_json(text)
