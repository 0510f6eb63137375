"""Charts as Vega-Lite specifications: plain data, drawn elsewhere."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from pydantic import JsonValue

from panelsim.keys import canonical_json
from panelsim.model.analysis import Estimate
from panelsim.model.recovery import Recovery
from panelsim.model.report import Preferences, Scores
from panelsim.reporting.inventory_words import named

Draw: TypeAlias = Callable[[str], str]
"""Vega-Lite JSON to SVG text; a renderer is given one, so that drawing stays out of the core."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

# The page maps these exact colours to its own, light or dark; keep them apart from each other.
LEADER = "#0f5e57"
VARIANT = "#33475b"
CONTROL = "#9a9389"
INK = "#1d1b19"
MUTED = "#6b655d"
GRID = "#e5e0d8"
BAND = "#dcebe8"

WIDE = 900
NARROW = 330
ROW_HEIGHT = 34
MIN_SPAN = 1.0
"""Narrowest axis of a rating chart, in scale points: smaller spans make noise look like signal."""

Group = Literal["leader", "variant", "control"]


class Dot(NamedTuple):
    """One row of a chart."""

    label: str
    group: Group
    estimate: Estimate


class Chart(NamedTuple):
    """A chart in words and as specifications for a wide and for a narrow page."""

    title: str
    description: str
    """What the chart shows, with its figures, for those who cannot see it."""
    wide: str
    narrow: str


def score_chart(scores: Scores) -> Chart | None:
    """Dot and interval per stimulus on the rule's measure, the noise floor below the leader as a band."""
    dots = [
        Dot(
            row.stimulus.id,
            _group(row.stimulus.id, row.stimulus.role == "variant", scores.leader),
            cell.estimate,
        )
        for row in scores.rows
        for cell in row.cells
        if cell.measure == scores.rule_measure and cell.estimate is not None
    ]
    if not dots:
        return None
    low, high = score_domain(dots, scores.points)
    band = None
    leading = [dot.estimate.value for dot in dots if dot.group == "leader"]
    if leading and scores.noise_floor is not None:
        band = (max(low, leading[0] - scores.noise_floor), leading[0])
    axis = f"{scores.rule_measure}, 1 to {scores.points} (axis shows {low:g} to {high:g})"
    said = "; ".join(
        f"{d.label} {d.estimate.value:.2f} ({d.estimate.low:.2f} to {d.estimate.high:.2f})" for d in dots
    )
    return _chart(f"Mean {scores.rule_measure} per stimulus", said, dots, (low, high), axis, ".2f", band)


def preference_chart(preferences: Preferences) -> Chart | None:
    """Dot and interval per variant: its mean probability to win against the others."""
    ranked = sorted(preferences.preference.strengths, key=lambda pair: -pair[1].value)
    if not ranked:
        return None
    dots = [Dot(name, _group(name, True, preferences.leader), estimate) for name, estimate in ranked]
    said = "; ".join(
        f"{d.label} {d.estimate.value:.0%} ({d.estimate.low:.0%} to {d.estimate.high:.0%})" for d in dots
    )
    title = "Probability to be preferred to another variant"
    return _chart(title, said, dots, (0.0, 1.0), "win probability; 50% is a coin toss", ".0%", None)


def recovery_chart(section: Recovery) -> Chart | None:
    """Dot and interval per assigned level: the slope of its own scale."""
    dots = [
        Dot(named(dose.assigned), "variant", dose.slope) for dose in section.doses if dose.slope is not None
    ]
    if not dots:
        return None
    low = min(0.0, *(dot.estimate.low for dot in dots))
    high = max(1.0, *(dot.estimate.high for dot in dots))
    said = "; ".join(
        f"{d.label} {d.estimate.value:.2f} ({d.estimate.low:.2f} to {d.estimate.high:.2f})" for d in dots
    )
    axis = "slope: 0 none, 1 in full"
    return _chart("Slope of each scale on its own level", said, dots, (low, high), axis, ".2f", None)


def score_domain(dots: Sequence[Dot], points: int) -> tuple[float, float]:
    """Axis ends in half points around the intervals, at least `MIN_SPAN` apart, inside 1..`points`."""
    low = max(1.0, (min(dot.estimate.low for dot in dots) * 2) // 1 / 2)
    high = min(float(points), -((-max(dot.estimate.high for dot in dots) * 2) // 1) / 2)
    while high - low < MIN_SPAN:
        low, high = max(1.0, low - 0.5), min(float(points), high + 0.5)
    return low, high


def _group(name: str, is_variant: bool, leader: str | None) -> Group:
    if not is_variant:
        return "control"
    return "leader" if name == leader else "variant"


def _chart(
    title: str,
    said: str,
    dots: Sequence[Dot],
    domain: tuple[float, float],
    axis: str,
    number: str,
    band: tuple[float, float] | None,
) -> Chart:
    wide, narrow = (
        canonical_json(_spec(dots, domain, axis, number, band, width)) for width in (WIDE, NARROW)
    )
    return Chart(title=title, description=f"{title}: {said}.", wide=wide, narrow=narrow)


def _spec(
    dots: Sequence[Dot],
    domain: tuple[float, float],
    axis: str,
    number: str,
    band: tuple[float, float] | None,
    width: int,
) -> dict[str, JsonValue]:
    rows: list[JsonValue] = [
        {
            "label": d.label,
            "group": d.group,
            "value": d.estimate.value,
            "low": d.estimate.low,
            "high": d.estimate.high,
        }
        for d in dots
    ]
    layers: list[JsonValue] = [_interval(domain, axis, number), _dots(), _figures(number)]
    if band is not None:
        layers.insert(0, _band(band))
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": ROW_HEIGHT * len(dots),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": "transparent",
        "padding": 4,
        "data": {"values": rows},
        "encoding": {
            "y": {"field": "label", "type": "nominal", "sort": None, "title": None},
            "color": {
                "field": "group",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": ["leader", "variant", "control"], "range": [LEADER, VARIANT, CONTROL]},
            },
        },
        "layer": layers,
        "config": _config(width),
    }


def _interval(domain: tuple[float, float], axis: str, number: str) -> JsonValue:
    return {
        "mark": {"type": "rule", "strokeWidth": 2.5, "strokeCap": "round"},
        "encoding": {
            "x": {
                "field": "low",
                "type": "quantitative",
                "title": axis,
                "scale": {"domain": [*domain], "zero": False, "nice": False, "clamp": True},
                "axis": {"format": ".0%" if number == ".0%" else ".1f", "tickCount": 5},
            },
            "x2": {"field": "high"},
        },
    }


def _dots() -> JsonValue:
    return {
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {"x": {"field": "value", "type": "quantitative"}},
    }


def _figures(number: str) -> JsonValue:
    return {
        "mark": {"type": "text", "dy": -12, "fontSize": 11},
        "encoding": {
            "x": {"field": "value", "type": "quantitative"},
            "text": {"field": "value", "type": "quantitative", "format": number},
        },
    }


def _band(band: tuple[float, float]) -> JsonValue:
    return {
        "data": {"values": [{"from": band[0], "to": band[1]}]},
        "mark": {"type": "rect", "color": BAND, "opacity": 1},
        "encoding": {
            "x": {"field": "from", "type": "quantitative"},
            "x2": {"field": "to"},
            "y": {"value": 0},
            "y2": {"value": {"expr": "height"}},
            "color": {"value": BAND},
        },
    }


def _config(width: int) -> JsonValue:
    return {
        "aria": False,
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": {
            "labelColor": INK,
            "titleColor": MUTED,
            "titleFontWeight": "normal",
            "titleFontSize": 12,
            "labelFontSize": 12,
            "gridColor": GRID,
            "domain": False,
            "ticks": False,
            "labelPadding": 8,
        },
        "axisY": {"grid": False, "labelLimit": width // 3},
        "axisX": {"labelColor": MUTED},
    }
