"""What open streams of events cost: many readers of one run, and of many runs, on a server of their own.

    python -m benchmarks.streams [--streams 500] [--seconds 20]

`panelsim serve` runs without a worker on a store in a file, with runs that are queued; readers open streams
and wait. Prints a Markdown table: the server's CPU as a share of one core while the streams are open and
nothing happens, its memory before and with them, and the milliseconds until an event that is written to the
store has reached all readers of its run.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import aiohttp

from panelsim.model.progress import StateChanged
from panelsim.service.api_keys import create_key
from panelsim.service.workspace import open_workspace
from panelsim.settings import Settings
from panelsim.store import Store

TEST = {"variants": ["Forecast by Friday", "The future is here"], "model": "scripted/sensible", "n": 4}


class Cost(NamedTuple):
    """What so many streams cost."""

    streams: int
    runs: int
    cpu: float
    before_mb: float
    with_mb: float
    latency_ms: float


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    print("| streams | of runs | CPU, of a core | memory before | with them | an event reaches all in |")
    print("|---|---|---|---|---|---|")
    for runs in (1, 50):
        cost = measure(given.streams, runs, given.seconds)
        print(
            f"| {cost.streams} | {cost.runs} | {cost.cpu:.1%} | {cost.before_mb:.0f} MB "
            f"| {cost.with_mb:.0f} MB | {cost.latency_ms:.0f} ms |",
            flush=True,
        )


def measure(streams: int, runs: int, seconds: float) -> Cost:
    """The cost on a fresh server."""
    with tempfile.TemporaryDirectory() as folder:
        store, log = str(Path(folder) / "store.sqlite3"), Path(folder) / "log"
        with open_workspace(Settings(store=store)) as workspace:
            _, key = create_key(workspace.store, "reader", rpm=1_000_000)
            with log.open("w") as told:
                server = subprocess.Popen(
                    [sys.executable, "-m", "panelsim", "serve", "--port", "0", "--workers", "0"],
                    env=os.environ | {"PANELSIM_STORE": store},
                    stderr=told,
                    stdout=told,
                )
            try:
                reader = Readers(address(log), key, server.pid, workspace.store)
                return asyncio.run(reader.measure(streams, runs, seconds))
            finally:
                server.terminate()
                server.wait(30)


class Readers:
    """Readers of one server."""

    def __init__(self, url: str, key: str, pid: int, store: Store) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"}
        self._pid = pid
        self._store = store
        self._begun = 0
        self._heard = 0

    async def measure(self, streams: int, runs: int, seconds: float) -> Cost:
        """Opens streams, waits, writes an event."""
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            self._url, headers=self._headers, connector=connector, timeout=timeout
        ) as session:
            run_ids = []
            for _ in range(runs):
                async with session.post("/v1/message-tests", json=TEST) as answer:
                    run_ids.append((await answer.json())["id"])
            before_mb = memory(self._pid)
            readers = [asyncio.create_task(self._read(session, run_ids[n % runs])) for n in range(streams)]
            while self._begun < streams:  # noqa: ASYNC110 - a tenth of a second is near enough
                await asyncio.sleep(0.1)
            await asyncio.sleep(5)  # pollers slow down where nothing happens
            cpu, began = cpu_seconds(self._pid), time.monotonic()
            await asyncio.sleep(seconds)
            share = (cpu_seconds(self._pid) - cpu) / (time.monotonic() - began)
            with_mb = memory(self._pid)
            latency = [await self._latency(run_ids[0], -(-streams // runs)) for _ in range(5)]
            for one in readers:
                one.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        return Cost(streams, runs, share, before_mb, with_mb, sorted(latency)[2])

    async def _latency(self, run_id: str, n: int) -> float:
        self._heard = 0
        began = time.monotonic()
        await asyncio.to_thread(self._store.append_event, run_id, StateChanged(state="running"))
        while self._heard < n:  # noqa: ASYNC110 - 5 ms is near enough
            await asyncio.sleep(0.005)
        return (time.monotonic() - began) * 1000

    async def _read(self, session: aiohttp.ClientSession, run_id: str) -> None:
        async with session.get(f"/v1/runs/{run_id}/events") as answer:
            async for line in answer.content:
                if line.startswith(b"id: 2"):
                    self._begun += 1
                elif b'"running"' in line:
                    self._heard += 1


def address(log: Path) -> str:
    """Where the server listens."""
    for _ in range(1200):
        if found := re.findall(r"serves on (http://\S+)", log.read_text()):
            return str(found[0])
        time.sleep(0.1)
    raise RuntimeError(log.read_text())


def memory(pid: int) -> float:
    """Resident megabytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / 1024


def cpu_seconds(pid: int) -> float:
    """Of all threads so far."""
    fields: Sequence[str] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
