"""The odds of a committee: hand-worked values, the rule counted out, and no veto averaged away."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.analysis.committee.odds import Odds, odds_of
from panelsim.analysis.committee.seats import who_can_stop, who_may_champion
from panelsim.model.committee import STANCES, Seat, Shares
from panelsim.model.icp import Structure
from tests.committees import NO, REFUSES, YES, seat, sources_of

SIGNER = seat("signer", "signs", stops=True)
BLOCKER = seat("blocker", "blocks", stops=True)
CHAMPION = seat("champion", "recommends", "champion", champions=True)
USER = seat("user")


def shares(yes: float, no: float) -> Shares:
    return Shares(yes=yes, no=no, unsure=round(1 - yes - no, 9))


def test_the_odds_are_those_worked_out_by_hand() -> None:
    # V = signer .8/.1/.1, blocker .9/.1/0; C = champion .5/.3/.2; the user counts for nothing
    # blocked = 1 - (1 - .1) * (1 - .1) = .19; go ahead = .8 * .9 * (1 - (1 - .5)) = .36; stuck = .45
    seats = (SIGNER, BLOCKER, CHAMPION, USER)
    odds = odds_of(seats, (shares(0.8, 0.1), shares(0.9, 0.1), shares(0.5, 0.3), shares(0.0, 1.0)))
    assert odds == pytest.approx(Odds(0.36, 0.19, 0.45))


def test_one_of_two_champions_is_enough() -> None:
    # go ahead = .9 * (1 - (1 - .5) * (1 - .4)) = .9 * .7 = .63
    other = seat("other", "recommends", champions=True)
    odds = odds_of((SIGNER, CHAMPION, other), (shares(0.9, 0.1), shares(0.5, 0.5), shares(0.4, 0.6)))
    assert odds.go_ahead == pytest.approx(0.63)


def test_a_flat_company_goes_with_its_majority() -> None:
    # three seats at .6 yes, .4 no, none can stop it, the champion among them.
    # P(2 or 3 yes) = 3 * .36 * .4 + .216 = .648; without the champion's yes: the two others, .36 * .4 = .144
    # go ahead = .648 - .144 = .504; blocked = P(2 or 3 no) = 3 * .16 * .6 + .064 = .352
    flat: Structure = "flat"
    seats = (
        seat("signer", "signs", structure=flat),
        seat("champion", champions=True, structure=flat),
        seat("user", structure=flat),
    )
    assert odds_of(seats, (shares(0.6, 0.4),) * 3) == pytest.approx(Odds(0.504, 0.352, 0.144))


def test_five_friends_do_not_outvote_one_veto() -> None:
    friends = [CHAMPION, *(seat(f"friend{n}") for n in range(4))]
    certain = Shares(yes=1, no=0, unsure=0)
    for veto in (SIGNER, BLOCKER):
        holders = [SIGNER, *friends] if veto is SIGNER else [SIGNER, BLOCKER, *friends]
        said = [REFUSES if one is veto else certain for one in holders]
        assert odds_of(holders, said) == Odds(0.0, 1.0, 0.0)


def test_nobody_goes_ahead_without_a_signature() -> None:
    assert odds_of((BLOCKER, CHAMPION), (YES, YES)).go_ahead == 0


STRUCTURES: tuple[Structure, ...] = ("flat", "hierarchical", "decentralised")
share_lists = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).filter(lambda three: sum(three) > 0.01),
    min_size=1,
    max_size=5,
)


@st.composite
def committees(draw: st.DrawFn) -> tuple[list[Seat], list[Shares]]:
    three = draw(share_lists)
    structure = draw(st.sampled_from(STRUCTURES))
    seats = [
        seat(
            f"s{at}",
            draw(st.sampled_from(("signs", "approves", "blocks", "influences", "recommends"))),
            stops=draw(st.booleans()),
            champions=draw(st.booleans()),
            structure=structure,
        )
        for at in range(len(three))
    ]
    given_shares = [
        Shares(yes=y / sum((y, n, u)), no=n / sum((y, n, u)), unsure=u / sum((y, n, u))) for y, n, u in three
    ]
    return seats, given_shares


@given(committees())
def test_the_odds_are_the_sum_over_all_answers(committee: tuple[list[Seat], list[Shares]]) -> None:
    seats, said = committee
    total = {"go_ahead": 0.0, "blocked": 0.0, "stuck": 0.0}
    for answers in product(STANCES, repeat=len(seats)):
        chance = 1.0
        for share, answer in zip(said, answers, strict=True):
            chance *= share.of(answer)
        total[outcome(seats, answers)] += chance
    assert odds_of(seats, said) == pytest.approx(Odds(**total), abs=1e-9)


def outcome(seats: list[Seat], answers: tuple[str, ...]) -> str:
    """The rule once more, as its docstring words it."""
    pairs = list(zip(seats, answers, strict=True))
    flat = seats[0].structure == "flat"
    if any(one.can_stop and said == "no" for one, said in pairs):
        return "blocked"
    if flat and answers.count("no") > len(seats) / 2:
        return "blocked"
    carried = all(said == "yes" for one, said in pairs if one.can_stop)
    championed = any(one.may_champion and said == "yes" for one, said in pairs)
    majority = not flat or answers.count("yes") > len(seats) / 2
    signed = any(one.signs for one in seats)
    return "go_ahead" if carried and championed and majority and signed else "stuck"


@given(committees(), st.floats(0, 1))
def test_another_veto_holder_never_helps_and_one_who_refuses_ends_it(
    committee: tuple[list[Seat], list[Shares]], no: float
) -> None:
    seats, said = committee
    veto = seat("veto", "blocks", stops=True, structure=seats[0].structure)
    before = odds_of(seats, said)
    after = odds_of([*seats, veto], [*said, Shares(yes=1 - no, no=no, unsure=0)])
    if seats[0].structure != "flat" or no == 1:  # in a flat company a new friend may make a majority
        assert after.go_ahead <= before.go_ahead + 1e-9
    assert after.blocked >= no - 1e-9
    refused = odds_of([*seats, veto], [*said, REFUSES])
    assert refused.go_ahead == 0
    assert refused.blocked == pytest.approx(1)


@pytest.mark.parametrize(
    ("structure", "stoppers"),
    [
        ("flat", {"it-security-lead"}),
        ("hierarchical", {"vp-sales", "cfo", "it-security-lead"}),
        # by function: sales has its VP, operations its highest authority, finance and IT their own
        ("decentralised", {"vp-sales", "cfo", "it-security-lead", "sales-ops"}),
    ],
)
def test_who_can_stop_it_follows_from_authority_and_structure(
    structure: Structure, stoppers: set[str]
) -> None:
    personas = sources_of().personas
    stops = who_can_stop(personas, structure)
    assert {one.id for one, stop in zip(personas, stops, strict=True) if stop} >= stoppers
    if structure != "decentralised":
        assert {one.id for one, stop in zip(personas, stops, strict=True) if stop} == stoppers


def test_every_function_of_a_decentralised_company_has_a_seat_that_can_stop_it() -> None:
    personas = sources_of().personas
    stops = who_can_stop(personas, "decentralised")
    assert {one.function for one in personas} == {
        one.function for one, stop in zip(personas, stops, strict=True) if stop
    }


def test_a_blocker_by_role_can_stop_it_whatever_its_authority() -> None:
    user = sources_of().personas[1].model_copy(update={"committee_role": "blocker"})
    assert who_can_stop((user,), "flat") == (True,)


def test_without_a_named_champion_those_who_cannot_stop_it_may_champion_it() -> None:
    personas = tuple(
        one.model_copy(update={"committee_role": "user", "authority": authority})
        for one, authority in zip(sources_of().personas, ("signs", "influences"), strict=False)
    )
    assert who_may_champion(personas, (True, False)) == (False, True)
    assert who_may_champion(personas[:1], (True,)) == (True,)


def test_a_likely_no_of_a_veto_is_as_likely_a_block() -> None:
    assert odds_of((SIGNER, CHAMPION), (NO, YES)).blocked == pytest.approx(0.9)
