"""How fast panelsim asks, and what an answer costs in CPU, memory and disk. Prints one JSON line a case.

    python -m benchmarks.engine                              the cases of docs/performance.md but the largest
    python -m benchmarks.engine --kind interview --sessions 3000 --latency-ms 200 --at-once 400 [--warm]

Every case runs in a fresh process, through what a user runs: profiles are read, a panel is drawn and a plan
made, the run is driven with its store in a temporary folder, and then all transcripts are gone through. The
model is `benchmarks.server` on loopback in a process of its own, on the same cores.

A line holds: `whole_s` and `cpu_ms_per_answer` from the start of the interpreter until the last transcript
is read, and of that the parts (`import_s`, `prepare_s`, `execute_s`, `transcripts_s`); beside it the report
(`report_s`) and deriving all transcripts from the store anew (`recall_s`), both with their CPU; `requests`
and `peak_in_flight` as the server counted them, `ideal_s` (requests times latency over `at_once`),
`rss_peak_mb` (without and with the report), `kept_mb` (all files of the store once it is closed),
`written_mb` and `to_disk_mb`, and `waited_s`, the time the main thread had no core: where it is large,
somebody else was at work. `--warm` asks the same study again of the same store.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import (
    Line,
    Server,
    folder_mb,
    machine,
    memory_mb,
    model_server,
    run_child,
    since_start,
    store_env,
    versions,
    waited_s,
    written_mb,
)


class Case(NamedTuple):
    """One study, asked once or twice."""

    kind: str
    sessions: int
    latency_ms: float = 200
    at_once: int = 400
    warm: bool = False


CASES = (
    Case("interview", 500),
    Case("interview", 1000, warm=True),
    Case("ratings", 1000, warm=True),
    Case("interview", 1000, latency_ms=0),
    Case("ratings", 1000, latency_ms=0),
    Case("interview", 3000),
    Case("ratings", 3000),
)


def ask_case(case: Case, server: Server, folder: Path) -> list[Line]:
    """The lines of `case`: one, or two if it is asked again."""
    return [_line(case, server, folder, again) for again in range(1 + case.warm)]


def _line(case: Case, server: Server, folder: Path, again: int) -> Line:
    server.reset()
    figures = run_child(
        "benchmarks.engine",
        *("--child", case.kind, str(case.sessions), server.base_url),
        env=store_env(folder, case.at_once),
    )
    stats = server.stats()
    return {
        "what": "panelsim",
        "kind": case.kind,
        "sessions": case.sessions,
        "latency_ms": case.latency_ms,
        "at_once": case.at_once,
        "warm": bool(again),
        **figures,
        "requests": stats["requests"],
        "peak_in_flight": stats["peak"],
        "request_kb": round(stats["bytes_in"] / 1e3 / max(1, stats["requests"]), 2),
        "ideal_s": round(stats["requests"] * case.latency_ms / 1000 / case.at_once, 2),
        "kept_mb": folder_mb(folder),
        **machine(),
        **versions("panelsim", "aiohttp", "uvloop", "sqlalchemy", "pydantic"),
    }


def child(kind: str, sessions: int, base_url: str, *, is_brief: bool = False) -> Line:
    """The figures of one run, in this process; a brief one ends with its last transcript."""
    from benchmarks.studies import study_of

    from panelsim.service.prepare import prepare
    from panelsim.service.reports import report_of
    from panelsim.service.run import execute, new_run, recall
    from panelsim.service.workspace import open_workspace

    moments = [("import", since_start(), time.process_time())]

    def note(name: str) -> None:
        moments.append((name, since_start(), time.process_time()))

    with open_workspace() as workspace:
        job = prepare(study_of(kind, sessions, base_url), workspace)
        run = new_run(job, workspace)
        note("prepare")
        outcome = execute(job, run, workspace).outcome
        note("execute")
        answers = missing = 0
        for transcript in outcome.transcripts:
            answers += len(transcript.responses)
            missing += sum(response.answer.kind == "missing" for response in transcript.responses)
        note("transcripts")
        used: Line = {"rss_peak_mb": memory_mb("VmHWM"), **written_mb(), "waited_s": round(waited_s(), 2)}
        if not is_brief:
            report_of(outcome)
            note("report")
            for _ in recall(workspace.store.run(run.id), workspace, job).transcripts:
                pass
            note("recall")
    parts: Line = {}
    before, cpu_before = 0.0, 0.0
    for name, wall, cpu in moments:
        parts[f"{name}_s"] = round(wall - before, 2)
        parts[f"{name}_cpu_s"] = round(cpu - cpu_before, 2)
        before, cpu_before = wall, cpu
    whole, cpu = moments[3][1], moments[3][2]
    return {
        "answers": answers,
        "missing": missing,
        "whole_s": round(whole, 2),
        "cpu_s": round(cpu, 2),
        "cpu_ms_per_answer": round(cpu * 1000 / answers, 3),
        "answers_per_s": round(answers / (moments[2][1] - moments[1][1]), 1),
        **parts,
        **used,
        "rss_peak_with_report_mb": memory_mb("VmHWM"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=("interview", "ratings"), default="interview")
    parser.add_argument("--sessions", type=int, help="one case: sessions of five answers")
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--at-once", type=int, default=400)
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--repeat", type=int, default=1, help="rounds over all cases (default 1)")
    parser.add_argument("--child", nargs=3, metavar=("KIND", "SESSIONS", "URL"), help=argparse.SUPPRESS)
    parser.add_argument("--brief", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        kind, sessions, base_url = args.child
        print(json.dumps(child(kind, int(sessions), base_url, is_brief=args.brief)))
        return
    one = args.sessions and Case(args.kind, args.sessions, args.latency_ms, args.at_once, args.warm)
    for _ in range(args.repeat):
        for case in (one,) if one else CASES:
            with model_server(case.latency_ms) as server, tempfile.TemporaryDirectory() as folder:
                for line in ask_case(case, server, Path(folder)):
                    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
