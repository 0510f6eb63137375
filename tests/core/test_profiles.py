import pytest
from pydantic import ValidationError

from panelsim.model.icp import ICP, Predicate
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
        ({"field": "headcount", "op": "is", "value": True}, "valid number"),
        ({"field": "industry", "op": "in", "value": "software"}, "expected a list of texts"),
        ({"field": "industry", "op": "is", "value": ["software"]}, "expected one text"),
        ({"field": "stack", "op": "is", "value": "Slack"}, "expected one of includes, excludes"),
        ({"field": "__class__", "op": "is", "value": "x"}, "headcount"),
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
