"""Importing contacts on the command line: what is written, what is dropped, what is refused."""

import re
from pathlib import Path

import pytest

from panelsim.files import read_persona
from tests.app.commands import panelsim

EXPORTS = Path(__file__).parents[1] / "contacts"
HUBSPOT = (str(EXPORTS / "hubspot.csv"), "--icp", "b2b-saas", "--map", "Reason Not Now=objections")
SALESFORCE = ("--icp", "b2b-saas", "--map", "Description=objections")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "store.sqlite3"))
    monkeypatch.delenv("PANELSIM_HOME", raising=False)


def people(export: str, *columns: str) -> set[str]:
    """Every word of the personal columns of an export."""
    lines = (EXPORTS / export).read_text("utf-8").splitlines()
    header, *rows = [re.findall(r'"[^"]*"|[^,]+|(?<=,)(?=,|$)', line) for line in lines]
    named = [cell.strip('"') for cell in header]
    return {row[named.index(column)].strip('"') for row in rows for column in columns} - {""}


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [
        (HUBSPOT, ("First Name", "Last Name", "Email")),
        ((str(EXPORTS / "salesforce.csv"), *SALESFORCE), ("FirstName", "LastName", "Email")),
    ],
)
def test_no_draft_and_no_word_on_the_screen_names_a_person(
    arguments: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    done = panelsim("persona", "import", *arguments)
    assert done.code == 0
    written = "".join(path.read_text("utf-8") for path in Path("personas/buyers").glob("*.yaml"))
    found = people(Path(arguments[0]).name, *columns)
    assert len(found) > 15
    for word in found:
        assert word.casefold() not in (written + done.out + done.err).casefold(), word
    assert not re.search(r"@|https?:|\d{3}.\d{4}.\d{3}", written)


def test_hubspot_contacts_become_drafts_by_title_and_buying_role() -> None:
    done = panelsim("persona", "import", *HUBSPOT, "--json").json
    assert done["contacts"] == 13
    drafts = done["drafts"]
    assert isinstance(drafts, list)
    assert [(one["id"], one["contacts"], one["role"]) for one in drafts if isinstance(one, dict)] == [
        ("sales-vp", 4, "economic"),
        ("finance-chief", 3, "economic"),
        ("sales-operations-manager", 3, "champion"),
    ]
    assert done["unplaced"] == 2  # a wizard of light bulbs, and one without a title
    draft = read_persona("finance-chief")
    assert (draft.status, draft.icps, draft.authority) == ("draft", ("b2b-saas",), "signs")
    assert draft.objections == ("Where is the return", "The contract is too long")


def test_salesforce_contacts_come_out_alike_as_csv_and_as_json() -> None:
    for form in ("csv", "json"):
        file = str(EXPORTS / f"salesforce.{form}")
        assert panelsim("persona", "import", file, *SALESFORCE, "--out", form).code == 0
    one, other = (Path(form, "it-security-head.yaml").read_text("utf-8") for form in ("csv", "json"))
    assert one.replace("salesforce.csv", "salesforce.json") == other


def test_the_summary_tells_which_columns_and_how_many_cells_were_dropped() -> None:
    out = panelsim("persona", "import", *HUBSPOT).out
    assert "First Name, Last Name, Email, Phone Number, Mobile Phone Number" in out
    assert "Back-up line (e-mail in its cells)" in out
    assert "(93 cells)" in out
    assert "legal-head (1)" in out


def test_a_draft_says_what_is_left_to_fill_in_and_lint_says_the_same() -> None:
    panelsim("persona", "import", *HUBSPOT)
    text = Path("personas/buyers/sales-vp.yaml").read_text("utf-8")
    assert "Left to fill in from what you know: responsibilities, kpis, goals" in text
    done = panelsim("persona", "lint", "sales-vp")
    assert done.code == 1
    assert "0 of them errors" in done.out


def test_nothing_is_overwritten_and_nothing_half_written() -> None:
    Path("d").mkdir()
    Path("d/finance-chief.yaml").write_text("mine", "utf-8")
    done = panelsim("persona", "import", *HUBSPOT, "--out", "d")
    assert done.code == 2
    assert "is there already and is not overwritten" in done.sentence
    assert [path.name for path in Path("d").iterdir()] == ["finance-chief.yaml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("Title,Email\n", "there is no row"),
        ("Title,Email\nCFO,a@b.example,x\n", "row 2: found 3 cells, expected 2"),
        ("Title,Title\nCFO,CFO\n", "stands over columns 1 and 2"),
        ("City,Email\nLeeds,a@b.example\n", "no column is known to hold a job title"),
        (
            "Title,City\nGardener,Leeds\nPoet,York\n",
            "no group has 3 contacts (2 of 2 are of no known function)",
        ),
        ('Title,Notes\n"=CMD()",x\n', "which a spreadsheet would run as a formula"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence_and_nothing_is_written(text: str, said: str) -> None:
    Path("bad.csv").write_text(text, "utf-8")
    done = panelsim("persona", "import", "bad.csv", "--icp", "b2b-saas")
    assert done.code == 2
    assert said in done.sentence
    assert not Path("personas").exists()


def test_bad_rows_are_left_out_on_request_and_counted() -> None:
    rows = "Title,City\n" + "CFO,Leeds\n" * 3 + "CFO\nCFO,York,x\n"
    Path("bad.csv").write_text(rows, "utf-8")
    done = panelsim("persona", "import", "bad.csv", "--icp", "b2b-saas", "--skip-bad")
    assert done.code == 0
    assert "3 contacts read, 2 rows left out." in done.out
    assert "left out: row 5: found 1 cell, expected 2" in done.out


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--map", "objections"), "expected COLUMN=FIELD"),
        (("--map", "Notes=objection"), "did you mean 'objections'"),
        (("--map", "Remarks=objections"), "there is no column 'Remarks'"),
        (("--map", "Email=objections"), "holds personal data and is never read"),
        (("--map", "City=goals", "--map", "City=goals"), "goals is mapped twice"),
        (("--icp", "b2b-sass"), "did you mean 'b2b-saas'"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(option: tuple[str, ...], said: str) -> None:
    done = panelsim("persona", "import", str(EXPORTS / "hubspot.csv"), "--icp", "b2b-saas", *option)
    assert done.code == 2
    assert said in done.sentence


def test_ones_own_rules_win_over_the_shipped_ones() -> None:
    from panelsim.files.folders import read_text, shipped_folder

    text = read_text(shipped_folder("personas") / "imports/contacts.yaml")
    Path("personas/imports").mkdir(parents=True)
    own = text.replace("words: [marketing,", "words: [wizard of light bulbs, marketing,")
    Path("personas/imports/contacts.yaml").write_text(own, "utf-8")
    done = panelsim("persona", "import", *HUBSPOT, "--json").json
    small = done["too_small"]
    assert isinstance(small, list)
    assert "marketing-individual" in [one["id"] for one in small if isinstance(one, dict)]
