"""Cassettes: recorded over HTTP, played back with the network off, each call by its own body."""

import asyncio
import json
import socket
from collections.abc import Iterable
from pathlib import Path

import aiohttp
import orjson
import pytest
import vcr
import zstandard
from aiohttp import web
from pydantic import SecretStr

from panelsim.errors import InputError, NotRecorded, TransientError
from panelsim.model.call import Call, ChatCall, Completion, Message, ModelRef, Sampling
from panelsim.providers import Options, open_provider
from panelsim.providers.base import Transport
from panelsim.recording.cassette import about, recording, replaying
from panelsim.recording.files import read_lines
from panelsim.recording.wire import canonical_body
from tests.wire.fake_server import KEY, serving

NOWHERE = "http://127.0.0.1:1/v1"
PLANTED = "sk-planted-secret-0123456789"
ORGANISATION = "org-Planted0123456789"


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "by-seed.http.jsonl.zst"


def call(base_url: str, replicate: int, text: str = "One digit:", model: str = "by-seed") -> ChatCall:
    return ChatCall(
        model=ModelRef(provider="openai", name=model, base_url=base_url),
        messages=(Message(role="user", content=text),),
        sampling=Sampling(max_tokens=1, seed=40),
        replicate=replicate,
    )


async def said_to(calls: Iterable[Call], transport: Transport = "aiohttp") -> list[Completion]:
    """Asks all at the same time."""
    options = Options(cache_dir=Path(), openai_api_key=SecretStr(KEY), transport=transport)
    provider = open_provider("openai", options)
    try:
        return list(await asyncio.gather(*(provider.complete(one) for one in calls)))
    finally:
        await provider.close()


def recorded(tape: Path, n: int = 4, transport: Transport = "aiohttp") -> None:
    with serving() as server, recording(tape, {"model": "by-seed"}):
        asyncio.run(said_to((call(server.url, replicate) for replicate in range(n)), transport))


@pytest.mark.parametrize("transport", ["aiohttp", "sdk"])
def test_replicates_asked_at_once_get_their_own_answers_in_any_order(
    tape: Path, transport: Transport
) -> None:
    recorded(tape, 4, transport)
    with replaying(tape) as cassette:
        said = asyncio.run(said_to((call(NOWHERE, replicate) for replicate in (3, 0, 2, 1)), transport))
        assert cassette.all_played
    assert [one.text for one in said] == ["4", "1", "3", "2"]  # (seed 40 + replicate) mod 5 + 1
    assert about(tape) == {"model": "by-seed"}


def test_a_recording_made_through_the_sdk_plays_to_the_other_transport(tape: Path) -> None:
    recorded(tape, 2, "sdk")
    with replaying(tape):
        assert [one.text for one in asyncio.run(said_to(call(NOWHERE, one) for one in (1, 0)))] == ["2", "1"]


def test_a_call_that_was_not_recorded_is_refused_with_the_nearest_ones_difference(tape: Path) -> None:
    recorded(tape)
    with pytest.raises(NotRecorded) as refused, replaying(tape):
        asyncio.run(said_to([call(NOWHERE, 2, "Two digits:")]))
    text = str(refused.value)
    assert "was asked and not recorded" in text
    assert "-messages[0].content: 'One digit:'" in text
    assert "+messages[0].content: 'Two digits:'" in text
    assert "+seed" not in text  # the nearest is the one with the same seed


def test_a_missing_call_fails_the_block_though_a_client_swallowed_it(tape: Path) -> None:
    recorded(tape)

    def swallowed() -> None:
        with replaying(tape), pytest.raises((NotRecorded, TransientError)):
            asyncio.run(said_to([call(NOWHERE, 9)], "sdk"))

    with pytest.raises(NotRecorded, match="not recorded"):
        swallowed()


def test_a_recorded_call_that_nobody_asks_fails_the_block(tape: Path) -> None:
    recorded(tape)
    with pytest.raises(NotRecorded, match="1 of 4 recorded requests") as refused, replaying(tape):
        asyncio.run(said_to(call(NOWHERE, replicate) for replicate in (0, 1, 2)))
    assert "+seed: 43" in str(refused.value)


def test_a_call_recorded_once_cannot_be_asked_twice(tape: Path) -> None:
    recorded(tape, 1)
    with pytest.raises(NotRecorded, match="recorded once and is asked once more"), replaying(tape):
        asyncio.run(said_to([call(NOWHERE, 0), call(NOWHERE, 0)]))


def test_equal_requests_get_their_answers_in_the_order_they_were_recorded(tape: Path) -> None:
    with serving() as server, recording(tape):
        asyncio.run(said_to([call(server.url, 0), call(server.url, 0)]))
    with replaying(tape) as cassette:
        assert len(asyncio.run(said_to([call(NOWHERE, 0), call(NOWHERE, 0)]))) == len(cassette)


def test_equal_traffic_gives_equal_bytes_whatever_its_order(tmp_path: Path) -> None:
    places = [tmp_path / f"{name}.http.jsonl.zst" for name in ("one", "other")]
    for place, order in zip(places, ((0, 1, 2), (2, 1, 0)), strict=True):
        with serving() as server, recording(place, {"model": "by-seed"}):
            asyncio.run(said_to(call(server.url, replicate) for replicate in order))
    assert places[0].read_bytes() == places[1].read_bytes()


def test_the_network_is_off_while_a_cassette_plays(tape: Path) -> None:
    recorded(tape, 1)
    with pytest.raises(NotRecorded, match=r"socket\.getaddrinfo"), replaying(tape):
        socket.create_connection(("127.0.0.1", 9), timeout=0.1)


def test_a_failed_recording_leaves_the_earlier_one_as_it_was(tape: Path) -> None:
    recorded(tape)
    before = tape.read_bytes()

    def cut_short() -> None:
        with serving() as server, recording(tape):
            asyncio.run(said_to([call(server.url, 8)]))
            raise RuntimeError("cut short")

    with pytest.raises(RuntimeError, match="cut short"):
        cut_short()
    assert tape.read_bytes() == before
    assert list(tape.parent.glob("*.zst")) == [tape]


def test_a_cassette_that_is_not_there_or_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no cassette"), replaying(tmp_path / "none.jsonl"):
        pass
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"kind":"store"}\n')
    with pytest.raises(InputError, match="is not a cassette of format 1"), replaying(wrong):
        pass


def test_attempts_that_are_made_again_are_not_kept(tape: Path) -> None:
    with serving() as server, recording(tape):
        with pytest.raises(TransientError):
            asyncio.run(said_to([call(server.url, 0, model="throttled-once")]))
        asyncio.run(said_to([call(server.url, 0, model="throttled-once")]))
    with replaying(tape) as cassette:
        assert len(cassette) == 1
        assert asyncio.run(said_to([call(NOWHERE, 0, model="throttled-once")]))[0].text == "4"


# ---- what never reaches the file


async def _tell_all(url: str) -> bytes:
    body = {"model": "m", "messages": [], "user": PLANTED, "api_key": PLANTED, "organization": ORGANISATION}
    headers = {"Authorization": f"Bearer {PLANTED}", "OpenAI-Organization": ORGANISATION, "Cookie": PLANTED}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}?api-key={PLANTED}", json=body, headers=headers) as reply,
    ):
        return await reply.read()


async def _echo(request: web.Request) -> web.Response:
    """A server that repeats everything it should not."""
    told = {"id": "1", "said": f"key {PLANTED} of {ORGANISATION}", "headers": dict(request.headers)}
    return web.json_response(told, headers={"Set-Cookie": PLANTED, "OpenAI-Organization": ORGANISATION})


def test_no_key_cookie_or_organisation_reaches_the_file(tape: Path) -> None:
    async def traffic() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", _echo)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        await _tell_all(f"http://{host}:{port}/v1/chat/completions")
        await runner.cleanup()

    with recording(tape):
        asyncio.run(traffic())
    text = zstandard.ZstdDecompressor().decompress(tape.read_bytes(), max_output_size=1_000_000)
    assert b"chat/completions" in text
    for secret in (PLANTED, ORGANISATION, "planted", "uthorization: ", "127.0.0.1:", "api-key"):
        assert secret.encode() not in text.replace(b'\\"Host\\":\\"127.0.0.1:', b"")
    with replaying(tape):
        told = orjson.loads(asyncio.run(_tell_all("http://127.0.0.1:1/v1/chat/completions")))
    assert told["said"] == "key *** of ***"


@pytest.mark.parametrize(
    "secret",
    [
        "sk-Abcdefgh12", "pk-Abcdefgh12", "rk-Abcdefgh12", "key-Abcdefgh12", "org-Abcdef1", "proj_Abcdef1",
        "gsk_Abcdefgh12", "hf_Abcdefgh12", "xai-Abcdefgh12", "ghp_Abcdefgh12", "AIzaAbcdefgh12",
        "AKIAABCDEFGH12", "Bearer ey.Abcdefgh12",
    ],
)  # fmt: skip
def test_every_kind_of_key_is_masked_wherever_it_stands(secret: str) -> None:
    lines = f"In a line of its own:\n{secret}\n\t{secret}"
    body = {"messages": [{"content": f"A risk-free desk-lamp, {secret}! {lines}"}]}
    kept = canonical_body(body)
    assert secret.encode() not in kept
    assert b"A risk-free desk-lamp, ***!" in kept
    odd = canonical_body({"content": f"half an emoji \ud83d{secret}"})  # which is written with escapes
    assert secret.encode() not in odd


def test_words_that_only_begin_like_a_key_are_kept_as_they_were_said() -> None:
    said = "Our org-structure: key-stakeholders of a risk-averse org-chart, sk-etc."
    assert said.encode() in canonical_body({"content": said})


# ---- streams


def test_a_streamed_reply_is_recorded_and_streamed_again(tape: Path) -> None:
    pieces = [b'data: {"n": 1}\n\n', b'data: {"n": 2}\n\n', b"data: [DONE]\n\n"]

    async def stream(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await reply.prepare(request)
        for piece in pieces:
            await reply.write(piece)
        return reply

    async def heard(url: str) -> list[bytes]:
        async with aiohttp.ClientSession() as http, http.post(url, json={"stream": True}) as reply:
            assert reply.headers["content-type"] == "text/event-stream"
            return [line async for line in reply.content if line.strip()]

    async def traffic() -> list[bytes]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", stream)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        try:
            return await heard(f"http://{host}:{port}/v1/chat/completions")
        finally:
            await runner.cleanup()

    with recording(tape):
        live = asyncio.run(traffic())
    with replaying(tape):
        assert asyncio.run(heard("http://127.0.0.1:1/v1/chat/completions")) == live
    assert [json.loads(line.removeprefix(b"data: ")) for line in live[:2]] == [{"n": 1}, {"n": 2}]


def test_lines_of_a_cassette_are_in_the_order_of_their_bodies(tape: Path) -> None:
    recorded(tape)
    asked = [orjson.loads(line)["asked"] for line in list(read_lines(tape))[1:]]
    assert asked == sorted(asked)
    assert vcr.mode.NONE.value == "none"
