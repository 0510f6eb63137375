"""From what was said to a scorecard: figures by the scorer, ceilings and gates by the benchmark."""

from collections.abc import Iterable

from panelsim.errors import InputError
from panelsim.evaluation.counting import count_missing
from panelsim.evaluation.finding import Finding, absent, given
from panelsim.evaluation.gates import judge
from panelsim.evaluation.material import evidence_of
from panelsim.evaluation.registry import scorer_of
from panelsim.metrics.inference import wilson
from panelsim.model.benchmark import Benchmark, EvalRun, Figure, Outcome, Scorecard

MISSING = "missing_share"
CONFIDENCE = 0.90


def findings_of(run: EvalRun) -> tuple[Finding, ...]:
    """The figures of a run with their draws, for a comparison; the missing answers last."""
    evidence, scorer = evidence_of(run), scorer_of(run.benchmark.id)
    return (*scorer.score(evidence).figures, missing_share(scorer.owed_of(evidence.said)))


def score_run(run: EvalRun) -> Scorecard:
    """The scorecard of a run: the same run always gives the same one, and nothing is asked.

    Raises `InputError` if a ceiling or a gate names a figure that the scorer does not have.
    """
    evidence, scorer = evidence_of(run), scorer_of(run.benchmark.id)
    found = scorer.score(evidence)
    findings = (*found.figures, missing_share(scorer.owed_of(evidence.said)))
    benchmark = run.benchmark
    check_names(benchmark, [one.figure.name for one in findings])
    figures = tuple(_with_ceiling(one.figure, benchmark) for one in findings)
    by_name = {one.name: one for one in figures}
    return Scorecard(
        benchmark=benchmark.id,
        version=benchmark.version,
        title=benchmark.title,
        question=benchmark.question,
        facts=run.facts,
        figures=figures,
        gates=tuple(judge(gate, by_name.get(gate.figure)) for gate in benchmark.gates),
        tables=found.tables,
        notes=found.notes,
    )


def _with_ceiling(figure: Figure, benchmark: Benchmark) -> Figure:
    ceiling = benchmark.ceilings.get(figure.name)
    return figure if ceiling is None else figure.model_copy(update={"ceiling": ceiling})


def check_names(benchmark: Benchmark, known: list[str]) -> None:
    """Raises `InputError` if the benchmark's gates or ceilings name a figure that is not `known`."""
    for name in (*(gate.figure for gate in benchmark.gates), *benchmark.ceilings):
        if name not in known:
            raise InputError(
                f"benchmark {benchmark.id!r}: there is no figure {name!r}; it has {', '.join(known)}"
            )


def missing_share(said: Iterable[Outcome]) -> Finding:
    """Missing, refused and unread answers over all that were wanted."""
    counted, label = count_missing(said), "Answers missing"
    if not counted.asked:
        return absent(MISSING, label, "nothing was asked", form="share")
    n, lost = counted.asked, counted.total()
    return given(
        MISSING, label, lost / n, n=n, unit="answers", method="of all that were wanted; Wilson",
        form="share", bounds=wilson(lost, n, CONFIDENCE),
    )  # fmt: skip
