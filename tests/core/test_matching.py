"""Matching: every field of an ICP that accounts can be judged by, the fit, the verdict and the ranking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.model.icp import ICP
from panelsim.model.table import Table
from panelsim.planning.accounts import number_in, read_facts, sources_of, texts_in
from panelsim.planning.criteria import FAIL, PASS, UNKNOWN, criteria_of
from panelsim.planning.matching import Match, match_accounts


def table(**columns: list[str]) -> Table:
    n = len(next(iter(columns.values())))
    return Table("t.csv", columns, range(2, n + 2))


def icp(**fields: object) -> ICP:
    return ICP.model_validate({"id": "x", "title": "x", **fields})


def matched(one: ICP, rows: Table, given_: dict[str, str] | None = None) -> Match:
    sources = sources_of(rows, one, given_ or {})
    known = {}
    for field, source in sources.items():
        facts, faults = read_facts(rows, source, field, one.fields[field])
        assert faults == ()
        known[field] = facts
    return match_accounts(one, known, len(rows.rows))


def states(one: ICP, **columns: list[str]) -> dict[str, list[int]]:
    found = matched(one, table(**columns))
    return {each.name: found.states[at].tolist() for at, each in enumerate(found.criteria)}


FIELDS: list[tuple[dict[str, object], dict[str, list[str]], str]] = [
    (
        {"firmographics": {"industries": [{"name": "Software", "code": "NAICS 513210"}]}},
        {"industry": ["software", "toys", ""]},
        "firmographics.industries",
    ),
    (
        {"firmographics": {"industries": [{"name": "Software", "code": "NAICS 513210"}]}},
        {"industry": ["513210", "1", ""]},
        "firmographics.industries",
    ),
    (
        {"firmographics": {"headcount": "50-500 employees"}},
        {"headcount": ["500", "501", ""]},
        "firmographics.headcount",
    ),
    (
        {"firmographics": {"revenue": "5-50 MUSD"}},
        {"revenue_musd": ["5", "4.9", ""]},
        "firmographics.revenue",
    ),
    (
        {"firmographics": {"market_share": "0-5 %"}},
        {"market_share": ["5 %", "6", ""]},
        "firmographics.market_share",
    ),
    (
        {"firmographics": {"sales_team": "10-80 people"}},
        {"sales_team": ["10", "9", ""]},
        "firmographics.sales_team",
    ),
    (
        {"firmographics": {"countries": ["Norway"]}},
        {"country": ["NORWAY", "Peru", ""]},
        "firmographics.countries",
    ),
    (
        {"firmographics": {"regions": ["Nordics"]}},
        {"region": ["nordics", "Andes", ""]},
        "firmographics.regions",
    ),
    ({"budget": {"range": "10-60 kUSD/year"}}, {"budget": ["90", "9", ""]}, "budget.range"),
    ({"growth": {"rate": "10-40 %/year"}}, {"growth_rate": ["10", "-3", ""]}, "growth.rate"),
    ({"growth": {"stages": ["mature"]}}, {"growth_stage": ["Mature", "startup", ""]}, "growth.stages"),
    ({"growth": {"funding": ["seed"]}}, {"funding_stage": ["seed", "public", ""]}, "growth.funding"),
    ({"growth": {"signals": ["hiring"]}}, {"signals": ["moved; hiring", "moved", ""]}, "growth.signals"),
    ({"structure": "flat"}, {"structure": ["flat", "hierarchical", ""]}, "structure"),
    (
        {"technographics": {"uses": ["Slack", "Jira"]}},
        {"stack": ["slack, Zoom", "Zoom", ""]},
        "technographics.uses",
    ),
    (
        {"technographics": {"incumbents": ["Excel"]}},
        {"incumbent": ["excel", "a rival", ""]},
        "technographics.incumbents",
    ),
    (
        {"technographics": {"must_not_use": ["SAP"]}},
        {"stack": ["Slack", "Slack|SAP", ""]},
        "technographics.must_not_use",
    ),
    (
        {"must_have": [{"field": "headcount", "op": "at_least", "value": 60}]},
        {"headcount": ["60", "59", ""]},
        "must_have[0]",
    ),
    (
        {"deal_breaker": [{"field": "country", "op": "is", "value": "Peru"}]},
        {"country": ["Norway", "peru", ""]},
        "deal_breaker[0]",
    ),
    (
        {
            "account_fields": {"Has API": {"type": "flag"}},
            "must_have": [{"field": "Has API", "op": "is", "value": True}],
        },
        {"Has API": ["Yes", "0", ""]},
        "must_have[0]",
    ),
]


@pytest.mark.parametrize(("stated", "columns", "name"), FIELDS)
def test_each_part_of_an_icp_passes_fails_or_is_unknown(
    stated: dict[str, object], columns: dict[str, list[str]], name: str
) -> None:
    assert states(icp(**stated), **columns)[name] == [PASS, FAIL, UNKNOWN]


@pytest.mark.parametrize(("stated", "columns", "name"), FIELDS)
def test_a_field_that_no_column_holds_is_unknown_for_all(
    stated: dict[str, object], columns: dict[str, list[str]], name: str
) -> None:
    assert set(states(icp(**stated), other=["a", "b"])[name]) == {UNKNOWN}


def test_countries_decide_and_a_region_outside_fails_alone() -> None:
    one = icp(firmographics={"countries": ["Norway"], "regions": ["Nordics"]})
    found = states(one, country=["Norway", "Peru", "", ""], region=["Andes", "Nordics", "Nordics", "Andes"])
    # a region inside does not say which country it is
    assert found["firmographics.countries"] == [PASS, FAIL, UNKNOWN, FAIL]


def test_a_tool_in_either_field_rules_out_and_only_the_stack_can_clear() -> None:
    one = icp(technographics={"must_not_use": ["SAP"]})
    found = states(one, stack=["Slack", "", "", "Slack"], incumbent=["", "Excel", "sap", "SAP"])
    assert found["technographics.must_not_use"] == [PASS, UNKNOWN, FAIL, FAIL]


def test_deal_breakers_come_first_then_must_haves() -> None:
    one = icp(
        firmographics={"headcount": "1-5 people"},
        technographics={"must_not_use": ["SAP"]},
        must_have=[{"field": "headcount", "op": "is", "value": 2}],
        deal_breaker=[{"field": "country", "op": "is", "value": "Peru"}],
    )
    parts = [criterion.part for criterion in criteria_of(one)]
    assert parts == ["deal_breaker", "deal_breaker", "must_have", "profile"]


FOUR = icp(
    firmographics={"headcount": "50-500 people", "countries": ["Norway"]},
    must_have=[{"field": "sales_team", "op": "at_least", "value": 5}],
    deal_breaker=[{"field": "industry", "op": "is", "value": "retail"}],
)


@pytest.mark.parametrize(
    ("headcount", "country", "sales_team", "industry", "low", "high", "verdict"),
    [
        ("60", "Norway", "5", "health", 1, 1, "fits"),  # (2 + 1 + 1) / 4
        ("60", "Peru", "5", "health", 0.75, 0.75, "fits"),  # (2 + 1) / 4
        ("9", "Peru", "5", "health", 0.5, 0.5, "fits"),  # 2 / 4
        ("9", "", "5", "health", 0.5, 0.75, "fits"),
        ("60", "Norway", "4", "health", 0.5, 0.5, "misses"),  # a must-have is not met
        ("9", "Peru", "", "health", 0, 0.5, "may fit"),
        ("60", "Norway", "5", "", 0, 1, "may fit"),  # the deal-breaker is open
        ("60", "Norway", "", "health", 0.5, 1, "may fit"),
        ("60", "Norway", "5", "Retail", 0, 0, "ruled out"),
        ("", "", "", "", 0, 1, "may fit"),
    ],
)
def test_the_fit_and_the_verdict_of_an_account(
    headcount: str, country: str, sales_team: str, industry: str, low: float, high: float, verdict: str
) -> None:
    rows = table(headcount=[headcount], country=[country], sales_team=[sales_team], industry=[industry])
    found = matched(FOUR, rows)
    assert (found.low[0], found.high[0], found.names[found.verdicts[0]]) == (low, high, verdict)


def test_accounts_are_ranked_by_verdict_then_fit_then_as_they_came() -> None:
    rows = table(
        headcount=["60", "60", "9", "60", "60"],
        country=["Norway", "Peru", "Norway", "Norway", "Norway"],
        sales_team=["5", "5", "5", "1", "5"],
        industry=["retail", "health", "health", "health", "health"],
    )
    assert matched(FOUR, rows).order.tolist() == [4, 1, 2, 3, 0]


def test_a_negative_icp_turns_the_meaning_round() -> None:
    rows = table(
        headcount=["60", "60", "9", ""],
        country=["Norway", "Norway", "Peru", ""],
        sales_team=["5", "5", "4", ""],
        industry=["health", "retail", "health", "health"],
    )
    found = matched(FOUR.model_copy(update={"polarity": "negative"}), rows)
    verdicts = [found.names[at] for at in found.verdicts.tolist()]
    assert verdicts == ["to avoid", "clear", "clear", "may be one"]
    assert found.low.tolist() == [0, 1, 1, 0]
    assert found.high.tolist() == [0, 1, 1, 1]
    assert found.order.tolist() == [1, 2, 3, 0]


def test_scored_notes_count_as_the_icp_says_unless_the_account_has_its_own() -> None:
    one = icp(
        firmographics={"headcount": "50-500 people"}, problem_fit={"score": 4, "note": "replaces hand work"}
    )
    found = matched(one, table(headcount=["60", "60", "60"], problem_fit=["", "5", "1"]))
    # headcount 1 and the note (4 - 1) / 4, 1 and 0, each halved
    assert found.low.tolist() == found.high.tolist() == [0.875, 1, 0.5]


def test_an_icp_that_asks_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="icp 'x' asks nothing of an account"):
        match_accounts(icp(), {}, 3)


def test_columns_are_found_by_name_by_the_icp_or_as_told() -> None:
    one = icp(columns={"Staff": "headcount", "Gone": "country"}, budget={"range": "1-9 kEUR/year"})
    rows = table(Staff=["1"], **{"Growth Stage": ["x"], "Umsatz": ["2000000"], "Spend": ["500"]})
    sources = sources_of(rows, one, {"Umsatz": "revenue_musd:USD", "Spend": "budget:EUR/month"})
    assert {field: source.column for field, source in sources.items()} == {
        "headcount": "Staff",
        "growth_stage": "Growth Stage",
        "revenue_musd": "Umsatz",
        "budget": "Spend",
    }
    assert sources["revenue_musd"].factor == pytest.approx(1e-6)
    assert sources["budget"].factor == pytest.approx(0.012)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"Stff": "headcount"}, "t.csv has no such column, did you mean 'Staff'"),
        ({"Staff": "headcont"}, "unknown account field 'headcont', did you mean 'headcount'"),
        ({"Staff": "revenue_musd:EUR"}, "found the unit 'EUR' for 'revenue_musd', expected USD, kUSD"),
        ({"Staff": "headcount:k"}, "'headcount' takes no unit"),
        ({"Staff": "budget:EUR/year"}, "expected the currency of the ICP's budget, kUSD/year"),
        ({"Staff": "headcount", "Name": "headcount"}, "'headcount' comes from two columns"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(given_: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        sources_of(table(Staff=["1"], Name=["x"]), icp(budget={"range": "1-9 kUSD/year"}), given_)


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        ("headcount", "NaN", "a number of employees"),
        ("headcount", "inf", "a number of employees"),
        ("headcount", "1.200,5", "a number of employees"),
        ("headcount", "50-500", "a number of employees"),
        ("headcount", "1e999", "a number of employees"),
        ("headcount", "-5", "at least 0 employees"),
        ("market_share", "101", "at most 100 %"),
        ("problem_fit", "0", "at least 1 points"),
        ("Has API", "maybe", "yes or no"),
    ],
)
def test_a_cell_that_does_not_hold_what_its_field_should_is_a_fault(
    field: str, cell: str, expected: str
) -> None:
    one = icp(account_fields={"Has API": {"type": "flag"}})
    rows = Table("t.csv", {field: ["", cell]}, [2, 3])
    source = sources_of(rows, one, {})[field]
    (fault,) = read_facts(rows, source, field, one.fields[field])[1]
    assert (fault.row, fault.column) == (3, field)
    assert fault.expected.startswith(expected)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1200", 1200),
        ("1,200.5", 1200.5),
        ("-3e2", -300),
        ("15 %", 15),
        ("15%", 15),
        ("5.", 5),
        ("1,2", None),
        ("²", None),
    ],
)
def test_numbers_are_read_as_people_type_them(cell: str, number: float | None) -> None:
    assert number_in(cell) == number


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("a; b", ("a", "b")),
        ("a, b", ("a", "b")),
        ("a (x, y); b", ("a (x, y)", "b")),
        ("a|b", ("a", "b")),
        (";", ()),
    ],
)
def test_lists_are_parted_by_the_strongest_mark(cell: str, texts: tuple[str, ...]) -> None:
    assert texts_in(cell) == texts


@given(
    st.lists(st.sampled_from(["", "1", "60", "700"]), min_size=1), st.sampled_from(["", "5", "1"]), st.data()
)
def test_knowing_more_never_leaves_the_interval(heads: list[str], team: str, data: st.DataObject) -> None:
    n = len(heads)
    before = matched(FOUR, table(headcount=heads, sales_team=[team] * n, industry=["health"] * n))
    filled = [head or data.draw(st.sampled_from(["1", "60"])) for head in heads]
    after = matched(FOUR, table(headcount=filled, sales_team=[team or "5"] * n, industry=["health"] * n))
    assert np.all(before.low <= before.high)
    assert np.all(before.low <= after.low)
    assert np.all(after.high <= before.high)
