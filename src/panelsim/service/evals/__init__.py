"""Evaluations: benchmarks read, asked or replayed, scored, kept and compared."""

from panelsim.service.evals.asking import Live, ask_benchmark
from panelsim.service.evals.kept import load_run, save_run
from panelsim.service.evals.prepare import EvalJob, prepare
from panelsim.service.evals.recorded import has_recording, record_benchmark, replay_benchmark

__all__ = [
    "EvalJob",
    "Live",
    "ask_benchmark",
    "has_recording",
    "load_run",
    "prepare",
    "record_benchmark",
    "replay_benchmark",
    "save_run",
]
