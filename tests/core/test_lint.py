import pytest

from panelsim.model.icp import ICP, Firmographics, Predicate, Technographics
from panelsim.model.persona import Persona, StatedHexaco
from panelsim.planning.lint import Finding, lint_icp, lint_persona
from tests.profiles import icp, persona


def found(findings: tuple[Finding, ...], where: str) -> list[tuple[str, str]]:
    return [(one.level, one.what) for one in findings if one.where == where]


def test_a_bare_icp_lacks_what_a_panel_needs_as_errors_and_the_rest_as_warnings() -> None:
    findings = lint_icp(ICP(id="bare", title="Bare"))
    assert found(findings, "bare: firmographics.headcount") == [("error", "nothing is stated")]
    assert found(findings, "bare: deal_breaker") == [("warning", "nothing is stated")]
    assert [one.level for one in findings] == sorted(one.level for one in findings)


def test_a_persona_without_an_icp_is_an_error() -> None:
    alone = persona().model_copy(update={"icps": ()})
    assert found(lint_persona(alone), "boss: icps") == [("error", "nothing is stated")]


def test_a_persona_of_an_unknown_icp_is_an_error() -> None:
    assert found(lint_persona(persona("boss", "gone"), [icp()]), "boss: icps[0]") == [
        ("error", "there is no ICP 'gone'")
    ]


def test_a_persona_in_an_icp_where_it_cannot_exist_is_an_error() -> None:
    owner = persona("owner", valid_in=(Predicate(field="headcount", op="at_most", value=49.0),))
    assert found(lint_persona(owner, [icp()]), "owner: icps[0]") == [
        ("error", "the persona needs headcount at_most 49.0, which no company of soft has")
    ]
    assert found(lint_persona(owner, [icp(low=20)]), "owner: icps[0]") == []


@pytest.mark.parametrize("word", ["innovative", "Solutions", "etc"])
def test_a_vague_word_is_named_with_its_place(word: str) -> None:
    vague = persona().model_copy(update={"goals": ("grow", f"buy {word} now")})
    (finding,) = [one for one in lint_persona(vague, [icp()]) if one.where == "boss: goals[1]"]
    assert f"'{word}'" in finding.what


def test_a_vague_word_inside_another_word_is_not_vague() -> None:
    plain = persona().model_copy(update={"goals": ("sketching resolutions",)})
    assert not [one for one in lint_persona(plain, [icp()]) if "goals" in one.where]


def test_more_than_five_conditions_are_too_many() -> None:
    condition = Predicate(field="headcount", op="at_least", value=60.0)
    five = icp().model_copy(update={"must_have": (condition,) * 3, "deal_breaker": (condition,) * 2})
    six = icp().model_copy(update={"must_have": (condition,) * 4, "deal_breaker": (condition,) * 2})
    assert found(lint_icp(five), "soft: must_have, deal_breaker") == []
    assert found(lint_icp(six), "soft: must_have, deal_breaker") == [("warning", "6 conditions, more than 5")]


def test_fewer_than_three_firmographic_criteria_are_too_few() -> None:
    wide = icp().model_copy(update={"firmographics": Firmographics(countries=("Norway",))})
    (one,) = found(lint_icp(wide), "soft: firmographics")
    assert one[1].startswith("1 of")


def test_a_must_have_that_the_icp_rules_out_is_an_error() -> None:
    torn = icp().model_copy(update={"must_have": (Predicate(field="headcount", op="at_least", value=501.0),)})
    assert found(lint_icp(torn), "soft: must_have[0]") == [
        ("error", "no company of this ICP has headcount at_least 501.0")
    ]


def test_a_tool_both_used_and_forbidden_is_an_error() -> None:
    torn = icp().model_copy(
        update={"technographics": Technographics(uses=("Slack",), must_not_use=("Slack",))}
    )
    assert found(lint_icp(torn), "soft: technographics.must_not_use")[0][0] == "error"


@pytest.mark.parametrize(
    ("other", "levels"),
    [
        (icp("twin", 400, 900), ["warning"]),
        (icp("twin", 501, 900), []),
        (icp("twin", 400, 900, anti=True), ["error"]),
        (icp("twin", 400, 900).model_copy(update={"parent": "soft"}), []),
    ],
)
def test_overlapping_icps_are_found_and_an_overlapping_control_is_an_error(
    other: ICP, levels: list[str]
) -> None:
    assert [level for level, _ in found(lint_icp(icp(), [other]), "soft: firmographics")] == levels


def test_more_than_three_icps_or_seven_personas_are_too_many() -> None:
    icps = [icp(f"other-{at}", 1000 + at, 1000 + at) for at in range(3)]
    assert ("warning", "4 ICPs are in use, more than 3") in found(lint_icp(icp(), icps), "soft")
    people: list[Persona] = [persona(f"p{at}") for at in range(8)]
    assert found(lint_icp(icp(), (), people), "soft") == [("warning", "8 personas belong to it, more than 7")]
    assert found(lint_icp(icp(), icps[:2], people[:7]), "soft") == []


def test_an_icp_that_no_persona_belongs_to_is_noted() -> None:
    assert found(lint_icp(icp(), (), [persona("a", "else")]), "soft") == [
        ("warning", "no persona belongs to it")
    ]


@pytest.mark.parametrize(("today", "count"), [("2027-04-01", 1), ("2027-03-31", 0), ("", 0)])
def test_a_review_past_its_date_is_noted_when_the_date_is_known(today: str, count: int) -> None:
    due = persona().model_copy(update={"review_due": "2027-03-31"})
    assert len(found(lint_persona(due, [icp()], today=today), "boss: review_due")) == count


def test_a_level_that_its_spread_carries_off_the_scale_is_a_warning() -> None:
    far = persona().model_copy(
        update={"hexaco": StatedHexaco(openness=3.2, extraversion=-2.9), "trait_spread": 0.5}
    )
    (only,) = [one for one in lint_persona(far, (icp(),)) if one.where == "boss: trait_spread"]
    assert only.level == "warning"
    assert only.what == "openness +3.2 with spread 0.5 is cut off at 4, which moves its mean"
    assert only.fix == "keep levels within 3 of 0, or make the spread smaller"
