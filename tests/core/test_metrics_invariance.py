import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from panelsim.metrics.arrays import Floats
from panelsim.metrics.identity import (
    between_within,
    identification,
    identification_of_speakers,
    orders_of,
    own_card_hits,
    speaker_distances,
)
from panelsim.metrics.invariance import (
    flip_rate,
    mean_shift,
    repeat_spread,
    scale_pull,
    scale_reversal_shift,
    slot_test,
)
from panelsim.metrics.prediction import (
    calibration_curve,
    calibration_error,
    correlation_attainment,
    interval_coverage,
    sd_ratio,
)

COUNTS = arrays.arrays(np.float64, 4, elements=st.integers(1, 50).map(float))


def dice(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_slot_test_by_hand() -> None:
    # 40 choices, 10 expected: (100 + 0 + 25 + 25) / 10 = 15; V = sqrt(15 / (40 * 3)) = .3536
    found = slot_test(np.array([20.0, 10.0, 5.0, 5.0]))
    assert found.chi_square == pytest.approx(15)
    assert found.cramers_v == pytest.approx(0.35355, abs=1e-5)


def test_slot_test_of_one_slot_only_is_complete() -> None:
    assert slot_test(np.array([30.0, 0.0, 0.0])).cramers_v == pytest.approx(1)
    assert slot_test(np.array([10.0, 10.0, 10.0])).cramers_v == 0


@given(COUNTS)
def test_slot_test_agrees_with_scipy(counts: Floats) -> None:
    theirs = stats.chisquare(counts)
    found = slot_test(counts)
    assert (found.chi_square, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), abs=1e-6)
    assert 0 <= found.cramers_v <= 1


def test_slot_test_without_choices_is_refused() -> None:
    with pytest.raises(ValueError, match="expected choices"):
        slot_test(np.zeros(3))


def test_scale_reversal_by_hand() -> None:
    # 4 then 2 turns with the scale: 0. 4 then 4: |8 - 6| / 4 = .5. Mean .25; the pull is half of that
    plain, turned = np.array([4.0, 4.0]), np.array([2.0, 4.0])
    assert scale_reversal_shift(plain, turned, low=1, high=5) == 0.25
    assert scale_pull(plain, turned, low=1, high=5) == 0.125


def test_scale_pull_has_a_sign_and_opinions_cancel() -> None:
    assert scale_pull(np.array([5.0, 1.0]), np.array([1.0, 5.0]), low=1, high=5) == 0
    assert scale_pull(np.full(3, 5.0), np.full(3, 5.0), low=1, high=5) == 0.5
    assert scale_pull(np.full(3, 1.0), np.full(3, 1.0), low=1, high=5) == -0.5


def test_mean_shift_by_hand() -> None:
    # |1-2| |1-5| |2-5| = 1 4 3, mean 8/3, over a width of 4
    assert mean_shift(np.array([[1.0, 2.0, 5.0]]), width=4) == pytest.approx(2 / 3)


def test_flip_rate_by_hand() -> None:
    # Row 1: 1 1 -1 flips in 2 of 3 pairs; row 2 never; a tie against a winner counts half: 2 of 3 pairs
    assert flip_rate(np.array([[1.0, 1.0, -1.0], [1.0, 1.0, 1.0]])) == pytest.approx(1 / 3)
    assert flip_rate(np.array([[1.0, 0.0, 1.0]])) == pytest.approx(1 / 3)


def test_identification_by_hand() -> None:
    # Replies 1 and 2 are nearest to their own card, reply 3 to card 1: 2 of 3
    nearness = np.array([[0.9, 0.1, 0.1], [0.2, 0.8, 0.1], [0.7, 0.1, 0.6]])
    found = identification(nearness, np.array([0, 1, 2]), dice())
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.chance == pytest.approx(1 / 3)


def test_identification_that_is_equally_near_to_all_is_chance() -> None:
    found = identification(np.ones((8, 4)), np.arange(8) % 4, dice())
    assert (found.accuracy, found.p) == (0.25, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_both_permutation_ps_agree_with_scipy_over_all_orders(seed: int) -> None:
    nearness, speakers = dice(seed).random((6, 6)) + 0.3 * np.eye(6), np.arange(6)

    def accuracy(labels: Floats) -> float:
        return float(np.mean(nearness.argmax(axis=1) == labels))

    theirs = stats.permutation_test(
        (speakers,), accuracy, permutation_type="pairings", n_resamples=np.inf,
        alternative="greater", vectorized=False,
    )  # fmt: skip
    for test in (identification, identification_of_speakers):
        assert test(nearness, speakers, dice(5)).p == pytest.approx(float(theirs.pvalue), abs=1e-6)


def test_the_p_of_many_speakers_agrees_with_a_count_deal_by_deal() -> None:
    nearness, speakers = dice(3).random((18, 9)), np.arange(18) % 9
    nearness[np.arange(18), speakers] += 0.15
    nearest = nearness.argmax(axis=1)
    as_well = 0
    for deal in orders_of(9, dice(5)).tolist():
        as_well += sum(deal[who] == card for who, card in zip(speakers, nearest, strict=True)) >= sum(
            who == card for who, card in zip(speakers, nearest, strict=True)
        )
    found = identification_of_speakers(nearness, speakers, dice(5))
    assert found.p == pytest.approx((as_well + 1) / 10_000, abs=1e-6)
    assert 0.0001 < found.p < 0.5


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_identification_of_swapped_cards_is_rarely_significant(seed: int) -> None:
    found = identification(dice(seed).random((10, 5)), np.arange(10) % 5, dice(seed + 1))
    assert found.p > 0.0005


def test_own_card_hits_by_hand() -> None:
    # Nearest alone, nearest with one other, not nearest
    nearness = np.array([[0.9, 0.1, 0.1], [0.8, 0.8, 0.1], [0.7, 0.1, 0.6]])
    assert own_card_hits(nearness, np.array([0, 1, 2])).tolist() == [1, 0.5, 0]


def test_identification_of_speakers_by_hand() -> None:
    # Three speakers with two replies each, all known: 1 deal of 3! = 6 does as well
    nearness = np.repeat(np.eye(3), 2, axis=0)
    found = identification_of_speakers(nearness, np.repeat(np.arange(3), 2), dice())
    assert found == pytest.approx((1, 1 / 3, 1 / 6))
    # moved one by one, 8 / 6! of all orders give the same speakers: six replies would pass for six people
    assert identification(nearness, np.repeat(np.arange(3), 2), dice()).p == pytest.approx(8 / 720)


def test_identification_of_speakers_with_one_reply_each_is_identification() -> None:
    nearness = dice(3).random((6, 6)) + 0.3 * np.eye(6)
    alone, whole = (
        test(nearness, np.arange(6), dice(5)) for test in (identification, identification_of_speakers)
    )
    assert alone[:2] == pytest.approx(whole[:2])
    assert alone.p == pytest.approx(whole.p, abs=0.02)


def test_identification_of_speakers_who_repeat_themselves_by_luck_is_rarely_significant() -> None:
    # 200 worlds of 6 speakers, each of whom says one thing ten times, near to some card by luck
    ps = []
    for seed in range(200):
        once = dice(seed).random((6, 6))
        ps.append(
            identification_of_speakers(np.repeat(once, 10, axis=0), np.repeat(np.arange(6), 10), dice(seed)).p
        )
    assert np.mean(np.array(ps) <= 0.05) <= 0.10


def test_speaker_distances_by_hand_and_as_between_within_has_them() -> None:
    # One speaker's replies at 90 degrees: 1; another's opposite to the first, 2, and at 90 to the second, 1
    vectors, speakers = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]]), np.array([0, 0, 1])
    found = speaker_distances(vectors, speakers, 3)
    nan = np.nan  # a speaker with one reply has no pair of its own; the third said nothing
    assert np.array_equal(found, [[1, 1.5, nan], [1.5, nan, nan], [nan, nan, nan]], equal_nan=True)
    assert between_within(vectors, speakers) == pytest.approx((found[0, 1], found[0, 0]))


def test_between_within_by_hand() -> None:
    # One speaker's replies at 90 degrees: 1; another's opposite to the first, 2, and at 90 to the second, 1
    found = between_within(np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]]), np.array([0, 0, 1]))
    assert found == pytest.approx((1.5, 1.0))
    assert found.ratio == pytest.approx(1.5)


def test_between_within_needs_both_kinds_of_pairs() -> None:
    with pytest.raises(ValueError, match="expected two or more"):
        between_within(np.eye(3), np.array([0, 1, 2]))


def test_calibration_by_hand() -> None:
    predicted = np.array([0.1, 0.2, 0.8, 0.9])
    curve = calibration_curve(predicted, np.array([0.0, 1.0, 1.0, 1.0]), bins=2)
    assert [tuple(one) for one in curve] == [pytest.approx((0.15, 0.5, 2)), pytest.approx((0.85, 1.0, 2))]
    assert calibration_error(curve) == pytest.approx((2 * 0.35 + 2 * 0.15) / 4)


@given(arrays.arrays(np.float64, 40, elements=st.floats(0, 1)))
def test_every_prediction_is_in_one_group_of_the_curve(predicted: Floats) -> None:
    curve = calibration_curve(predicted, np.zeros(40))
    assert sum(one.n for one in curve) == 40
    assert [one.predicted for one in curve] == sorted(one.predicted for one in curve)


def test_interval_coverage_and_sd_ratio_by_hand() -> None:
    assert interval_coverage(np.zeros(4), np.ones(4), np.array([0.0, 1.0, 2.0, -1.0])) == 0.5
    # SD of 2 3 4 is 1, of 1 3 5 is 2
    assert sd_ratio(np.array([2.0, 3.0, 4.0]), np.array([1.0, 3.0, 5.0])) == pytest.approx(0.5)
    assert sd_ratio(np.array([2.0, 3.0]), np.array([3.0, 3.0])) is None


def test_correlation_attainment_is_one_where_the_panel_is_as_good_as_people() -> None:
    truth = dice(1).normal(0, 1, 12)
    humans = truth + dice(2).normal(0, 1, (200, 12))
    found = correlation_attainment(truth, humans, dice(3))
    assert found is not None
    assert found == pytest.approx(1.0, abs=0.02)
    turned = correlation_attainment(-truth, humans, dice(3))
    assert turned == pytest.approx(-found)


def test_correlation_attainment_is_absent_where_people_do_not_agree() -> None:
    humans = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert correlation_attainment(np.array([1.0, 2.0, 3.0]), humans, dice()) is None
    with pytest.raises(ValueError, match="expected 2 people"):
        correlation_attainment(np.array([1.0, 2.0]), humans[:, :2], dice())


def test_spread_of_repeats_by_hand() -> None:
    # SD of 1, 2, 3 is 1 and of 4, 4, 4 is 0: mean .5, over a width of 4
    assert repeat_spread(np.array([[1.0, 2, 3], [4, 4, 4]]), width=4) == pytest.approx(0.125)
