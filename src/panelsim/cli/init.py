"""The command `init`: a folder with a panel, its profiles, a guide and studies to edit."""

from pathlib import Path
from typing import Annotated

import typer

from panelsim.cli.edge import guarded


@guarded
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write the starter files to.")],
    *,
    pack: Annotated[
        str,
        typer.Option(
            help="Start from a shipped panel with all its ICPs and personas: audiences, committee-of-three, "
            "meera, sales-committee or sales-trio; two personas in one ICP if not given."
        ),
    ] = "",
) -> None:
    """Write a starter that works as it is and is meant to be edited. Never overwrites a file."""
    from panelsim.cli.packs import write_pack
    from panelsim.cli.starter import write_starter

    for path in write_pack(pack, folder) if pack else write_starter(folder):
        typer.echo(str(path))
    typer.echo(
        f"\nTry it:  panelsim estimate {folder / 'study.yaml'}\n         panelsim run {folder / 'study.yaml'}"
    )
