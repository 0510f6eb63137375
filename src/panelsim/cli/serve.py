"""The command `serve`: the HTTP service on this machine."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

EPILOG = (
    "**One machine** needs nothing else: the store is a file and one worker process drives the runs. To "
    "**scale out**, give `--database postgresql://...`, start `panelsim worker` on other machines, and "
    "`--workers 0` here.\n\n"
    "**Safety**: the service listens on loopback unless `--host` says otherwise, and every request needs a "
    "key. Put a server that speaks TLS before it.\n\n"
    "**Examples**: `panelsim keys create my-tool` · `panelsim serve` · `panelsim serve --no-auth --port 8765`"
)


@guarded
def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    workers: Annotated[
        int,
        typer.Option(min=0, max=64, help="Worker processes here; a store in a file has one at most."),
    ] = 1,
    no_auth: Annotated[
        bool,
        typer.Option("--no-auth", help="Let requests in without a key; on loopback only."),
    ] = False,
    public_url: Annotated[
        str,
        typer.Option(help="Where callers reach the service, for links; paths if not given.", metavar="URL"),
    ] = "",
    allow_loopback_webhooks: Annotated[
        bool,
        typer.Option(
            "--allow-loopback-webhooks",
            help="Let webhooks go to http and to this machine, to develop a receiver. Never in production.",
        ),
    ] = False,
    database: options.ServedStore = "",
) -> None:
    """Serve panelsim over HTTP: an API for campaign tools, with keys, events and webhooks."""
    from dataclasses import replace

    from panelsim.api.context import ApiOptions
    from panelsim.api.server import ServerOptions
    from panelsim.api.server import serve as serve_here
    from panelsim.cli import output
    from panelsim.service.workspace import observed, open_workspace
    from panelsim.settings import read_settings

    settings = read_settings().model_copy(update={"store": database} if database else {})
    api = ApiOptions(is_open=no_auth, public_url=public_url, allows_loopback=allow_loopback_webhooks)
    wanted = ServerOptions(host=host, port=port, workers=workers, api=api)
    console = output.err()
    # runs are driven by the worker, which has its own telemetry: metrics of theirs are served from there
    own = settings.model_copy(update={"metrics_port": None, "otel": False})
    with open_workspace(own) as opened, observed(opened) as listened:
        workspace = replace(listened, settings=settings)
        serve_here(workspace, wanted, lambda line: console.print(line, markup=False))
    console.print("panelsim serves no longer; runs under way go on when it is started again.", markup=False)
