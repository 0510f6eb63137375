"""Showing findings: where, what, why it matters, and how to mend it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import typer

from panelsim.cli import output
from panelsim.planning.findings import Finding

EXIT_FINDINGS = 1


def tell(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Prints the findings; exits with 1 if there are any."""
    if as_json:
        output.print_json([finding.model_dump(mode="json") for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{finding.level:8} {finding.where}")
            lines = {"found": finding.what, "why": finding.why, "fix": finding.fix}
            for name, text in lines.items():
                if text:
                    typer.echo(f"{'':8} {name + ':':6} {text}")
        typer.echo(_total(findings))
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


def _total(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing to mend."
    errors = sum(finding.level == "error" for finding in findings)
    return f"{len(findings)} to mend: {errors} of them errors."


def today() -> str:
    """The date as YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()
