"""Drawing charts: Vega-Lite JSON to SVG, with the optional vl-convert package."""

from collections.abc import Callable
from typing import TypeAlias

Draw: TypeAlias = Callable[[str], str]
"""Vega-Lite JSON to SVG text."""


def vega_lite_drawing() -> Draw | None:
    """A function that draws offline, or None if the `reports` extra is not installed."""
    try:
        import vl_convert
    except ImportError:
        return None

    def draw(spec: str) -> str:
        svg: str = vl_convert.vegalite_to_svg(vl_spec=spec)
        return svg

    return draw
