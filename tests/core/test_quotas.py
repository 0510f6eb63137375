from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.model.panel import PersonaShare
from panelsim.planning.quotas import apportion


def share(weight: float = 1.0, **quota: float) -> PersonaShare:
    return PersonaShare.model_validate({"persona": "x", "weight": weight, **quota})


def test_places_go_by_largest_remainder() -> None:
    # 10 x 3/6 = 5.00, 10 x 2/6 = 3.33, 10 x 1/6 = 1.67: floors 5 + 3 + 1, the tenth place to the .67
    assert apportion((share(3), share(2), share(1)), 10) == (5, 3, 2)


def test_equal_remainders_go_to_the_earlier_persona() -> None:
    # 10 / 3 = 3.33 each; the tenth place to the first
    assert apportion((share(), share(), share()), 10) == (4, 3, 3)


def test_quotas_hold_and_the_rest_goes_by_weight() -> None:
    # 12 places: the first asks at least 6, the second at most 2, so the third has 12 - 6 - 2 = 4
    assert apportion((share(1, min=6), share(1, max=2), share(1)), 12) == (6, 2, 4)


def test_shares_are_quotas_of_the_panel() -> None:
    # at most .25 x 10 = 2.5, so 2; at least .7 x 10 = 7; the third has the last place
    assert apportion((share(5, max_share=0.25), share(1, min_share=0.7), share(1)), 10) == (2, 7, 1)


def test_a_share_is_not_raised_by_a_floats_last_digits() -> None:
    # .1 x 30 = 3.0000000000000004 in binary, and is 3
    assert apportion((share(1, min_share=0.1, max=3), share(9)), 30) == (3, 27)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((share(1, min=7), share(1, min=7)), "at least 14 respondents, expected at most the panel's 10"),
        ((share(1, max=2), share(1, max=2)), "at most 4 respondents, expected at least the panel's 10"),
        ((share(1, min=4, max_share=0.3), share(1)), "at least 4 and at most 3"),
    ],
)
def test_impossible_quotas_are_refused(shares: tuple[PersonaShare, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        apportion(shares, 10)


@given(weights=st.lists(st.floats(0.1, 50), min_size=1, max_size=7), n=st.integers(1, 200))
def test_without_quotas_nobody_is_a_whole_place_off_their_due(weights: list[float], n: int) -> None:
    counts = apportion(tuple(share(weight) for weight in weights), n)
    assert sum(counts) == n
    for weight, count in zip(weights, counts, strict=True):
        assert abs(count - weight * n / sum(weights)) < 1 + 1e-6


@st.composite
def quotas(draw: st.DrawFn) -> tuple[tuple[PersonaShare, ...], int]:
    """Shares with quotas that some counts meet, and the size of the panel."""
    n = draw(st.integers(1, 60))
    shares = []
    for count in draw(
        st.lists(st.integers(0, n), min_size=1, max_size=6).filter(lambda some: sum(some) <= n)
    ):
        weight = draw(st.sampled_from([0.1, 0.2, 0.5, 1.0, 2.0, 3.5, 40.0]))
        low, high = draw(st.integers(0, count)), draw(st.integers(count, n))
        shares.append(share(weight, min=low, max=high))
    return (*shares, share(1.0)), n


def one_by_one(shares: tuple[PersonaShare, ...], n: int) -> tuple[int, ...]:
    """What `apportion` says it does, place by place and in exact numbers."""
    weights = [Fraction(repr(one.weight)) for one in shares]
    due = [weight * n / sum(weights) for weight in weights]
    counts = [one.min or 0 for one in shares]
    for _ in range(n - sum(counts)):
        room = [at for at, one in enumerate(shares) if counts[at] < (n if one.max is None else one.max)]
        counts[max(room, key=lambda at: due[at] - counts[at])] += 1
    return tuple(counts)


@given(asked=quotas())
def test_places_go_one_by_one_to_whoever_is_furthest_below_their_due(
    asked: tuple[tuple[PersonaShare, ...], int],
) -> None:
    shares, n = asked
    counts = apportion(shares, n)
    assert counts == one_by_one(shares, n)
    assert sum(counts) == n
    for one, count in zip(shares, counts, strict=True):
        assert (one.min or 0) <= count <= (n if one.max is None else one.max)


def test_weights_that_are_whole_shares_are_met_exactly() -> None:
    # .1, .2, .3 and .4 are no binary fractions: as floats 100,000 x .1 / 1 would leave a place to chance
    assert apportion((share(0.1), share(0.2), share(0.3), share(0.4)), 100_000) == (
        10_000, 20_000, 30_000, 40_000,
    )  # fmt: skip
    assert apportion(tuple(share(0.1) for _ in range(3)), 4) == (2, 1, 1)
