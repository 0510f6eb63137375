"""Usage: what was spent, and how good the estimates before the runs were."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Literal, NamedTuple, TypeAlias

from pydantic import ValidationError

from panelsim.errors import StoreError
from panelsim.providers.prices import PICO
from panelsim.service.estimate import CostEstimate
from panelsim.store import Run, RunHead, Spending, Store

By: TypeAlias = Literal["day", "run", "model", "account"]
NO_MODEL = "(no answer)"
"""Stands for the model of money that may have been billed for an attempt without an answer."""
FEW = 10
"""Runs below which a running error is told with a warning."""


class Spend(NamedTuple):
    """What one day, run, model or account took."""

    name: str
    calls: int
    """Completions that were made."""
    cost_usd: float
    """What they cost."""
    unsettled_usd: float
    """What may have been billed beyond that, for attempts that gave no completion."""


class Course(NamedTuple):
    """A figure as it was expected, and as it came."""

    low: float
    likely: float
    high: float
    actual: float

    @property
    def is_within(self) -> bool:
        """Whether it came as low..high said."""
        return self.low <= self.actual <= self.high

    @property
    def ratio(self) -> float | None:
        """Actual over likely; None if nothing was expected."""
        return self.actual / self.likely if self.likely else None


class Compared(NamedTuple):
    """The estimate of one run beside what the run took."""

    run_id: str
    model: str
    state: str
    calls: Course
    cost_usd: Course


class RunningError(NamedTuple):
    """How far past estimates were off, over runs that are done."""

    n: int
    """Runs."""
    ratio: float
    """Median of actual / likely: above 1, runs take more than is said."""
    within: int
    """Runs whose figure came between low and high."""

    @property
    def is_few(self) -> bool:
        """Whether `n` is too small to rely on."""
        return self.n < FEW


def spends_by(by: By, rows: Iterable[Spending]) -> tuple[Spend, ...]:
    """Sums of `rows` by day, run, model or account; days and runs newest first, the others dearest first."""
    calls: dict[str, int] = {}
    pico: dict[str, int] = {}
    unsettled: dict[str, int] = {}
    for row in rows:
        name = {"day": row.day, "run": row.run_id, "model": row.model or NO_MODEL, "account": row.account}[by]
        calls[name] = calls.get(name, 0) + row.calls
        pico[name] = pico.get(name, 0) + row.pico
        unsettled[name] = unsettled.get(name, 0) + row.unsettled_pico
    newest_first = by in ("day", "run")
    names = sorted(pico, reverse=newest_first)
    if not newest_first:
        names.sort(key=lambda name: -pico[name])
    return tuple(Spend(one, calls[one], pico[one] / PICO, unsettled[one] / PICO) for one in names)


def save_estimate(run: Run, estimate: CostEstimate, store: Store) -> None:
    """Keeps the estimate that was told before `run` was started, to be compared with what it takes."""
    store.save_estimate(run.id, estimate.model_dump_json())


def saved_estimate(run_id: str, store: Store) -> CostEstimate | None:
    """The estimate that was told before a run; None if none was. Raises `StoreError` if it cannot be read."""
    text = store.estimate(run_id)
    if text is None:
        return None
    try:
        return CostEstimate.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(
            f"the estimate of run {run_id!r} in the store {store.place} cannot be read; it was kept in "
            "another form, expected that of panelsim estimate --json"
        ) from error


def compare(run: RunHead, store: Store) -> Compared | None:
    """The estimate of `run` beside what it has taken so far; None if none was made."""
    estimate = saved_estimate(run.id, store)
    if estimate is None:
        return None
    spent = store.spent(run.id)
    low, likely, high = estimate.low, estimate.likely, estimate.high
    return Compared(
        run.id,
        run.model,
        run.state,
        Course(low.calls, likely.calls, high.calls, spent.calls),
        Course(low.cost_usd, likely.cost_usd, high.cost_usd, spent.pico / PICO),
    )


def compare_all(store: Store) -> tuple[Compared, ...]:
    """All runs that have an estimate, newest first."""
    found = (compare(run, store) for run in store.heads())
    return tuple(one for one in found if one is not None)


def running_error(courses: Iterable[Course]) -> RunningError | None:
    """The error over `courses` in which something was expected; None if there is none.

    Give it runs that are done: what was cut short took less for a reason of its own.
    """
    expected = [one for one in courses if one.ratio is not None]
    ratios = [one.ratio for one in expected if one.ratio is not None]
    if not ratios:
        return None
    return RunningError(len(ratios), median(ratios), sum(one.is_within for one in expected))


def errors_of(compared: Sequence[Compared]) -> dict[Literal["calls", "cost_usd"], RunningError | None]:
    """The running errors of calls and of dollars, over those of `compared` that are done."""
    done = [one for one in compared if one.state == "done"]
    return {
        "calls": running_error(one.calls for one in done),
        "cost_usd": running_error(one.cost_usd for one in done),
    }
