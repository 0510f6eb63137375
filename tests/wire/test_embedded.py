import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from panelsim.errors import InputError, ProviderError, RefusedRequest, TransientError
from panelsim.model.call import ChatCall, EmbeddingCall, Message, ModelRef, Sampling
from panelsim.providers import Options, resolve_model_ref
from panelsim.providers.embedded import Embedded, chat_body, completion_of, error_of
from panelsim.providers.llama_process import LlamaServer, Serving
from panelsim.providers.model_files import LocalModel, local_model
from panelsim.recording.cassette import recording, replaying
from panelsim.recording.shelf import known_ref, recorded_embedded
from tests.wire.local_models import cache_with

pytestmark = pytest.mark.alone

SHOTS = "You rate headlines for buyers of software. Answer with one digit. " * 12
SCHEMA = '{"properties":{"score":{"type":"integer"}},"required":["score"],"type":"object"}'


@pytest.fixture(scope="session")
def cache() -> Path:
    return cache_with("smollm2-135m")


@pytest.fixture(scope="session")
def tiny(cache: Path) -> LocalModel:
    return local_model("smollm2-135m", cache)


@pytest.fixture
async def provider(cache: Path) -> AsyncIterator[Embedded]:
    opened = Embedded(Options(cache_dir=cache), Serving(slots=2, context=1024))
    yield opened
    await opened.close()


def call_to(model: LocalModel, content: str, lane: str = "", **sampling: object) -> ChatCall:
    return ChatCall(
        model=ModelRef(provider="embedded", name=model.name),
        messages=(Message(role="system", content=SHOTS), Message(role="user", content=content)),
        sampling=Sampling.model_validate({"max_tokens": 4, **sampling}),
        lane=lane,
    )


async def test_an_answer_comes_with_usage_and_the_alternatives_of_each_token(
    provider: Embedded, tiny: LocalModel
) -> None:
    call = call_to(tiny, "Rate: save time", max_tokens=2).model_copy(update={"top_logprobs": 5})
    said = await provider.complete(call)
    assert said.text
    assert said.finish_reason == "length"
    assert said.usage.completion_tokens == 2
    assert said.usage.prompt_tokens > 100
    assert [len(token.top) for token in said.logprobs] == [5, 5]
    assert all(token.top[0][1] >= token.top[1][1] for token in said.logprobs)
    assert said.reported_model == "smollm2-135m@b179c9523d0e"


async def test_the_same_call_is_answered_alike_and_a_lane_finds_its_prefix_cached(
    provider: Embedded, tiny: LocalModel
) -> None:
    first = await provider.complete(call_to(tiny, "Card A. Rate: save time", lane="a"))
    again = await provider.complete(call_to(tiny, "Card A. Rate: save time", lane="a"))
    other = await provider.complete(call_to(tiny, "Card A. Rate: cut costs", lane="a"))
    assert first.text == again.text
    assert first.usage.cached_tokens == 0
    assert other.usage.cached_tokens > 0.8 * other.usage.prompt_tokens


async def test_a_new_lane_reuses_the_prefix_that_the_last_lane_left_in_its_slot(
    cache: Path, tiny: LocalModel
) -> None:
    provider = Embedded(Options(cache_dir=cache), Serving(slots=1, context=1024))
    await provider.complete(call_to(tiny, "Card A. Rate: save time", lane="a"))
    said = await provider.complete(call_to(tiny, "Card B, quite another buyer. Rate: save time", lane="b"))
    await provider.close()
    assert said.usage.cached_tokens > 0.8 * said.usage.prompt_tokens


async def test_lanes_side_by_side_keep_their_own_prefixes(provider: Embedded, tiny: LocalModel) -> None:
    async def lane(name: str) -> int:
        said = [await provider.complete(call_to(tiny, f"Card {name}. Rate {n}", lane=name)) for n in range(4)]
        return sum(one.usage.cached_tokens for one in said[1:])

    cached = await asyncio.gather(lane("a"), lane("b"))
    assert min(cached) > 3 * 100


async def test_an_answer_follows_the_schema(provider: Embedded, tiny: LocalModel) -> None:
    call = call_to(tiny, "Rate: save time", max_tokens=60).model_copy(update={"response_schema": SCHEMA})
    said = await provider.complete(call)
    assert isinstance(json.loads(said.text)["score"], int)


async def test_a_prompt_longer_than_its_slot_is_refused(provider: Embedded, tiny: LocalModel) -> None:
    with pytest.raises(RefusedRequest, match="exceeds the available context size"):
        await provider.complete(call_to(tiny, "word " * 2000))


async def test_a_model_that_is_not_here_is_an_input_error(provider: Embedded, tiny: LocalModel) -> None:
    call = call_to(tiny, "Hello").model_copy(
        update={"model": ModelRef(provider="embedded", name="smollm2-135m@000000000000")}
    )
    with pytest.raises(InputError, match="has the hash 'b179c9523d0e'"):
        await provider.complete(call)


async def test_a_chat_model_takes_no_embedding_calls(provider: Embedded, tiny: LocalModel) -> None:
    with pytest.raises(RefusedRequest, match="takes no embedding calls"):
        await provider.complete(
            EmbeddingCall(model=ModelRef(provider="embedded", name=tiny.name), text="Hello")
        )


async def test_a_server_that_died_is_a_transient_error_and_is_started_again(
    cache: Path, tiny: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[LlamaServer] = []
    first = LlamaServer.__init__

    def remember(self: LlamaServer, model: LocalModel, serving: Serving, log_dir: Path) -> None:
        first(self, model, serving, log_dir)
        started.append(self)

    monkeypatch.setattr(LlamaServer, "__init__", remember)
    provider = Embedded(Options(cache_dir=cache), Serving(slots=1, context=1024))
    await provider.complete(call_to(tiny, "Hello"))
    asked = asyncio.create_task(provider.complete(call_to(tiny, "Tell a story", max_tokens=600)))
    await asyncio.sleep(0.5)
    os.kill(started[0]._child.pid, signal.SIGKILL)
    with pytest.raises(TransientError, match="broke off"):
        await asked
    assert (await provider.complete(call_to(tiny, "Hello"))).text
    assert len(started) == 2
    await provider.close()


async def test_the_server_answers_nobody_without_its_key(cache: Path, tiny: LocalModel) -> None:
    server = LlamaServer(tiny, Serving(slots=1, context=512), cache / "logs")
    body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    async with (
        aiohttp.ClientSession(server.address) as http,
        http.post("/v1/chat/completions", json=body) as response,
    ):
        assert response.status == 401
    server.stop()
    assert not server.is_alive


def test_a_file_that_is_no_model_is_an_error_that_names_the_log(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"not a model")
    model = local_model(str(path), tmp_path / "cache")
    with pytest.raises(ProviderError, match=r"broken@[0-9a-f]{12}\.log"):
        LlamaServer(model, Serving(slots=1, context=512), tmp_path)


def test_a_file_of_ones_own_is_known_by_name_afterwards(
    cache: Path, tiny: LocalModel, tmp_path: Path
) -> None:
    path = tmp_path / "mine.gguf"
    path.symlink_to(tiny.path)
    options = Options(cache_dir=tmp_path / "cache")
    ref = resolve_model_ref(ModelRef(provider="embedded", name=str(path)), options)
    assert ref.name.split("@")[1] == "b179c9523d0e"
    assert local_model(ref.name, options.cache_dir).sha256 == tiny.sha256


SCRIPT = """
import asyncio, sys
from pathlib import Path
from panelsim.model.call import ChatCall, Message, ModelRef, Sampling
from panelsim.providers import Options
from panelsim.providers.embedded import Embedded

async def main():
    provider = Embedded(Options(cache_dir=Path(sys.argv[1])))
    ref = ModelRef(provider="embedded", name="smollm2-135m")
    messages = (Message(role="user", content="Hi"),)
    call = ChatCall(model=ref, messages=messages, sampling=Sampling(max_tokens=2))
    await provider.complete(call)
    print(provider._models["smollm2-135m"]._server._child.pid, flush=True)
    if sys.argv[2] == "wait":
        await asyncio.sleep(60)

asyncio.run(main())
"""


def run_script(cache: Path, then: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(cache), then],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_gone(pid: int) -> bool:
    """Whether the process `pid` ends within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and " Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.05)
    return False


def test_an_unclosed_server_prints_nothing_and_ends_with_the_program(cache: Path) -> None:
    program = run_script(cache, "end")
    out, err = program.communicate(timeout=60)
    assert program.returncode == 0
    assert out.strip().isdigit()
    assert err == "" or "Unclosed" in err  # aiohttp's own remark about a session nobody closed
    assert wait_until_gone(int(out))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_ends_when_the_program_is_killed(cache: Path, how: signal.Signals) -> None:
    program = run_script(cache, "wait")
    assert program.stdout is not None
    pid = int(program.stdout.readline())
    program.send_signal(how)
    program.communicate(timeout=10)
    assert wait_until_gone(pid)


def test_a_request_says_all_that_decides_the_answer_and_nothing_of_the_server_s_defaults() -> None:
    call = ChatCall(
        model=ModelRef(provider="embedded", name="m@1"),
        messages=(Message(role="user", content="Rate"),),
        sampling=Sampling(temperature=0.7, top_p=0.9, max_tokens=1, stop=("\n",), seed=100),
        replicate=3,
        top_logprobs=20,
        response_schema='{"type":"integer"}',
    )
    assert chat_body(call, 2) == {
        "messages": [{"role": "user", "content": "Rate"}],
        "temperature": 0.7,
        "top_p": 0.9,
        "top_k": 0,
        "min_p": 0.0,
        "max_tokens": 1,
        "seed": call.drawn_with,
        "id_slot": 2,
        "cache_prompt": True,
        "stop": ["\n"],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": {"type": "integer"}},
        },
        "logprobs": True,
        "top_logprobs": 20,
    }


def test_a_reply_of_another_form_is_an_error() -> None:
    with pytest.raises(ProviderError, match="cannot be read"):
        completion_of(b'{"choices": []}', "m@1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RefusedRequest), (401, RefusedRequest), (429, TransientError), (503, TransientError)],
)
def test_a_status_says_whether_another_attempt_helps(status: int, kind: type[ProviderError]) -> None:
    assert type(error_of(status, b"loading", "m@1")) is kind


def test_serving_without_slots_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 1 slot"):
        Embedded(Options(cache_dir=tmp_path), Serving(slots=0))


async def test_a_cassette_of_the_embedded_server_plays_with_no_server_and_no_file(
    provider: Embedded, tiny: LocalModel, tmp_path: Path
) -> None:
    calls = [call_to(tiny, f"Rate: save {n} hours", lane=f"lane-{n % 3}", seed=n) for n in range(6)]
    tape = tmp_path / "tiny.http.jsonl.zst"
    with recording(tape):
        live = await asyncio.gather(*(provider.complete(call) for call in calls))
    stand_in = recorded_embedded()
    with replaying(tape):
        played = await asyncio.gather(*(stand_in.complete(call) for call in reversed(calls)))
    await stand_in.close()
    assert played == live[::-1]


def test_an_embedded_name_gets_its_hash_from_the_catalogue(tiny: LocalModel) -> None:
    assert known_ref(ModelRef(provider="embedded", name="smollm2-135m")).name == tiny.name
    with pytest.raises(InputError, match="name it as NAME@HASH"):
        known_ref(ModelRef(provider="embedded", name="qwen3-4b"))
