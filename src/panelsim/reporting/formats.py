"""The formats a report can be written in, by name."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, get_args

from panelsim.errors import InputError
from panelsim.model.report import Report
from panelsim.reporting.charts import Draw
from panelsim.reporting.csv import render_csv
from panelsim.reporting.html import render_html
from panelsim.reporting.json import render_json
from panelsim.reporting.markdown import render_markdown
from panelsim.reporting.terminal import render_terminal
from panelsim.reporting.transcripts import render_transcripts

FormatName = Literal["html", "markdown", "json", "csv", "transcripts", "terminal"]


class Format(NamedTuple):
    """How a format is written and what its file is called."""

    file: str
    render: Callable[[Report, Draw | None], str]
    """Only pages with pictures use the drawing function."""


FORMATS: Mapping[FormatName, Format] = {
    "html": Format("report.html", render_html),
    "markdown": Format("report.md", lambda report, _draw: render_markdown(report)),
    "json": Format("report.json", lambda report, _draw: render_json(report)),
    "csv": Format("responses.csv", lambda report, _draw: render_csv(report)),
    "transcripts": Format("transcripts.jsonl", lambda report, _draw: render_transcripts(report)),
    "terminal": Format("report.txt", lambda report, _draw: render_terminal(report)),
}


def format_named(name: str) -> Format:
    """The format of that name; InputError if there is none."""
    for known in get_args(FormatName):
        if name == known:
            return FORMATS[known]
    raise InputError(f"report format {name!r} is not in {sorted(FORMATS)}")


def render(report: Report, name: str, draw: Draw | None = None) -> str:
    """The report in the format of that name, as text."""
    return format_named(name).render(report, draw)
