"""The group `icp`: which companies are meant, what is weak in their profiles, and which accounts fit."""

from pathlib import Path
from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

FINDINGS = "Exits with 1 if there is anything to mend, 0 if not."

app = typer.Typer(
    no_args_is_help=True, help="ICPs (the companies we sell to): list, show, lint, diff, match, learn."
)

Name = Annotated[str, typer.Argument(metavar="NAME|FILE", help="An ICP by name, or a YAML file.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME|FILE]...", help="ICPs, and personas beside them; all ICPs if none."),
]


@app.command("list")
@guarded
def list_icps(*, as_json: options.AsJson = False) -> None:
    """List the ICPs at hand; your own hide shipped ones of the same name."""
    from panelsim.cli import profiles

    profiles.show_icps(as_json=as_json)


@app.command("show")
@guarded
def show_icp(name: Name, *, as_json: options.AsJson = False) -> None:
    """Show one ICP as panelsim reads it; a micro-ICP with what it takes over from its parent."""
    from panelsim.cli import profiles
    from panelsim.files import read_icp

    profiles.show(read_icp(name), as_json=as_json)


@app.command("lint", epilog=FINDINGS)
@guarded
def lint_icps(names: Names = None, *, as_json: options.AsJson = False) -> None:
    """Say what is missing, vague, contradictory or overdue in ICPs, with the reason and a fix.

    Those named together are compared: where they overlap, where a micro-ICP reaches beyond its parent, which
    persona has no ICP, and whether there are too many of either.
    """
    from panelsim.cli import findings
    from panelsim.service.linting import lint_profiles

    findings.tell(lint_profiles(names or [], today=findings.today()), as_json=as_json)


Version = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE|NAME@RUN",
        help="An ICP by name, a YAML file, or as a stored run has it (RUN is an id, or last).",
    ),
]


@app.command("diff", epilog="Exits with 0 if nothing differs, 1 if anything does.")
@guarded
def diff_icps(one: Version, other: Version, *, as_json: options.AsJson = False) -> None:
    """Show what differs between two ICPs, or two versions of one, field by field."""
    from panelsim.cli.comparing import show_differences

    show_differences("icp", one, other, as_json=as_json)


Accounts = Annotated[
    Path, typer.Argument(metavar="ACCOUNTS", help="Accounts: .csv, .json, .jsonl or .parquet, a row each.")
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        help='A column and the account field it holds: "Employees=headcount".',
    ),
]
Join = Annotated[
    list[str] | None,
    typer.Option(
        "--join", metavar="FILE:KEY", help="A file that completes the rows, and the key column of both."
    ),
]
Ids = Annotated[
    str,
    typer.Option("--id", metavar="COLUMN", help="Names the accounts; no cell may be empty or appear twice."),
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out and count them.")]


@app.command("match")
@guarded
def match_accounts(
    name: Name,
    accounts: Accounts,
    *,
    columns: Map = None,
    joins: Join = None,
    ids: Ids = "",
    skip_bad: SkipBad = False,
    top: Annotated[int, typer.Option("--top", min=0, max=10_000, help="Accounts to show.")] = 20,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.csv", help="Write all accounts here.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Rank accounts by how they fit an ICP, with pass, fail or unknown for each of its criteria.

    A missing field is unknown and never a pass: fit is an interval from the worst to the best it can mean.
    """
    from panelsim.cli import matching
    from panelsim.service.accounts import Files

    files = Files(accounts, tuple(joins or ()), ids, skip_bad)
    matching.match(name, files, columns or [], top, out, as_json=as_json)


@app.command("learn")
@guarded
def learn_from_outcomes(
    name: Name,
    outcomes: Annotated[
        Path, typer.Argument(metavar="OUTCOMES", help="Deals: .csv, .json, .jsonl or .parquet, a row each.")
    ],
    *,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="COLUMN", help="The column that says how a deal ended.")
    ],
    won: Annotated[
        list[str], typer.Option("--won", metavar="VALUE", help="What it says of won deals; may be repeated.")
    ],
    lost: Annotated[
        list[str] | None,
        typer.Option("--lost", metavar="VALUE", help="What it says of lost deals; else its one other value."),
    ] = None,
    leaks: Annotated[
        list[str] | None,
        typer.Option("--leaks", metavar="COLUMN,...", help="Columns filled only after the outcome."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="COLUMN,...", help="Other columns to leave out.")
    ] = None,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Learn from columns that look like leaks all the same.")
    ] = False,
    columns: Map = None,
    joins: Join = None,
    ids: Ids = "",
    skip_bad: SkipBad = False,
    seed: options.Seed = 7,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.yaml", help="Write the proposed ICP to a new file.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Find which columns separate won from lost deals, and propose a change of the ICP.

    Effects come with intervals and with p-values corrected for all columns tried. Columns that seem to be
    filled after the outcome are reported and left out. What is proposed was scored on deals that it was not
    learned from. Nothing is changed: a person reads the proposal and puts it in place.
    """
    from panelsim.cli import learning
    from panelsim.learning.columns import Outcome
    from panelsim.learning.lessons import Asked
    from panelsim.service.accounts import Files
    from panelsim.service.typed import mapping

    asked = Asked(
        Outcome(outcome, tuple(won), tuple(lost or ())), _parts(leaks), _parts(without), allow_leaks, seed
    )
    files = Files(outcomes, tuple(joins or ()), ids, skip_bad)
    learning.learn(name, files, mapping(columns or []), asked, out, as_json=as_json)


def _parts(given: list[str] | None) -> tuple[str, ...]:
    """Names that stand in several options, or in one with commas between them."""
    return tuple(part.strip() for one in given or () for part in one.split(",") if part.strip())
