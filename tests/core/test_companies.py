"""Companies drawn as columns hold the same predicates as one company alone."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.files import list_icps, read_icp
from panelsim.model.account import Operator, Predicate
from panelsim.model.icp import ICP, Firmographics, Growth, Industry, Technographics
from panelsim.model.panel import CompanyFacts
from panelsim.model.persona import Persona
from panelsim.model.ranges import GrowthRate, Headcount, Percent
from panelsim.planning.companies import _DRAWS, _draw_facts, _required, draw_companies
from panelsim.planning.facts import Listed
from panelsim.planning.predicates import facts_of, holds
from tests.profiles import icp, persona

WIDE = ICP(
    id="wide",
    title="Any company",
    firmographics=Firmographics(
        industries=(Industry(name="Software"), Industry(name="retail"), Industry(name="mining")),
        headcount=Headcount(min=5, max=5000, unit="employees"),
        sales_team=Headcount(min=1, max=90, unit="employees"),
        market_share=Percent(min=0, max=20, unit="%"),
        regions=("Nordics",),
        countries=("Norway", "Sweden"),
    ),
    growth=Growth(
        rate=GrowthRate(min=-10, max=40, unit="%/year"),
        stages=("startup", "mature"),
        funding=("seed", "public"),
        signals=("is hiring", "moved"),
    ),
    technographics=Technographics(uses=("Slack", "Jira", "SAP", "Excel"), incumbents=("paper", "Excel")),
    structure="flat",
)


def companies(drawn: Mapping[str, Listed]) -> list[CompanyFacts]:
    size = len(drawn["industry"].codes)
    return [
        CompanyFacts.model_validate({name: one.values[one.codes[row]] for name, one in drawn.items()})
        for row in range(size)
    ]


def draw(profile: ICP, people: Sequence[Persona], n: int, seed: int = 1) -> list[CompanyFacts]:
    return companies(draw_companies(profile, people, n, np.random.default_rng(seed)))


def predicate(field: str, op: Operator, value: float | str | tuple[str, ...]) -> Predicate:
    return Predicate.model_validate({"field": field, "op": op, "value": value})


numbers = st.tuples(
    st.sampled_from(["headcount", "sales_team", "growth_rate", "revenue_musd"]),
    st.sampled_from(["is", "is_not", "at_least", "at_most"]),
    st.sampled_from([-5.0, 0.0, 5.0, 12.3, 300.0, 2000.0]),
)
texts = st.tuples(
    st.sampled_from(
        ["industry", "region", "country", "growth_stage", "funding_stage", "structure", "incumbent"]
    ),
    st.sampled_from(["is", "is_not"]),
    st.sampled_from(["software", "NORDICS", "Norway", "startup", "public", "flat", "excel", "none"]),
)
lists = st.tuples(
    st.sampled_from(["stack", "signals"]),
    st.sampled_from(["includes", "excludes"]),
    st.sampled_from(["slack", "Excel", "is hiring", "none"]),
)


@given(said=st.one_of(numbers, texts, lists), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=200)
def test_a_predicate_over_columns_holds_where_it_holds_for_the_company_alone(
    said: tuple[str, Operator, float | str], seed: int
) -> None:
    condition = predicate(*said)
    uniform = np.random.default_rng(seed).random((40, len(_DRAWS) + 4))
    drawn = _draw_facts(WIDE, _required(WIDE), uniform)
    held = drawn.held(condition)
    alone = [holds(condition, facts_of(one, WIDE)) for one in companies(drawn.columns())]
    assert alone == ([None] * 40 if held is None else held.tolist())


def test_every_criterion_of_an_icp_shows_in_its_companies() -> None:
    for one in draw(WIDE, (), 200):
        assert one.country in ("Norway", "Sweden")
        assert (one.region, one.place, one.structure) == ("Nordics", one.country, "flat")
        assert one.growth_rate is not None
        assert -10 <= one.growth_rate <= 40
        assert one.market_share is not None
        assert 0 <= one.market_share <= 20
        assert one.sales_team is not None
        assert 1 <= one.sales_team <= min(90, one.headcount)
        assert one.funding_stage in ("seed", "public")
        assert one.budget_kusd is None


def test_what_an_icp_does_not_state_its_companies_do_not_have() -> None:
    (one,) = draw(icp(), (), 1)
    assert (one.growth_rate, one.market_share, one.sales_team, one.budget_kusd) == (None, None, None, None)
    assert (one.funding_stage, one.structure, one.stack, one.signal) == ("", "", (), "")
    assert one.region == one.country


def test_a_budget_is_drawn_if_it_is_stated_in_dollars() -> None:
    profile = read_icp("b2b-saas")
    assert all(15 <= (one.budget_kusd or 0) <= 90 for one in draw(profile, (), 100))
    budget = profile.model_copy(
        update={"budget": profile.budget and profile.budget.model_copy(update={"range": euros()})}
    )
    assert all(one.budget_kusd is None for one in draw(budget, (), 10))


def euros() -> object:
    from panelsim.model.ranges import Spend

    return Spend.model_validate("15-90 kEUR/year")


def test_regions_beside_countries_are_named_only_if_it_is_known_which_country_lies_in_which() -> None:
    firm = WIDE.firmographics.model_copy(update={"regions": ("Nordics", "Baltics")})
    for one in draw(WIDE.model_copy(update={"firmographics": firm}), (), 10):
        assert one.region == one.country


def test_a_company_fits_all_personas_at_once() -> None:
    small = persona("a", "wide", valid_in=(predicate("headcount", "at_most", 400),))
    large = persona("b", "wide", valid_in=(predicate("headcount", "at_least", 300),))
    slack = persona("c", "wide", valid_in=(predicate("stack", "includes", "slack"),))
    for one in draw(WIDE, (small, large, slack), 50):
        assert 300 <= one.headcount <= 400
        assert "Slack" in one.stack


def test_personas_that_share_no_company_are_refused_together() -> None:
    small = persona("a", "wide", valid_in=(predicate("headcount", "at_most", 300),))
    large = persona("b", "wide", valid_in=(predicate("headcount", "at_least", 301),))
    with pytest.raises(InputError, match="personas 'a', 'b' together in icp 'wide': no company"):
        draw(WIDE, (small, large), 1)


@given(few=st.integers(1, 60), more=st.integers(1, 3000), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=25)
def test_more_companies_begin_with_the_fewer(few: int, more: int, seed: int) -> None:
    profile = WIDE.model_copy(update={"must_have": (predicate("stack", "includes", "Jira"),)})
    assert draw(profile, (), few + more, seed)[:few] == draw(profile, (), few, seed)


def test_rare_companies_are_found() -> None:
    # 5 to 5000 people on a log scale: 1 in 100 has at most 5.35, and those with 5 are rarer still
    rare = WIDE.model_copy(update={"must_have": (predicate("headcount", "at_most", 5),)})
    assert {one.headcount for one in draw(rare, (), 30)} == {5}


def test_lists_and_stacks_are_drawn_evenly_enough() -> None:
    drawn = draw(WIDE, (), 6000)
    # a third of 6000 is 2000, standard deviation sqrt(6000 x 1/3 x 2/3) = 37; three of four tools: 4500
    for name in ("Software", "retail", "mining"):
        assert abs(sum(one.industry == name for one in drawn) - 2000) < 150
    for tool in WIDE.technographics.uses:
        assert abs(sum(tool in one.stack for one in drawn) - 4500) < 150
    assert all(len(one.stack) == 3 for one in drawn)


def test_companies_of_shipped_icps_meet_their_own_conditions() -> None:
    for name in list_icps():
        profile = read_icp(name)
        for one in draw(profile, (), 100):
            facts = facts_of(one, profile)
            assert all(holds(condition, facts) is not False for condition in profile.must_have)
            assert not any(holds(condition, facts) for condition in profile.deal_breaker)
