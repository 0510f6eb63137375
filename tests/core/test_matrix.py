"""The persona matrix: which mapping holds, and how it is told."""

import csv
import io

import pytest

from panelsim.model.account import Predicate
from panelsim.model.matrix import LastResult, Matrix
from panelsim.planning.matrix import Results, build_matrix
from panelsim.reporting.matrix import render_matrix_csv, render_matrix_html, result_in_words, rule_in_words
from tests import builders
from tests.profiles import icp, persona

SMALL = Predicate(field="headcount", op="at_most", value=49.0)
TESTED = LastResult(
    run_id="run-1", date="2026-11-25", as_control=False, word="lean", leader="Forecasts", own_leader="Speed"
)


def matrix(results: Results | None = None) -> Matrix:
    people = [
        persona("boss", "soft"),
        persona("owner", "soft", "shop", valid_in=(SMALL,)),
        persona("lost", "gone"),
    ]
    return build_matrix(people, [icp(), icp("shop", 2, 20, anti=True)], results or {})


def test_a_persona_has_a_cell_in_each_icp_that_it_names() -> None:
    assert [[cell.icp for cell in row.cells] for row in matrix().rows] == [["soft"], ["soft", "shop"], []]


def test_a_mapping_that_breaks_a_rule_is_named() -> None:
    # the ICP has 50 to 500 staff, the rule asks for at most 49
    assert matrix().broken == (
        "owner cannot exist in soft: it needs headcount at most 49, which no company of soft has",
    )


def test_a_rule_that_the_icp_does_not_speak_of_is_left_open() -> None:
    needs = Predicate(field="sales_team", op="at_least", value=10.0)
    (row,) = build_matrix([persona(valid_in=(needs,))], [icp()], {}).rows
    assert (row.cells[0].fit, rule_in_words(row.cells[0])) == (
        "unsaid",
        "only if sales team at least 10 (the ICP does not say)",
    )


def test_the_last_result_stands_in_its_own_cell_alone() -> None:
    rows = matrix({("owner", "shop"): TESTED}).rows
    assert [[cell.last for cell in row.cells] for row in rows] == [[None], [None, TESTED], []]


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (None, "not tested"),
        (TESTED, "Lean: “Forecasts”; here “Speed” leads, 2026-11-25"),
        (TESTED.model_copy(update={"own_leader": "Forecasts"}), "Lean: “Forecasts”, 2026-11-25"),
        (
            TESTED.model_copy(update={"as_control": True, "leader": "", "own_leader": ""}),
            "Lean, 2026-11-25 (asked as a control)",
        ),
        (TESTED.model_copy(update={"word": None, "problem": "gone"}), "run run-1 cannot be read: gone"),
    ],
)
def test_a_result_is_told_in_words(last: LastResult | None, said: str) -> None:
    assert result_in_words(last) == said


def test_the_table_for_a_spreadsheet_has_a_row_for_each_mapping_and_runs_nothing() -> None:
    hostile = TESTED.model_copy(update={"leader": builders.HOSTILE})
    rows = list(csv.DictReader(io.StringIO(render_matrix_csv(matrix({("boss", "soft"): hostile})))))
    assert [(row["persona"], row["icp"], row["fit"]) for row in rows] == [
        ("boss", "soft", "holds"),
        ("owner", "soft", "broken"),
        ("owner", "shop", "holds"),
    ]
    assert rows[0]["leading_text"].startswith("'=")
    assert {row["simulated"] for row in rows} == {"true"}


def test_the_page_shows_texts_as_text_and_asks_for_nothing() -> None:
    hostile = TESTED.model_copy(update={"leader": builders.HOSTILE})
    page = render_matrix_html(matrix({("boss", "soft"): hostile}), "2026-11-25", "0.1.0")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "src=" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://x", "")
    assert "Simulated, not people" in page
    assert "1 mapping breaks a rule" in page
    assert "not tested" in page
    assert "lost" in page  # in no ICP that is shown
