"""The formats a report can be written in, by name: pages made of the report, exports made of the sessions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from panelsim.errors import InputError
from panelsim.model.plan import Transcript
from panelsim.model.report import Report
from panelsim.reporting.answers import answers_head, answers_writer
from panelsim.reporting.charts import Draw
from panelsim.reporting.csv import csv_head, csv_writer
from panelsim.reporting.exports import Export, Origin
from panelsim.reporting.html import render_html
from panelsim.reporting.json import render_json
from panelsim.reporting.markdown import render_markdown
from panelsim.reporting.readings import readings_head, readings_writer
from panelsim.reporting.terminal import render_terminal
from panelsim.reporting.transcripts import jsonl_writer

FormatName = Literal["html", "markdown", "json", "csv", "readings", "answers", "transcripts", "terminal"]
"""`csv` is the table of a message test, `readings` that of an inventory, `answers` that of a hypothesis or
a survey; an interview has none."""


class Page(NamedTuple):
    """How a page is written and what its file is called."""

    file: str
    render: Callable[[Report, Draw | None], str]
    """Only pages with pictures use the drawing function."""


FORMATS: Mapping[FormatName, Page | Export] = {
    "html": Page("report.html", render_html),
    "markdown": Page("report.md", lambda report, _draw: render_markdown(report)),
    "json": Page("report.json", lambda report, _draw: render_json(report)),
    "csv": Export("responses.csv", csv_head(), csv_writer),
    "readings": Export("responses.csv", readings_head(), readings_writer),
    "answers": Export("responses.csv", answers_head(), answers_writer),
    "transcripts": Export("transcripts.jsonl", "", jsonl_writer),
    "terminal": Page("report.txt", lambda report, _draw: render_terminal(report)),
}


def format_named(name: str) -> Page | Export:
    """The format of that name; InputError if there is none."""
    for known in get_args(FormatName):
        if name == known:
            return FORMATS[known]
    raise InputError(f"report format {name!r} is not in {sorted(FORMATS)}")


def pieces(
    name: str, report: Report, origin: Origin, transcripts: Iterable[Transcript], draw: Draw | None = None
) -> Iterator[str]:
    """The text in the format of that name: a page whole, an export a session at a time.

    Raises `InputError` if there is no such format.
    """
    match format_named(name):
        case Page() as page:
            yield page.render(report, draw)
        case Export() as export:
            yield from export.pieces(origin, transcripts)
