"""Showing and linting ICPs, personas and panels."""

from collections.abc import Sequence

import typer
import yaml
from pydantic import JsonValue

from panelsim.analysis.grounding import ground
from panelsim.cli import output
from panelsim.cli.comparing import short
from panelsim.cli.findings import today
from panelsim.files import (
    list_icps,
    list_panels,
    list_personas,
    read_icp,
    read_panel_spec,
    read_persona,
)
from panelsim.files.profiles import is_path, read_icps_beside
from panelsim.model.fingerprint import content_hash, kind_of
from panelsim.model.persona import Persona
from panelsim.planning.draw import draw_panel
from panelsim.planning.findings import Finding
from panelsim.planning.lint import lint_persona
from panelsim.planning.panel_rules import lint_panel
from panelsim.reporting.words import grounding
from panelsim.service.profiles import Stored, unversioned_changes
from panelsim.settings import read_settings


def show(profile: Stored, *, as_json: bool) -> None:
    """A profile as YAML under a comment that identifies it, or as JSON with its content hash."""
    value: JsonValue = profile.model_dump(mode="json", exclude_defaults=True)
    content = content_hash(profile)
    if as_json:
        shown = {**profile.model_dump(mode="json"), "content": content}
        if isinstance(profile, Persona):
            shown["grounding"] = ground(profile).model_dump(mode="json")
        output.print_json(shown)
    else:
        typer.echo(f"# {kind_of(profile)} {profile.id}, version {profile.version}, content {content}")
        if isinstance(profile, Persona):
            rests = ground(profile)
            typer.echo(f"# grounding {rests.index:.2f}: {grounding(rests)}")
        typer.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100), nl=False)


def show_personas(*, as_json: bool) -> None:
    """All personas in a table."""
    rows = [read_persona(name) for name in list_personas()]
    _show_list(
        ("Persona", "Title", "Committee role", "ICPs", "Version", "Content", "Grounding"),
        [
            (
                one.id,
                one.title,
                one.committee_role,
                ", ".join(one.icps),
                str(one.version),
                short(content_hash(one)),
                f"{ground(one).index:.2f}",
            )
            for one in rows
        ],
        as_json=as_json,
    )


def show_icps(*, as_json: bool) -> None:
    """All ICPs in a table."""
    rows = [read_icp(name) for name in list_icps()]
    _show_list(
        ("ICP", "Title", "Polarity", "Version", "Content"),
        [(one.id, one.title, one.polarity, str(one.version), short(content_hash(one))) for one in rows],
        as_json=as_json,
    )


def show_panels(*, as_json: bool) -> None:
    """All panels in a table."""
    rows = [read_panel_spec(name).spec for name in list_panels()]
    _show_list(
        ("Panel", "Title", "Personas", "Control personas", "Version", "Content"),
        [
            (
                one.id,
                one.title,
                ", ".join(share.persona for share in one.personas),
                ", ".join(share.persona for share in one.anti_personas),
                str(one.version),
                short(content_hash(one)),
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
        output.print_json(
            {
                "panel": spec,
                "content": content_hash(sources.spec),
                "seed": seed,
                "respondents": people,
                "simulated": True,
            }
        )
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
    at_hand = [read_icp(name) for name in list_icps()]
    found, findings = list[Persona](), list[Finding]()
    for name in names or list_personas():
        persona = read_persona(name)
        known = read_icps_beside(name) if is_path(name) else at_hand
        found.append(persona)
        findings += lint_persona(persona, known, today=today())
    return (*findings, *unversioned_changes(found, read_settings()))


def lint_panels(names: Sequence[str]) -> tuple[Finding, ...]:
    """Findings in the panels of those names or files, in all if there are none."""
    found = [read_panel_spec(name) for name in names or list_panels()]
    findings = [finding for one in found for finding in lint_panel(one, today=today())]
    return (*findings, *unversioned_changes([one.spec for one in found], read_settings()))


def _show_list(columns: Sequence[str], rows: Sequence[Sequence[str]], *, as_json: bool) -> None:
    if as_json:
        keys = [column.lower().replace(" ", "_") for column in columns]
        output.print_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        output.print_table(columns, rows)
