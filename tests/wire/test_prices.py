"""Prices: given, listed, free or unknown; bounds that hold; costs that add up exactly."""

from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.model.call import EmbeddingCall, ModelRef, Usage
from panelsim.providers.prices import (
    FREE,
    PICO,
    Price,
    bound_pico,
    bound_tokens,
    cost_pico,
    parse_prices,
    price_of,
    priced,
)
from tests.calls import MODEL, chat


def ref(text: str, base_url: str = "") -> ModelRef:
    provider, _, name = text.partition("/")
    return ModelRef(provider=provider, name=name, base_url=base_url)


def test_prices_are_read_from_one_line() -> None:
    assert parse_prices("openai/gpt-x=0.15,0.60; litellm/a/b=1,2;") == {
        "openai/gpt-x": Price(prompt=0.15, completion=0.6),
        "litellm/a/b": Price(prompt=1, completion=2),
    }
    assert parse_prices("") == {}


def test_a_given_price_may_have_one_for_cached_tokens() -> None:
    (price,) = parse_prices("openai/gpt-x=2,8,0.5").values()
    assert price == Price(prompt=2, completion=8, cached=0.5)


def test_a_price_says_where_it_comes_from_and_no_date_that_nobody_gave() -> None:
    listed = priced(ref("openai/gpt-4o-mini"), {})
    assert listed.source == f"litellm {version('litellm')}'s table"
    assert listed.dated is None
    mine = priced(ref("openai/gpt-4o-mini"), {"openai/gpt-4o-mini": Price(prompt=9, completion=9)})
    assert (mine.source, mine.price.prompt) == ("given", 9)
    assert priced(ref("embedded/qwen@123"), {}).source == "free: runs on this machine"


@pytest.mark.parametrize(
    "text",
    [
        "gpt-x=1,2",
        "openai/gpt-x=1",
        "openai/x=1,2,3,4",
        "openai/x=a,b",
        "openai/x=-1,2",
        "x",
        "openai/x=nan,1",
    ],
)
def test_a_price_that_cannot_be_read_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError, match="expected PROVIDER/NAME=IN,OUT"):
        parse_prices(text)


def test_a_listed_model_has_the_listed_price() -> None:
    # as published for gpt-4o-mini: $0.15 in, $0.075 cached, $0.60 out per million tokens
    price = price_of(ref("openai/gpt-4o-mini"), {})
    assert (price.prompt, price.completion) == pytest.approx((0.15, 0.60))
    assert price.cached == pytest.approx(0.075)
    assert price_of(ref("litellm/openai/gpt-4o-mini"), {}) == price


def test_a_given_price_wins_over_the_list() -> None:
    mine = Price(prompt=9, completion=9)
    assert price_of(ref("openai/gpt-4o-mini"), {"openai/gpt-4o-mini": mine}) == mine


@pytest.mark.parametrize(
    "model",
    [ref("embedded/qwen@123"), ref("scripted/sensible"), ref("openai/llama", "http://localhost:11434/v1")],
)
def test_what_runs_on_this_machine_is_free(model: ModelRef) -> None:
    assert price_of(model, {}) == FREE


@pytest.mark.parametrize(
    "model", [ref("openai/no-such-model"), ref("openai/gpt-4o-mini", "https://gateway.example/v1")]
)
def test_an_unknown_price_says_how_to_give_one(model: ModelRef) -> None:
    with pytest.raises(InputError, match=f"PANELSIM_PRICES='{model}=IN,OUT'"):
        price_of(model, {})


@given(st.text(max_size=200))
def test_a_prompt_has_no_more_tokens_than_the_bound(text: str) -> None:
    # a byte-level tokenizer spends at most one token on a byte
    assert bound_tokens(chat(text)) >= len(text.encode("utf-8", "surrogatepass"))


def test_a_bound_counts_prompt_schema_and_the_longest_answer() -> None:
    call = chat("hello", max_tokens=10).model_copy(update={"response_schema": "{}"})
    assert bound_tokens(call) == 5 + 16 + 2 + 64  # text, message, schema, call
    assert bound_pico(call, Price(prompt=1, completion=4)) == (87 * 1 + 10 * 4) * PICO // 10**6
    embedding = EmbeddingCall(model=MODEL, text="hello")
    assert bound_pico(embedding, Price(prompt=1, completion=4)) == (5 + 64) * PICO // 10**6


def test_cached_tokens_have_their_own_price() -> None:
    usage = Usage(prompt_tokens=100, cached_tokens=60, completion_tokens=10)
    micro = PICO // 10**6
    assert cost_pico(usage, Price(prompt=2, completion=8, cached=0.5)) == 190 * micro  # 40*2 + 60*.5 + 10*8
    assert cost_pico(usage, Price(prompt=2, completion=8)) == 280 * micro  # 100*2 + 10*8


def test_a_real_price_costs_to_the_picodollar() -> None:
    usage = Usage(prompt_tokens=1000, completion_tokens=10)
    assert cost_pico(usage, Price(prompt=0.15, completion=0.6)) == 156_000_000  # .00015 + .000006 dollars
