"""Charts: drawn once, read back after, and never a reason to lose a report."""

import json
from pathlib import Path

import pytest

from panelsim import drawing

SPEC = json.dumps(
    {
        "mark": "point",
        "data": {"values": [{"a": 1}]},
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    }
)


def test_a_chart_is_drawn_once_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = drawing.vega_lite_drawing(tmp_path)
    assert draw is not None
    svg = draw(SPEC)
    assert svg.startswith("<svg")
    monkeypatch.setattr(drawing, "_drawn", lambda _spec: "drawn again")
    assert draw(SPEC) == svg
    assert draw(SPEC.replace("point", "bar")) == "drawn again"


def test_a_folder_that_cannot_be_written_loses_no_chart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    draw = drawing.vega_lite_drawing(tmp_path / "file" / "charts")
    assert draw is not None
    assert draw(SPEC).startswith("<svg")
