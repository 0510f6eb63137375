"""How the service holds up: many runs at once, many open event streams, and requests in between.

    python -m benchmarks.service_load [--runs 200] [--n 24] [--variants 5] [--streams 500] [--seconds 900]

Starts `panelsim serve` (a store in a file, one worker) on a free port of this machine, starts the runs with
scripted respondents, opens the streams, and measures `GET /v1/runs/{id}` every 20 ms while the runs go on.
Everything it started is stopped at the end. Prints a Markdown table; times are by the clock, so they mean
little on a machine that does something else.
"""

import argparse
import asyncio
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import aiohttp

from panelsim.service.api_keys import create_key
from panelsim.store import Store

STARTED_AT_ONCE = 8
PAUSE_S = 0.02


class Measured(NamedTuple):
    """Seconds of one kind of request."""

    name: str
    seconds: Sequence[float]

    def row(self) -> str:
        """The table's row: number, median, 95th and 99th percentile, largest; milliseconds."""
        ordered, last = sorted(self.seconds), len(self.seconds) - 1
        shown = [ordered[min(last, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99, 1.0)]
        cells = " | ".join(f"{one * 1000:.0f}" for one in shown)
        return f"| {self.name} | {len(ordered):,} | {cells} |"


async def load(url: str, headers: dict[str, str], options: argparse.Namespace) -> None:
    """Loads a server and prints what was measured."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=30)
    async with aiohttp.ClientSession(url, headers=headers, connector=connector, timeout=timeout) as session:
        began = time.perf_counter()
        runs, posts = await _start(session, options)
        started = time.perf_counter() - began
        streams = [
            asyncio.create_task(_listen(session, runs[place % len(runs)])) for place in range(options.streams)
        ]
        gets: list[float] = []
        watching = asyncio.create_task(_look(session, runs, gets))
        done = await _ended(session, len(runs), options.seconds)
        ran = time.perf_counter() - began
        watching.cancel()
        ended, _ = await asyncio.wait(streams, timeout=10) if streams else (set(), set())
        for stream in streams:
            stream.cancel()
        heard = [one.result() for one in ended if not one.cancelled() and one.exception() is None]
        whole = sum(1 for one in heard if one > 0)
        print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores\n")
        print("| request | number | median ms | p95 ms | p99 ms | largest ms |")
        print("|---|---|---|---|---|---|")
        print(Measured("`POST /v1/message-tests`", posts).row())
        print(Measured("`GET /v1/runs/{id}` while they run", gets).row())
        print(
            f"\n{len(runs)} runs of {options.n} respondents and {options.variants} variants: accepted in "
            f"{started:.0f} s; after {ran:.0f} s: {done}; {options.streams} streams were open, "
            f"{whole} of them heard the end of their run."
        )


async def _start(
    session: aiohttp.ClientSession, options: argparse.Namespace
) -> tuple[list[str], list[float]]:
    gate = asyncio.Semaphore(STARTED_AT_ONCE)
    seconds: list[float] = []

    async def start(number: int) -> str:
        texts = [f"Forecast {number} within {place}% by Friday" for place in range(options.variants)]
        body = {"variants": texts, "model": "scripted/sensible", "n": options.n, "seed": number}
        async with gate:
            began = time.perf_counter()
            async with session.post("/v1/message-tests", json=body) as answer:
                answer.raise_for_status()
                found = await answer.json()
            seconds.append(time.perf_counter() - began)
        return str(found["id"])

    return list(await asyncio.gather(*(start(number) for number in range(options.runs)))), seconds


async def _listen(session: aiohttp.ClientSession, run: str) -> int:
    """Hears a run's events until the last one; how many there were, 0 if the last one never came."""
    heard = 0
    async with session.get(f"/v1/runs/{run}/events") as stream:
        async for line in stream.content:
            if line.startswith(b"event:"):
                heard += 1
            if line.startswith(b"event: run.ended"):
                return heard
    return 0


async def _look(session: aiohttp.ClientSession, runs: Sequence[str], seconds: list[float]) -> None:
    place = 0
    while True:
        began = time.perf_counter()
        async with session.get(f"/v1/runs/{runs[place % len(runs)]}") as answer:
            answer.raise_for_status()
            await answer.read()
        seconds.append(time.perf_counter() - began)
        place += 1
        await asyncio.sleep(PAUSE_S)


async def _ended(session: aiohttp.ClientSession, wanted: int, seconds: float) -> str:
    """Waits until so many runs are done, or so long; their states."""
    until = time.monotonic() + seconds
    while True:
        async with session.get("/metrics") as answer:
            text = await answer.text()
        states = {
            state: int(float(n)) for state, n in re.findall(r'panelsim_runs\{state="(\w+)"\} (\S+)', text)
        }
        done = sum(n for state, n in states.items() if state not in ("queued", "running"))
        if done >= wanted or time.monotonic() > until:
            return ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
        await asyncio.sleep(1)


def main() -> None:
    """Runs the load."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--n", type=int, default=24)
    parser.add_argument("--variants", type=int, default=5)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=900.0, help="how long to watch at most")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, log = Path(folder) / "store.sqlite3", Path(folder) / "log"
        with Store.open(f"sqlite:///{store}") as opened:
            _, secret = create_key(opened, "load", scopes=("runs:read", "runs:write", "admin"), rpm=1_000_000)
        command = [sys.executable, "-m", "panelsim", "serve", "--port", "0"]
        with log.open("w") as told:
            environment = os.environ | {"PANELSIM_STORE": str(store)}
            server = subprocess.Popen(command, env=environment, stderr=told)
        try:
            for _ in range(300):
                found = re.search(r"serves on (http://\S+)", log.read_text())
                if found:
                    break
                time.sleep(0.1)
            else:
                raise SystemExit(f"the server did not start: {log.read_text()}")
            asyncio.run(load(found[1], {"Authorization": f"Bearer {secret}"}, options))
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
