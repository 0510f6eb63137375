"""The command `worker`: this machine joins the pool that drives the runs of a store."""

from typing import Annotated

import typer

from panelsim.cli.edge import guarded

EPILOG = (
    "**A pool** is any number of workers on one PostgreSQL database. A run is cut into parts; each worker "
    "takes some, the parts of one that dies are taken over within seconds, and no answer that is kept is "
    "paid for again. Workers need the key of the model that a run asks, and open no port of their own."
)


@guarded
def worker(
    *,
    database: Annotated[
        str,
        typer.Option(
            help="The store: postgresql://USER@HOST/NAME; PANELSIM_STORE if not given.", metavar="URL"
        ),
    ] = "",
    at_once: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Calls under way at once; what suits the model if not given."),
    ] = None,
    migrate: Annotated[
        bool,
        typer.Option("--migrate", help="Make or update the tables of store and engine, and end."),
    ] = False,
    until_eof: Annotated[
        bool,
        typer.Option(
            "--until-eof", hidden=True, help="End when stdin does: for the process that started it."
        ),
    ] = False,
) -> None:
    """Drive the runs that are queued on a store, together with any other workers, until Ctrl-C.

    What is under way has a few seconds to end then; the rest goes back in the queue at once. A second Ctrl-C
    does not wait.
    """
    from panelsim.cli import output
    from panelsim.service.pool import migrate_pool, serve
    from panelsim.service.workspace import observed, open_workspace
    from panelsim.settings import read_settings

    given = {"store": database} if database else {}
    settings = read_settings().model_copy(update=given | ({"at_once": at_once} if at_once else {}))
    console = output.err()

    def told(line: str) -> None:
        console.print(line, markup=False)

    with open_workspace(settings) as workspace:
        if migrate:
            told(f"The tables at {migrate_pool(workspace)} are up to date.")
            return
        with observed(workspace) as listened:
            serve(listened, told, until_eof=until_eof)
    told("Worker ended; nothing it had is left behind.")
