"""What a panel costs: drawing it, building every respondent, planning, storing it and reading it back.

    python -m benchmarks.drawing [--n 100000] [--panel sales-committee] [--rounds 5]

Everything runs in this process. Each figure is the best of the rounds, in seconds of wall time and of CPU (on
a busy machine read the CPU). `command_s` is the wall time of `panelsim panel moments` in a process of its
own, from its start to its end. Prints one JSON line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Line, machine, memory_mb, store_env, versions

PLACES = 3


def timed(rounds: int, what: Callable[[], object]) -> Line:
    """The best of some rounds."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        what()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {"wall_s": round(min(walls), PLACES), "cpu_s": round(min(cpus), PLACES)}


def measure(n: int, name: str, rounds: int) -> Line:
    """The figures of one panel."""
    from benchmarks.studies import scripted_test

    from panelsim.files import read_panel_spec
    from panelsim.model.panel import Panel
    from panelsim.planning.draw import draw_panel
    from panelsim.planning.plan import plan_study
    from panelsim.service.prepare import resolve_asking
    from panelsim.service.workspace import open_workspace
    from panelsim.store.records import Run

    sources = read_panel_spec(name)
    with_facets = sources.model_copy(update={"spec": sources.spec.model_copy(update={"facets": True})})
    draw_panel(sources, 100, 7)
    before = memory_mb()
    panel = draw_panel(sources, n, 7)
    grown = memory_mb() - before
    study = scripted_test(n)
    decoys = ("Sell more",)
    text = panel.model_dump_json()
    line: Line = {
        "n": n,
        "panel": name,
        "draw": timed(rounds, lambda: draw_panel(sources, n, 7)),
        "draw_with_facets": timed(rounds, lambda: draw_panel(with_facets, n, 7)),
        "iterate": timed(rounds, lambda: [None for _ in panel.respondents]),
        "by_id": timed(rounds, panel.people),
        "plan": timed(rounds, lambda: plan_study(study, panel, decoys)),
        "to_json": timed(rounds, panel.model_dump_json),
        "from_json": timed(rounds, lambda: Panel.model_validate_json(text)),
        "json_mb": round(len(text) / 1e6, 1),
        "panel_mb": round(grown, 1),
    }
    with open_workspace() as workspace:
        run = Run(
            id="r-0",
            study=study,
            panel=panel,
            sources=sources,
            asking=resolve_asking(study, workspace.settings),
            created_at=datetime.now(UTC),
            version="0",
            prompts_hash="prompts1:none",
        )
        ids = iter(range(rounds))
        save = workspace.store.save_run
        line["store"] = timed(rounds, lambda: save(run.model_copy(update={"id": f"r-{next(ids)}"})))
        line["read_back"] = timed(rounds, lambda: workspace.store.run("r-0"))
    began = time.perf_counter()
    command = [sys.executable, "-m", "panelsim", "panel", "moments", name, "--n", str(n), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {
        **line,
        "command_s": round(time.perf_counter() - began, PLACES),
        **machine(),
        **versions("numpy", "scipy", "pydantic"),
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--panel", default="sales-committee")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(store_env(Path(folder), 8))
        print(json.dumps(measure(options.n, options.panel, options.rounds)))


if __name__ == "__main__":
    main()
