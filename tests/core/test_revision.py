"""Proposals as text: as few changed lines as needed, and a file that reads back as what was proposed."""

import pytest
import yaml

from panelsim.learning.revision import Change, difference, revised
from panelsim.model.account import AccountField, Predicate
from panelsim.model.icp import ICP

BEFORE = """\
# Our buyers.
id: x
title: X  # as we call them
version: 3  # raised in spring
status: active

must_have:
  # small firms have no one to run it
  - {field: headcount, op: at_least, value: 80, note: "a: b"}
  - field: country
    op: is
    value: Norway

# what we know of them
challenges:
  - forecasts
"""
LEAD = Predicate(field="Lead Source", op="in", value=("Google", "no"), note="won 40%; deals.csv")


def change(**fields: object) -> Change:
    given = {"version": 4, "fields": {}, "added": (), "removed": (), "head": "Proposed."} | fields
    return Change(**given)  # type: ignore[arg-type]


def read(text: str) -> ICP:
    return ICP.model_validate(yaml.safe_load(text))


ADDING = change(fields={"Lead Source": AccountField(type="text")}, added=(("must_have", LEAD),))


def test_conditions_are_added_below_those_that_are_there_and_all_else_stays() -> None:
    after = revised(BEFORE, ADDING)
    assert read(after).must_have == (*read(BEFORE).must_have, LEAD)
    lost = set(BEFORE.splitlines()) - set(after.splitlines())
    assert lost == {"version: 3  # raised in spring", "status: active"}
    assert "version: 4  # raised in spring\nstatus: draft" in after
    assert after.startswith("# Proposed.\n# Our buyers.\n")


def test_a_text_that_yaml_would_read_as_something_else_stays_a_text() -> None:
    assert read(revised(BEFORE, ADDING)).must_have[-1].value == ("Google", "no")


@pytest.mark.parametrize(("place", "left"), [("must_have[0]", ["country"]), ("must_have[1]", ["headcount"])])
def test_a_condition_is_taken_out_whole(place: str, left: list[str]) -> None:
    after = revised(BEFORE, change(removed=(place,)))
    assert [one.field for one in read(after).must_have] == left
    assert "# what we know of them\nchallenges:" in after


def test_the_field_goes_with_its_last_condition() -> None:
    after = revised(BEFORE, change(removed=("must_have[0]", "must_have[1]")))
    assert "must_have" not in after
    assert read(after).challenges == ("forecasts",)


def test_a_condition_can_be_replaced() -> None:
    after = revised(BEFORE, ADDING._replace(removed=("must_have[0]",)))
    assert [one.field for one in read(after).must_have] == ["country", "Lead Source"]


@pytest.mark.parametrize(
    "stated",
    [
        "must_have: []\n",
        "must_have: [{field: headcount, op: is, value: 9}]\n",
        "must_have: [\n  {field: headcount, op: is, value: 9},\n  ]\n",
        "must_have:\n- {field: headcount, op: is, value: 9}\n",
        "",
    ],
)
@pytest.mark.parametrize("rest", ["", "challenges: [a]\n", "# the end\n"])
def test_every_way_to_write_a_list_can_be_added_to(stated: str, rest: str) -> None:
    before = f"id: x\ntitle: X\n{stated}{rest}"
    after = revised(before, ADDING)
    assert read(after).must_have == (*read(before).must_have, LEAD)
    assert read(after).version == 4


def test_account_fields_join_those_that_are_declared() -> None:
    before = "id: x\ntitle: X\naccount_fields:\n    Plan: {type: text}\nchallenges: [a]\n"
    fields = read(revised(before, ADDING)).account_fields
    assert list(fields) == ["Plan", "Lead Source"]


def test_the_difference_is_a_unified_diff_of_the_changed_lines() -> None:
    told = difference(BEFORE, revised(BEFORE, ADDING), "x.yaml")
    assert told.startswith("--- x.yaml\n+++ x.yaml (proposed)\n")
    removed = [line for line in told.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert removed == ["-version: 3  # raised in spring", "-status: active"]
