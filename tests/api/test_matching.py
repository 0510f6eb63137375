"""Accounts matched over HTTP, as the command matches those in a file."""

import json
from pathlib import Path

from panelsim.files import read_icp
from panelsim.service.accounts import Files, match_file
from panelsim.service.matched import matched_json, matched_lines, shown_of
from tests.api.conftest import Service
from tests.api.own_profiles import FLEET

CSV = "account,headcount,industry,country\nNordwind,180,Software,US\nLemaire,6,Retail,FR\nUnknown,,,\n"
PATH = "/v1/icps/b2b-saas/match"


def test_rows_csv_and_a_form_say_what_the_command_says(service: Service, tmp_path: Path) -> None:
    headers = service.key()
    file = tmp_path / "accounts.csv"
    file.write_text(CSV)
    matched = match_file(read_icp("b2b-saas"), Files(file), {})
    expected = matched_json(shown_of(matched), 20)
    assert isinstance(expected, dict)
    by_csv = service.client.post(PATH, content=CSV, headers=headers | {"Content-Type": "text/csv"})
    assert by_csv.status_code == 200
    assert by_csv.json() == json.loads(json.dumps(expected))
    by_form = service.client.post(PATH, files={"file": ("a.csv", CSV, "text/csv")}, headers=headers)
    assert by_form.json() == by_csv.json()
    names, *lines = [line.split(",") for line in CSV.splitlines()]
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    by_rows = service.client.post(PATH, json=rows, headers=headers).json()
    assert [(one["account"], one["verdict"], one["criteria"]) for one in by_rows["top"]] == [
        (one["account"], one["verdict"], one["criteria"]) for one in by_csv.json()["top"]
    ]
    table = service.client.post(f"{PATH}?format=csv", json=rows, headers=headers)
    assert table.headers["content-type"].startswith("text/csv")
    first, *_ = matched_lines(matched.table, matched.match)
    assert table.text.splitlines()[0] == first.rstrip()
    assert len(table.text.splitlines()) == 4


def test_own_icps_and_mapped_columns_count(service: Service) -> None:
    headers = service.key()
    service.client.post("/v1/icps", json=FLEET, headers=headers)
    rows = [{"Firm": "A", "People": 50}, {"Firm": "B", "People": 200}]
    path = "/v1/icps/fleet-operators/match?map=People%3Dheadcount&id=Firm&top=1"
    told = service.client.post(path, json=rows, headers=headers).json()
    assert told["accounts"] == 2
    assert [one["account"] for one in told["top"]] == ["B"]
    assert told["top"][0]["criteria"]["must_have[0]"] == "pass"


BAD: dict[str, tuple[str, str, int, str]] = {
    "a formula": ("account,headcount\n=1+1,5\n", "", 422, "row 2, column 'account'"),
    "no number": ("account,headcount\nA,many\n", "", 422, "row 2, column 'headcount'"),
    "a ragged row": ("account,headcount\nA,5,6\n", "", 422, "row 2"),
    "an unknown column": ("account,headcount\nA,5\n", "?id=Firm", 422, "no column 'Firm'"),
    "an unknown map": ("account,headcount\nA,5\n", "?map=Staff%3Dheadcount", 422, "map Staff=headcount"),
    "nothing that the ICP asks": ("account,colour\nA,red\n", "", 422, "no column holds"),
    "no row": ("account,headcount\n", "", 422, "no row"),
}


def test_a_bad_table_is_refused_with_its_place_and_without_options_of_the_command(service: Service) -> None:
    headers = service.key() | {"Content-Type": "text/csv"}
    for name, (text, query, status, said) in BAD.items():
        refused = service.client.post(f"{PATH}{query}", content=text, headers=headers)
        assert refused.status_code == status, name
        told = refused.json()
        assert said in told["detail"], name
        assert "--" not in told["detail"]
        if said.startswith("row"):
            assert told["errors"][0]["param"] == f"body.{said}"


def test_bad_rows_are_left_out_and_counted_if_that_is_wanted(service: Service) -> None:
    text = "account,headcount\nA,many\nB,90\n=C,80\n"
    headers = service.key() | {"Content-Type": "text/csv"}
    told = service.client.post(f"{PATH}?skip_bad=true", content=text, headers=headers).json()
    assert (told["accounts"], told["left_out"]) == (1, 2)
    assert "many" in " ".join(told["notes"]) or "=C" in " ".join(told["notes"])


def test_a_table_of_another_type_or_without_a_file_is_refused(service: Service) -> None:
    headers = service.key()
    other = service.client.post(PATH, content=b"x", headers=headers | {"Content-Type": "application/pdf"})
    assert other.status_code == 415
    nameless = service.client.post(PATH, files={"file": ("a.xlsx", b"PK", "application/x")}, headers=headers)
    assert nameless.status_code == 415
    empty = service.client.post(PATH, files={"other": ("a.csv", b"a,b", "text/csv")}, headers=headers)
    assert (empty.status_code, empty.json()["code"]) == (400, "malformed_body")


def test_a_table_may_be_larger_than_other_bodies_and_not_without_bound(service: Service) -> None:
    headers = service.key() | {"Content-Type": "text/csv"}
    rows = "".join(f"account-{number},{number % 900 + 1}\n" for number in range(60_000))
    assert len(rows) > 1_000_000
    told = service.client.post(f"{PATH}?top=0", content=f"account,headcount\n{rows}", headers=headers)
    assert told.json()["accounts"] == 60_000
    huge = service.client.post(PATH, content=b"x" * 20_000_001, headers=headers)
    assert (huge.status_code, huge.json()["code"]) == (413, "body_too_large")
