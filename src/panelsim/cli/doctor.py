"""The command `doctor`: whether this machine can run panels."""

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

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
