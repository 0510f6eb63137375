import csv
import io
import json

import pytest

from panelsim.errors import InputError
from panelsim.model.report import Report
from panelsim.model.response import TextAnswer
from panelsim.model.study import Stimulus
from panelsim.reporting.build import build_report
from panelsim.reporting.csv import guarded
from panelsim.reporting.json import read_json
from panelsim.reporting.markdown_tables import escaped
from panelsim.reporting.terminal import render_terminal
from panelsim.reporting.words import fixed, one_line, signed
from tests import builders, committees, discussions
from tests.golden_reports import FORMATS_OF, GOLDEN, golden_texts, interview_report, message_report, render

HOSTILE = (Stimulus(id="hostile", text=builders.HOSTILE), builders.VARIANTS[0])
REPORTS = (message_report(), interview_report(), committees.report(), discussions.report())


def hostile_report() -> Report:
    said = [
        transcript.model_copy(
            update={
                "responses": tuple(
                    one.model_copy(update={"answer": TextAnswer(text=builders.HOSTILE)})
                    if isinstance(one.answer, TextAnswer)
                    else one
                    for one in transcript.responses
                )
            }
        )
        for transcript in builders.transcripts(HOSTILE)
    ]
    verdict = builders.verdict("lean").model_copy(
        update={"leader": "hostile", "reasons": (builders.HOSTILE,)}
    )
    analysis = builders.analysis("lean", HOSTILE).model_copy(update={"verdict": verdict})
    study = builders.message_test(HOSTILE).model_copy(
        update={"title": builders.HOSTILE, "meaning": builders.HOSTILE}
    )
    return build_report(study, builders.panel(), builders.plan(HOSTILE), said, analysis, builders.facts())


@pytest.mark.parametrize("name", sorted(golden_texts()))
def test_report_reads_as_before(name: str) -> None:
    assert golden_texts()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_every_format_says_that_it_is_simulated() -> None:
    for report in REPORTS:
        for name in FORMATS_OF[report.study_kind]:
            assert "imulated" in render(report, name)


def test_a_second_run_differs_in_its_id_and_time_only() -> None:
    def texts(run_id: str, created_at: str) -> list[str]:
        report = build_report(
            builders.message_test(),
            builders.panel(),
            builders.plan(),
            builders.transcripts(),
            builders.analysis(),
            builders.facts(run_id, created_at),
        )
        return [render(report, name) for name in FORMATS_OF[report.study_kind]]

    first = texts("run-0001", "2026-02-03T09:15:00+00:00")
    again = texts("run-0002", "2026-02-03T10:20:30+00:00")
    assert first != again
    mended = [
        text.replace("run-0002", "run-0001").replace("2026-02-03T10:20:30+00:00", "2026-02-03T09:15:00+00:00")
        for text in again
    ]
    assert mended == first


def test_a_design_without_ratings_says_so_in_place_of_an_empty_table() -> None:
    scores = next(section for section in REPORTS[0].measured if section.kind == "scores")
    empty = scores.model_copy(update={"rows": (), "anti_rows": ()})
    measured = tuple(empty if section.kind == "scores" else section for section in REPORTS[0].measured)
    report = REPORTS[0].model_copy(update={"measured": measured})
    for name in ("html", "markdown", "terminal"):
        assert "This design asks for no ratings" in render(report, name)


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'docx' is not in \['answers', 'csv', 'html', 'json', 'markdown'"):
        render(REPORTS[0], "docx")


@pytest.mark.parametrize("report", REPORTS, ids=["message", "interview", "committee", "discussion"])
def test_json_reads_back_as_the_same_report(report: Report) -> None:
    text = render(report, "json")
    assert read_json(text) == report
    assert json.loads(text)["schema"] == "panelsim.report/1"


def test_html_shows_hostile_text_as_text() -> None:
    page = render(hostile_report(), "html")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_html_asks_for_nothing_and_allows_no_script() -> None:
    page = render(REPORTS[0], "html")
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "src=" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_html_without_a_drawing_function_says_how_to_get_charts() -> None:
    page = render(REPORTS[0], "html")
    assert "<svg" not in page
    assert "panelsim[reports]" in page


def test_html_puts_what_the_drawing_function_gives_on_the_page() -> None:
    page = render(REPORTS[0], "html", lambda spec: f"<svg><!--{len(spec)}--></svg>")
    assert page.count("<svg>") == 4  # two charts, each for a wide and a narrow page
    assert "panelsim[reports]" not in page


def test_markdown_shows_hostile_text_as_text() -> None:
    text = render(hostile_report(), "markdown")
    assert "<script" not in text
    assert "&#64;team" in text
    assert "\x1b" not in text
    rows = [line for line in text.splitlines() if line.startswith("| ") and "HYPERLINK" in line]
    assert rows
    assert all(line.count(" | ") == 3 for line in rows)  # four columns: no text opens a fifth


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a&#124;b"),
        ("`x`", "&#96;x&#96;"),
        ("<b>", "&lt;b&gt;"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("two\nlines", "two lines"),
        ("*_[]#", r"\*\_\[\]\#"),
    ],
)
def test_markdown_escapes(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_terminal_fits_in_80_columns_without_colour() -> None:
    for report in (*REPORTS, hostile_report()):
        text = render_terminal(report, files=["report: runs/run-0001/report.html"])
        assert max(len(line) for line in text.splitlines()) <= 80
        assert "\x1b" not in text


def test_terminal_shows_markup_in_texts_as_it_is() -> None:
    assert "[red]@team" in render_terminal(hostile_report(), width=200)


def test_terminal_says_where_the_files_are() -> None:
    assert render_terminal(REPORTS[0], files=["report: x/report.html"]).endswith("report: x/report.html\n")


def test_csv_has_one_row_per_respondent_stimulus_and_measure() -> None:
    said = builders.transcripts()
    report = build_report(
        builders.message_test(),
        builders.panel(),
        builders.plan(),
        said,
        builders.analysis(),
        builders.facts(),
    )
    rows = list(csv.DictReader(io.StringIO(render(report, "csv"))))
    keys = [
        tuple(row[name] for name in ("respondent", "stimulus", "measure", "against", "slot")) for row in rows
    ]
    assert len(keys) == len(set(keys))
    assert {row["simulated"] for row in rows} == {"true"}
    # 6 x 6 + 2 x 3 seen alone with 5 answers each, and 6 x 6 pairs with a row for each side
    assert len(rows) == 42 * 5 + 36 * 2


def test_csv_keeps_a_missing_answer_with_its_reason() -> None:
    said = builders.transcripts()
    report = build_report(
        builders.message_test(),
        builders.panel(),
        builders.plan(),
        said,
        builders.analysis(),
        builders.facts(),
    )
    rows = [row for row in csv.DictReader(io.StringIO(render(report, "csv"))) if row["answer"] == "missing"]
    assert [(row["respondent"], row["missing_reason"], row["value"]) for row in rows] == [
        ("sales-manager-02", "refused", "")
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_csv_text_never_starts_a_formula(start: str) -> None:
    assert guarded(f"{start}1+1").startswith("'")


def test_csv_of_hostile_texts_runs_nothing() -> None:
    cells = [cell for row in csv.reader(io.StringIO(render(hostile_report(), "csv"))) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_transcripts_are_one_marked_session_per_line() -> None:
    lines = [json.loads(line) for line in render(REPORTS[0], "transcripts").splitlines()]
    assert len(lines) == 4
    assert all(line["simulated"] is True for line in lines)
    assert all(line["schema"] == "panelsim.transcript/1" for line in lines)


def test_a_lone_surrogate_does_not_stop_an_export() -> None:
    report = REPORTS[0].model_copy(update={"title": "a\ud800b"})
    for name in FORMATS_OF[report.study_kind]:
        render(report, name).encode("utf-8")


def test_a_figure_that_rounds_to_zero_has_no_sign() -> None:
    assert (fixed(-0.001), signed(-0.001), signed(0.001), signed(-0.07)) == ("0.00", "0.00", "0.00", "−0.07")


def test_control_characters_are_dropped_and_joiners_kept() -> None:
    assert one_line("a\x1b[31m\u202eb\u200dc\n d") == "a[31mb\u200dc d"


def test_a_committees_veto_stands_above_all_else_with_its_words_and_call() -> None:
    report = committees.report()
    words, call = "It reads our whole CRM.", "call "
    for name in ("terminal", "markdown", "html"):
        text = render(report, name)
        veto = text.index(words)
        assert veto < text.index("It pays for itself") if name != "terminal" else veto > 0
        assert call in text[veto : veto + 400]
    assert "Nobody clearly" not in render(report, "markdown")


def test_a_committees_table_says_who_can_stop_it_and_both_orders() -> None:
    text = render(committees.report(), "markdown")
    assert "can stop it" in text
    # yes 12% with yes first, 8% with no first
    assert "yes 12% / 8%" in text


def test_csv_has_a_stance_for_each_order_of_a_seat() -> None:
    rows = [
        row
        for row in csv.DictReader(io.StringIO(render(committees.report(), "csv")))
        if row["answer"] == "stance"
    ]
    found = {(row["respondent"], row["stimulus"], row["measure"]): row for row in rows}
    assert len(found) == len(rows) == 3 * 4 * 2
    row = found["c1-it-security", "trial", "stance.swapped"]
    assert (row["value"], row["distribution"]) == ("0.08", "0.08 0.9 0.02")


def test_a_committee_shows_hostile_text_as_text() -> None:
    report = committees.report()
    stimuli = tuple(one.model_copy(update={"text": builders.HOSTILE}) for one in report.stimuli)
    hostile = report.model_copy(update={"stimuli": stimuli, "title": builders.HOSTILE})
    page = render(hostile, "html")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    text = render(hostile, "markdown")
    assert "<script" not in text
    assert "\x1b" not in render_terminal(hostile)
