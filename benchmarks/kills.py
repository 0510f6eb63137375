"""kill -9 in the middle of runs: is an answer ever lost, and how many are paid twice? Prints one JSON line.

    python -m benchmarks.kills [--kills 50] [--sessions 1000] [--latency-ms 30] [--seed 1]

A run of 5,000 answers (`panelsim run`) is killed at a random moment, gone on with (`panelsim runs resume`),
killed again, five times in all, and then left to end; so often, each time from an empty store, that there are
`--kills` kills. Nine in ten moments are spread evenly over the calls that are still to be made, as the server
counts them; one in ten over the first two seconds of a process, where the store is opened or a run resumed.

The server keeps a ledger of conversations. `lost` counts those that were asked again although a later request
had built on their answer: an answer that panelsim had acknowledged to itself, and lost. `paid_twice` is all
requests less the distinct ones; it may not exceed `in_flight`, what was under way at the kills as the server
saw it the moment before. Then the store is checked, every row against its key, and the report (JSON without
the run's id and time) is compared with that of a run that nobody disturbed.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import yaml
from benchmarks.measure import Line, Server, machine, model_server, store_env, versions
from benchmarks.studies import interviews

from panelsim.store import Store

PANELSIM = (sys.executable, "-m", "panelsim")
KILLS_EACH = 5
"""Kills of one run."""
EARLY_S = 2.0
"""Kills without regard to calls fall within the first seconds of a process."""
PATIENCE_S = 120.0


class Kill(NamedTuple):
    """What the server saw of one kill."""

    requests: int
    """Since the run began."""
    in_flight: int


class Round(NamedTuple):
    """One run and its kills."""

    kills: list[Kill]
    stats: dict[str, int]
    bad_rows: int
    report: object


class Bench:
    """A study in a folder of its own, asked by the command line."""

    def __init__(self, folder: Path, sessions: int, server: Server, at_once: int) -> None:
        self.folder, self.server, self.expected = folder, server, sessions * 5
        self.env = {**os.environ, **store_env(folder, at_once)}
        self.study = folder / "study.yaml"
        study = interviews(sessions, server.base_url).model_dump(mode="json", exclude_defaults=True)
        self.study.write_text(yaml.safe_dump({"kind": "interview", **study}), encoding="utf-8")

    def start(self) -> subprocess.Popen[str]:
        """The process that asks: a new run, or the last one gone on with."""
        out = ("--out", str(self.folder / "report"), "--json")
        command = ("runs", "resume", "last", *out) if self.has_run() else ("run", str(self.study), *out)
        with (self.folder / "stderr.txt").open("w", encoding="utf-8") as errors:
            return subprocess.Popen(
                [*PANELSIM, *command],
                cwd=self.folder,
                env=self.env,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                text=True,
            )

    def has_run(self) -> bool:
        return bool(json.loads(self.told("runs", "list", "--json")))

    def told(self, *arguments: str) -> str:
        """What a command prints. Raises RuntimeError if it fails."""
        done = subprocess.run(
            [*PANELSIM, *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"panelsim {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def kill_at(self, moment: random.Random) -> Kill | None:
        """Starts a process and kills it at a random moment; None if it ended before."""
        process = self.start()
        early = moment.random() < 0.1
        before = self.server.stats()
        left = max(1, self.expected - before["distinct"])
        until = time.monotonic() + (moment.random() * EARLY_S if early else PATIENCE_S)
        goal = before["requests"] + (10**9 if early else moment.randint(1, left))
        stats = before
        while stats["requests"] < goal and time.monotonic() < until and process.poll() is None:
            time.sleep(0.002)
            stats = self.server.stats()
        if process.poll() is not None:
            return None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(2 * self.server.latency_ms / 1000)
        return Kill(stats["requests"], stats["in_flight"])

    def finish(self) -> None:
        """Lets the run end. Raises RuntimeError if it does not end well."""
        process = self.start()
        if process.wait(timeout=PATIENCE_S):
            raise RuntimeError((self.folder / "stderr.txt").read_text(encoding="utf-8"))

    def is_done(self) -> bool:
        (run, *_) = json.loads(self.told("runs", "list", "--json")) or [{}]
        return isinstance(run, dict) and run.get("state") == "done"

    def ended(self, kills: list[Kill]) -> Round:
        """What is left of the run: counters, faults in the store, the report."""
        with Store.open(self.env["PANELSIM_STORE"]) as store:
            bad = len(store.verify())
        report = json.loads(self.told("report", "last", "--format", "json"))
        return Round(kills, self.server.stats(), bad, timeless(report))


def timeless(report: dict[str, object]) -> dict[str, object]:
    """`report` without the id and the time of its run, wherever they are told."""
    record = report["record"]
    assert isinstance(record, list)
    (run,) = (section["facts"] for section in record if section["kind"] == "provenance")
    name, day = str(run["run_id"]), str(run["created_at"])
    text = json.dumps(report).replace(name, "RUN").replace(day, "TIME").replace(day[:10], "DAY")
    same: dict[str, object] = json.loads(text)
    return same


def ask_round(folder: Path, args: argparse.Namespace, server: Server, moment: random.Random, n: int) -> Round:
    """One run with `n` kills, or fewer if it ended before."""
    server.reset()
    bench = Bench(folder, args.sessions, server, args.at_once)
    kills: list[Kill] = []
    while len(kills) < n:
        kill = bench.kill_at(moment)
        if kill is None:
            break
        kills.append(kill)
    if not bench.has_run() or not bench.is_done():
        bench.finish()
    return bench.ended(kills)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=1000, help="of five answers")
    parser.add_argument("--latency-ms", type=float, default=30.0)
    parser.add_argument("--at-once", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    args = parser.parse_args()
    moment = random.Random(args.seed)
    rounds: list[Round] = []
    with model_server(args.latency_ms, ledger=True) as server:
        while (left := args.kills - sum(len(one.kills) for one in rounds[1:])) > 0:
            with tempfile.TemporaryDirectory() as folder:
                n = min(KILLS_EACH, left) if rounds else 0
                rounds.append(ask_round(Path(folder), args, server, moment, n))
            print(
                json.dumps({"round": len(rounds), "kills": rounds[-1].kills, **rounds[-1].stats}),
                file=sys.stderr,
            )
    print(json.dumps(told(rounds, args)))


def told(rounds: list[Round], args: argparse.Namespace) -> Line:
    """The line: the first round is the undisturbed one."""
    (calm, *disturbed) = rounds
    kills = [kill for one in disturbed for kill in one.kills]
    expected = args.sessions * 5
    return {
        "what": "kills",
        "target": "process",
        "answers": expected,
        "latency_ms": args.latency_ms,
        "at_once": args.at_once,
        "runs": len(disturbed),
        "kills": len(kills),
        "kills_while_asking": sum(kill.in_flight > 0 for kill in kills),
        "lost": sum(one.stats["lost"] for one in disturbed),
        "unasked": sum(expected - one.stats["distinct"] for one in disturbed),
        "paid_twice": sum(one.stats["repeated"] for one in disturbed),
        "in_flight": sum(kill.in_flight for kill in kills),
        "paid_twice_a_kill": round(sum(one.stats["repeated"] for one in disturbed) / max(1, len(kills)), 1),
        "dropped": sum(one.stats["dropped"] for one in disturbed),
        "bad_rows": sum(one.bad_rows for one in rounds),
        "reports_equal": sum(one.report == calm.report for one in disturbed),
        "calm_requests": calm.stats["requests"],
        **machine(),
        **versions("panelsim", "sqlalchemy"),
    }


if __name__ == "__main__":
    main()
