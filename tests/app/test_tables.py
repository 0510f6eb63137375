import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.files.cells import is_formula
from panelsim.files.table_forms import read_csv
from panelsim.files.tables import read_table


def written(folder: Path, text: str | bytes, name: str = "accounts.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path, *, skip_bad: bool = False, ids: str = "") -> str:
    with pytest.raises(InputError) as caught:
        read_table(path, skip_bad=skip_bad, ids=ids)
    return str(caught.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_csv_is_read_with_any_usual_separator_and_mark(tmp_path: Path, separator: str, start: str) -> None:
    lines = [separator.join(cells) for cells in (("Name", "Staff"), (" Acme ", "12"), ("Bolt", ""))]
    table = read_table(written(tmp_path, start + "\r\n".join(lines)))
    assert dict(table.columns) == {"Name": ["Acme", "Bolt"], "Staff": ["12", ""]}
    assert list(table.rows) == [2, 3]


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    # the second record spans two lines of the file, and an empty line is a row of the sheet
    table = read_table(written(tmp_path, 'Name,Note\na,"one\ntwo"\n\nb,x\n'))
    assert list(table.rows) == [2, 4]
    assert table.columns["Note"] == ["one\ntwo", "x"]


def test_json_json_lines_and_csv_give_the_same_cells(tmp_path: Path) -> None:
    records = [{"a": "x", "b": 1.5, "c": True, "d": ["u", "v"]}, {"a": None, "b": -2, "c": False}]
    columns = {"a": ["x", ""], "b": ["1.5", "-2"], "c": ["true", "false"], "d": ["u; v", ""]}
    whole = written(tmp_path, json.dumps(records), "t.json")
    lines = written(tmp_path, "\n".join(map(json.dumps, records)), "t.jsonl")
    sheet = written(tmp_path, "a,b,c,d\nx,1.5,true,u; v\n,-2,false,\n")
    assert [dict(read_table(path).columns) for path in (whole, lines, sheet)] == [columns] * 3
    assert [list(read_table(path).rows) for path in (whole, lines, sheet)] == [[1, 2], [1, 2], [2, 3]]


def test_parquet_gives_the_same_cells(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "t.parquet"
    query = "SELECT * FROM (VALUES ('x', 1.5, true, ['u', 'v']), (NULL, -2, false, NULL)) AS t(a, b, c, d)"
    with duckdb.connect() as duck:
        duck.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    assert dict(read_table(path).columns) == {
        "a": ["x", ""],
        "b": ["1.5", "-2.0"],
        "c": ["true", "false"],
        "d": ["u; v", ""],
    }


def test_a_parquet_file_that_is_none_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    assert "cannot be read as Parquet" in refusal(written(tmp_path, "a,b\n1,2\n", "t.parquet"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("a,b\n1,2\n3\n", "row 3: found 1 cell, expected 2, one for each column"),
        ("a,b\n1,=cmd()\n", "row 2, column 'b': found '=cmd()', which a spreadsheet would run as a formula"),
        ("a,b\n1,@SUM(A1)\n", "row 2, column 'b': found '@SUM(A1)'"),
        ("a,b\n1,-2+cmd|x\n", "row 2, column 'b': found '-2+cmd|x'"),
        ("a,b\nx,y\0z\n", "row 2, column 'b': found a NUL byte"),
        (
            b"a,b\n1,2\nM\xfcller,3\n",
            "row 3, column 'a': found the byte 0xfc in 'M?ller', which is not UTF-8",
        ),
        (f"a,b\n1,{'x' * 1_000_000}\n", "row 2, column 'b': found 1,000,000 characters"),
        ('a,b\n1,"x\n3,4\n', "row 2: not CSV"),
    ],
)
def test_a_fault_names_row_and_column_and_how_to_go_on(tmp_path: Path, data: str | bytes, said: str) -> None:
    told = refusal(written(tmp_path, data))
    assert said in told
    assert told.endswith("Mend the file, or leave such rows out with --skip-bad")


def test_with_skip_bad_the_good_rows_are_kept_and_the_bad_ones_counted(tmp_path: Path) -> None:
    data = b"a,b\n1,2\n3\n4,=cmd()\nM\xfcller,@x\n5,6\n"
    table = read_table(written(tmp_path, data), skip_bad=True)
    assert (dict(table.columns), list(table.rows)) == ({"a": ["1", "5"], "b": ["2", "6"]}, [2, 6])
    assert table.skipped == 3
    # the row of Müller has two faults and is left out once
    assert [(fault.row, fault.column) for fault in table.faults] == [(3, ""), (4, "b"), (5, "a"), (5, "b")]


def test_several_faults_are_counted_and_placed(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, "a\n" + "=x\n" * 9))
    assert "row 2, column 'a'" in told
    assert "(and 8 more: row 3, column 'a'; row 4" in told


def test_an_id_that_appears_twice_or_not_at_all_is_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, "id,x\na,1\nb,2\na,3\n,4\n")
    assert "row 4, column 'id': found 'a', which row 2 has too, expected each id once" in refusal(
        path, ids="id"
    )
    table = read_table(path, skip_bad=True, ids="id")
    assert (table.columns["id"], table.skipped) == (["a", "b"], 2)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        ("a,a\n1,2\n", "t.csv", "the name 'a' stands over columns 1 and 2, expected each name once"),
        ("a,,b\n1,2,3\n", "t.csv", "column 2 of 3 has no name"),
        ("", "t.csv", "the file is empty"),
        ("\n\n", "t.csv", "the file is empty"),
        ("a,b\n", "t.csv", "there is no row"),
        ("a,b\n=x,1\n", "t.csv", "no row is good (1 left out), the first because of row 2, column 'a'"),
        ("a\n".encode("utf-16"), "t.csv", "the file is UTF-16, expected UTF-8"),
        ("a,b\n1,2\n", "t.xlsx", "found a file that ends in '.xlsx', expected one of .csv"),
        ('{"a": 1}', "t.json", "found an object, expected an array of objects"),
        ("[1, 2", "t.json", "not JSON"),
        ('[{"a": 1, "a": 2}]', "t.json", "the field 'a' appears twice in one object"),
        ("[" * 100_000, "t.json", "not JSON"),
        (
            ",".join(f"c{at}" for at in range(1001)) + "\n",
            "t.csv",
            "found 1,001 columns, expected at most 1,000",
        ),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused_even_with_skip_bad(
    tmp_path: Path, data: str | bytes, name: str, said: str
) -> None:
    assert said in refusal(written(tmp_path, data, name), skip_bad=True)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "gone.csv: the file cannot be read: No such file" in refusal(tmp_path / "gone.csv")


def test_an_unknown_id_column_is_told_with_the_known_ones(tmp_path: Path) -> None:
    assert "there is no column 'ID', did you mean 'id'?" in refusal(written(tmp_path, "id\n1\n"), ids="ID")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "row 2: not JSON"),
        ("[1]", "row 2: found a list"),
        ('{"a": {"b": 1}}', "row 2, column 'a': found an object with parts of its own"),
        ('{"a": [[1]]}', "row 2, column 'a': found a list with parts of its own"),
    ],
)
def test_a_record_that_is_no_row_is_a_fault(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, f'{{"a": 1}}\n{line}\n', "t.jsonl")
    assert said in refusal(path)
    assert read_table(path, skip_bad=True).skipped == 1


@pytest.mark.parametrize(
    "cell", ["-5", "+1.5", "-1e-3", "+1 (555) 010-0199", "-", "", "5", "a=b", "'=x", "-12.5 %"]
)
def test_what_is_no_formula_is_left_alone(cell: str) -> None:
    assert not is_formula(cell)


@pytest.mark.parametrize("cell", ["=1+1", "@x", "+cmd|' /C calc'!A0", "-A1", "=", "-1+1|x"])
def test_what_a_spreadsheet_would_run_is_a_formula(cell: str) -> None:
    assert is_formula(cell)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        table = read_csv(data, "t.csv")
    except InputError:
        return
    assert {len(cells) for cells in table.columns.values()} == {len(table.rows)}
