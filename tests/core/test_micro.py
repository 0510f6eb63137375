"""Micro-ICPs: what is taken over, and what reaches beyond the parent."""

import pytest

from panelsim.model.account import Predicate
from panelsim.model.icp import ICP
from panelsim.planning.lint_icps import lint_icp, lint_icps
from panelsim.planning.micro import excess_of, inherit

PARENT = ICP.model_validate(
    {
        "id": "soft",
        "title": "Software",
        "review_due": "2027-01-01",
        "firmographics": {
            "industries": ["software", "fintech"],
            "headcount": "50-500 employees",
            "revenue": "5-50 MUSD",
            "countries": ["Canada", "Norway"],
        },
        "budget": {"range": "10-60 kUSD/year", "willingness": "when it saves a hire"},
        "growth": {"stages": ["scale-up", "mature"], "rate": "10-40 %/year"},
        "account_fields": {"Lead Source": {"type": "text"}},
        "must_have": [{"field": "headcount", "op": "at_least", "value": 60}],
        "deal_breaker": [{"field": "Lead Source", "op": "is", "value": "Purchased list"}],
    }
)


def child(**fields: object) -> ICP:
    given = {"id": "small", "title": "Small software", "parent": "soft", **fields}
    return ICP.model_validate(inherit(given, PARENT))  # type: ignore[arg-type]


def test_what_a_child_leaves_out_is_taken_from_the_parent() -> None:
    one = child(firmographics={"headcount": "50-100 employees"})
    assert one.firmographics.headcount is not None
    assert (one.firmographics.headcount.min, one.firmographics.headcount.max) == (50, 100)
    assert one.firmographics.countries == ("Canada", "Norway")
    assert one.budget == PARENT.budget
    assert one.account_fields == PARENT.account_fields


def test_a_child_does_not_take_over_which_profile_it_is() -> None:
    one = child()
    assert (one.id, one.title, one.version, one.status, one.review_due) == (
        "small",
        "Small software",
        1,
        "draft",
        None,
    )


def test_a_childs_lists_and_ranges_replace_the_parents_whole() -> None:
    one = child(growth={"stages": ["mature"]}, firmographics={"countries": ["Norway"]})
    assert one.growth.stages == ("mature",)
    assert one.growth.rate == PARENT.growth.rate
    assert one.firmographics.countries == ("Norway",)


def test_the_parents_conditions_hold_for_a_child_too_and_are_not_doubled() -> None:
    own = {"field": "headcount", "op": "at_most", "value": 90}
    same = {"field": "headcount", "op": "at_least", "value": 60, "note": "said again"}
    one = child(must_have=[own, same])
    assert [condition.op for condition in one.must_have] == ["at_most", "at_least"]
    assert one.deal_breaker == PARENT.deal_breaker


def test_reading_what_was_inherited_again_changes_nothing() -> None:
    one = child(firmographics={"headcount": "50-100 employees"})
    again = inherit(one.model_dump(mode="json", exclude_unset=True), PARENT)
    assert ICP.model_validate(again) == one


@pytest.mark.parametrize(
    ("fields", "field", "fix"),
    [
        (
            {"firmographics": {"headcount": "20-100 employees"}},
            "firmographics.headcount",
            "narrow it to 50-100 employees, or widen the parent",
        ),
        (
            {"firmographics": {"revenue": "60-90 MUSD"}},
            "firmographics.revenue",
            "move it into the parent's, or widen the parent",
        ),
        (
            {"firmographics": {"industries": ["Software", "toys"]}},
            "firmographics.industries",
            "keep Software, or widen the parent",
        ),
        (
            {"growth": {"stages": ["startup"]}},
            "growth.stages",
            "take some of scale-up, mature, or widen the parent",
        ),
        ({"budget": {"range": "10-20 kEUR/year"}}, "budget.range", "state it in kUSD/year as soft does"),
        (
            {"growth": {"rate": "5-20 %/year"}},
            "growth.rate",
            "narrow it to 10-20 %/year, or widen the parent",
        ),
    ],
)
def test_a_child_that_reaches_beyond_its_parent_is_an_error_with_its_fix(
    fields: dict[str, object], field: str, fix: str
) -> None:
    (excess,) = excess_of(child(**fields), PARENT)
    assert (excess.field, excess.fix) == (field, fix)
    (finding,) = [one for one in lint_icp(child(**fields), [PARENT]) if one.where == f"small: {field}"]
    assert (finding.level, finding.fix) == ("error", fix)


def test_a_child_within_its_parent_has_nothing_beyond_it() -> None:
    one = child(firmographics={"headcount": "60-80 employees", "industries": ["FINTECH"]})
    assert list(excess_of(one, PARENT)) == []


def test_a_child_of_the_other_polarity_is_an_error() -> None:
    found = lint_icps([child(polarity="negative")], parents=[PARENT])
    assert ("error", "small: polarity") in [(one.level, one.where) for one in found]


def test_a_condition_on_a_column_of_the_parents_can_be_used_by_the_child() -> None:
    one = child(must_have=[{"field": "Lead Source", "op": "in", "value": ["Google"]}])
    assert one.must_have[0] == Predicate(field="Lead Source", op="in", value=("Google",))
