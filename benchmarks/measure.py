"""What all benchmarks share: the model server beside them, child processes, and what a run uses."""

import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).resolve().parents[1]
BEGAN = float(os.environ.get("BENCHMARK_BEGAN", time.time()))
Line: TypeAlias = dict[str, object]
"""One case, as it is printed."""


class Server(NamedTuple):
    """A model server on loopback, and its latency in milliseconds."""

    port: int
    latency_ms: float

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, int]:
        """Its counters since the start, or since `reset`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=10) as reply:
            counts: dict[str, int] = json.load(reply)
        return counts

    def reset(self) -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/reset", method="POST")
        urllib.request.urlopen(request, timeout=10).close()


@contextmanager
def model_server(latency_ms: float, *, processes: int = 1, ledger: bool = False) -> Iterator[Server]:
    """A `benchmarks.server` in processes of its own, stopped on leaving."""
    command = [sys.executable, "-m", "benchmarks.server", "--latency-ms", str(latency_ms)]
    command += ["--processes", str(processes), *(["--ledger"] if ledger else [])]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield Server(json.loads(child.stdout.readline())["port"], latency_ms)
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.wait(timeout=10)


def run_child(module: str, *arguments: str, env: Mapping[str, str], python: str = sys.executable) -> Line:
    """The JSON line that `python -m MODULE ARGUMENTS` prints last, from a process of its own.

    Raises RuntimeError, with what it wrote to the terminal, if it fails.
    """
    done = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "BENCHMARK_BEGAN": str(time.time()), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    line: Line = json.loads(done.stdout.strip().rpartition("\n")[2])
    return line


def since_start() -> float:
    """Seconds since this process was started by `run_child`, its interpreter included."""
    return time.time() - BEGAN


# ---- the machine


def machine() -> Line:
    """What the figures of a line depend on."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cpu": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "commit": _commit(),
        "load": round(os.getloadavg()[0], 2),
    }


def versions(*packages: str) -> dict[str, str]:
    """The installed versions; a package that is not there is left out."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _first(path: str, field: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


# ---- this process


def memory_mb(field: str = "VmRSS") -> float:
    """Resident memory now, or its peak (`VmHWM`), in MB of 1,000,000 bytes; 0 where it cannot be read."""
    text = _first("/proc/self/status", field)
    return round(int(text.split()[0]) * 1.024 / 1000, 1) if text else 0.0


def written_mb() -> dict[str, float]:
    """MB handed to the system by `write`, and MB of it that went to the disk."""
    return {
        "written_mb": round(int(_first("/proc/self/io", "wchar") or 0) / 1e6, 2),
        "to_disk_mb": round(int(_first("/proc/self/io", "write_bytes") or 0) / 1e6, 2),
    }


def waited_s() -> float:
    """Seconds that the main thread was ready to run and had no core: the wall time that others cost us."""
    try:
        return int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


def folder_mb(folder: Path) -> float:
    """MB of all files in `folder`."""
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 2)


def store_env(folder: Path, at_once: int) -> dict[str, str]:
    """The environment of a run that keeps its store in `folder` and knows nothing of this user's settings."""
    return {
        "PANELSIM_STORE": f"sqlite:///{folder / 'store.sqlite3'}",
        "PANELSIM_HOME": str(folder / "home"),
        "PANELSIM_AT_ONCE": str(at_once),
        "OPENAI_API_KEY": "",
    }
