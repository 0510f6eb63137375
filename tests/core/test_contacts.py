"""Contacts to drafts: how titles are sorted, columns told apart, and what a draft holds."""

from collections.abc import Mapping, Sequence

import pytest
from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.files.contacts import read_contact_rules
from panelsim.model.contacts import ContactRules
from panelsim.model.table import Table
from panelsim.planning.contacts import Import, draft_persona, read_contacts, tell_columns

RULES = read_contact_rules()


def table(**columns: Sequence[str]) -> Table:
    named = {name.replace("_", " "): cells for name, cells in columns.items()}
    return Table("contacts.csv", named, range(2, 2 + len(next(iter(columns.values())))))


def read(mapped: Mapping[str, str] | None = None, least: int = 2, **columns: Sequence[str]) -> Import:
    return read_contacts(table(**columns), RULES, mapped or {}, least)


def group_of(title: str, department: str = "") -> tuple[str, str, str]:
    """Where one title belongs, and the role that is guessed."""
    found = read(Title=[title] * 2, Department=[department] * 2)
    (one,) = found.groups or found.small
    return one.id, one.standing.role, one.standing.authority


@pytest.mark.parametrize(
    ("title", "group", "role", "authority"),
    [
        ("VP of Sales", "sales-vp", "sponsor", "approves"),
        ("Vice President, Revenue Operations", "sales-operations-vp", "sponsor", "approves"),
        ("Chief Financial Officer", "finance-chief", "economic", "signs"),
        ("Group CFO", "finance-chief", "economic", "signs"),
        ("CTO & Co-Founder", "engineering-chief", "technical", "blocks"),
        ("Head of IT Security", "it-security-head", "technical", "blocks"),
        ("General Counsel", "legal-head", "blocker", "blocks"),
        ("Senior Software Engineer", "engineering-individual", "technical", "influences"),
        ("Procurement Manager", "purchasing-manager", "procurement", "approves"),
        ("Founder & CEO", "general-management-chief", "economic", "signs"),
        ("SDR Manager", "sales-manager", "champion", "recommends"),
        ("Account Executive", "sales-individual", "user", "influences"),
        ("Product Owner", "product-individual", "user", "influences"),
        ("Senior Product Manager", "product-individual", "user", "influences"),
        ("Director Demand Generation", "marketing-head", "champion", "recommends"),
        ("Executive Assistant to the CFO", "finance-support", "user", "influences"),
        ("HEAD OF MARKETING", "marketing-head", "champion", "recommends"),
    ],
)
def test_a_title_is_sorted_by_its_words(title: str, group: str, role: str, authority: str) -> None:
    assert group_of(title) == (group, role, authority)


def test_words_are_found_whole() -> None:
    # "it" is in audit, "hr" in chromium: neither is a department
    assert read(Title=["Audit Wizard", "Chromium Wizard"]).unplaced == 2


def test_where_a_title_says_nothing_the_department_does() -> None:
    assert group_of("Team Lead", "Procurement")[0] == "purchasing-manager"
    assert group_of("VP of Sales", "Finance")[0] == "sales-vp"


def test_a_group_that_is_too_small_is_not_written() -> None:
    found = read(least=3, Title=["CFO", "CFO", "CFO", "CTO", "CTO"])
    assert [(one.id, one.contacts) for one in found.groups] == [("finance-chief", 3)]
    assert [(one.id, one.contacts) for one in found.small] == [("engineering-chief", 2)]


def test_titles_that_no_rule_fits_are_counted_and_common_ones_named_without_names() -> None:
    found = read(
        least=2,
        Title=["Wizard for Starling", "Wizard for Starling", "Gardener", ""],
        Last_Name=["Starling", "x", "y", "z"],
    )
    assert found.unplaced == 4
    assert found.unplaced_titles == (("Wizard for [name]", 2),)


@pytest.mark.parametrize(
    "column",
    ["First Name", "FirstName", "firstname", "Last Name", "Email", "E-Mail Address", "Work email",
     "Phone Number", "Mobile Phone Number", "MobilePhone", "Salutation", "MailingStreet", "Mailing Street",
     "Street Address",
     "Record ID", "Contact owner", "OwnerId", "LinkedIn URL", "Birthdate", "AssistantName", "Name",
     "hs_additional_emails", "Postal Code", "IP Address"],
)  # fmt: skip
def test_columns_of_personal_data_are_known_by_name(column: str) -> None:
    told = tell_columns(Table("c.csv", {"Title": ["CFO"], column: ["x"]}, [2]), RULES, {})
    assert told.by_name == (column,)


@pytest.mark.parametrize(
    "column", ["Job Title", "Department", "Lifecycle Stage", "Company name", "City", "Industry"]
)
def test_other_columns_are_not_taken_for_personal_data(column: str) -> None:
    assert tell_columns(Table("c.csv", {column: ["x"]}, [2]), RULES, {}).by_name == ()


def test_a_column_of_addresses_under_another_name_is_known_by_its_cells() -> None:
    told = tell_columns(table(Title=["CFO"] * 5, Line=["a@b.example", "", "x", "y", "z"]), RULES, {})
    assert told.by_content == (("Line", "e-mail"),)  # 1 of 4 filled cells, at least a fifth


def test_a_personal_column_is_never_mapped() -> None:
    with pytest.raises(InputError, match="'Email' holds personal data and is never read"):
        read({"objections": "Email"}, Title=["CFO"], Email=["a@b.example"])


def test_an_unknown_column_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match=r"no column 'Notes', did you mean 'Note'"):
        read({"objections": "Notes"}, Title=["CFO"], Note=["x"])


def test_a_file_without_titles_is_refused() -> None:
    with pytest.raises(InputError, match="name it with --map COLUMN=title"):
        read(City=["Leeds"])
    assert read({"title": "Was macht er"}, Was_macht_er=["CFO", "CFO"]).groups[0].id == "finance-chief"


def test_texts_are_parted_counted_and_cleaned() -> None:
    found = read(
        {"objections": "Notes"},
        Title=["CFO"] * 4,
        First_Name=["Ambrose", "b", "c", "d"],
        Notes=["Too dear; too long", "too dear.", "Ambrose: call +1 555 0100 200", "[phone]"],
    )
    (group,) = found.groups
    assert group.statements == {"objections": ("Too dear", "too long", "[name]: call [phone]")}
    assert (found.redacted["name"], found.redacted["phone"]) == (1, 1)
    assert found.dropped == 4


def test_their_own_buying_roles_win_over_the_guess() -> None:
    found = read(Title=["CFO"] * 3, Buying_Role=["Champion", "CHAMPION; Other", "Blocker"])
    (group,) = found.groups
    assert group.told is not None
    assert (group.standing.role, group.told.role) == ("economic", "champion")


def test_the_share_in_the_market_is_that_of_those_whose_stage_is_known() -> None:
    found = read(Title=["CFO"] * 4, Lifecycle_Stage=["Opportunity", "customer", "", "LEAD"])
    assert found.groups[0].in_market == pytest.approx(1 / 3)


def test_a_draft_holds_what_the_contacts_tell_and_nothing_else() -> None:
    found = read({"objections": "Notes"}, Title=["CFO"] * 2, Notes=["too dear", ""])
    draft = draft_persona(found.groups[0], "soft", "contacts.csv", found.columns, "2026-11-25")
    assert (draft.status, draft.icps, draft.committee_role) == ("draft", ("soft",), "economic")
    assert draft.objections == ("too dear",)
    assert (draft.goals, draft.pains, draft.kpis, draft.demographics) == ((), (), (), None)
    assert [(entry.fields, entry.basis, entry.date) for entry in draft.provenance] == [
        (("function",), "observed", "2026-11-25"),
        (("committee_role", "authority"), "inferred", "2026-11-25"),
        (("objections",), "observed", "2026-11-25"),
    ]
    assert all("contacts.csv" in entry.source for entry in draft.provenance)


def test_rules_must_end_in_one_that_fits_everybody() -> None:
    raw = RULES.model_dump(mode="json", by_alias=True)
    for field in ("roles", "seniorities"):
        with pytest.raises(ValidationError, match="expected one that fits everybody"):
            ContactRules.model_validate({**raw, field: raw[field][:-1]})
    with pytest.raises(ValidationError, match="'sails'"):
        ContactRules.model_validate(
            {**raw, "roles": [{**raw["roles"][0], "function": "sails"}, raw["roles"][-1]]}
        )
