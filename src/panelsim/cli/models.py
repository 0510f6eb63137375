"""The group `models`: what can run on this machine, and fetching it."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

app = typer.Typer(no_args_is_help=True, help="Models that run on this machine: list, fetch, find.")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A model of the catalogue (`panelsim models list`).")
]


@app.command("list")
@guarded
def list_models(*, as_json: options.AsJson = False) -> None:
    """List the catalogue: what each model is good for, and whether it is here."""
    from panelsim.cli import output
    from panelsim.providers.catalogue import CATALOGUE
    from panelsim.providers.model_files import is_pulled
    from panelsim.settings import read_settings

    cache = read_settings().cache_dir
    here = {entry.name: is_pulled(entry.name, cache) for entry in CATALOGUE}
    if as_json:
        output.print_json(
            [
                {
                    "name": f"embedded/{entry.name}",
                    "kind": entry.kind,
                    "title": entry.title,
                    "licence": entry.licence,
                    "bytes": entry.bytes,
                    "good_for": entry.good_for,
                    "tried": entry.tried,
                    "pulled": here[entry.name],
                }
                for entry in CATALOGUE
            ]
        )
        return
    console = output.out()
    for entry in CATALOGUE:
        state = "here" if here[entry.name] else "not fetched"
        console.print(f"embedded/{entry.name}", style="bold", end="")
        console.print(f"  {entry.title}; {output.size(entry.bytes)}; {entry.licence}; {state}", markup=False)
        console.print(f"  {entry.good_for}", markup=False)


@app.command("pull")
@guarded
def pull_model(name: Name) -> None:
    """Fetch a model once and check its content; goes on where it was cut off."""
    from panelsim.cli import output
    from panelsim.cli.progress import pull_progress
    from panelsim.providers.catalogue import entry_of
    from panelsim.providers.model_files import is_pulled, pull
    from panelsim.settings import read_settings

    cache = read_settings().cache_dir
    entry = entry_of(name.removeprefix("embedded/"))
    if is_pulled(entry.name, cache):
        output.err().print(f"{entry.name} is here already.", markup=False)
        model = pull(entry.name, cache)
    else:
        with pull_progress(output.err(), entry) as progress:
            model = pull(entry.name, cache, progress)
    typer.echo(str(model.path))


@app.command("path")
@guarded
def model_path(name: Name) -> None:
    """Print where a model's file is, or would be; exits with 1 if it is not here."""
    from panelsim.providers.model_files import is_pulled, path_of
    from panelsim.settings import read_settings

    plain = name.removeprefix("embedded/")
    cache = read_settings().cache_dir
    typer.echo(str(path_of(plain, cache)))
    if not is_pulled(plain, cache):
        raise typer.Exit(1)
