"""Two profiles compared, field by field; works for every kind of profile."""

import typer
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.model.fingerprint import content_hash
from panelsim.planning.differences import Change, differences
from panelsim.service.profiles import Kind, Stored, read_profile
from panelsim.settings import read_settings

EXIT_DIFFERENT = 1
EMPTY: tuple[JsonValue, ...] = (None, "", [], {})


def show_differences(kind: Kind, one: str, other: str, *, as_json: bool) -> None:
    """Prints what differs between two profiles; exits with 1 if anything does."""
    settings = read_settings()
    before, after = read_profile(kind, one, settings), read_profile(kind, other, settings)
    changes = differences(before, after)
    if as_json:
        output.print_json(
            {
                "kind": kind,
                "equal": not changes,
                "a": _facts(one, before),
                "b": _facts(other, after),
                "changes": [change.model_dump(mode="json") for change in changes],
            }
        )
    else:
        typer.echo(f"A: {_named(one, before)}\nB: {_named(other, after)}\n")
        for change in changes:
            _show(change)
        typer.echo(
            f"{len(changes)} field{'' if len(changes) == 1 else 's'} differ." if changes else "No difference."
        )
    if changes:
        raise typer.Exit(EXIT_DIFFERENT)


def _facts(reference: str, profile: Stored) -> JsonValue:
    return {
        "reference": reference,
        "id": profile.id,
        "version": profile.version,
        "content": content_hash(profile),
    }


def _named(reference: str, profile: Stored) -> str:
    return f"{reference} (version {profile.version}, content {short(content_hash(profile))})"


def short(key: str) -> str:
    """The first twelve digits of a content hash, as reports show it."""
    return key.rpartition(":")[2][:12]


def _show(change: Change) -> None:
    if isinstance(change.before, list) and isinstance(change.after, list):
        typer.echo(f"{change.field}:{'' if change.removed or change.added else ' the same in another order'}")
        for item in change.removed:
            typer.echo(f"  - {_text(item)}")
        for item in change.added:
            typer.echo(f"  + {_text(item)}")
    else:
        typer.echo(f"{change.field}: {_text(change.before)} → {_text(change.after)}")


def _text(value: JsonValue) -> str:
    if value in EMPTY and value is not False and value != 0:
        return "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items() if item not in EMPTY)
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
