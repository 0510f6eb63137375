"""The report of a run, printed for people."""

import sys
from collections.abc import Sequence
from pathlib import Path

from panelsim.cli import output
from panelsim.model.report import Report
from panelsim.reporting.terminal import render_terminal

WIDEST = 100
"""Columns of the report in a terminal."""


def print_report(report: Report, files: Sequence[Path]) -> None:
    """The report for a terminal on stdout, and where its files are."""
    console = output.out()
    width = min(console.width, WIDEST) if console.is_terminal else WIDEST
    sys.stdout.write(
        render_terminal(
            report, width=width, colour=console.color_system is not None, files=[str(path) for path in files]
        )
    )
