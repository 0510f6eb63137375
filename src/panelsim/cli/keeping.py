"""The commands `store ...`: what is kept, whether it is sound, and moving or deleting it."""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

if TYPE_CHECKING:
    from panelsim.store import Store

app = typer.Typer(no_args_is_help=True, help="The store of answers and runs.")

EXIT_UNSOUND = 3

Form = Literal["jsonl", "parquet"]
Age = Annotated[str, typer.Option("--older-than", metavar="AGE", help="Such as 90d, 12w or 36h.")]
UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@app.command("info")
@guarded
def info(*, as_json: options.AsJson = False) -> None:
    """Show where the store is, the form of its tables, and how much is in it."""
    from panelsim.cli import output

    with _store() as store:
        facts = store.facts()
    if as_json:
        output.print_json(facts._asdict())
        return
    shown = facts._asdict() | {"size": output.size(facts.size)}
    output.print_table(("Fact", "Value"), ((name, str(value)) for name, value in shown.items()))


@app.command("path")
@guarded
def path() -> None:
    """Print where the store is, without its password."""
    from panelsim.settings import read_settings
    from panelsim.store.store import place_of

    typer.echo(place_of(read_settings().store_url))


@app.command("verify")
@guarded
def verify(
    *,
    drop: Annotated[bool, typer.Option("--drop", help="Remove answers that do not fit.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Derive every stored answer's key and digest anew. Exits with 3 if one does not fit.

    With --drop those are removed; a run that needs them asks them again when it is resumed.
    """
    from panelsim.cli import output

    with _store() as store:
        count, bad = store.count(), store.verify()
        if drop:
            store.drop(row.key for row in bad)
    if as_json:
        output.print_json({"store": store.place, "answers": count, "bad": [row._asdict() for row in bad]})
    else:
        for row in bad:
            typer.echo(f"{row.key}: {row.problem}")
        removed = " They were removed." if drop and bad else ""
        typer.echo(f"{store.place}: {count:,} answers, {len(bad)} do not fit.{removed}")
    if bad and not drop:
        raise typer.Exit(EXIT_UNSOUND)


@app.command("migrate")
@guarded
def migrate() -> None:
    """Bring the store's tables to the form that this panelsim reads, as every command does anyway."""
    with _store() as store:
        typer.echo(f"{store.place}: form {store.facts().form}.")


@app.command("gc")
@guarded
def collect(
    *,
    older_than: Age = "90d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Delete runs that ended longer ago, and the answers made longer ago that no other run was given.

    Deleted runs cannot be resumed or reported any more. What they cost stays in the books.
    """
    from panelsim.cli import output

    age = read_age(older_than)
    with _store() as store:
        swept = store.sweep(age, dry_run=dry_run)
    if as_json:
        output.print_json({**swept._asdict(), "runs": list(swept.runs), "dry_run": dry_run})
        return
    for run in swept.runs:
        typer.echo(run)
    would = "Would delete" if dry_run else "Deleted"
    typer.echo(
        f"{would} {len(swept.runs)} runs and {swept.completions:,} answers ({output.size(swept.size)}) "
        f"that are older than {older_than}."
    )


@app.command("export")
@guarded
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")],
    *,
    form: Annotated[Form, typer.Option("--format", "-f", help="What to write.")] = "jsonl",
) -> None:
    """Write every run and answer, with its prompt, to a file. No key or password is ever in it."""
    from panelsim.files.writing import check_folder
    from panelsim.store.parquet import write_parquet

    check_folder(file.parent)
    with _store() as store:
        if form == "parquet":
            write_parquet(store.export_lines(), file)
        else:
            write_lines(store.export_lines(), file)
    typer.echo(f"Written: {file}")


@app.command("import")
@guarded
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `store export` wrote.")],
) -> None:
    """Add the runs and answers of an export. Every answer's key is checked; what is there already stays."""
    from panelsim.errors import InputError
    from panelsim.store.parquet import read_parquet

    if not file.is_file():
        raise InputError(f"{file} is not a file; expected one that `panelsim store export` wrote")
    with _store() as store, file.open("rb") as opened:
        is_parquet = opened.peek(4)[:4] == b"PAR1"
        moved = store.import_lines(read_parquet(file) if is_parquet else opened, str(file))
    typer.echo(f"{file}: {moved.runs} runs and {moved.completions:,} answers are in {store.place} now.")


def read_age(text: str) -> timedelta:
    """`90d`, `12w` or `36h` as a span of time. Raises `InputError` for anything else."""
    from panelsim.errors import InputError

    found = re.fullmatch(r"(\d{1,5})([hdw])", text.strip())
    if not found:
        raise InputError(f"--older-than {text!r} is no age; expected a number and h, d or w, such as 90d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def write_lines(lines: Iterable[bytes], target: Path) -> None:
    """Writes lines to a file that is there only once it is whole."""
    from panelsim.errors import InputError

    try:
        with NamedTemporaryFile(dir=target.parent, prefix=".panelsim-export-", delete=False) as file:
            part = Path(file.name)
            try:
                file.writelines(line + b"\n" for line in lines)
                file.close()
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}") from error


def _store() -> "Store":
    from panelsim.settings import read_settings
    from panelsim.store import Store

    return Store.open(read_settings().store_url)
