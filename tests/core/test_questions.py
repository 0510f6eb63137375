"""Questions: each reply text to its answer, or to Missing with the reason."""

import math

import pytest

from panelsim.model.call import Completion, TokenLogprob
from panelsim.model.response import ChoiceAnswer, Missing, RatingAnswer, TextAnswer
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.questions.open import OpenQuestion, is_vague
from panelsim.questions.rating import DirectRating, LogprobRating


def weighed(*shares: tuple[str, float]) -> Completion:
    """A one-token completion whose alternatives have these probabilities."""
    top = tuple((token, math.log(share)) for token, share in shares)
    return Completion(text=top[0][0], logprobs=(TokenLogprob(token=top[0][0], logprob=top[0][1], top=top),))


def test_logprob_rating_is_the_expected_point() -> None:
    answer = LogprobRating(id="relevance").parse(weighed(("4", 0.6), ("5", 0.2), ("The", 0.2)))
    assert isinstance(answer, RatingAnswer)
    assert answer.value == pytest.approx((4 * 0.6 + 5 * 0.2) / 0.8)  # 4.25
    assert answer.valid_mass == pytest.approx(0.8)


def test_logprob_rating_adds_the_spellings_of_a_digit() -> None:
    answer = LogprobRating(id="relevance").parse(weighed(("4", 0.3), (" 4", 0.2), ("▁4", 0.1), ("2", 0.4)))
    assert isinstance(answer, RatingAnswer)
    assert answer.distribution == pytest.approx((0, 0.4, 0, 0.6, 0))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Completion(text="4"), "no_logprobs"),
        (weighed(("The", 0.97), ("4", 0.03)), "low_mass"),
        (Completion(finish_reason="refusal"), "refused"),
        (Completion(finish_reason="content_filter", text="4"), "refused"),
    ],
)
def test_logprob_rating_without_a_reading_is_missing(said: Completion, reason: str) -> None:
    answer = LogprobRating(id="relevance").parse(said)
    assert isinstance(answer, Missing)
    assert answer.reason == reason


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ('{"rating": 4}', 4),
        (' {"rating": 1}\n', 1),
        ("5", 5),
        ("3.", 3),
        ("Rating: 2", 2),
        ("4/5", 4),
        ("**3**", 3),
    ],
)
def test_direct_rating_reads_one_whole_number(text: str, point: int) -> None:
    answer = DirectRating(id="clarity").parse(Completion(text=text))
    assert isinstance(answer, RatingAnswer)
    assert answer.value == point


@pytest.mark.parametrize(
    "text",
    [
        '{"rating": 6}',
        '{"rating": 0}',
        '{"rating": "high"}',
        "2 or 3",
        "",
        "I like it",
        '{"rating": 4',
        "3.5",
        "I have 2 of those",
        "4/10",
        "-3",
        "10",
    ],
)
def test_direct_rating_never_guesses(text: str) -> None:
    answer = DirectRating(id="clarity").parse(Completion(text=text))
    assert isinstance(answer, Missing)
    assert answer.reason == "unreadable"


def test_direct_rating_that_was_cut_off_says_so() -> None:
    answer = DirectRating(id="clarity").parse(Completion(text='{"rat', finish_reason="length"))
    assert isinstance(answer, Missing)
    assert answer.reason == "cut_off"


def test_choice_is_decoded_from_slots_to_options_in_either_order() -> None:
    said = weighed(("A", 0.9), ("B", 0.1))
    one = LogprobChoice(id="preference", options=("x", "y")).parse(said)
    other = LogprobChoice(id="preference", options=("y", "x")).parse(said)
    assert isinstance(one, ChoiceAnswer)
    assert isinstance(other, ChoiceAnswer)
    assert one.share_of("x") == pytest.approx(0.9)
    assert other.share_of("x") == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("text", "option"),
    [('{"choice": "A"}', "x"), ("B", "y"), ("Option B.", "y"), (" A ", "x"), ("**B**", "y")],
)
def test_direct_choice_reads_one_letter(text: str, option: str) -> None:
    answer = DirectChoice(id="preference", options=("x", "y")).parse(Completion(text=text))
    assert isinstance(answer, ChoiceAnswer)
    assert answer.share_of(option) == 1


@pytest.mark.parametrize(
    "text",
    [
        "A or B",
        "C",
        "",
        "neither",
        '{"choice": "C"}',
        "A better headline would help me decide here",
        "A bit of both",
        "A good one",
    ],
)
def test_direct_choice_never_guesses(text: str) -> None:
    assert isinstance(DirectChoice(id="preference", options=("x", "y")).parse(Completion(text=text)), Missing)


def test_open_answer_keeps_the_words_and_drops_wrapping_quotes() -> None:
    answer = OpenQuestion(id="reaction").parse(Completion(text=' "Too vague for me." '))
    assert answer == TextAnswer(text="Too vague for me.")


def test_no_words_are_missing_not_an_empty_text() -> None:
    assert OpenQuestion(id="reaction").parse(Completion(text=" \n")) == Missing(
        reason="unreadable", raw=" \n"
    )


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("It depends on various factors.", True),
        ("Yes, sure.", True),
        ("In March our forecast missed by 18% and the board asked why.", False),
        ("Because nobody trusted the numbers.", False),
        (
            "I am sorry, but I do not have information about the tool that you are looking for.",
            True,
        ),
        ("We look at many things in general and then see what the team would like to do about them.", True),
        ("Our reps keep three spreadsheets and argue about them every single Monday morning with me.", False),
    ],
)
def test_an_answer_without_anything_specific_is_vague(text: str, vague: bool) -> None:
    assert is_vague(text) is vague
