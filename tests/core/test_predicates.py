import pytest

from panelsim.model.account import Operator, Predicate
from panelsim.model.icp import Growth, Technographics
from panelsim.model.panel import CompanyFacts
from panelsim.planning.predicates import can_hold, facts_of, holds
from tests.profiles import icp

COMPANY = CompanyFacts(industry="Software", headcount=120, region="Norway", stack=("Slack", "Jira"))


def predicate(field: str, op: Operator, value: object) -> Predicate:
    return Predicate.model_validate({"field": field, "op": op, "value": value})


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("headcount", "at_least", 120, True),
        ("headcount", "at_least", 121, False),
        ("headcount", "at_most", 119, False),
        ("headcount", "is", 120, True),
        ("headcount", "is_not", 120, False),
        ("industry", "is", "software", True),
        ("industry", "is_not", "software", False),
        ("industry", "in", ("retail", "SOFTWARE"), True),
        ("country", "not_in", ("Norway",), False),
        ("stack", "includes", "slack", True),
        ("stack", "excludes", "Slack", False),
        ("stack", "excludes", "Teams", True),
        ("sales_team", "at_least", 10, None),
        ("revenue_musd", "at_least", 10, None),
        ("region", "is", "Europe", None),
        ("headcount", "between", (100, 120), True),
        ("headcount", "between", (121, 200), False),
        ("industry", "contains", "soft", True),
        ("industry", "contains", "hard", False),
        ("stack", "includes_any", ("teams", "slack"), True),
        ("stack", "includes_any", ("teams", "zoom"), False),
    ],
)
def test_a_predicate_is_true_false_or_undecided_of_a_company(
    field: str, op: Operator, value: object, expected: bool | None
) -> None:
    assert holds(predicate(field, op, value), facts_of(COMPANY, icp())) is expected


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("headcount", "at_most", 50, True),  # the range starts at 50
        ("headcount", "at_most", 49, False),
        ("headcount", "at_least", 500, True),
        ("headcount", "at_least", 501, False),
        ("headcount", "is", 300, True),
        ("headcount", "is_not", 300, True),
        ("industry", "is", "Fintech", True),
        ("industry", "in", ("retail", "health"), False),
        ("industry", "is_not", "fintech", True),  # software is left
        ("industry", "not_in", ("fintech", "software"), False),
        ("stack", "includes", "Slack", True),
        ("stack", "includes", "Teams", False),
        ("stack", "excludes", "Slack", True),
        ("growth_rate", "at_least", 5, None),
        ("growth_stage", "is", "mature", False),
        ("headcount", "between", (10, 50), True),
        ("headcount", "between", (501, 900), False),
        ("industry", "contains", "tech", True),
        ("industry", "contains", "health", False),
        ("stack", "includes_any", ("Slack", "Teams"), True),
        ("a column of our own", "is", "x", None),
    ],
)
def test_a_predicate_can_or_cannot_hold_within_an_icp(
    field: str, op: Operator, value: object, expected: bool | None
) -> None:
    profile = icp().model_copy(
        update={"technographics": Technographics(uses=("Slack",)), "growth": Growth(stages=("startup",))}
    )
    assert can_hold(predicate(field, op, value), profile) is expected
