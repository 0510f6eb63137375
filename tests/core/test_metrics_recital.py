"""Recital: words said again in their order."""

import pytest

from panelsim.metrics.recital import overlap_of


@pytest.mark.parametrize(
    ("said", "text", "expected"),
    [
        ("then they counted the dolphins.", "Then They Counted The Dolphins", 1.0),
        ("", "Then They Counted The Dolphins", 0.0),
        ("dolphins the counted they then", "Then They Counted The Dolphins", 0.2),  # one word in order of 5
        ("they all counted dolphins", "Then They Counted The Dolphins", 0.6),  # they, counted, dolphins of 5
        ("don't look", "Don’t look", 1.0),
        ("anything", "...", 0.0),
        # words 7 on are not heard: 5 + 5 // 2 = 7, so the last two of five are lost
        ("a b c d e f g counted the dolphins then they", "then they counted the dolphins", 0.0),
    ],
)
def test_the_longest_run_in_order_over_the_words_wanted(said: str, text: str, expected: float) -> None:
    assert overlap_of(said, text) == pytest.approx(expected)
