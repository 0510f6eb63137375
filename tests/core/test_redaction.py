import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.planning.redaction import Names, holds_personal, redact

NAMES = Names(["Wilhelmina Starling", "An Nguyễn-Ortega", "O'Hara", "田中"])


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("write to w.starling+x@mail.example.org, please", "write to [e-mail], please"),
        ("see https://example.org/p?q=1 or www.example.org/x", "see [link] or [link]"),
        ("linkedin.com/in/someone", "[link]"),
        ("call +44 20 7946 0000 now", "call [phone] now"),
        ("call (555) 010-0301", "call [phone]"),
        ("0049-30/1234-5678", "[phone]"),
        ("Wilhelmina said no, STARLING too", "[name] said no, [name] too"),
        ("Starling's team", "[name]'s team"),
        ("an offer for An", "an offer for [name]"),
        ("Nguyễn and Ortega", "[name] and [name]"),
        ("O’Hara", "O’Hara"),
        ("O'Hara", "[name]"),
        ("田中さんは反対", "[name]さんは反対"),
    ],
)
def test_what_identifies_a_person_is_taken_out(text: str, clean: str) -> None:
    assert redact(text, NAMES).text == clean


@pytest.mark.parametrize(
    "text",
    [
        "on 2026-11-25 at 10", "on 25.11.2026", "costs 1,200,000 a year", "12 500 seats", "version 1.2.3",
        "starlings", "a 24/7 desk", "ask @support", "50-500 employees", "25 000 to 90 000",
    ],
)  # fmt: skip
def test_dates_and_figures_are_left_as_they_are(text: str) -> None:
    assert redact(text, NAMES).text == text


def test_what_was_taken_out_is_counted_by_kind() -> None:
    found = redact("Starling, w@x.example, +1 555 0100 200, Starling", NAMES).found
    assert (found["name"], found["e-mail"], found["phone"], found["link"]) == (2, 1, 1, 0)


def test_a_text_tells_what_personal_data_it_holds() -> None:
    assert holds_personal("a@b.example") == "e-mail"
    assert holds_personal("a plain note") is None


@settings(deadline=None)
@given(st.text(max_size=60), st.emails())
def test_no_address_survives_between_blanks(text: str, address: str) -> None:
    assert address not in redact(f"{text} {address} {text}", NAMES).text or address in text


@settings(deadline=None)
@given(st.text(max_size=80))
def test_redacting_twice_takes_out_nothing_more(text: str) -> None:
    once = redact(text, NAMES).text
    assert redact(once, NAMES).text == once
