"""Evaluation: benchmarks asked as trials, read as figures, judged by gates. Asks nothing itself.

The public names of an evaluation stand here; `panelsim.service.evals` runs one.
"""

from panelsim.evaluation.compare import compare
from panelsim.evaluation.finding import Finding, Findings, absent, given, measured
from panelsim.evaluation.gates import judge
from panelsim.evaluation.material import Evidence, Material, Trial
from panelsim.evaluation.registry import SCORERS, Scorer
from panelsim.evaluation.scoring import score_run
from panelsim.model.benchmark import (
    Benchmark,
    Ceiling,
    Comparison,
    EvalRun,
    Figure,
    Gate,
    GateResult,
    Scorecard,
    Table,
)

__all__ = [
    "SCORERS",
    "Benchmark",
    "Ceiling",
    "Comparison",
    "EvalRun",
    "Evidence",
    "Figure",
    "Finding",
    "Findings",
    "Gate",
    "GateResult",
    "Material",
    "Scorecard",
    "Scorer",
    "Table",
    "Trial",
    "absent",
    "compare",
    "given",
    "judge",
    "measured",
    "score_run",
]
