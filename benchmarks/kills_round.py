"""What `benchmarks.kills` counts of a run and its kills, whoever was killed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PANELSIM = (sys.executable, "-m", "panelsim")
COMMAND_S = 120.0
EARLY_S = 2.0
"""One kill in ten falls within so many seconds of the start of a process, or of the kill before."""


class Kill(NamedTuple):
    """What the server and the store saw of one kill."""

    what: str
    requests: int
    """Since the run began."""
    in_flight: int
    """As the server saw it the moment before; of a pool, by all its workers."""
    unkept: int
    """Asked and not in the store the moment after: in flight, or answered and not committed."""


class Round(NamedTuple):
    """One run and its kills."""

    kills: list[Kill]
    stats: dict[str, int]
    bad_rows: int
    report: object
    """None if the run did not end as `done`."""
    state: str = "done"
    fallen: int = 0
    """Workers that ended although nobody killed them."""


def told_by(env: dict[str, str], folder: Path, *arguments: str) -> str:
    """What a command prints. Raises RuntimeError if it fails, TimeoutExpired if it takes too long."""
    done = subprocess.run(
        [*PANELSIM, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_S,
    )
    if done.returncode:
        raise RuntimeError(f"panelsim {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def timeless(report: dict[str, object]) -> dict[str, object]:
    """`report` without the id and the time of its run, wherever they are told."""
    record = report["record"]
    assert isinstance(record, list)
    (run,) = (section["facts"] for section in record if section["kind"] == "provenance")
    name, day = str(run["run_id"]), str(run["created_at"])
    text = json.dumps(report).replace(name, "RUN").replace(day, "TIME").replace(day[:10], "DAY")
    same: dict[str, object] = json.loads(text)
    return same
