import pytest

from panelsim.model.account import Predicate
from panelsim.model.icp import ICP, Firmographics, Technographics
from panelsim.model.panel import Decision
from panelsim.model.persona import Demographics, Persona, Provenance, StatedHexaco
from panelsim.model.sources import PanelSources
from panelsim.planning.findings import Finding
from panelsim.planning.lint import lint_icp, lint_persona
from panelsim.planning.lint_icps import lint_icps
from panelsim.planning.panel_rules import lint_panel
from tests.profiles import icp, persona, sources


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
        ("error", "the persona needs headcount at most 49, which no company of soft has")
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
        ("error", "no company of this ICP has headcount at least 501")
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
    assert only.what == "openness +3.2 with spread 0.5 is cut off at 4"
    assert only.fix == "keep levels within 3 of 0, or make the spread smaller"


def panel_of(icps: int, antis: int) -> PanelSources:
    base = sources(anti=True)
    wanted = tuple(icp(f"icp-{at}") for at in range(icps))
    anti = tuple(icp(f"anti-{at}", 2, 20, anti=True) for at in range(antis))
    return base.model_copy(update={"icps": wanted, "anti_icps": anti})


def test_a_panel_of_more_than_three_icps_is_too_wide() -> None:
    assert found(lint_panel(panel_of(4, 4)), "panel: icps") == [("warning", "4 ICPs, more than 3")]
    assert found(lint_panel(panel_of(3, 3)), "panel: icps") == []


def test_a_panel_needs_an_opposite_for_each_icp() -> None:
    assert found(lint_panel(panel_of(2, 1)), "panel: anti_icps") == [("warning", "1 for 2 ICPs")]
    assert found(lint_panel(panel_of(2, 2)), "panel: anti_icps") == []


def test_a_panel_with_a_persona_that_cannot_exist_in_its_icp_is_in_error() -> None:
    owner = persona("owner", valid_in=(Predicate(field="headcount", op="at_most", value=49.0),))
    (finding,) = [one for one in lint_panel(sources(owner)) if one.level == "error"]
    assert finding.where == "owner: icps[0]"


def changed(**update: object) -> list[tuple[str, str]]:
    """Findings in a persona that is sound but for the update."""
    one = persona().model_copy(update=update)
    return [(each.where, each.what) for each in lint_persona(one, [icp()])]


def test_an_economic_buyer_who_cannot_spend_is_noted() -> None:
    said = "an economic buyer who only recommends holds no money"
    assert ("boss: authority", said) in changed(authority="recommends")
    assert not [where for where, _ in changed() if where == "boss: authority"]


def test_a_blocker_who_cannot_block_is_noted() -> None:
    assert ("boss: authority", "a blocker who signs") in changed(committee_role="blocker")


@pytest.mark.parametrize(
    ("authority", "level", "noted"),
    [("signs", 0.3, True), ("signs", 0.9, False), ("influences", 0.9, True), ("blocks", 0.9, False)],
)
def test_the_decision_must_fit_the_authority(authority: str, level: float, noted: bool) -> None:
    findings = changed(
        committee_role="user", authority=authority, decision=Decision(authority=level, proof_demanded=0.9)
    )
    assert ("boss: decision.authority" in [where for where, _ in findings]) is noted


def test_triggers_without_anybody_in_the_market_are_noted() -> None:
    where = "boss: in_market_share"
    assert where in [one for one, _ in changed(triggers=("a new boss",), in_market_share=0.0)]
    assert where not in [one for one, _ in changed(triggers=("a new boss",), in_market_share=0.1)]


def test_fields_that_rest_on_nothing_stated_are_named() -> None:
    entry = Provenance(fields=("hexaco", "decision"), basis="invented")
    said = "what committee_role, authority rest on is not said"
    assert ("boss: provenance", said) in changed(provenance=(entry,))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Provenance(fields=("hexaco",), basis="observed", source="a call"), "observed on no stated date"),
        (
            Provenance(fields=("hexaco",), basis="inferred", date="2026-01-02"),
            "inferred from no stated source",
        ),
        (Provenance(fields=("goals",), basis="invented"), "goals is named but empty"),
    ],
)
def test_provenance_that_cannot_be_checked_is_noted(entry: Provenance, said: str) -> None:
    assert ("boss: provenance[0]", said) in changed(provenance=(entry,))


def test_demographics_that_nobody_observed_are_noted() -> None:
    stated = {"demographics": Demographics(age_range="45-55")}
    seen = Provenance(fields=("demographics",), basis="observed", source="a call", date="2026-01-02")
    assert "boss: demographics" in [where for where, _ in changed(**stated)]
    assert "boss: demographics" not in [where for where, _ in changed(**stated, provenance=(seen,))]


@pytest.mark.parametrize(
    "field",
    ["function", "responsibilities", "kpis", "goals", "pains", "motivations", "values", "fears",
     "journey.research", "journey.trusted_sources", "journey.influencers", "channels", "objections",
     "triggers", "communication_style", "provenance", "review_due"],
)  # fmt: skip
def test_every_field_that_a_buyer_is_made_of_is_missed_when_it_is_empty(field: str) -> None:
    assert (f"boss: {field}", "nothing is stated") in changed()


def test_every_finding_has_a_reason_and_a_fix() -> None:
    bare = lint_icps([ICP(id="bare", title="Innovative")], [persona("lost", "else")], today="2030-01-01")
    lonely = lint_persona(
        persona().model_copy(update={"icps": (), "review_due": "2020-01-01"}), today="2030-01-01"
    )
    assert len(bare) > 15
    assert len(lonely) > 10
    torn = lint_persona(
        persona().model_copy(
            update={
                "committee_role": "blocker",
                "decision": Decision(authority=0.1),
                "in_market_share": 0.0,
                "triggers": ("a new boss",),
                "demographics": Demographics(age_range="45-55"),
                "provenance": (Provenance(fields=("goals",), basis="inferred"),),
            }
        ),
        [icp()],
    )
    panel = lint_panel(panel_of(4, 3).model_copy(update={"personas": (persona(),) * 8}))
    assert len(panel) == 3
    assert [one for one in (*bare, *lonely, *torn, *panel) if not one.why or not one.fix] == []


@pytest.mark.parametrize(
    ("breaker", "levels"),
    [
        (Predicate(field="headcount", op="at_least", value=50), ["error"]),
        (Predicate(field="headcount", op="at_least", value=51), []),
        (Predicate(field="headcount", op="between", value=(1, 1000)), ["error"]),
        (Predicate(field="industry", op="not_in", value=("retail",)), ["error"]),
        (Predicate(field="industry", op="is", value="fintech"), []),
        (Predicate(field="stack", op="excludes", value="Slack"), []),
        (Predicate(field="growth_rate", op="at_least", value=0), []),
    ],
)
def test_a_deal_breaker_that_rules_out_the_whole_icp_is_an_error(
    breaker: Predicate, levels: list[str]
) -> None:
    torn = icp().model_copy(update={"deal_breaker": (breaker,)})
    assert [level for level, _ in found(lint_icp(torn), "soft: deal_breaker[0]")] == levels


@pytest.mark.parametrize(
    ("one", "other", "levels"),
    [
        (("headcount", "at_least", 200), ("headcount", "at_most", 100), ["error"]),
        (("headcount", "at_least", 100), ("headcount", "at_most", 100), []),
        (("headcount", "between", (60, 80)), ("headcount", "is", 90), ["error"]),
        (("country", "is", "Norway"), ("country", "in", ("Canada",)), ["error"]),
        (("country", "is", "norway"), ("country", "in", ("Canada", "Norway")), []),
        (("country", "is", "Norway"), ("region", "is", "Canada"), []),
    ],
)
def test_two_must_haves_that_are_never_both_true_are_an_error(
    one: tuple[str, str, object], other: tuple[str, str, object], levels: list[str]
) -> None:
    names = ("field", "op", "value")
    both = tuple(Predicate.model_validate(dict(zip(names, each, strict=True))) for each in (one, other))
    torn = icp().model_copy(update={"must_have": both})
    assert [level for level, _ in found(lint_icp(torn), "soft: must_have[1]")] == levels


def test_a_condition_that_is_both_needed_and_forbidden_is_an_error() -> None:
    condition = Predicate(field="headcount", op="at_least", value=60)
    torn = icp().model_copy(update={"must_have": (condition,), "deal_breaker": (condition,)})
    assert found(lint_icp(torn), "soft: deal_breaker[0]") == [
        ("error", "headcount at least 60 is also must_have[0]")
    ]


def test_icps_used_together_are_told_once_that_they_overlap_and_are_too_many() -> None:
    icps = [icp(f"i{at}", 50 + at, 500) for at in range(4)]
    findings = lint_icps(icps)
    assert [one.what for one in findings if one.where == "all"] == ["4 ICPs are in use, more than 3"]
    # 4 * 3 / 2 pairs
    assert len([one for one in findings if "overlap" in one.what]) == 6


def test_icps_that_are_merely_at_hand_are_not_too_many() -> None:
    icps = [icp(f"i{at}", 50 + at, 500) for at in range(4)]
    assert [one.what for one in lint_icps(icps, together=False) if one.where == "all"] == []


def test_a_persona_whose_icps_are_not_among_those_read_is_told() -> None:
    (finding,) = [one for one in lint_icps([icp()], [persona("lost", "else")]) if one.where == "lost: icps"]
    assert finding.what == "it belongs to else, none of which is among those read"
