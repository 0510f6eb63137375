"""The rules by which the benchmarks count: what is asked twice, what was lost, whether memory grows."""

import pytest

pytest.importorskip("httptools")

from benchmarks.million import Note, told
from benchmarks.profiling import frames, layer_of
from benchmarks.server import ANSWERS, Json, Ledger, least_instance, reply_to

from panelsim.questions.open import is_vague

ASKED = [{"role": "user", "content": "What made you look?"}]
CARRIED_ON = [
    *ASKED,
    {"role": "assistant", "content": "The audit."},
    {"role": "user", "content": "And then?"},
]


def test_the_same_conversation_asked_twice_is_repeated_and_not_lost() -> None:
    ledger = Ledger()
    assert ledger.note(ASKED) == (False, False)
    assert ledger.note(ASKED) == (True, False)


def test_a_conversation_asked_again_after_it_was_carried_on_is_lost() -> None:
    ledger = Ledger()
    ledger.note(ASKED)
    ledger.note(CARRIED_ON)
    assert ledger.note(ASKED) == (True, True)


def test_a_practice_turn_in_a_first_request_loses_nothing() -> None:
    ledger = Ledger()
    assert ledger.note(CARRIED_ON) == (False, False)
    assert ledger.note(CARRIED_ON) == (True, False)


def test_a_reply_to_a_schema_satisfies_it() -> None:
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {
            "rating": {"type": "integer", "minimum": 1, "maximum": 5},
            "choice": {"enum": ["A", "B"]},
            "why": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    }
    assert least_instance(schema, schema) == {"rating": 1, "choice": "A", "why": "yes"}


def test_the_reply_named_in_the_last_message_is_given() -> None:
    asked: dict[str, Json] = {"messages": [{"role": "user", "content": "How near? [[ 4 ]]"}]}
    assert reply_to(asked, b"") == "4"


def test_no_answer_of_the_server_calls_for_a_probe() -> None:
    assert not any(is_vague(answer) for answer in ANSWERS)


def test_memory_that_grows_by_a_megabyte_in_ten_thousand_answers_has_a_slope_of_ten() -> None:
    # 2% of 100,000 is 2,000 answers, .2 MB each; a second each in the first half, two in the second
    seconds = [float(n if n <= 25 else 2 * n - 25) for n in range(51)]
    line = told([Note(2_000 * n, seconds[n], 100 + 0.2 * n, 0.0) for n in range(51)])
    assert line["slope_mb_per_100k"] == 10.0
    assert line["first_tenth_per_s"] == 2_000
    assert line["last_tenth_per_s"] == 1_000
    assert line["slowdown"] == 2.0


def test_a_sample_belongs_to_the_innermost_layer_that_is_known() -> None:
    inner = "Writer.put (panelsim/store/writer.py:5);x (b.py:1)"
    stack = f"main (a.py:1);drive (panelsim/execution/drive.py:62);{inner}"
    assert layer_of(frames(stack)) == "store"
    assert layer_of(frames("main (a.py:1);f (b.py:2)")) == "other"
