"""The command `calibrate`: results read strictly, the file written, later reports that use and name it."""

import json
from pathlib import Path

import pytest

from panelsim.errors import InputError
from panelsim.files.calibrations import calibration_text, parse_calibration, read_calibration
from panelsim.files.results import Wanted, read_results, whole
from panelsim.files.studies import read_study
from tests.app.commands import Ended, panelsim
from tests.past_results import as_csv, past_tests

HEAD = "test,text,impressions,clicks,channel\n"


def written(folder: Path, text: str, name: str = "past.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, wanted: Wanted | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_results(written(folder, text), wanted)
    return str(caught.value)


def test_rows_of_one_test_and_text_are_added_up(tmp_path: Path) -> None:
    rows = "t,a,100,5,x\nt,b,100,3,x\nt,a,50,2,x\nu,c,10,1,x\n"
    results = read_results(written(tmp_path, HEAD + rows))
    (test,) = results.tests
    assert [tuple(one) for one in test.variants] == [("a", 150, 7), ("b", 100, 3)]
    assert results.left_out == (("tests with a single text", 1),)
    assert (results.channel, results.outcome) == ("x", "clicks")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("t,a,ten,1,x", "row 2, column 'impressions': found 'ten', expected a whole number of at least 1"),
        ("t,a,0,0,x", "row 2, column 'impressions': found '0', expected a whole number of at least 1"),
        ("t,a,10,-1,x", "column 'clicks': found '-1', expected a whole number of at least 0"),
        ("t,a,10,1.5,x", "column 'clicks': found '1.5', expected a whole number"),
        ("t,a,10,11,x", "found 11 clicks of 10 impressions, expected no more than the impressions"),
        (",a,10,1,x", "row 2, column 'test': found an empty cell"),
        ("t,,10,1,x", "row 2, column 'text': found an empty cell"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(tmp_path: Path, row: str, told: str) -> None:
    assert told in refusal(tmp_path, f"{HEAD}{row}\nt,b,10,1,x\nt,c,10,2,x\n")
    kept = read_results(written(tmp_path, f"{HEAD}{row}\nt,b,10,1,x\nt,c,10,2,x\n"), Wanted(skip_bad=True))
    assert kept.left_out == (("rows with a fault", 1),)


def test_a_missing_column_is_told_with_how_to_map_it(tmp_path: Path) -> None:
    text = "exp,text,impressions,clicks\nt,a,10,1\n"
    assert "there is no column 'test'; name the one that holds it with --map COLUMN=test" in refusal(
        tmp_path, text
    )
    wrong = refusal(tmp_path, text, Wanted(columns={"tset": "exp"}))
    assert "--map exp=tset: found 'tset', expected one of test, text" in wrong
    assert "there is no column 'nope'" in refusal(tmp_path, text, Wanted(columns={"test": "nope"}))


def test_a_file_of_no_channel_or_of_two_needs_one_named(tmp_path: Path) -> None:
    rows = "t,a,10,1\nt,b,10,2\n"
    assert "say where its tests were run with --channel" in refusal(
        tmp_path, "test,text,impressions,clicks\n" + rows
    )
    two = HEAD + "t,a,10,1,x\nt,b,10,2,x\nu,c,10,1,y\nu,d,10,1,y\n"
    assert "found 2 channels ('x', 'y'), expected one" in refusal(tmp_path, two)
    assert "no row has the channel 'z'" in refusal(tmp_path, two, Wanted(channel="z"))
    results = read_results(written(tmp_path, two), Wanted(channel="y"))
    assert [test.id for test in results.tests] == ["u"]
    assert results.left_out == (("rows of other channels", 2),)


def test_clicks_and_conversions_need_one_named(tmp_path: Path) -> None:
    text = "test,text,impressions,clicks,conversions\nt,a,10,4,1\nt,b,10,5,2\n"
    assert "holds clicks and conversions; name one with --outcome" in refusal(
        tmp_path, text, Wanted(channel="x")
    )
    results = read_results(written(tmp_path, text), Wanted(channel="x", outcome="conversions"))
    assert [one.acted for one in results.tests[0].variants] == [1, 2]


def test_rows_are_kept_by_value(tmp_path: Path) -> None:
    two = HEAD + "t,a,10,1,x\nt,b,10,2,x\nu,c,10,1,y\n"
    results = read_results(written(tmp_path, two), Wanted(where={"channel": "x"}))
    assert results.left_out == (("rows outside --where", 1),)
    assert "no row has 'q'" in refusal(tmp_path, two, Wanted(where={"channel": "q"}))


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    text = "test,text,impressions,clicks,date\nt,a,10,1,31.3.2026\nt,b,10,2,2026-03-31\n"
    assert "column 'date': found '31.3.2026', expected a day like 2026-03-31" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("cell", "number"), [("1,204", 1204), ("7", 7), ("12.0", 12), ("1.5", None), ("", None)]
)
def test_a_whole_number_is_read_as_people_write_it(cell: str, number: int | None) -> None:
    assert whole(cell) == number


def calibrated(folder: Path, n: int = 200, *options: str) -> Ended:
    path = written(folder, as_csv(past_tests(n)))
    return panelsim("calibrate", str(path), "--no-vectors", "--out", str(folder / "made"), *options)


def test_a_calibration_is_written_shown_and_used_by_a_later_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = calibrated(tmp_path)
    assert done.code == 0
    assert "Badge: checked on 200 past tests" in done.out
    assert "TF-IDF logistic regression (baseline)" in done.out
    file = tmp_path / "made/calibration.json"
    key = read_calibration(file).key
    tested = panelsim(
        *("test", "Which deals slip?", "Deals that slip.", "--model", "scripted/sensible", "--n", "4"),
        *("--channel", "headline", "--calibration", str(file), "--out", str(tmp_path / "report")),
    )
    assert tested.code == 0
    short = key.rpartition(":")[2][:12]
    page = (tmp_path / "report/report.md").read_text("utf-8")
    assert f"calibration {short}, AUC" in page
    assert "P(a beats b)" in page
    report = json.loads((tmp_path / "report/report.json").read_text("utf-8"))
    provenance = next(section for section in report["record"] if section["kind"] == "provenance")
    sources = provenance["facts"]["sources"]
    assert {"kind": "calibration", "id": "headline", "version": None, "key": key} in sources
    # the study that was written repeats the run, calibration and all
    again = read_study(tmp_path / "report/study.yaml")
    assert again.kind == "message_test"
    assert again.calibration is not None
    assert again.calibration.key == key
    assert panelsim("run", str(tmp_path / "report/study.yaml"), "--json").json["calls_made_now"] == 0


def test_a_calibration_of_another_channel_is_refused_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    calibrated(tmp_path, 60)
    done = panelsim(
        *("test", "One", "Two", "--model", "scripted/sensible", "--n", "4"),
        *("--calibration", str(tmp_path / "made/calibration.json")),
    )
    assert done.code == 2
    assert "from past tests of the channel 'headline'; found the channel 'landing page headline'" in done.err
    assert panelsim("runs", "list", "--json").out.strip() == "[]"


def test_a_changed_calibration_file_is_refused(tmp_path: Path) -> None:
    calibrated(tmp_path, 60)
    file = tmp_path / "made/calibration.json"
    text = file.read_text("utf-8")
    assert calibration_text(parse_calibration(text)) == text
    file.write_text(text.replace('"tests": 60', '"tests": 600', 1), encoding="utf-8")
    with pytest.raises(InputError, match="was changed after it was made"):
        read_calibration(file)
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="no calibration file of this form"):
        read_calibration(file)
    with pytest.raises(InputError, match="there is no such file"):
        read_calibration(tmp_path / "none.json")


def test_a_panel_is_asked_about_every_past_test_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asking = ("--model", "scripted/sensible", "--n", "2", "--measures", "relevance", "--no-pairs")
    first = calibrated(tmp_path, 20, *asking)
    assert first.code == 0, first.err
    assert "20 of 20 tests are answered in full" in first.err
    assert "What the panel's answers add" in first.out
    again = calibrated(tmp_path, 20, *asking, "--stored-only", "--json")
    assert "Panel: 0 calls made" in again.err
    made = read_calibration(tmp_path / "made/calibration.json")
    assert made.panel is not None
    assert made.panel.model == "scripted/sensible"
    assert made.panel.features == ("relevance",)
    assert again.json["badge"] is False


def test_a_mapping_that_is_none_is_refused(tmp_path: Path) -> None:
    done = calibrated(tmp_path, 24, "--map", "Headline")
    assert done.code == 2
    assert "--map Headline: expected two sides, such as Headline=text" in done.err
