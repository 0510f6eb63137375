"""The blocks of docs/recipes: every fenced block with a name, as the file that it is meant to be."""

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[2] / "docs/recipes"
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One fenced block of a page."""

    page: str
    language: str
    name: str
    """The file that it is meant to be; empty if it is none."""
    text: str


def blocks() -> list[Block]:
    """All blocks of all pages."""
    return [one for path in sorted(FOLDER.glob("*.md")) for one in blocks_of(path)]


def blocks_of(path: Path) -> list[Block]:
    """The blocks of a page."""
    return [Block(path.stem, *found) for found in FENCE.findall(path.read_text("utf-8"))]


def block(page: str, name: str) -> str:
    """The text of a named block."""
    (found,) = (one.text for one in blocks() if (one.page, one.name) == (page, name))
    return found
