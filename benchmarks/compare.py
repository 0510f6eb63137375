"""panelsim and EDSL on the same work, in turn, on one model server. Prints JSON lines, then a Markdown table.

    python -m venv /tmp/edsl && /tmp/edsl/bin/pip install edsl==1.0.9 'openai[aiohttp]'
    python -m benchmarks.compare --python /tmp/edsl/bin/python [--sizes 500 1000] [--rounds 2] [--lines FILE]

In every round and for every size the two take turns, each in a fresh process; the table holds the medians.
Buyers and questions are the same texts, the prompts around them are each library's own: `request KB` says
what was sent. `--lines FILE` adds the table's lines to a file, and `--table FILE` prints the table of such a
file and asks nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.engine import Case, ask_case
from benchmarks.measure import ROOT, Line, Server, machine, model_server
from benchmarks.studies import told_of


class Peer(NamedTuple):
    """EDSL in an interpreter of its own."""

    python: str
    again: bool = False
    """Whether each case is run once more from its cache."""

    def ask_case(self, case: Case, server: Server, folder: Path) -> Line:
        """The line of `case`, as `benchmarks.engine` prints its own."""
        server.reset()
        buyers, questions = told_of(case.kind, case.sessions)
        given = {"questions": questions, "buyers": buyers}
        asked = {"kind": case.kind, "base_url": server.base_url, "at_once": case.at_once, "given": given}
        asked["again"] = self.again
        done = subprocess.run(
            [self.python, str(ROOT / "benchmarks" / "peer_edsl.py"), "--child"],
            cwd=folder,
            input=json.dumps(asked),
            env={**os.environ, "BENCHMARK_BEGAN": str(time.time())},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"EDSL ended with {done.returncode}:\n{done.stderr[-4000:]}")
        stats = server.stats()
        return {
            "what": "edsl",
            "kind": case.kind,
            "sessions": case.sessions,
            "latency_ms": case.latency_ms,
            "at_once": case.at_once,
            "warm": False,
            **json.loads(done.stdout.strip().rpartition("\n")[2]),
            "requests": stats["requests"],
            "peak_in_flight": stats["peak"],
            "request_kb": round(stats["bytes_in"] / 1e3 / max(1, stats["requests"]), 2),
            "ideal_s": round(stats["requests"] * case.latency_ms / 1000 / case.at_once, 2),
            **machine(),
        }


COLUMNS = {
    "whole, s": ("whole_s", "{:.1f}"),
    "asking, s": ("execute_s", "{:.1f}"),
    "ideal, s": ("ideal_s", "{:.1f}"),
    "answers/s": ("answers_per_s", "{:,.0f}"),
    "CPU ms/answer": ("cpu_ms_per_answer", "{:.2f}"),
    "memory, MB": ("rss_peak_mb", "{:.0f}"),
    "disk, MB": ("kept_mb", "{:.1f}"),
    "requests": ("requests", "{:,.0f}"),
    "in flight": ("peak_in_flight", "{:.0f}"),
    "request KB": ("request_kb", "{:.1f}"),
}


def table(lines: Iterable[Line]) -> str:
    """Medians over the rounds, as a Markdown table in the order of the lines."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[_work(line), str(line["what"])].append(line)
    heads = ("work", "by", "rounds", *COLUMNS)
    rows = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for (work, what), group in groups.items():
        cells = [
            form.format(statistics.median(float(str(line[key])) for line in group))
            for key, form in COLUMNS.values()
        ]
        rows.append(f"| {' | '.join((work, what, str(len(group)), *cells))} |")
    return "\n".join(rows)


def _work(line: Line) -> str:
    size, latency = int(str(line["sessions"])), float(str(line["latency_ms"]))
    return f"{line['kind']}, {size:,} x 5, {latency:g} ms{', again' if line['warm'] else ''}"


def _in_turn(case: Case, server: Server, peer: Peer) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        yield from ask_case(case, server, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield peer.ask_case(case, server, Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", help="interpreter of an environment with edsl")
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000])
    parser.add_argument("--kinds", nargs="+", choices=("interview", "ratings"), default=["interview"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--at-once", type=int, default=400)
    parser.add_argument("--lines", type=Path, help="a file to add the lines to")
    parser.add_argument("--table", type=Path, help="print the table of a file of lines, ask nothing")
    args = parser.parse_args()
    if args.table:
        print(table(map(json.loads, args.table.read_text(encoding="utf-8").splitlines())))
        return
    if not args.python:
        parser.error("--python names the interpreter that has edsl")
    cases = [Case(kind, size, args.latency_ms, args.at_once) for kind in args.kinds for size in args.sizes]
    lines: list[Line] = []
    with model_server(args.latency_ms) as server:
        for case in cases * args.rounds:
            for asked in _in_turn(case, server, Peer(args.python)):
                lines.append(asked)
                print(json.dumps(asked), flush=True)
                if args.lines:
                    with args.lines.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asked) + "\n")
    sys.stdout.write(f"\n{table(lines)}\n")


if __name__ == "__main__":
    main()
