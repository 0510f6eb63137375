"""What every provider over HTTP makes of the same server: the same completions and the same errors."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from panelsim.errors import ProviderError, RefusedRequest, TransientError
from panelsim.model.call import ChatCall, Completion, EmbeddingCall, Message, ModelRef, Sampling, Usage
from panelsim.providers import Options, Provider, open_provider
from tests.wire.fake_server import KEY, FakeServer, serving

NAMES = ("openai", "litellm")


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with serving() as running:
        yield running


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest, server: FakeServer) -> str:
    server.seen.clear()
    return str(request.param)


@pytest.fixture
async def provider(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Provider]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    opened = open_provider(name, Options(cache_dir=tmp_path, timeout_s=0.5, openai_api_key=SecretStr(KEY)))
    yield opened
    await opened.close()


def call_to(name: str, behaviour: str, server: FakeServer) -> ChatCall:
    full = behaviour if name == "openai" else f"openai/{behaviour}"
    return ChatCall(
        model=ModelRef(provider=name, name=full, base_url=server.url),
        messages=(Message(role="user", content="One digit:"),),
        sampling=Sampling(seed=100, max_tokens=5),
        replicate=3,
    )


async def error_of(provider: Provider, call: ChatCall) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.complete(call)
    assert KEY not in str(caught.value)
    return caught.value


async def test_an_answer_comes_with_its_usage_and_the_reported_model(
    provider: Provider, name: str, server: FakeServer
) -> None:
    said = await provider.complete(call_to(name, "ok", server))
    usage = Usage(prompt_tokens=12, cached_tokens=8, completion_tokens=1)
    assert said == Completion(text="4", usage=usage, reported_model="ok-2026")


async def test_replicates_differ_in_the_seed_they_send(
    provider: Provider, name: str, server: FakeServer
) -> None:
    await provider.complete(call_to(name, "ok", server))
    (request,) = server.seen
    assert request.body["seed"] == 103  # seed 100 + replicate 3
    assert request.body["temperature"] == 0.0
    assert request.body["max_tokens"] == 5


async def test_log_probabilities_are_read_with_their_alternatives(
    provider: Provider, name: str, server: FakeServer
) -> None:
    said = await provider.complete(call_to(name, "ok", server).model_copy(update={"top_logprobs": 2}))
    (token,) = said.logprobs
    assert (token.token, token.logprob) == ("4", -0.25)
    assert token.top == (("4", -0.25), ("5", -1.5))


async def test_a_schema_is_sent_as_a_strict_json_schema(
    provider: Provider, name: str, server: FakeServer
) -> None:
    schema = '{"type":"object","properties":{"rating":{"type":"integer"}}}'
    said = await provider.complete(call_to(name, "ok", server).model_copy(update={"response_schema": schema}))
    assert said.text == '{"rating": 4}'
    form = server.seen[0].body["response_format"]
    assert isinstance(form, dict)
    assert form["type"] == "json_schema"


async def test_an_embedding_is_a_vector(provider: Provider, name: str, server: FakeServer) -> None:
    said = await provider.complete(
        EmbeddingCall(model=call_to(name, "words", server).model, text="less rework")
    )
    assert said.vector == (0.6, 0.8)
    assert said.usage.prompt_tokens == 3


@pytest.mark.parametrize(
    ("behaviour", "reason"), [("refusal", "refusal"), ("filtered", "content_filter"), ("cut-off", "length")]
)
async def test_refused_filtered_and_cut_off_answers_are_completions(
    provider: Provider, name: str, server: FakeServer, behaviour: str, reason: str
) -> None:
    assert (await provider.complete(call_to(name, behaviour, server))).finish_reason == reason


async def test_a_throttled_call_says_how_long_to_wait(
    provider: Provider, name: str, server: FakeServer
) -> None:
    error = await error_of(provider, call_to(name, "throttled", server))
    assert isinstance(error, TransientError)
    assert error.retry_after == 7.0
    assert error.throttled
    assert not error.maybe_billed


@pytest.mark.parametrize("behaviour", ["broken", "not-json", "no-choices", "slow", "cut"])
async def test_passing_failures_are_transient(
    provider: Provider, name: str, server: FakeServer, behaviour: str
) -> None:
    error = await error_of(provider, call_to(name, behaviour, server))
    assert isinstance(error, TransientError)
    assert not error.throttled
    assert error.maybe_billed is (behaviour != "broken")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [("unknown", "not found"), ("bad-parameter", "temperature is not supported"), ("no-quota", "quota")],
)
async def test_what_cannot_be_mended_is_a_refused_request(
    provider: Provider, name: str, server: FakeServer, behaviour: str, told: str
) -> None:
    error = await error_of(provider, call_to(name, behaviour, server))
    assert isinstance(error, RefusedRequest)
    assert told in str(error)


@pytest.mark.parametrize("behaviour", ["throttled", "broken", "no-choices", "cut", "unknown"])
async def test_a_failing_call_makes_one_attempt(
    provider: Provider, name: str, server: FakeServer, behaviour: str
) -> None:
    await error_of(provider, call_to(name, behaviour, server))
    assert len(server.seen) == 1


async def test_a_wrong_key_names_the_variable_and_not_the_key(
    name: str, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "wrong-key-987654321"
    monkeypatch.setenv("OPENAI_API_KEY", wrong)
    opened = open_provider(name, Options(cache_dir=tmp_path, openai_api_key=SecretStr(wrong)))
    error = await error_of(opened, call_to(name, "ok", server))
    await opened.close()
    assert isinstance(error, RefusedRequest)
    assert "_API_KEY" in str(error)
    assert wrong not in str(error)


async def test_a_server_that_is_not_there_cannot_have_billed(
    provider: Provider, name: str, server: FakeServer
) -> None:
    call = call_to(name, "ok", server)
    nowhere = call.model_copy(
        update={"model": call.model.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})}
    )
    error = await error_of(provider, nowhere)
    assert isinstance(error, TransientError)
    assert "connection to http://127.0.0.1:9/v1 failed" in str(error)
    assert not error.maybe_billed


async def test_openai_without_a_key_says_which_variable_to_set(tmp_path: Path) -> None:
    opened = open_provider("openai", Options(cache_dir=tmp_path))
    call = ChatCall(model=ModelRef(provider="openai", name="gpt-4o-mini"), messages=())
    with pytest.raises(RefusedRequest, match="OPENAI_API_KEY"):
        await opened.complete(call)
