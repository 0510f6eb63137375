from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from panelsim.errors import ProviderError
from panelsim.metrics.arrays import Floats
from panelsim.metrics.scale import expected_value
from panelsim.model.call import Call, Completion, EmbeddingCall, ModelRef
from panelsim.model.response import Missing, RatingAnswer
from panelsim.scorers.similarity import Similarity, anchor_self_test, cosines, distribution_of, similarity
from tests.core.simulated import array

MODEL = ModelRef(provider="scripted", name="angles")


def fan(step: float, tilt: float = 0.0) -> Floats:
    """Five unit vectors in a plane, `step` degrees apart: neighbours on the scale are near."""
    angles = np.radians(tilt + step * np.arange(5))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def softmax_of_raw_cosines(nearness: Floats) -> Floats:
    """The fault this file guards against: a softmax at temperature 1.5 over cosines as they are."""
    raised = np.exp(nearness / 1.5)
    shares: Floats = raised / raised.sum()
    return shares


def test_a_reply_equal_to_the_lowest_anchor_by_hand() -> None:
    # Cosines of 0, 15, 30, 45, 60 degrees: 1, .9659, .8660, .7071, .5. Minus .5: .5, .4659, .3660, .2071, 0;
    # sum 1.5391. Expected point (.5 + 2 * .4659 + 3 * .3660 + 4 * .2071) / 1.5391 = 3.3583 / 1.5391 = 2.182
    nearness = cosines(fan(15)[0], fan(15))
    assert nearness == pytest.approx([1, 0.9659, 0.8660, 0.7071, 0.5], abs=1e-4)
    shares = distribution_of(nearness)
    assert shares is not None
    assert shares == pytest.approx([0.3249, 0.3027, 0.2378, 0.1346, 0], abs=1e-4)
    assert expected_value(shares) == pytest.approx(2.182, abs=1e-3)


def test_a_temperature_below_one_sharpens_and_epsilon_leaves_nothing_impossible() -> None:
    nearness = cosines(fan(15)[0], fan(15))
    sharp = distribution_of(nearness, temperature=0.5)
    smooth = distribution_of(nearness, epsilon=0.1)
    assert sharp is not None
    assert smooth is not None
    assert expected_value(sharp) < 2.182  # squares of the shares lean further to the first point
    assert smooth[-1] == pytest.approx(0.1 / 1.6391, abs=1e-4)


def test_the_anchors_themselves_come_out_in_order_over_a_wide_range() -> None:
    # Both ends mirror: 2.18 and 6 - 2.18.
    found = anchor_self_test([fan(15)])
    assert found.is_monotone
    assert (found.low, found.high) == pytest.approx((2.182, 3.818), abs=1e-3)


def test_the_self_test_catches_a_softmax_over_raw_cosines() -> None:
    # exp(c / 1.5): 1.948, 1.904, 1.781, 1.602, 1.396, sum 8.631: 24.49 / 8.631 = 2.84. The whole scale
    # then spans .33 points around 3, so every product scores about 3.0.
    sound, faulty = anchor_self_test([fan(15)]), anchor_self_test([fan(15)], softmax_of_raw_cosines)
    assert (faulty.low, faulty.high) == pytest.approx((2.837, 3.163), abs=2e-3)
    assert faulty.high - faulty.low < 0.5 < 1.5 < sound.high - sound.low


def test_several_sets_are_tested_against_each_other_and_not_against_themselves() -> None:
    found = anchor_self_test([fan(15), fan(15, tilt=60)])
    # The first set's lowest anchor is 60 degrees from the other's lowest: not the 2.182 of its own set.
    assert found.scores[0][0] != pytest.approx(2.182, abs=0.05)
    assert len(found.scores) == 2


@given(arrays.arrays(np.float64, 5, elements=st.floats(-1, 1)), st.floats(0.01, 10), st.floats(-2, 2))
def test_only_the_differences_of_cosines_count(nearness: Floats, stretch: float, shift: float) -> None:
    one, other = distribution_of(nearness), distribution_of(nearness * stretch + shift)
    if one is not None and other is not None:
        assert one.sum() == pytest.approx(1)
        assert one.min() == 0
        assert other == pytest.approx(one, abs=1e-5)


@given(arrays.arrays(np.float64, 5, elements=st.floats(-1, 1)))
def test_turning_the_scale_mirrors_the_rating(nearness: Floats) -> None:
    one, other = distribution_of(nearness), distribution_of(nearness[::-1])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert expected_value(other) == pytest.approx(6 - expected_value(one))


def drive(
    text: str, sets: Sequence[Sequence[str]], known: dict[str, Floats]
) -> tuple[tuple[Call, ...], Similarity]:
    """The calls of the script and its value, when each text has the vector in `known`."""
    script = similarity(text, sets, MODEL)
    calls = next(script)
    said = []
    for call in calls:
        assert isinstance(call, EmbeddingCall)
        said.append(Completion(vector=tuple(known[call.text].tolist())))
    with pytest.raises(StopIteration) as end:
        script.send(tuple(said))
    made = end.value.value
    assert isinstance(made, Similarity)
    return calls, made


ONE, TWO = [f"one {point}" for point in range(5)], [f"two {point}" for point in range(5)]
VECTORS = {
    **dict(zip(ONE, fan(15), strict=True)),
    **dict(zip(TWO, fan(10), strict=True)),
    "first of one": fan(15)[0],
    "nowhere": array(0, 0),
}


def test_the_script_asks_for_the_text_and_all_anchors_at_once() -> None:
    calls, made = drive("first of one", (ONE, TWO), VECTORS)
    assert [call.text for call in calls if isinstance(call, EmbeddingCall)] == ["first of one", *ONE, *TWO]
    assert made.call_keys == tuple(call.key for call in calls)


def test_anchors_are_the_same_calls_for_every_text() -> None:
    anchors = [
        {call.key for call in drive(text, (ONE,), VECTORS)[0][1:]} for text in ("first of one", "two 3")
    ]
    assert anchors[0] == anchors[1]


def test_the_rating_is_the_mean_over_the_sets_of_anchors() -> None:
    _, made = drive("first of one", (ONE, TWO), VECTORS)
    alone = [drive("first of one", (anchors,), VECTORS)[1].answer for anchors in (ONE, TWO)]
    assert isinstance(made.answer, RatingAnswer)
    values = [one.value for one in alone if isinstance(one, RatingAnswer)]
    assert made.answer.value == pytest.approx(sum(values) / 2)
    assert sum(made.answer.distribution) == pytest.approx(1)


def test_a_text_equally_near_to_all_anchors_is_missing_not_average() -> None:
    same = dict.fromkeys(ONE, array(1, 0)) | {"text": array(0, 1)}
    _, made = drive("text", (ONE,), same)
    assert made.answer == Missing(reason="unreadable", raw="text")


def test_a_zero_vector_is_the_provider_s_fault() -> None:
    with pytest.raises(
        ProviderError, match="2 numbers for 'nowhere', expected a vector of 2 that is not zero"
    ):
        drive("nowhere", (ONE,), VECTORS)
