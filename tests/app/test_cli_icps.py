"""The group `icp` as a user meets it: lint, match and learn, with bad files and mistyped options."""

import csv
import json
import random
from pathlib import Path

import pytest

from tests.app.commands import panelsim

ICP = """\
id: mine
title: Mine
account_fields:
  Lead Source: {type: text}
columns: {Staff: headcount}
firmographics:
  headcount: 50-500 employees
  countries: [Norway]
must_have:
  - {field: Lead Source, op: in, value: [Google, Referral]}
deal_breaker:
  - {field: industry, op: is, value: retail}
"""
ACCOUNTS = """\
Name,Staff,Country,Lead Source,Industry
Acme,120,Norway,Google,software
Bolt,80,Norway,Fair,software
Cold,,Norway,Referral,software
Dim,90,Norway,Google,retail
-,60,Peru,Google,software
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(ICP)
    Path("accounts.csv").write_text(ACCOUNTS)


def test_lint_tells_where_what_why_and_the_fix() -> None:
    done = panelsim("icp", "lint", "mine.yaml")
    assert done.code == 1
    block = done.out.split("error    mine: firmographics.industries\n")[1].splitlines()[:3]
    assert [line.split()[0] for line in block] == ["found:", "why:", "fix:"]


def test_lint_as_json_holds_level_where_what_why_and_fix() -> None:
    findings = json.loads(panelsim("icp", "lint", "mine.yaml", "--json").out)
    assert all(set(one) == {"level", "where", "what", "why", "fix"} and one["why"] for one in findings)


def test_lint_of_shipped_icps_finds_nothing() -> None:
    done = panelsim("icp", "lint", "b2b-saas", "local-services", "vp-sales", "owner-operator")
    assert (done.code, done.out) == (0, "Nothing to mend.\n")


def test_lint_finds_four_icps_and_a_persona_without_one() -> None:
    for at in range(3):
        Path(f"other-{at}.yaml").write_text(ICP.replace("id: mine", f"id: other-{at}"))
    names = ["mine.yaml", *(f"other-{at}.yaml" for at in range(3))]
    lonely = "id: p\nname: P\ntitle: P\ncommittee_role: user\nauthority: recommends\n"
    Path("p.yaml").write_text(lonely)
    found = panelsim("icp", "lint", *names, "p.yaml")
    assert "4 ICPs are in use, more than 3" in found.out
    assert "error    p: icps\n" in found.out


def test_lint_finds_a_micro_icp_that_reaches_beyond_its_parent_beside_it() -> None:
    Path("small.yaml").write_text(
        "id: small\ntitle: S\nparent: mine\nfirmographics: {headcount: 20-90 people}\n"
    )
    assert "narrow it to 50-90 employees" in panelsim("icp", "lint", "small.yaml").out


def test_match_ranks_and_counts() -> None:
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv", "--json")
    assert done.code == 0
    assert done.json["verdicts"] == {"fits": 3, "may fit": 0, "misses": 1, "ruled out": 1}
    top = done.json["top"]
    assert isinstance(top, list)
    shown = [
        (one["account"], one["verdict"], one["fit_low"], one["fit_high"])
        for one in top
        if isinstance(one, dict)
    ]
    assert shown == [
        ("Acme", "fits", 1.0, 1.0),
        ("Cold", "fits", 0.75, 1.0),  # (2 + 1) / 4, and headcount open
        ("-", "fits", 0.75, 0.75),
        ("Bolt", "misses", 0.5, 0.5),
        ("Dim", "ruled out", 0.0, 0.0),
    ]


def test_match_prints_the_table_and_the_counts() -> None:
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv", "--top", "2", "--id", "Name")
    assert "must_have[0]" in done.out
    assert "Lead Source in Google, Referral" in done.out
    assert done.out.endswith("3 fits, 0 may fit, 1 misses, 1 ruled out.\n")
    assert "Bolt" not in done.out


def test_a_negative_icp_says_that_the_meaning_is_turned_round() -> None:
    Path("anti.yaml").write_text(ICP.replace("title: Mine", "title: Mine\npolarity: negative"))
    done = panelsim("icp", "match", "anti.yaml", "accounts.csv")
    assert "the meaning is turned round" in done.out
    assert done.out.endswith("2 clear, 0 may be one, 3 to avoid.\n")


def test_match_writes_all_accounts_safe_for_a_spreadsheet() -> None:
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv", "--out", "out/ranked.csv")
    assert done.sentence == "Written: out/ranked.csv"
    with Path("out/ranked.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Name"] for row in rows] == ["Acme", "Cold", "'-", "Bolt", "Dim"]
    assert rows[1]["panelsim firmographics.headcount"] == "unknown"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--map", "Stff=headcount"), "has no such column, did you mean 'Staff'"),
        (("--map", "Staff=headcont"), "unknown account field 'headcont', did you mean 'headcount'"),
        (("--map", "Staff"), "expected two sides, such as Employees=headcount"),
        (("--id", "Nam"), "there is no column 'Nam', did you mean 'Name'?"),
        (("--out", "x.xlsx"), "expected a file that ends in .csv"),
        (("--join", "accounts.csv"), "expected a file and the key that both have: accounts.csv:account"),
    ],
)
def test_match_refuses_a_mistyped_option_in_one_sentence(options: tuple[str, ...], said: str) -> None:
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.sentence


def test_match_refuses_a_bad_cell_unless_bad_rows_are_skipped() -> None:
    Path("accounts.csv").write_text(ACCOUNTS + "Eve,many,Norway,Google,software\nFay,NaN,,,\nGus,=cmd(),,,\n")
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv")
    assert done.code == 2
    assert "row 9, column 'Staff': found '=cmd()'" in done.sentence
    kept = panelsim("icp", "match", "mine.yaml", "accounts.csv", "--skip-bad")
    assert kept.code == 0
    assert "3 rows were left out of accounts.csv" in kept.out


def test_a_near_name_is_offered_for_a_field_that_no_column_holds() -> None:
    Path("accounts.csv").write_text(ACCOUNTS.replace("Industry", "Industri"))
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv")
    assert (
        """'industry' is read from no column; if 'Industri' holds it: --map "Industri=industry\""""
        in done.out
    )


def test_accounts_of_which_nothing_is_known_are_refused() -> None:
    Path("accounts.csv").write_text("a,b\n1,2\n")
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv")
    assert done.code == 2
    assert "no column holds industry, Lead Source, headcount, country" in done.sentence


def test_an_undeclared_field_in_a_condition_is_a_clear_error() -> None:
    Path("mine.yaml").write_text(ICP.replace("field: Lead Source", "field: Lead Sorce"))
    done = panelsim("icp", "match", "mine.yaml", "accounts.csv")
    assert done.code == 2
    assert "unknown account field 'Lead Sorce', did you mean 'Lead Source'?" in done.sentence


def write_deals(*, signal: bool) -> None:
    rng = random.Random(3)
    with Path("deals.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Deal", "Result", "Lead Source", "Staff", "Signed on"])
        for at in range(400):
            won = rng.random() < 0.4
            source = rng.choice(["Google", "Fair", "List"])
            if signal and rng.random() < 0.6:
                source = "Google" if won else "List"
            out.writerow(
                [f"D{at}", ("lost", "won")[won], source, rng.randint(2, 900), "signed" if won else ""]
            )


def learn(*options: str) -> tuple[str, ...]:
    return ("icp", "learn", "mine.yaml", "deals.csv", "--outcome", "Result", "--won", "won", *options)


def test_learn_proposes_what_holds_and_changes_nothing() -> None:
    write_deals(signal=True)
    before = Path("mine.yaml").read_text()
    Path("mine.yaml").write_text(before.split("must_have:")[0])
    done = panelsim(*learn("--out", "proposal.yaml"))
    assert done.code == 0
    assert Path("mine.yaml").read_text() == before.split("must_have:")[0]
    assert "Result: 1 of 2 columns separates won from lost after correction" in done.out
    assert "+++ mine.yaml (proposed)" in done.out
    assert "Signed on" in done.out.split("Leaks, it seems")[1]
    shown = panelsim("icp", "show", "proposal.yaml", "--json").json
    assert shown["version"] == 2
    assert "Lead Source" in json.dumps([shown["must_have"], shown["deal_breaker"]])
    again = panelsim(*learn("--out", "proposal.yaml"))
    assert again.code == 2
    assert "is there already and is not overwritten" in again.sentence


def test_learn_says_that_it_found_nothing() -> None:
    write_deals(signal=False)
    done = panelsim(*learn("--out", "proposal.yaml"))
    assert done.code == 0
    assert "none of 2 columns separates won from lost after correction; the ICP stays as it is." in done.out
    assert not Path("proposal.yaml").exists()


def test_learn_as_json_holds_the_figures_and_the_comparison() -> None:
    write_deals(signal=True)
    told = panelsim(*learn("--json")).json
    held = told["held_out"]
    assert isinstance(held, dict)
    assert isinstance(held["logistic_regression"], dict)
    with Path("deals.csv").open(newline="") as file:
        won = sum(row["Result"] == "won" for row in csv.DictReader(file))
    assert (told["won"], told["lost"], told["open"]) == (won, 400 - won, 0)
    assert {"columns", "criteria", "suspects", "not_learned_from", "diff"} <= set(told)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--leaks", "Stff"), "there is no column 'Stff', did you mean 'Staff'?"),
        (("--lost", "gone"), "no row has 'gone'"),
        (("--out", "x.csv"), "expected a file that ends in .yaml"),
    ],
)
def test_learn_refuses_a_mistyped_option_in_one_sentence(options: tuple[str, ...], said: str) -> None:
    write_deals(signal=False)
    done = panelsim(*learn(*options))
    assert (done.code, done.out) == (2, "")
    assert said in done.sentence
