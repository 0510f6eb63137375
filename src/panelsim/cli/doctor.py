"""The commands `doctor` and `store verify`: whether this machine can run panels, and the store is sound."""

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

store = typer.Typer(no_args_is_help=True, help="The store of answers and runs.")

EXIT_UNWELL = 3


@guarded
def doctor(*, as_json: options.AsJson = False) -> None:
    """Check this machine: Python, extras, the store, models, keys. Sends nothing.

    Exits with 3 if something that panelsim needs is broken; what is merely absent is told.
    """
    from panelsim.cli import health, output

    checks = health.checks()
    if as_json:
        output.print_json([check._asdict() for check in checks])
    else:
        output.print_table(("Check", "State", "Found"), checks)
    if any(check.state == "broken" for check in checks):
        raise typer.Exit(EXIT_UNWELL)


@store.command("verify")
@guarded
def verify_store(*, as_json: options.AsJson = False) -> None:
    """Derive every stored answer's key and digest anew. Exits with 3 if one does not fit."""
    from panelsim.cli import output
    from panelsim.service.workspace import open_workspace

    with open_workspace() as workspace:
        count, bad = workspace.store.count(), workspace.store.verify()
        place = workspace.store.place
    if as_json:
        output.print_json({"store": place, "answers": count, "bad": [row._asdict() for row in bad]})
    else:
        for row in bad:
            typer.echo(f"{row.key}: {row.problem}")
        typer.echo(f"{place}: {count:,} answers, {len(bad)} do not fit.")
    if bad:
        raise typer.Exit(EXIT_UNWELL)


@store.command("path")
@guarded
def store_path() -> None:
    """Print where the store is."""
    from panelsim.settings import read_settings

    typer.echo(read_settings().store_url.removeprefix("sqlite:///"))
