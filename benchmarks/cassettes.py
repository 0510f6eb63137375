"""How fast recordings play: HTTP cassettes and recorded calls of 500, 5,000 and 10,000 interactions.

    python -m benchmarks.cassettes [--sizes 500 5000 10000]

A server on loopback answers calls of the size of a rating (2,000 characters, 20 log-probabilities); they are
recorded, then asked again with the network off, 64 at once. Prints a Markdown table: size on disk, seconds to
load, and interactions a second for cassettes (over aiohttp and through the openai SDK) and for calls; in
brackets in a second of one core, which other work on the machine changes little.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from pydantic import JsonValue, SecretStr

from panelsim.model.call import Call, ChatCall, Completion, Message, ModelRef, Sampling, TokenLogprob
from panelsim.providers import Complete, Options, open_provider
from panelsim.providers.base import Transport
from panelsim.recording.calls import RecordedCalls, write_calls
from panelsim.recording.cassette import recording, replaying

URL = "http://127.0.0.1:{port}/v1"
CARD = " ".join(f"Fact {number} about the buyer is told in a sentence." for number in range(40))
AT_ONCE = 64


class Took(NamedTuple):
    """What it took to make some calls."""

    seconds: float
    cpu_seconds: float

    def rate(self, n: int) -> str:
        """Calls in a second, and in a second of one core."""
        return f"{n / self.seconds:,.0f} ({n / self.cpu_seconds:,.0f})"


def calls_of(n: int, port: int) -> list[Call]:
    """`n` calls: 25 respondents, each a long card and questions of its own."""
    model = ModelRef(provider="openai", name="fake", base_url=URL.format(port=port))
    return [
        ChatCall(
            model=model,
            messages=(
                Message(role="system", content=f"Buyer {at % 25}. {CARD}"),
                Message(role="user", content=f"How relevant is headline {at // 25}? One digit:"),
            ),
            sampling=Sampling(max_tokens=1, seed=7),
            top_logprobs=20,
        )
        for at in range(n)
    ]


def logprobs_of(text: str) -> list[tuple[str, float]]:
    dice = random.Random(text)
    return [(str(place), -abs(dice.gauss(0, 4))) for place in range(20)]


async def answer(request: web.Request) -> web.Response:
    """A rating with its alternatives, made from the request alone."""
    asked = await request.json()
    top: list[JsonValue] = [
        {"token": t, "logprob": p, "bytes": [49]} for t, p in logprobs_of(json.dumps(asked))
    ]
    place: JsonValue = {"token": "4", "logprob": -0.3, "bytes": [52], "top_logprobs": top}
    return web.json_response(
        {
            "id": "1",
            "created": 1,
            "model": "fake",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": "4"},
                    "logprobs": {"content": [place]},
                }
            ],
            "usage": {"prompt_tokens": 500, "completion_tokens": 1, "total_tokens": 501},
        }
    )


async def ask_all(calls: Sequence[Call], complete: Complete) -> Took:
    """Makes all calls, AT_ONCE at a time."""
    waiting = iter(calls)

    async def work() -> None:
        for call in waiting:
            await complete(call)

    began, worked = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    return Took(time.perf_counter() - began, time.process_time() - worked)


async def ask_over(calls: Sequence[Call], transport: Transport) -> Took:
    options = Options(cache_dir=Path(), openai_api_key=SecretStr("none"), transport=transport)
    provider = open_provider("openai", options)
    try:
        return await ask_all(calls, provider.complete)
    finally:
        await provider.close()


async def record(n: int) -> None:
    """Records `n` interactions with a server of our own."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await ask_over(calls_of(n, int(runner.addresses[0][1])), "aiohttp")
    await runner.cleanup()


def cassette(n: int, folder: Path) -> list[str]:
    """The cells of one size: bytes, seconds to load, rates over both transports."""
    path = folder / f"{n}.http.jsonl.zst"
    with recording(path):
        asyncio.run(record(n))
    calls, rates, loads = calls_of(n, 1), [], []
    for transport in ("aiohttp", "sdk"):
        began = time.perf_counter()
        with replaying(path):
            loads.append(time.perf_counter() - began)
            rates.append(asyncio.run(ask_over(calls, transport)).rate(n))
    return [f"{path.stat().st_size / 1e6:.2f} MB", f"{min(loads):.2f}", *rates]


def recorded_calls(n: int, folder: Path) -> list[str]:
    """The cells of one size: bytes, seconds to load, rate."""
    path = folder / f"{n}.calls.jsonl.zst"
    said = [
        (
            call,
            Completion(
                text="4", logprobs=(TokenLogprob(token="4", logprob=-0.3, top=tuple(logprobs_of(call.key))),)
            ),
        )
        for call in calls_of(n, 1)
    ]
    write_calls(path, said)
    began = time.perf_counter()
    calls = RecordedCalls(path)
    load = time.perf_counter() - began
    rate = asyncio.run(ask_all(calls_of(n, 1), calls.complete)).rate(n)
    calls.check()
    return [f"{path.stat().st_size / 1e6:.2f} MB", f"{load:.2f}", rate]


def main() -> None:
    """Measures every size and prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[500, 5_000, 10_000])
    heads = [
        "interactions",
        "cassette",
        "load, s",
        "a second (aiohttp)",
        "(SDK)",
        "calls file",
        "load, s",
        "a second",
    ]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    with tempfile.TemporaryDirectory() as folder:
        for n in options.parse_args().sizes:
            cells = [f"{n:,}", *cassette(n, Path(folder)), *recorded_calls(n, Path(folder))]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
