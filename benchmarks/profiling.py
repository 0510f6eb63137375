"""Where panelsim's CPU goes: a run sampled by py-spy, its samples sorted by layer. Prints Markdown and JSON.

    pip install py-spy
    python -m benchmarks.profiling [--kind interview] [--sessions 3000] [--warm] [--rate 200]

The run is that of `benchmarks.engine`, in a fresh process, with its imports and without its report. A sample
belongs to the innermost frame that one of the layers below knows: the time that sqlite spends for the store
is the store's, and pydantic's time is that of whoever makes the noun. `ms an answer` is the layer's part of
the CPU time that the same run took; py-spy itself takes some of the other core. The last table holds the
functions with most samples of their own. (Not named `profile`, which is a module of Python's own.)
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ROOT, Line, machine, model_server, store_env

LAYERS = {
    "import": ("<frozen importlib",),
    "keys": ("panelsim/keys.py", "panelsim/model/call.py"),
    "provider JSON": ("panelsim/providers/openai_form.py", "panelsim/providers/mishaps.py"),
    "limits, budget, retry": (
        *(f"panelsim/providers/{name}" for name in ("wrappers", "limit", "rate", "fair_", "width", "prices")),
        *(f"panelsim/providers/{name}" for name in ("line", "budget", "cache.", "clock", "hooks", "retry")),
        "tenacity/",
    ),
    "transport": (
        *("panelsim/providers/", "aiohttp/", "openai/", "httpx2/", "httpcore", "yarl/", "multidict/"),
        *("aiohappyeyeballs/", "asyncio/streams", "asyncio/selector_events", "asyncio/transports"),
    ),
    "store": ("panelsim/store/", "sqlalchemy/", "sqlite3/", "zstandard/", "alembic/", "filelock/"),
    "parse": ("panelsim/questions/",),
    "render": ("panelsim/prompts.py", "jinja2/", "panelsim/sessions/", "panelsim/scorers/"),
    "drive": ("panelsim/execution/", "panelsim/script", "panelsim/service/", "panelsim/telemetry/"),
    "plan and draw": (
        "panelsim/planning/",
        "panelsim/traits/",
        "panelsim/files/",
        "panelsim/model/",
        "yaml/",
    ),
    "event loop": ("asyncio/", "uvloop/", "threading.py", "concurrent/"),
}
"""Layer to the beginnings of file names that are its own; the first layer that knows a frame has it."""
OTHER = "other"
WAITS = (
    ("_worker", "concurrent/futures/thread.py"),
    ("Condition.wait", "threading.py"),
    ("wait", "threading.py"),
    ("Writer._batches", "panelsim/store/writer.py"),
)
"""Innermost frames of threads that wait, which py-spy takes for busy where it cannot see the kernel."""
FRAME = re.compile(r"^(?P<function>.*) \((?P<file>.*?)(?::\d+)?\)$")
SHOWN = 25
"""Functions in the last table."""


class Profile(NamedTuple):
    """Samples by layer and by function, and the CPU seconds and answers of the run."""

    layers: Counter[str]
    functions: Counter[tuple[str, str]]
    """(layer, `function file`) to samples whose innermost frame it is."""
    figures: Line


def frames(stack: str) -> list[tuple[str, str]]:
    """Function and file of each frame of a collapsed stack, outermost first."""
    found = (FRAME.match(frame) for frame in stack.split(";"))
    return [(match["function"], match["file"]) for match in found if match]


def layer_of(stack: list[tuple[str, str]]) -> str:
    """The layer a sample belongs to."""
    if any(file.startswith(LAYERS["import"]) for _, file in stack):
        return "import"
    for _, file in reversed(stack):
        for layer, beginnings in LAYERS.items():
            if file.startswith(beginnings):
                return layer
    return OTHER


def sample(kind: str, sessions: int, latency_ms: float, at_once: int, *, warm: bool, rate: int) -> Profile:
    """A run under py-spy; with `warm`, the second run of the same study. Raises RuntimeError if it fails."""
    with model_server(latency_ms) as server, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.engine", "--brief"]
        command += ["--child", kind, str(sessions), server.base_url]
        out = Path(folder) / "samples.txt"
        spy = ["py-spy", "record", "-f", "raw", "-r", str(rate), "-o", str(out), "--", *command]
        env = {**os.environ, **store_env(Path(folder), at_once)}
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        for part in ([command] if warm else []) + [spy]:
            env["BENCHMARK_BEGAN"] = str(time.time())
            done = subprocess.run(part, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{part[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        figures = next(json.loads(row) for row in done.stdout.splitlines() if row.startswith("{"))
        return counted(out.read_text(encoding="utf-8").splitlines(), figures)


def counted(rows: list[str], figures: Line) -> Profile:
    layers: Counter[str] = Counter()
    functions: Counter[tuple[str, str]] = Counter()
    for row in rows:
        text, _, times = row.rpartition(" ")
        stack = frames(text)
        if not stack or stack[-1] in WAITS:
            continue
        layer = layer_of(stack)
        layers[layer] += int(times)
        function, file = stack[-1]
        functions[layer, f"`{function}` {file}"] += int(times)
    return Profile(layers, functions, figures)


def markdown(profile: Profile) -> Iterator[str]:
    """The two tables."""
    whole = sum(profile.layers.values())
    each = float(str(profile.figures["cpu_ms_per_answer"])) / whole
    yield "| layer | samples | part | ms an answer |\n|---|---|---|---|"
    for layer, times in profile.layers.most_common():
        yield f"| {layer} | {times:,} | {times / whole:.0%} | {times * each:.3f} |"
    yield f"| all | {whole:,} | 100% | {whole * each:.3f} |"
    yield "\n| function | layer | part | ms an answer |\n|---|---|---|---|"
    for (layer, name), times in profile.functions.most_common(SHOWN):
        yield f"| {name} | {layer} | {times / whole:.1%} | {times * each:.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=("interview", "ratings"), default="interview")
    parser.add_argument("--sessions", type=int, default=3000)
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--at-once", type=int, default=400)
    parser.add_argument("--warm", action="store_true", help="sample the second run, from the store")
    parser.add_argument("--rate", type=int, default=200, help="samples a second")
    args = parser.parse_args()
    profile = sample(args.kind, args.sessions, args.latency_ms, args.at_once, warm=args.warm, rate=args.rate)
    print("\n".join(markdown(profile)))
    shares = dict(profile.layers.most_common())
    case = {"kind": args.kind, "sessions": args.sessions, "warm": args.warm}
    print(json.dumps({"what": "profile", **case, "samples": shares, **profile.figures, **machine()}))


if __name__ == "__main__":
    main()
