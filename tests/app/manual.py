"""The command line's manual: the commands in docs/cli.md, written from the program itself."""

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command

from panelsim.cli.main import app

PLACE = Path(__file__).parents[2] / "docs/cli.md"
HIDDEN = {"--help", "--install-completion", "--show-completion"}

BEGIN, END = "<!-- commands: begin -->\n", "<!-- commands: end -->\n"


def manual() -> str:
    """The page with the commands as they are now."""
    before, _, rest = PLACE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    sections = "\n".join(
        section for name, command in root.commands.items() for section in _sections(name, command)
    )
    return f"{before}{BEGIN}\n{sections}\n{END}{after}"


def _sections(name: str, command: object) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        for inner, one in command.commands.items():
            yield from _sections(f"{name} {inner}", one)
        return
    assert isinstance(command, typer.core.TyperCommand)
    usage = [f"panelsim {name}"]
    usage += [one.metavar or one.name or "" for one in command.params if isinstance(one, TyperArgument)]
    parts = [f"## `{' '.join(usage)}`", _plain(command.help or "")]
    rows = [
        _row(one) for one in command.params if isinstance(one, TyperOption) and not set(one.opts) & HIDDEN
    ]
    if rows:
        parts.append("\n".join(["| option | meaning | default |", "|---|---|---|", *rows]))
    if command.epilog:
        parts.append(_plain(command.epilog))
    yield "\n\n".join(parts) + "\n"


def _row(option: TyperOption) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    default = option.default
    shown = "" if default in (None, False, "") else f"`{default}`"
    choices = [str(one) for one in option.type_descriptor.choices or ()]
    named = f" One of {', '.join(f'`{one}`' for one in choices)}." if choices else ""
    return f"| {names} | {_plain(option.help or '')}{named} | {shown} |"


def _plain(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
