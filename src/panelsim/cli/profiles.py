"""Showing and linting ICPs, personas and panels."""

from collections.abc import Sequence
from datetime import UTC, datetime

import typer
import yaml
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.files import (
    list_icps,
    list_panels,
    list_personas,
    read_icp,
    read_panel_spec,
    read_persona,
)
from panelsim.model.base import Frozen
from panelsim.planning.draw import draw_panel
from panelsim.planning.lint import Finding, lint_icp, lint_persona

EXIT_FINDINGS = 1


def show(profile: Frozen, *, as_json: bool) -> None:
    """A profile as YAML, or as JSON."""
    value: JsonValue = profile.model_dump(mode="json", exclude_defaults=True)
    if as_json:
        output.print_json(profile.model_dump(mode="json"))
    else:
        typer.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100), nl=False)


def show_personas(*, as_json: bool) -> None:
    """All personas in a table."""
    rows = [read_persona(name) for name in list_personas()]
    _show_list(
        ("Persona", "Title", "Committee role", "ICPs", "Version"),
        [(one.id, one.title, one.committee_role, ", ".join(one.icps), str(one.version)) for one in rows],
        as_json=as_json,
    )


def show_icps(*, as_json: bool) -> None:
    """All ICPs in a table."""
    rows = [read_icp(name) for name in list_icps()]
    _show_list(
        ("ICP", "Title", "Polarity", "Version"),
        [(one.id, one.title, one.polarity, str(one.version)) for one in rows],
        as_json=as_json,
    )


def show_panels(*, as_json: bool) -> None:
    """All panels in a table."""
    rows = [read_panel_spec(name).spec for name in list_panels()]
    _show_list(
        ("Panel", "Title", "Personas", "Control personas"),
        [
            (
                one.id,
                one.title,
                ", ".join(share.persona for share in one.personas),
                ", ".join(share.persona for share in one.anti_personas),
            )
            for one in rows
        ],
        as_json=as_json,
    )


def show_panel(name: str, n: int, seed: int, *, as_json: bool) -> None:
    """A panel's specification, and `n` respondents drawn from it."""
    sources = read_panel_spec(name)
    panel = draw_panel(sources, n, seed)
    if as_json:
        spec: JsonValue = sources.spec.model_dump(mode="json")
        people: JsonValue = [person.model_dump(mode="json") for person in panel.respondents]
        output.print_json({"panel": spec, "seed": seed, "respondents": people, "simulated": True})
        return
    show(sources.spec, as_json=False)
    typer.echo(f"\nThe first {n} respondents of seed {seed} (simulated, not people):")
    output.print_table(
        ("Respondent", "Name", "Title", "Company", "In market"),
        [
            (
                person.id,
                person.name,
                person.title,
                f"{person.company.industry}, {person.company.headcount} people, {person.company.place}",
                "yes" if person.in_market else "no",
            )
            for person in panel.respondents
        ],
    )


def lint_personas(names: Sequence[str]) -> tuple[Finding, ...]:
    """Findings in the personas of those names or files, in all if there are none."""
    known = [read_icp(name) for name in list_icps()]
    today = _today()
    return tuple(
        finding
        for name in names or list_personas()
        for finding in lint_persona(read_persona(name), known, today=today)
    )


def lint_icps(names: Sequence[str]) -> tuple[Finding, ...]:
    """Findings in the ICPs of those names or files, in all if there are none, compared with each other."""
    icps = [read_icp(name) for name in names or list_icps()]
    buyers = [read_persona(name) for name in list_personas()]
    today = _today()
    findings: list[Finding] = []
    for icp in icps:
        others = [other for other in icps if other.id != icp.id]
        # a file outside the personas folder has no personas at hand, which is no fault
        inside = buyers if any(icp.id in persona.icps for persona in buyers) else ()
        findings += lint_icp(icp, others, inside, today=today)
    return tuple(findings)


def tell(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Prints the findings; exits with 1 if there are any."""
    if as_json:
        output.print_json([finding.model_dump(mode="json") for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{finding.level}: {finding.where}: {finding.what}; {finding.fix}")
        typer.echo("Nothing to mend." if not findings else f"{len(findings)} to mend.")
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


def _show_list(columns: Sequence[str], rows: Sequence[Sequence[str]], *, as_json: bool) -> None:
    if as_json:
        keys = [column.lower().replace(" ", "_") for column in columns]
        output.print_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        output.print_table(columns, rows)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
