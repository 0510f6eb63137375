import json

from hypothesis import given
from hypothesis import strategies as st

from panelsim.model.analysis import Estimate
from panelsim.model.report import Preferences, Scores
from panelsim.reporting.charts import MIN_SPAN, Dot, preference_chart, score_chart, score_domain
from tests.golden_reports import message_report

SCORES = next(section for section in message_report().measured if isinstance(section, Scores))
PREFERENCES = next(section for section in message_report().measured if isinstance(section, Preferences))


def test_a_score_chart_has_a_dot_for_every_stimulus_and_controls_apart() -> None:
    chart = score_chart(SCORES)
    assert chart is not None
    rows = json.loads(chart.wide)["data"]["values"]
    assert [(row["label"], row["group"]) for row in rows] == [
        ("outcome", "leader"),
        ("speed", "variant"),
        ("proof", "variant"),
        ("outcome.duplicate", "control"),
        ("outcome.shuffled", "control"),
        ("decoy", "control"),
    ]


def test_the_noise_floor_is_a_band_below_the_leader() -> None:
    chart = score_chart(SCORES)
    assert chart is not None
    (band,) = json.loads(chart.wide)["layer"][0]["data"]["values"]
    assert (round(band["from"], 6), band["to"]) == (3.46, 3.62)  # 3.62 - 0.16


def test_a_chart_says_its_figures_in_words() -> None:
    chart = preference_chart(PREFERENCES)
    assert chart is not None
    assert "outcome 62% (51% to 73%)" in chart.description


def test_a_chart_without_figures_is_not_drawn() -> None:
    empty = SCORES.model_copy(update={"rows": ()})
    assert score_chart(empty) is None


@given(value=st.floats(1, 5), half=st.floats(0, 2))
def test_the_axis_holds_the_interval_and_is_never_narrow(value: float, half: float) -> None:
    low, high = max(1.0, value - half), min(5.0, value + half)
    dot = Dot("a", "variant", Estimate(value=value, low=low, high=high, n=2, method="any"))
    first, last = score_domain([dot], 5)
    assert 1 <= first <= low <= high <= last <= 5
    assert last - first >= MIN_SPAN
