"""Drawing charts: Vega-Lite JSON to SVG, with the optional vl-convert package."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

Draw: TypeAlias = Callable[[str], str]
"""Vega-Lite JSON to SVG text."""

PACKAGE = "vl-convert-python"


def vega_lite_drawing(folder: Path) -> Draw | None:
    """A function that draws offline, or None if the `reports` extra is not installed.

    Drawings are kept in `folder` under a hash of the chart and the package's version: starting the drawing
    engine takes half a second, and a repeated report has the same charts.
    """
    try:
        engine = version(PACKAGE)
    except PackageNotFoundError:
        return None

    def draw(spec: str) -> str:
        kept = folder / f"{hashlib.sha256(f'{engine} {spec}'.encode()).hexdigest()}.svg"
        try:
            return kept.read_text(encoding="utf-8")
        except OSError:
            svg = _drawn(spec)
            with suppress(OSError):  # a folder that cannot be written costs time, not the report
                keep(kept, svg)
            return svg

    return draw


def keep(path: Path, svg: str) -> None:
    """Writes `svg` to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(svg, encoding="utf-8")
    part.replace(path)


def _drawn(spec: str) -> str:
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(vl_spec=spec)
    return svg
