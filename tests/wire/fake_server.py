"""A small OpenAI-compatible server on loopback that behaves as the requested model's name says."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from aiohttp import web
from pydantic import JsonValue, TypeAdapter

KEY = "right-key-1234567890"
ERRORS: dict[str, tuple[int, str, str]] = {
    "throttled": (429, "Rate limit reached", "rate_limit_exceeded"),
    "throttled-once": (429, "Rate limit reached", "rate_limit_exceeded"),
    "no-quota": (429, "You exceeded your current quota", "insufficient_quota"),
    "broken": (500, "The server had an error", "server_error"),
    "no-room": (503, "Try again later", "unavailable"),
    "no-room-529": (529, "Overloaded", "overloaded_error"),
    "unknown": (404, "The model `unknown` does not exist", "model_not_found"),
    "bad-parameter": (400, "temperature is not supported with this model", "unsupported_value"),
}
LIMITS = {"x-ratelimit-remaining-requests": "41"}
_BODY: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True)
class Seen:
    """A request that came in."""

    path: str
    model: str
    body: dict[str, JsonValue]
    text: str
    """The body as it came."""


Kind = Literal[
    "throttled", "throttled-for-a-while", "broken", "no-room", "cut", "slow", "truncated", "no-choices",
    "refusal", "off-schema",
]  # fmt: skip


class Weather(NamedTuple):
    """What happens to a share of all requests, whatever model they ask for."""

    kind: Kind
    share: float


@dataclass
class FakeServer:
    """Answers by the model's name: `ok`, `throttled`, `broken`, `refusal`, ... (see `ERRORS`, `_behave`)."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    weather: Weather | None = None
    dice: random.Random = field(default_factory=lambda: random.Random(11))

    def requests_to(self, model: str) -> list[Seen]:
        return [one for one in self.seen if one.model == model]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = _BODY.validate_python(json.loads(text))
        model = str(body["model"])
        self.seen.append(Seen(request.path, model, body, text))
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            given = request.headers.get("Authorization", "")
            return _error(401, f"Incorrect API key provided: {given}", "invalid_api_key")
        if model == "throttled-once" and len(self.requests_to(model)) > 1:
            model = "ok"
        if self.weather is not None and self.dice.random() < self.weather.share:
            kind = self.weather.kind
            return await _behave(kind, {**body, "model": kind}, request)
        if request.path.endswith("/embeddings"):
            return web.json_response(_embedding(body))
        return await _behave(model, body, request)


async def _behave(model: str, body: dict[str, JsonValue], request: web.Request) -> web.StreamResponse:
    if model in ERRORS:
        return _error(*ERRORS[model], retry_after="7" if ERRORS[model][0] == 429 else "")
    whole = _chat(body)
    match model:
        case "throttled-for-a-while":
            return _error(*ERRORS["throttled"], retry_after="0.05")
        case "plain":
            return web.Response(status=502, text="Bad gateway")
        case "elsewhere":
            return web.Response(status=307, headers={"Location": str(request.url)})
        case "slow":
            await asyncio.sleep(3)
        case "cut":
            if request.transport is not None:
                request.transport.close()
    return web.Response(body=_spoilt(model, whole), content_type="application/json", headers=LIMITS)


def _spoilt(model: str, whole: dict[str, JsonValue]) -> bytes:
    """The reply's body: as it should be, but for models that are named after what is wrong with it."""
    match model:
        case "not-json":
            return b"<html>gateway</html>"
        case "truncated":
            return json.dumps(whole)[:-40].encode()
        case "no-choices":
            return json.dumps({**whole, "choices": []}).encode()
        case "off-schema":
            return json.dumps({**whole, "choices": [{"text": "4"}]}).encode()
    return json.dumps(whole).encode()


def _chat(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    model = str(body["model"])
    text = '{"rating": 4}' if "response_format" in body else "4"
    if model == "by-seed":
        text = str(int(str(body["seed"])) % 5 + 1)
    message: dict[str, JsonValue] = {"role": "assistant", "content": text, "refusal": None}
    if model == "refusal":
        message |= {"content": None, "refusal": "I can't help with that."}
    reasons = {"filtered": "content_filter", "cut-off": "length"}
    choice: dict[str, JsonValue] = {
        "index": 0,
        "finish_reason": reasons.get(model, "stop"),
        "message": message,
        "logprobs": _logprobs() if "logprobs" in body else None,
    }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": f"{model}-2026",
        "choices": [choice],
        "usage": {
            "prompt_tokens": 12,
            "completion_tokens": 1,
            "total_tokens": 13,
            "prompt_tokens_details": {"cached_tokens": 8},
        },
    }


def _logprobs() -> JsonValue:
    top: list[JsonValue] = [
        {"token": "4", "logprob": -0.25, "bytes": [52]},
        {"token": "5", "logprob": -1.5, "bytes": [53]},
    ]
    return {
        "content": [{"token": "4", "logprob": -0.25, "bytes": [52], "top_logprobs": top}],
        "refusal": None,
    }


def _embedding(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    data: list[JsonValue] = [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}]
    return {
        "object": "list",
        "data": data,
        "model": str(body["model"]),
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }


def _error(status: int, message: str, code: str, *, retry_after: str = "") -> web.Response:
    headers = {**LIMITS, "Retry-After": retry_after} if retry_after else LIMITS
    told = {"error": {"message": message, "type": code, "code": code, "param": None}}
    return web.Response(
        status=status, text=json.dumps(told), content_type="application/json", headers=headers
    )


@contextmanager
def serving() -> Iterator[FakeServer]:
    """A running server in a thread and an event loop of its own."""
    server = FakeServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(server), loop).result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stop(runner), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(runner: web.AppRunner) -> None:
    """Closes the server and ends the answers that nobody waits for any more."""
    await runner.cleanup()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _start(server: FakeServer) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/v1/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    return runner
