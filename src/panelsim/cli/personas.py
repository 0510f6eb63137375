"""The groups `persona`, `icp` and `panel`: who can be asked, and what is weak in their profiles."""

from pathlib import Path
from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

FINDINGS = "Exits with 1 if there is anything to mend, 0 if not."

personas = typer.Typer(no_args_is_help=True, help="Personas: list, show, lint, draft, approve.")
icps = typer.Typer(no_args_is_help=True, help="ICPs (the companies we sell to): list, show, lint.")
panels = typer.Typer(no_args_is_help=True, help="Panels: list, show.")

Name = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A name, or a YAML file.")]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME|FILE]...", help="Names or YAML files; all if none.")
]


@personas.command("list")
@guarded
def list_personas(*, as_json: options.AsJson = False) -> None:
    """List the personas at hand; your own hide shipped ones of the same name."""
    from panelsim.cli import profiles

    profiles.show_personas(as_json=as_json)


@personas.command("show")
@guarded
def show_persona(name: Name, *, as_json: options.AsJson = False) -> None:
    """Show one persona as panelsim reads it."""
    from panelsim.cli import profiles
    from panelsim.files import read_persona

    profiles.show(read_persona(name), as_json=as_json)


@personas.command("lint", epilog=FINDINGS)
@guarded
def lint_personas(names: Names = None, *, as_json: options.AsJson = False) -> None:
    """Say what is missing, vague, contradictory or overdue in personas."""
    from panelsim.cli import profiles

    profiles.tell(profiles.lint_personas(names or []), as_json=as_json)


@personas.command("draft")
@guarded
def draft_persona(
    *,
    icp: Annotated[str, typer.Option(help="The ICP this buyer works in: a name or a YAML file.")],
    role: Annotated[str, typer.Option(help="The job title, for example 'VP of Sales'.")],
    notes: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of notes; those at hand if not given.")
    ] = None,
    name: Annotated[str, typer.Option("--id", help="The persona's id; from the role if not given.")] = "",
    model: options.Model = "embedded/qwen2.5-1.5b",
    base_url: options.BaseUrl = "",
    max_cost_usd: options.MaxCost = 2.0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed, another draft.")] = 7,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file to write; personas/buyers/ID.yaml if none."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Draft a persona with a model: every field inferred from a note or invented, and marked so.

    The file is a draft until a person approves it, and no file is overwritten. A second draft is free.
    """
    from panelsim.cli import drafting

    drafting.draft(
        drafting.DraftOptions(icp, role, notes, name, model, base_url, seed, max_cost_usd, out, as_json)
    )


@personas.command("approve", epilog="Exits with 1 if lint finds an error; then the file stays as it is.")
@guarded
def approve_persona(name: Name) -> None:
    """Make a draft active, once a person has read it and its lint errors are gone."""
    from panelsim.cli import drafting

    drafting.approve(name)


@icps.command("list")
@guarded
def list_icps(*, as_json: options.AsJson = False) -> None:
    """List the ICPs at hand; your own hide shipped ones of the same name."""
    from panelsim.cli import profiles

    profiles.show_icps(as_json=as_json)


@icps.command("show")
@guarded
def show_icp(name: Name, *, as_json: options.AsJson = False) -> None:
    """Show one ICP as panelsim reads it."""
    from panelsim.cli import profiles
    from panelsim.files import read_icp

    profiles.show(read_icp(name), as_json=as_json)


@icps.command("lint", epilog=FINDINGS)
@guarded
def lint_icps(names: Names = None, *, as_json: options.AsJson = False) -> None:
    """Say what is missing, vague, contradictory or overdue in ICPs, and where those named overlap."""
    from panelsim.cli import profiles

    profiles.tell(profiles.lint_icps(names or []), as_json=as_json)


@panels.command("list")
@guarded
def list_panels(*, as_json: options.AsJson = False) -> None:
    """List the panels at hand; your own hide shipped ones of the same name."""
    from panelsim.cli import profiles

    profiles.show_panels(as_json=as_json)


@panels.command("show")
@guarded
def show_panel(
    name: Name,
    *,
    n: Annotated[int, typer.Option("--n", min=1, max=1000, help="Respondents to draw.")] = 6,
    seed: options.Seed = 7,
    as_json: options.AsJson = False,
) -> None:
    """Show what a panel is drawn from, and the first respondents that a seed gives."""
    from panelsim.cli import profiles

    profiles.show_panel(name, n, seed, as_json=as_json)
