"""The groups `persona` and `panel`: who can be asked, and what is weak in their profiles."""

from pathlib import Path
from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

DIFFERENT = "Exits with 0 if nothing differs, 1 if anything does."
IMPORTING = (
    "**Fields** that a column can fill: title, department, seniority, lifecycle, buying_role (what sorts a "
    "contact), and responsibilities, kpis, goals, pains, fears, objections, triggers (texts). The words that "
    "sort job titles and the guess at a role stand in `personas/imports/contacts.yaml`; copy it to change it."
)
FINDINGS = "Exits with 1 if there is anything to mend, 0 if not."

personas = typer.Typer(no_args_is_help=True, help="Personas: list, show, lint, diff, import, draft, approve.")
panels = typer.Typer(no_args_is_help=True, help="Panels: list, show, lint, diff, moments.")

Name = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A name, or a YAML file.")]
Version = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE|NAME@RUN",
        help="A name, a YAML file, or the profile as a stored run has it (RUN is an id, or last).",
    ),
]
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
    from panelsim.cli import findings, profiles

    findings.tell(profiles.lint_personas(names or []), as_json=as_json)


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


@personas.command("diff", epilog=DIFFERENT)
@guarded
def diff_personas(one: Version, other: Version, *, as_json: options.AsJson = False) -> None:
    """Show what differs between two personas, or two versions of one, field by field."""
    from panelsim.cli.comparing import show_differences

    show_differences("persona", one, other, as_json=as_json)


@personas.command("import", epilog=IMPORTING)
@guarded
def import_personas(
    file: Annotated[
        Path, typer.Argument(metavar="CONTACTS", help="CSV, JSON, JSON lines or Parquet, a contact a row.")
    ],
    *,
    icp: Annotated[str, typer.Option(metavar="NAME|FILE", help="The ICP that these people work in.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write drafts to.")] = Path(
        "personas/buyers"
    ),
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help='Fill a field from a column, such as "Notes=objections"; may be given several times.',
        ),
    ] = None,
    least: Annotated[int, typer.Option(min=2, help="Fewest contacts of a group that is written.")] = 3,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave faulty rows out, and count them.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Make draft personas from an export of contacts, such as HubSpot's or Salesforce's.

    Contacts are grouped by the words of their job titles. Names, e-mail addresses, phone numbers and the
    like are dropped, and taken out of texts that are kept. Never overwrites a file.
    """
    from panelsim.cli.importing import show_import

    show_import(file, icp, out, mapped or [], least=least, skip_bad=skip_bad, as_json=as_json)


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


@panels.command("lint", epilog=FINDINGS)
@guarded
def lint_panels(names: Names = None, *, as_json: options.AsJson = False) -> None:
    """Say which panels are too wide, lack an opposite for an ICP, or map a persona where it cannot exist."""
    from panelsim.cli import findings, profiles

    findings.tell(profiles.lint_panels(names or []), as_json=as_json)


@panels.command("diff", epilog=DIFFERENT)
@guarded
def diff_panels(one: Version, other: Version, *, as_json: options.AsJson = False) -> None:
    """Show what differs between two panels, or two versions of one, field by field."""
    from panelsim.cli.comparing import show_differences

    show_differences("panel", one, other, as_json=as_json)
