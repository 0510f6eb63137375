"""The formats an evaluation's report can be written in, by name."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from panelsim.model.benchmark import EvalReport
from panelsim.reporting.eval_exports import render_eval_json, render_eval_junit
from panelsim.reporting.eval_html import render_eval_html
from panelsim.reporting.eval_markdown import render_eval_markdown
from panelsim.reporting.eval_terminal import render_eval_terminal

EvalFormat = Literal["terminal", "markdown", "json", "junit", "html"]


class EvalPage(NamedTuple):
    """How a page is written and what its file is called."""

    file: str
    render: Callable[[EvalReport], str]


EVAL_FORMATS: Mapping[EvalFormat, EvalPage] = {
    "terminal": EvalPage("eval.txt", render_eval_terminal),
    "markdown": EvalPage("eval.md", render_eval_markdown),
    "json": EvalPage("eval.json", render_eval_json),
    "junit": EvalPage("junit.xml", render_eval_junit),
    "html": EvalPage("eval.html", render_eval_html),
}
