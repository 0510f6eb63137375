"""Asking a benchmark: its trials driven over opened lines, and what was said gathered into a run."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Literal, NamedTuple, TypeAlias

from panelsim import __version__
from panelsim.errors import ProviderError
from panelsim.evaluation.counting import count_missing
from panelsim.evaluation.material import Trial
from panelsim.execution.drive import Done, Failed, Listener, Session, run_sessions
from panelsim.execution.loop import run_loop
from panelsim.model.benchmark import EvalFacts, EvalRun, Outcome, Unheld
from panelsim.model.call import Call, Completion
from panelsim.model.report import PromptFacts
from panelsim.providers import Complete, Line, Options, open_line
from panelsim.providers.cache import Memory
from panelsim.providers.prices import parse_prices, price_of
from panelsim.providers.rates import parse_rates
from panelsim.providers.wrappers import Budget, compose
from panelsim.recording.calls import Journal
from panelsim.service.evals.prepare import EvalJob, check_gates, check_models
from panelsim.settings import Settings

Tell: TypeAlias = Callable[[int, int], None]
"""Told how many trials are done, of how many."""


def tell_nobody(done: int, of: int) -> None:
    """Says nothing."""
    del done, of


class Live(NamedTuple):
    """How models are asked."""

    settings: Settings
    memory: Memory
    around: Callable[[Complete], Complete] = lambda complete: complete
    """Put around each provider, inside of the memory: a recorder listens here."""


class Answers(NamedTuple):
    """What answers the calls of a job."""

    complete: Complete
    at_once: int
    paced_by_lane: bool


def ask_benchmark(job: EvalJob, settings: Settings, tell: Tell = tell_nobody) -> EvalRun:
    """Asks every trial of the job, over the network if its model is there; what was answered before is known.

    Raises `InputError` if a model cannot be asked or a gate names a figure that is not there, `BudgetError`
    at the benchmark's cap, and `ProviderError` if nothing at all was answered: that is no finding.
    """
    check_models(job, settings)
    check_gates(job)
    memory = Journal(settings.evals_dir / "asked.jsonl")
    run = ask_live(job, Live(settings, memory), tell)
    check_answered(run)
    return run


def check_answered(run: EvalRun) -> None:
    """Raises `ProviderError` if trials could not be asked and nothing at all was answered."""
    unasked = unasked_of(run)
    if unasked.trials and not run.facts.calls:
        raise ProviderError(f"no call of {run.facts.model} was answered. {unasked.told()}")


class Unasked(NamedTuple):
    """Trials whose model could not be asked."""

    benchmark: str
    trials: int
    of: int
    reason: str
    """The provider's sentence on the first; empty if all were asked."""

    def told(self) -> str:
        """How many, and why, in a sentence."""
        return (
            f"{self.trials:,} of {self.of:,} trials of {self.benchmark!r} could not be asked; the first: "
            f"{self.reason}"
        )


def unasked_of(run: EvalRun) -> Unasked:
    """What could not be asked in a run."""
    reasons = [outcome.reason for _, outcome in run.said if isinstance(outcome, Unheld)]
    return Unasked(run.benchmark.id, len(reasons), len(run.said), reasons[0] if reasons else "")


def ask_live(job: EvalJob, live: Live, tell: Tell = tell_nobody) -> EvalRun:
    """As `ask_benchmark`, as `live` says."""

    async def ask() -> EvalRun:
        async with AsyncExitStack() as stack:
            answers = await _open(job, live, stack)
            return await gathered(job, answers, mode="asked", tell=tell)

    return run_loop(ask())


async def _open(job: EvalJob, live: Live, stack: AsyncExitStack) -> Answers:
    settings, asking = live.settings, job.material.asking
    lines: dict[str, Line] = {}
    for name in sorted({asking.model.provider, asking.embedding_model.provider, "scripted"}):
        lines[name] = open_line(
            name,
            Options(
                cache_dir=settings.cache_dir,
                timeout_s=settings.timeout_s,
                openai_api_key=settings.openai_api_key,
                transport=settings.transport,
                patience_s=settings.patience_s,
            ),
            at_once=settings.at_once,
            rates=parse_rates(settings.rpm, settings.tpm),
            observe=live.around,
        )
        stack.push_async_callback(lines[name].close)
    given = parse_prices(settings.prices)
    complete = compose(
        lines,
        run=job.benchmark.id,
        memory=live.memory,
        budget=Budget(job.benchmark.max_cost_usd, lambda ref: price_of(ref, given)),
        attempts=settings.attempts,
    )
    line = lines[asking.model.provider]
    return Answers(complete, line.at_once, line.paced_by_lane)


class _Gathering(Listener[Outcome]):
    def __init__(self, of: int, tell: Tell) -> None:
        self.said: dict[str, Outcome] = {}
        self._of = of
        self._tell = tell

    def ended(self, outcome: Done[Outcome] | Failed, /) -> None:
        """Keeps what a trial came to."""
        if isinstance(outcome, Failed):
            self.said[outcome.id] = Unheld(reason=outcome.reason, questions=outcome.questions)
        else:
            self.said[outcome.id] = outcome.value
        self._tell(len(self.said), self._of)


async def gathered(
    job: EvalJob,
    answers: Answers,
    *,
    mode: Literal["replayed", "asked"],
    tell: Tell = tell_nobody,
    recordings: tuple[str, ...] = (),
) -> EvalRun:
    """The run of the job when its calls are answered by `answers`."""
    keys: set[str] = set()

    async def counted(call: Call) -> Completion:
        said = await answers.complete(call)
        if call.model.provider != "scripted":
            keys.add(call.key)
        return said

    gathering = _Gathering(len(job.trials), tell)
    sessions = (session_of(trial) for trial in job.trials)
    await run_sessions(
        sessions, counted, gathering, at_once=answers.at_once, paced_by_lane=answers.paced_by_lane
    )
    said = tuple((trial.id, gathering.said[trial.id]) for trial in job.trials)
    return _run(job, said, len(keys), mode, recordings)


def session_of(trial: Trial) -> Session[Outcome]:
    """The session of a trial, not started."""
    return Session(trial.id, trial.lane, trial.start, trial.questions)


def _run(
    job: EvalJob,
    said: tuple[tuple[str, Outcome], ...],
    calls: int,
    mode: Literal["replayed", "asked"],
    recordings: tuple[str, ...],
) -> EvalRun:
    created = datetime.now(UTC).replace(microsecond=0)
    counted = count_missing(outcome for _, outcome in said)
    material = job.material
    prompts = [PromptFacts(id=p.id, version=p.version, key=p.hash) for p in material.prompts.used()]
    facts = EvalFacts(
        run_id=f"{created:%Y%m%d-%H%M%S}-{job.benchmark.id}",
        created_at=created.isoformat(),
        panelsim_version=__version__,
        model=material.asking.model,
        embedding_model=material.asking.embedding_model,
        mode=mode,
        calls=calls,
        asked=counted.asked,
        missing=counted.total(),
        missing_reasons=tuple(sorted(counted.items())),
        prompts=(*prompts, *job.texts),
        sources=job.sources,
        recordings=recordings,
    )
    return EvalRun(
        benchmark=job.benchmark, facts=facts, rows=tuple(dict(row) for row in material.rows),
        panel=material.panel, said=said,
    )  # fmt: skip
