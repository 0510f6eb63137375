"""The identity of a call: one key for one meaning, the same for ever."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.keys import content_key
from panelsim.model.call import KEY_PREFIX, ChatCall, EmbeddingCall, Message, ModelRef, Sampling
from tests.calls import chat

TEXT = st.text(st.characters(), max_size=40)  # lone surrogates too

CALLS = st.builds(
    ChatCall,
    model=st.builds(ModelRef, provider=TEXT, name=TEXT, base_url=TEXT),
    messages=st.lists(
        st.builds(Message, role=st.sampled_from(("system", "user", "assistant")), content=TEXT), max_size=4
    ).map(tuple),
    sampling=st.builds(
        Sampling,
        temperature=st.floats(0, 2),
        top_p=st.floats(0, 1, exclude_min=True),
        max_tokens=st.integers(1, 10**6),
        stop=st.lists(TEXT, max_size=2).map(tuple),
        seed=st.integers(0, 2**40),
    ),
    response_schema=TEXT,
    top_logprobs=st.integers(0, 20),
    replicate=st.integers(0, 99),
    lane=TEXT,
    purpose=TEXT,
)


@given(CALLS)
def test_the_key_is_the_hash_of_the_canonical_json_of_all_that_decides_the_answer(call: ChatCall) -> None:
    assert call.key == content_key(KEY_PREFIX, call.model_dump(mode="json"))


def test_the_key_of_a_call_never_changes_between_versions() -> None:
    model = ModelRef(provider="scripted", name="sensible")
    call = ChatCall(model=model, messages=(Message(role="user", content="Why?"),))
    parts = (
        '{"kind":"chat","messages":[{"content":"Why?","role":"user"}],',
        '"model":{"base_url":"","name":"sensible","provider":"scripted"},"replicate":0,"response_schema":"",',
        '"sampling":{"max_tokens":256,"seed":0,"stop":[],"temperature":0.0,"top_p":1.0},"top_logprobs":0}',
    )
    chat_digest = "126a4476833f0eaaf61f881af423035625aed9d308f5dadd33f3a987f3835cc4"
    assert hashlib.sha256("".join(parts).encode()).hexdigest() == chat_digest
    assert call.key == f"call1:{chat_digest}"
    embedding_digest = "e2065ba07ad4580893db01c691897cdea2cea90b63522d6f226d03d3d9d5ad04"
    assert EmbeddingCall(model=model, text="Why?").key == f"call1:{embedding_digest}"


@pytest.mark.parametrize("change", [{"replicate": 1}, {"top_logprobs": 5}, {"response_schema": "{}"}])
def test_a_changed_copy_has_a_key_of_its_own(change: dict[str, object]) -> None:
    call = chat("a")
    before = call.key
    assert call.model_copy(update=change).key != before
    assert call.key == before


def test_who_asks_and_what_for_is_outside_the_identity() -> None:
    call = chat("a")
    assert call.model_copy(update={"lane": "somebody", "purpose": "else"}).key == call.key


def test_calls_are_equal_whether_or_not_their_key_was_asked_for() -> None:
    one, other = chat("a"), chat("a")
    assert one.key
    assert one == other
    assert hash(one) == hash(other)


def test_a_drawn_answer_has_a_seed_of_its_own_and_one_that_is_not_drawn_tells_replicates_apart() -> None:
    def call(text: str, temperature: float, replicate: int) -> ChatCall:
        return ChatCall(
            model=ModelRef(provider="fake", name="m"),
            messages=(Message(role="user", content=text),),
            sampling=Sampling(temperature=temperature, seed=7),
            replicate=replicate,
        )

    drawn = {call(f"buyer {n}", 0.7, replicate).drawn_with for n in range(50) for replicate in range(3)}
    assert len(drawn) == 150
    assert all(0 <= seed < 2**31 for seed in drawn)
    assert call("a", 0.7, 1).drawn_with == call("a", 0.7, 1).drawn_with
    assert [call(text, 0.0, 2).drawn_with for text in ("a", "b")] == [9, 9]  # seed 7 + replicate 2
