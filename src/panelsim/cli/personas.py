"""The groups `persona`, `icp` and `panel`: who can be asked, and what is weak in their profiles."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

FINDINGS = "Exits with 1 if there is anything to mend, 0 if not."

personas = typer.Typer(no_args_is_help=True, help="Personas: list, show, lint.")
icps = typer.Typer(no_args_is_help=True, help="ICPs (the companies we sell to): list, show, lint.")
panels = typer.Typer(no_args_is_help=True, help="Panels: list, show, moments.")

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


@panels.command("moments")
@guarded
def show_moments(
    name: Name,
    *,
    n: Annotated[int, typer.Option("--n", min=2, max=100_000, help="Respondents to draw.")] = 10_000,
    seed: options.Seed = 7,
    as_json: options.AsJson = False,
) -> None:
    """Draw from a panel and compare: means, spreads and correlations of traits, quotas, shares in market."""
    from panelsim.cli import moments

    moments.show_moments(name, n, seed, as_json=as_json)
