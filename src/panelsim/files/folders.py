"""Where files are found: the user's own folders first, then the ones that ship with panelsim.

For each kind (`prompts`, `personas`, `evals`) the order is: that folder in the working directory, in the
directory that PANELSIM_HOME names, then the shipped one. A file found earlier hides the same path found
later.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import panelsim
from panelsim.errors import InputError

Kind = Literal["prompts", "personas", "evals"]

_PACKAGE = Path(panelsim.__file__).parent


def folders(kind: Kind) -> tuple[Path, ...]:
    """The folders of a kind that exist, the one that wins first."""
    home = os.environ.get("PANELSIM_HOME", "")
    own = [Path.cwd() / kind, *([Path(home).expanduser() / kind] if home else [])]
    return tuple(dict.fromkeys(path.resolve() for path in (*own, shipped_folder(kind)) if path.is_dir()))


def shipped_folder(kind: Kind) -> Path:
    """The shipped folder: inside an installed package, or at the top of a checkout."""
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parents[1] / kind


def files_in(kind: Kind, under: str = "", suffixes: tuple[str, ...] = (".yaml",)) -> Mapping[str, Path]:
    """Files below `kind/under` by path without suffix (`questions/choice`); own ones hide shipped ones."""
    found: dict[str, Path] = {}
    for folder in folders(kind):
        root = folder / under
        for path in root.rglob("*"):
            if path.suffix in suffixes and path.is_file():
                found.setdefault(path.relative_to(root).with_suffix("").as_posix(), path)
    return dict(sorted(found.items()))


def _example_in(folder: Path) -> str:
    """The first YAML file right in a folder, as an example; empty if there is none."""
    first = min(folder.glob("*.yaml"), default=None)
    return f" such as {first}" if first else ""


def read_text(path: Path) -> str:
    """The text of a UTF-8 file; InputError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        if path.is_dir():
            raise InputError(f"{path}: found a folder, expected a file{_example_in(path)}") from error
        reason = error.strerror if isinstance(error, OSError) else f"not UTF-8 text ({error.reason})"
        raise InputError(f"{path}: the file cannot be read: {reason}") from error
