"""The command `mcp`: tools for an agent on this machine, over standard input and output."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

EPILOG = (
    "**For** Claude Code, Claude Desktop, Cursor, VS Code and other MCP clients, which start it themselves: "
    "docs/mcp.md has their configuration. It needs no key and no server. A service that is reached over HTTP "
    "offers the same tools at `/mcp`, with keys."
)


@guarded
def mcp(
    *,
    work: Annotated[
        bool,
        typer.Option(
            "--work/--no-work",
            help="Drive the runs with a worker process beside it; off: other workers on the store do.",
        ),
    ] = True,
    database: options.ServedStore = "",
) -> None:
    """Offer panelsim's tools to an agent: estimate, start a test, follow it, read its report, ask again.

    Speaks MCP on standard input and output and ends with its input. Runs are kept in the workspace's store.
    """
    from panelsim.api.stdio import serve_stdio
    from panelsim.cli import output
    from panelsim.service.workspace import observed, open_workspace
    from panelsim.settings import read_settings

    settings = read_settings().model_copy(update={"store": database} if database else {})
    console = output.err()
    with open_workspace(settings) as opened, observed(opened) as workspace:
        serve_stdio(workspace, lambda line: console.print(line, markup=False), works=work)
