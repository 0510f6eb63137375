"""What every provider over HTTP makes of the same server: the same completions and the same errors."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from panelsim.errors import ProviderError, RefusedRequest, TransientError
from panelsim.model.call import ChatCall, Completion, EmbeddingCall, Message, ModelRef, Sampling, Usage
from panelsim.providers import Options, Provider, open_provider
from panelsim.providers.base import Transport
from tests.wire.fake_server import ERRORS, KEY, FakeServer, serving

WAYS: dict[str, tuple[str, Transport]] = {
    "aiohttp": ("openai", "aiohttp"),
    "sdk": ("openai", "sdk"),
    "litellm": ("litellm", "aiohttp"),
}
"""Provider and transport."""


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with serving() as running:
        yield running


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, server: FakeServer) -> tuple[str, Transport]:
    server.seen.clear()
    return WAYS[str(request.param)]


@pytest.fixture
def name(way: tuple[str, Transport]) -> str:
    return way[0]


@pytest.fixture
def heard() -> list[str | None]:
    """How many requests are left, as the headers of each reply say."""
    return []


@pytest.fixture
async def provider(
    way: tuple[str, Transport], heard: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Provider]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    name, transport = way
    options = Options(
        cache_dir=tmp_path,
        timeout_s=0.5,
        openai_api_key=SecretStr(KEY),
        transport=transport,
        listen=lambda _model, headers: heard.append(headers.get("x-ratelimit-remaining-requests")),
    )
    opened = open_provider(name, options)
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
    way: tuple[str, Transport], server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "wrong-key-987654321"
    monkeypatch.setenv("OPENAI_API_KEY", wrong)
    name, transport = way
    options = Options(cache_dir=tmp_path, openai_api_key=SecretStr(wrong), transport=transport)
    opened = open_provider(name, options)
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


TRANSPORTS: tuple[Transport, ...] = ("aiohttp", "sdk")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_openai_without_a_key_says_which_variable_to_set(tmp_path: Path, transport: Transport) -> None:
    opened = open_provider("openai", Options(cache_dir=tmp_path, transport=transport))
    call = ChatCall(model=ModelRef(provider="openai", name="gpt-4o-mini"), messages=())
    with pytest.raises(RefusedRequest, match="OPENAI_API_KEY"):
        await opened.complete(call)


@pytest.mark.parametrize("behaviour", ["ok", "throttled", "broken"])
async def test_what_headers_say_of_the_limits_is_passed_on_once(
    provider: Provider, name: str, server: FakeServer, heard: list[str | None], behaviour: str
) -> None:
    call = call_to(name, behaviour, server)
    if behaviour == "ok":
        await provider.complete(call)
    else:
        await error_of(provider, call)
    assert heard == ["41"]


@pytest.mark.parametrize("behaviour", ["no-room", "no-room-529"])
async def test_a_server_without_room_is_overloaded_and_has_not_billed(
    provider: Provider, name: str, server: FakeServer, behaviour: str
) -> None:
    error = await error_of(provider, call_to(name, behaviour, server))
    assert isinstance(error, TransientError)
    assert error.overloaded
    assert not error.maybe_billed


async def test_a_time_out_says_that_fewer_calls_should_be_under_way(
    provider: Provider, name: str, server: FakeServer
) -> None:
    error = await error_of(provider, call_to(name, "slow", server))
    assert isinstance(error, TransientError)
    assert error.overloaded


async def sentence(transport: Transport, behaviour: str, server: FakeServer, folder: Path) -> str:
    options = Options(cache_dir=folder, timeout_s=0.5, openai_api_key=SecretStr(KEY), transport=transport)
    opened = open_provider("openai", options)
    try:
        return f"{await error_of(opened, call_to('openai', behaviour, server))!r}"
    finally:
        await opened.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        *sorted(ERRORS.keys() - {"throttled-once"}),
        "not-json",
        "no-choices",
        "slow",
        "cut",
        "elsewhere",
        "plain",
    ],
)
async def test_both_transports_end_in_the_same_sentence(
    server: FakeServer, tmp_path: Path, behaviour: str
) -> None:
    said = [await sentence(transport, behaviour, server, tmp_path) for transport in TRANSPORTS]
    assert said[0] == said[1]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_redirect_is_not_followed(server: FakeServer, tmp_path: Path, transport: Transport) -> None:
    server.seen.clear()
    assert "redirects (307), which is not followed" in await sentence(
        transport, "elsewhere", server, tmp_path
    )
    assert len(server.seen) == 1


async def test_half_an_emoji_can_be_asked_and_answered(server: FakeServer, tmp_path: Path) -> None:
    server.seen.clear()
    opened = open_provider("openai", Options(cache_dir=tmp_path, openai_api_key=SecretStr(KEY)))
    call = call_to("openai", "ok", server)
    call = call.model_copy(update={"messages": (Message(role="user", content="cut \ud83d"),)})
    assert (await opened.complete(call)).text == "4"
    assert "\\ud83d" in server.seen[0].text
    await opened.close()


async def test_a_proxy_from_the_environment_is_used(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url.removesuffix("/v1"))
    opened = open_provider("openai", Options(cache_dir=tmp_path, openai_api_key=SecretStr(KEY)))
    call = call_to("openai", "ok", server)
    far = call.model.model_copy(update={"base_url": "http://models.example/v1"})
    assert (await opened.complete(call.model_copy(update={"model": far}))).text == "4"
    await opened.close()


def test_the_straight_way_imports_no_sdk() -> None:
    program = (
        "import sys, pathlib; from panelsim.providers import Options, open_line\n"
        "open_line('openai', Options(cache_dir=pathlib.Path()))\n"
        "print([name for name in ('openai', 'litellm', 'httpx', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
