"""Evaluations in every format: nothing escapes its place, and nothing is left out."""

from xml.etree import ElementTree as ET

import pytest

from panelsim.model.benchmark import (
    Ceiling,
    Change,
    Comparison,
    EvalFacts,
    EvalReport,
    Figure,
    Gate,
    GateResult,
    Scorecard,
    Shift,
    Table,
)
from panelsim.model.call import ModelRef
from panelsim.reporting.eval_html import bar
from panelsim.reporting.eval_text import gap_of, points, standing, summary
from panelsim.reporting.evals import EVAL_FORMATS

HOSTILE = "<script>alert(1)</script> | `x` \x07 & \ufffe"
FACTS = EvalFacts(
    run_id="20261125-120000-small",
    created_at="2026-11-25T12:00:00+00:00",
    panelsim_version="0.1.0",
    model=ModelRef(provider="openai", name=HOSTILE),
    embedding_model=ModelRef(provider="openai", name="e"),
    mode="asked",
    calls=7,
    asked=9,
    missing=1,
    missing_reasons=(("refused", 1),),
)
ICC = Figure(
    name="icc",
    label=f"Test-retest {HOSTILE}",
    value=0.42,
    low=0.31,
    high=0.55,
    n=9,
    unit="buyers",
    method="ICC(A,1)",
    ceiling=Ceiling(value=0.65, what="people, 13 days apart", source="Henry et al. 2022"),
)
LOST = Figure(name="lost", label="Lost", value=None, reason="nobody differs")
CARD = Scorecard(
    benchmark="small",
    version=3,
    title=HOSTILE,
    question=HOSTILE,
    facts=FACTS,
    figures=(ICC, LOST),
    gates=(
        GateResult(gate=Gate(figure="icc", at_least=0.65, why=HOSTILE), state="red", found="0.42, too low"),
        GateResult(
            gate=Gate(figure="lost", at_least=0), state="not_computed", found=f"nobody differs {HOSTILE}"
        ),
    ),
    tables=(Table(title=HOSTILE, columns=("a", HOSTILE), rows=((HOSTILE, "1"),), note=HOSTILE),),
    notes=(HOSTILE,),
)
MOVED = Shift(
    figure="icc", label="Test-retest", form="number", before=0.42, after=0.7, shift=0.28, low=0.1, high=0.4,
    paired=True, state="moved", gates=("red", "holds"),
)  # fmt: skip
DIFFERS = Shift(
    figure="range", label="Range", form="number", before=1.0, after=2.0, shift=1.0, low=None, high=None,
    paired=False, state="differs",
)  # fmt: skip
COMPARISON = Comparison(
    benchmark="small",
    before=FACTS,
    after=FACTS,
    changes=(Change(kind="prompt", name=HOSTILE, before="v1 abc", after="v2 def"),),
    shifts=(MOVED, DIFFERS),
)
REPORT = EvalReport(scorecards=(CARD,), comparisons=(COMPARISON,))


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_a_page_holds_figure_interval_ceiling_reason_and_what_moved(form: str) -> None:
    text = next(page for name, page in EVAL_FORMATS.items() if name == form).render(REPORT)
    flat = " ".join(text.split())
    for wanted in (
        "0.42",
        "0.31",
        "0.55",
        "0.65",
        "nobody differs",
        "at least 0.65",
        "not computed",
        "v1 abc",
    ):
        assert wanted in flat, wanted
    assert "Simulated, not people" in flat
    assert "+0.28" in flat
    assert "\x07" not in text


def test_no_text_becomes_markup() -> None:
    assert "<script" not in EVAL_FORMATS["html"].render(REPORT)
    markdown = EVAL_FORMATS["markdown"].render(REPORT)
    assert "<script" not in markdown
    assert "`x`" not in markdown


def test_junit_is_xml_with_a_failure_for_red_and_an_error_for_not_computed() -> None:
    suites = ET.fromstring(EVAL_FORMATS["junit"].render(REPORT).encode())
    (failure,) = suites.iter("failure")
    (error,) = suites.iter("error")
    assert (failure.get("type"), failure.get("message")) == ("red", "0.42, too low")
    assert error.get("type") == "not_computed"
    # two gates, and two figures that were compared
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("4", "1", "1")


def test_junit_names_two_gates_on_one_figure_apart_and_states_a_time() -> None:
    gates = tuple(
        GateResult(gate=gate, state="holds", found="0.42")
        for gate in (Gate(figure="icc", at_least=0.4), Gate(figure="icc", at_most=0.9))
    )
    report = EvalReport(scorecards=(CARD.model_copy(update={"gates": gates}),))
    suites = ET.fromstring(EVAL_FORMATS["junit"].render(report).encode())
    names = [case.get("name") for case in suites.iter("testcase")]
    assert names == ["icc: at least 0.40", "icc: at most 0.90"]
    assert all(one.get("time") == "0" for one in suites.iter() if one.tag.startswith("test"))


def test_two_scorecards_of_one_benchmark_have_names_and_places_of_their_own() -> None:
    facts = FACTS.model_copy(update={"model": ModelRef(provider="embedded", name="other")})
    report = EvalReport(scorecards=(CARD, CARD.model_copy(update={"facts": facts})))
    suites = ET.fromstring(EVAL_FORMATS["junit"].render(report).encode())
    cases = [(case.get("classname"), case.get("name")) for case in suites.iter("testcase")]
    assert len(set(cases)) == len(cases) == 4
    page = EVAL_FORMATS["html"].render(report)
    for place in ("small-1", "small-2"):
        assert page.count(f'id="{place}"') == page.count(f'href="#{place}"') == 1


def test_junit_of_a_comparison_holds_what_changed_and_what_moved_and_fails_nothing() -> None:
    suites = ET.fromstring(EVAL_FORMATS["junit"].render(EvalReport(comparisons=(COMPARISON,))).encode())
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("2", "0", "0")
    (changed,) = suites.iter("property")
    assert changed.get("value") == "v1 abc → v2 def"
    told = [case.findtext("system-out") for case in suites.iter("testcase")]
    assert told == [
        "0.42 → 0.70, +0.28 (+0.10 to +0.40); moved; red → holds",
        "1.00 → 2.00, +1.00, no interval; differs, noise not known",
    ]


def test_json_is_read_back_as_it_was() -> None:
    plain = REPORT.model_copy(update={"scorecards": (CARD.model_copy(update={"title": "plain"}),)})
    assert EvalReport.model_validate_json(EVAL_FORMATS["json"].render(plain)) == plain


def test_gates_are_counted_side_by_side_and_never_added_up() -> None:
    assert standing(CARD) == "1 red, 1 not computed"
    assert summary(COMPARISON) == "Changed: 1 prompt. 1 figure of 2 moved beyond the noise."
    assert points(-0.034, "share") == "−3.4 points"


def test_a_terminal_shows_all_benchmarks_at_a_glance_and_whose_a_ceiling_is() -> None:
    facts = FACTS.model_copy(update={"model": ModelRef(provider="embedded", name="small@0123")})
    plain = CARD.model_copy(update={"title": "Why?", "facts": facts})
    both = EvalReport(scorecards=(plain, plain.model_copy(update={"benchmark": "other", "gates": ()})))
    text = EVAL_FORMATS["terminal"].render(both)
    flat = " ".join(text.split())
    assert "people, 13 days apart (Henry et al. 2022)" in flat
    small, other = text[text.index("GATES OF EACH BENCHMARK") :].splitlines()[3:5]
    assert small.split() == ["small", "1", "–", "1", "–", "embedded/small", "Why?"]
    assert other.split() == ["other", "–", "–", "–", "–", "embedded/small", "Why?"]
    assert "GATES OF EACH" not in EVAL_FORMATS["terminal"].render(EvalReport(scorecards=(CARD,)))


def test_a_table_without_rows_is_not_shown() -> None:
    empty = CARD.model_copy(update={"tables": (Table(title="Nothing in it", columns=("a", "b"), rows=()),)})
    for form in ("terminal", "markdown", "html"):
        assert "Nothing in it" not in EVAL_FORMATS[form].render(EvalReport(scorecards=(empty,)))


def test_a_shift_says_its_unit_once_and_its_interval_beside_it() -> None:
    share = MOVED.model_copy(update={"form": "share", "shift": -1 / 3, "low": -2 / 3, "high": -0.111})
    assert gap_of(share) == "−33.3 points (−66.7 to −11.1)"
    assert gap_of(DIFFERS) == "+1.00, no interval"
    assert gap_of(MOVED.model_copy(update={"shift": None})) == ""


def test_a_bar_lies_within_its_axis_or_is_not_drawn() -> None:
    assert bar(ICC) == (31.0, 42.0, 55.0, 65.0)
    assert bar(ICC.model_copy(update={"form": "signed", "ceiling": None})) == (65.5, 71.0, 77.5, None)
    assert bar(ICC.model_copy(update={"high": 1.4})) is None
    beyond = Ceiling(value=1.84, what="people", source="a study")
    assert bar(ICC.model_copy(update={"ceiling": beyond})) == (31.0, 42.0, 55.0, None)
    assert bar(LOST) is None
