"""A study in bad weather: what a whole run makes of a server that throttles, breaks, cuts, stalls or garbles.

    python -m benchmarks.weather [--respondents 200] [--only NAME ...]

Each weather happens to a share of all requests at random, whatever the load. A headline test of two headlines
on five measures is run through the product's own path against a server in a process of its own (20 ms an
answer), at most 100 calls at once, with a time-out of one second. One JSON line for each weather: answers
planned, done and missing with their reasons, requests sent, the most for one call, seconds, and how the run
ended.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from typing import NamedTuple

import orjson
from aiohttp import web
from benchmarks.server import chat_reply
from benchmarks.studies import MEASURES, ratings

LATENCY_S = 0.02
AT_ONCE = 100


class Weather(NamedTuple):
    """What happens to a share of all requests."""

    kind: str
    share: float
    retry_after: str = ""


WEATHERS = {
    "clear": Weather("ok", 0.0),
    "429 30%": Weather("429", 0.3),
    "429 60%": Weather("429", 0.6),
    "429 90%": Weather("429", 0.9),
    "429 60% retry-after": Weather("429", 0.6, "0.2"),
    "429 90% retry-after": Weather("429", 0.9, "0.2"),
    "503 60%": Weather("503", 0.6),
    "500 60%": Weather("500", 0.6),
    "cut 30%": Weather("cut", 0.3),
    "stall 10%": Weather("stall", 0.1),
    "truncated 30%": Weather("truncated", 0.3),
    "no choices 30%": Weather("empty", 0.3),
    "refusal 30%": Weather("refusal", 0.3),
    "off schema 30%": Weather("off schema", 0.3),
    "down": Weather("500", 1.0),
}


def serve(weather: Weather, pipe: Connection) -> None:
    """Serves until the other end of `pipe` asks for the counters: requests, and the most for one call."""
    asked: Counter[bytes] = Counter()
    dice = random.Random(5)

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked[body] += 1
        strikes = dice.random() < weather.share
        if strikes and weather.kind.isdigit():
            headers = {"Retry-After": weather.retry_after} if weather.retry_after else {}
            told = {"error": {"message": "not now", "code": weather.kind}}
            return web.json_response(told, status=int(weather.kind), headers=headers)
        await asyncio.sleep(LATENCY_S)
        whole = chat_reply(orjson.loads(body), body)
        if strikes:
            return await spoil(weather.kind, request, whole)
        return web.Response(body=whole, content_type="application/json")

    async def run() -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.to_thread(pipe.recv)
        pipe.send((asked.total(), max(asked.values(), default=0)))

    asyncio.run(run())


async def spoil(kind: str, request: web.Request, whole: bytes) -> web.StreamResponse:
    """The reply to a request that the weather strikes, after it was served."""
    reply = orjson.loads(whole)
    match kind:
        case "cut":
            if request.transport is not None:
                request.transport.close()
        case "stall":
            await asyncio.sleep(5)
        case "truncated":
            return web.Response(body=whole[:-30], content_type="application/json")
        case "empty":
            reply["choices"] = []
        case "refusal":
            reply["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "I cannot."}
        case "off schema":
            reply["choices"] = [{"text": "4"}]
    return web.json_response(reply)


def run_study(respondents: int, base_url: str) -> dict[str, object]:
    """How a run of the study ended."""
    from panelsim.errors import PanelsimError
    from panelsim.model.progress import Progress
    from panelsim.service.prepare import prepare
    from panelsim.service.run import execute, new_run
    from panelsim.service.workspace import open_workspace
    from panelsim.settings import Settings

    last = [Progress()]

    def hear(event: object) -> None:
        if (progress := getattr(event, "progress", None)) is not None:
            last[0] = progress

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=f"{folder}/store.sqlite3", at_once=AT_ONCE, timeout_s=1.0)
        with open_workspace(settings) as workspace:
            job = prepare(ratings(2 * respondents, base_url), workspace)
            run = new_run(job, workspace)
            ended = ""
            began = time.perf_counter()
            try:
                execute(job, run, workspace, hear)
            except PanelsimError as error:
                ended = f"{type(error).__name__}: {error}"
            seconds = time.perf_counter() - began
            reasons = Counter(
                failure.reason.partition(";")[0] for failure in workspace.store.failures(run.id)
            )
            return {
                "planned": len(MEASURES) * last[0].sessions,
                "answered": last[0].answered,
                "sessions_done": last[0].done,
                "sessions_failed": last[0].failed,
                "missing": last[0].missing,
                "reasons": dict(reasons.most_common(3)),
                "waits": last[0].waits,
                "seconds": round(seconds, 2),
                "state": workspace.store.run(run.id).state,
                "raised": ended,
            }


def case(name: str, respondents: int) -> dict[str, object]:
    """One weather, as it is printed."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(WEATHERS[name], there))
    server.start()
    try:
        line = run_study(respondents, f"http://127.0.0.1:{here.recv()}/v1")
        here.send("done")
        requests, most = here.recv()
    finally:
        server.terminate()
        server.join()
    return {"weather": name, "requests": requests, "most_for_one_call": most, **line}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--respondents", type=int, default=200)
    parser.add_argument("--only", nargs="*", choices=WEATHERS, default=list(WEATHERS))
    options = parser.parse_args()
    for name in options.only:
        print(json.dumps(case(name, options.respondents)), flush=True)


if __name__ == "__main__":
    main()
