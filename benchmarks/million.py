"""A million answers in one run: is memory flat, and does the last answer cost what the first one does?

    python -m benchmarks.million [--answers 1000000] [--out FILE]

A headline test (eight headlines alone on five measures and in all pairs, both orders: 100 answers a
respondent) is asked of the scripted provider through the product's own path, its store in a temporary folder
on disk. At every 2% of the answers the resident memory and the time are noted as the run tells its progress;
the peak is the system's own. Afterwards all transcripts are read back from the store. Prints one JSON line:
memory at each tenth, `slope_mb_per_100k` (least squares over the notes after the first tenth), answers a
second in the first and the last tenth and `slowdown`, their ratio (on a busy machine read the CPU of the two
tenths instead), CPU and disk an answer. `--out` keeps all notes as CSV.

A million takes about ten minutes and 2 GB of disk.
"""

import argparse
import csv
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from benchmarks.measure import Line, folder_mb, machine, memory_mb, store_env, versions, written_mb

if TYPE_CHECKING:
    from panelsim.model.progress import Event

NOTES = 50
"""Over the whole run: one every 2%."""


class Note(NamedTuple):
    """How far the run was at a moment; seconds since it began, MB resident."""

    answered: int
    seconds: float
    memory_mb: float
    cpu_s: float


class Notebook:
    """Hears the run's progress, and notes it at every 2% of `expected` answers."""

    def __init__(self, expected: int) -> None:
        self.step = max(1, expected // NOTES)
        self.began = time.perf_counter()
        self.notes = [self.note(0)]

    def note(self, answered: int) -> Note:
        return Note(answered, time.perf_counter() - self.began, memory_mb(), time.process_time())

    def __call__(self, event: "Event") -> None:
        if event.kind == "progress" and event.progress.answered >= self.notes[-1].answered + self.step:
            self.notes.append(self.note(event.progress.answered))


def ask(respondents: int) -> tuple[Line, list[Note]]:
    """The figures of one run, and its notes."""
    from benchmarks.studies import ANSWERS_EACH, scripted_test

    from panelsim.service.prepare import prepare
    from panelsim.service.run import execute, new_run, recall
    from panelsim.service.workspace import open_workspace

    with open_workspace() as workspace:
        job = prepare(scripted_test(respondents), workspace)
        run = new_run(job, workspace)
        heard = Notebook(respondents * ANSWERS_EACH)
        execute(job, run, workspace, heard)
        asked = heard.note(respondents * ANSWERS_EACH)
        outcome = recall(workspace.store.run(run.id), workspace, job)
        answers = missing = 0
        for transcript in outcome.transcripts:
            answers += len(transcript.responses)
            missing += sum(response.answer.kind == "missing" for response in transcript.responses)
        recalled = heard.note(answers)
    notes = [*heard.notes, asked]
    figures: Line = {
        "respondents": respondents,
        "answers": answers,
        "missing": missing,
        "execute_s": round(asked.seconds, 1),
        "recall_s": round(recalled.seconds - asked.seconds, 1),
        "cpu_ms_per_answer": round((asked.cpu_s - notes[0].cpu_s) * 1000 / answers, 3),
        "recall_cpu_ms_per_answer": round((recalled.cpu_s - asked.cpu_s) * 1000 / answers, 3),
        **told(notes),
        "memory_after_recall_mb": recalled.memory_mb,
        "rss_peak_mb": memory_mb("VmHWM"),
        **written_mb(),
    }
    return figures, notes


def told(notes: list[Note]) -> Line:
    """Memory by tenths, its slope, and the pace at the start and at the end."""
    answered = np.array([note.answered for note in notes])
    seconds = np.array([note.seconds for note in notes])
    memory = np.array([note.memory_mb for note in notes])
    cpu = np.array([note.cpu_s for note in notes])
    tenths = np.linspace(0, answered[-1], 11)
    at = np.interp(tenths, answered, seconds)
    used = np.diff(np.interp(tenths, answered, cpu)) * 1000 / tenths[1]
    later = answered >= tenths[1]
    slope = np.polyfit(answered[later] / 1e5, memory[later], 1)[0] if later.sum() > 2 else 0.0
    first, last = (tenths[1] / (at[1] - at[0]), tenths[1] / (at[-1] - at[-2]))
    held = np.interp(tenths, answered, memory)
    by_tenth = {f"{int(n):_}": round(float(mb)) for n, mb in zip(tenths, held, strict=True)}
    return {
        "memory_mb": by_tenth,
        "slope_mb_per_100k": round(float(slope), 2),
        "answers_per_s": round(float(answered[-1] / seconds[-1])),
        "first_tenth_per_s": round(float(first)),
        "last_tenth_per_s": round(float(last)),
        "slowdown": round(float(first / last), 2),
        "first_tenth_cpu_ms": round(float(used[0]), 3),
        "last_tenth_cpu_ms": round(float(used[-1]), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--at-once", type=int, default=400)
    parser.add_argument("--out", type=Path, help="CSV of all notes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= store_env(Path(folder), args.at_once)
        figures, notes = ask(max(2, args.answers // 100))
        kept = folder_mb(Path(folder))
    line: Line = {
        "what": "million",
        **figures,
        "kept_mb": kept,
        "kept_bytes_per_answer": round(kept * 1e6 / int(str(figures["answers"]))),
        **machine(),
        **versions("panelsim", "sqlalchemy", "pydantic"),
    }
    print(json.dumps(line))
    if args.out:
        with args.out.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(Note._fields)
            rows.writerows(notes)


if __name__ == "__main__":
    main()
