import pytest
from pydantic import ValidationError

from panelsim.model.account import Predicate
from panelsim.model.icp import ICP
from panelsim.model.panel import PanelSpec, PersonaShare
from panelsim.model.persona import ROLE_ALIASES, Pain, Persona, Provenance
from tests.profiles import persona


@pytest.mark.parametrize(
    ("found", "role"),
    [
        ("technical user", "technical"),
        ("Financial approver", "economic"),
        ("executive_sponsor", "sponsor"),
        ("end-user", "user"),
        ("champion", "champion"),
        ("blocker", "blocker"),
    ],
)
def test_a_committee_role_may_go_by_its_other_name(found: str, role: str) -> None:
    read = Persona.model_validate(persona().model_dump() | {"committee_role": found})
    assert read.committee_role == role


def test_every_alias_means_a_committee_role() -> None:
    for alias, role in ROLE_ALIASES.items():
        read = Persona.model_validate(persona().model_dump() | {"committee_role": alias})
        assert read.committee_role == role


def test_an_unknown_committee_role_is_refused() -> None:
    with pytest.raises(ValidationError, match="champion"):
        Persona.model_validate(persona().model_dump() | {"committee_role": "boss"})


@pytest.mark.parametrize(
    "fields",
    [
        {"field": "headcount", "op": "at_least", "value": 50},
        {"field": "growth_rate", "op": "is_not", "value": -5.5},
        {"field": "industry", "op": "is", "value": "software"},
        {"field": "country", "op": "not_in", "value": ["Norway", "Canada"]},
        {"field": "stack", "op": "includes", "value": "Slack"},
    ],
)
def test_a_predicate_with_a_fitting_operator_and_value_is_read(fields: dict[str, object]) -> None:
    assert Predicate.model_validate(fields).field == fields["field"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"field": "headcount", "op": "in", "value": 50}, "expected one of is, is_not, at_least, at_most"),
        ({"field": "headcount", "op": "is", "value": "many"}, "expected a number"),
        ({"field": "headcount", "op": "is", "value": True}, "expected a number"),
        ({"field": "industry", "op": "in", "value": "software"}, "expected a list of texts"),
        ({"field": "industry", "op": "is", "value": ["software"]}, "expected one text"),
        (
            {"field": "stack", "op": "is", "value": "Slack"},
            "expected one of includes, includes_any, excludes",
        ),
        ({"field": "headcount", "op": "between", "value": [9, 1]}, "two numbers, the smaller one first"),
        ({"field": "headcount", "op": "between", "value": ["1", "9"]}, "two numbers, the smaller one first"),
        ({"field": "headcount", "op": "at_least", "value": float("nan")}, "finite number"),
        ({"field": "industry", "op": "contains", "value": ["a"]}, "expected one text"),
        ({"field": "stack", "op": "includes_any", "value": "Slack"}, "expected a list of texts"),
        ({"field": "headcount", "op": "eval", "value": 1}, "at_least"),
    ],
)
def test_a_predicate_that_cannot_be_judged_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Predicate.model_validate(fields)


def test_a_quote_needs_its_source() -> None:
    assert Pain.model_validate("slow reports") == Pain(text="slow reports")
    with pytest.raises(ValidationError, match="a quote has no source"):
        Pain(text="slow reports", quote="I lose Mondays")


def test_observed_fields_need_their_source() -> None:
    with pytest.raises(ValidationError, match="observed fields have no source"):
        Provenance(fields=("goals",), basis="observed")


def test_provenance_of_a_field_that_personas_lack_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown field 'gaols'"):
        Persona.model_validate(
            persona().model_dump() | {"provenance": [{"fields": ["gaols"], "basis": "invented"}]}
        )


def test_demographics_are_off_unless_stated() -> None:
    assert persona().demographics is None


def test_a_review_date_must_be_a_date() -> None:
    with pytest.raises(ValidationError):
        ICP(id="x", title="x", review_due="2027-13-01")


def test_a_quota_whose_least_is_above_its_most_is_refused() -> None:
    with pytest.raises(ValidationError, match="min 3 is above max 2"):
        PersonaShare(persona="boss", min=3, max=2)
    with pytest.raises(ValidationError, match=r"min_share 0.5 is above max_share 0.4"):
        PersonaShare(persona="boss", min_share=0.5, max_share=0.4)


def test_an_anti_icp_without_personas_is_refused() -> None:
    with pytest.raises(ValidationError, match="go together"):
        PanelSpec(id="p", icps=("a",), personas=(PersonaShare(persona="b"),), anti_icps=("c",))


def with_condition(**fields: object) -> ICP:
    return ICP.model_validate(
        {
            "id": "x",
            "title": "x",
            "account_fields": {
                "Lead Source": {"type": "text"},
                "Visits": {"type": "number", "unit": "visits"},
                "Has API": {"type": "flag"},
            },
            "must_have": [fields],
        }
    )


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("Lead Source", "in", ["Google", "Referral"]),
        ("Visits", "between", [1, 5]),
        ("Has API", "is", True),
        ("market_share", "at_most", 20),
    ],
)
def test_a_condition_can_be_written_over_a_declared_column(field: str, op: str, value: object) -> None:
    assert with_condition(field=field, op=op, value=value).must_have[0].field == field


@pytest.mark.parametrize(
    ("field", "op", "value", "said"),
    [
        (
            "Lead Sorce",
            "is",
            "Google",
            r"must_have\[0\]: unknown account field 'Lead Sorce', did you mean 'Lead Source'",
        ),
        ("zzz", "is", "Google", "needs a line under account_fields: `zzz: {type: text}`"),
        (
            "Lead Source",
            "at_least",
            3,
            "operator 'at_least' on 'Lead Source', expected one of is, is_not, in",
        ),
        ("Has API", "is", "yes", "expected true or false"),
        ("Visits", "is", True, "expected a number"),
    ],
)
def test_a_condition_that_the_icp_cannot_judge_is_refused(
    field: str, op: str, value: object, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        with_condition(field=field, op=op, value=value)


def test_a_persona_lives_in_drawn_companies_so_its_conditions_use_built_in_fields() -> None:
    with pytest.raises(ValidationError, match=r"valid_in\[0\]: unknown account field 'Visits'"):
        persona("a", valid_in=(Predicate(field="Visits", op="at_least", value=1),))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"account_fields": {"headcount": {"type": "number"}}}, "'headcount' is built in"),
        ({"account_fields": {"Plan": {"type": "text", "unit": "EUR"}}}, "expected a unit only for numbers"),
        ({"columns": {"Employees": "headcont"}}, "columns: 'Employees': unknown account field 'headcont'"),
        ({"outcomes": {"customers": 12, "source": "CRM"}}, "expected lifetime_value, churn or advocacy"),
        ({"outcomes": {"churn": "4-9 %/year"}}, "source"),
        ({"outcomes": {"churn": "4-9 %/month", "customers": 1, "source": "CRM"}}, "unknown unit"),
        (
            {"outcomes": {"advocacy": "20-120 NPS", "customers": 1, "source": "CRM"}},
            "expected at most 100 NPS",
        ),
        ({"problem_fit": {"score": 6, "note": "x"}}, "less than or equal to 5"),
        ({"problem_fit": {"score": 3}}, "note"),
    ],
)
def test_own_fields_outcomes_and_scored_notes_are_checked(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ICP.model_validate({"id": "x", "title": "x", **fields})


def test_outcomes_keep_their_units() -> None:
    one = ICP.model_validate(
        {
            "id": "x",
            "title": "x",
            "outcomes": {
                "lifetime_value": "0.04-0.12 MEUR",
                "churn": "4-9 %/year",
                "advocacy": "-10 to 50 NPS",
                "customers": 31,
                "source": "CRM export",
            },
        }
    )
    assert one.outcomes is not None
    ranges = (one.outcomes.lifetime_value, one.outcomes.churn, one.outcomes.advocacy)
    assert [(each.min, each.max, each.unit) for each in ranges if each] == [
        (40, 120, "kEUR"),
        (4, 9, "%/year"),
        (-10, 50, "NPS"),
    ]
