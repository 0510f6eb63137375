"""What the engine tells of a run while it drives it. Nothing by itself: the null object costs nothing."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from typing import NamedTuple, TypeAlias

from typing_extensions import override

from panelsim.model.call import Call, Completion
from panelsim.model.progress import Progress, RunState

Complete: TypeAlias = Callable[[Call], Awaitable[Completion]]
"""Makes one attempt of one call."""


CostOf: TypeAlias = Callable[[Call, Completion], float]
"""What a call has cost by its answer, in US dollars."""


def stated_cost(_call: Call, said: Completion) -> float:
    """What the completion itself says; an attempt is measured before the budget has settled it."""
    return said.cost_usd


class Scope(NamedTuple):
    """Where in a run something happens."""

    run_id: str = ""
    part: int = 0
    session: str = ""


SCOPE: ContextVar[Scope] = ContextVar("panelsim_scope")
"""Of the task that runs; set only by listeners that need it. Without a value: outside of any run."""
NOWHERE = Scope()


class Served(NamedTuple):
    """A request over HTTP that was answered."""

    method: str
    route: str
    """As the document has it, with its parameters' names: `/v1/runs/{run_id}`; `other` for none."""
    status: int
    seconds: float
    """Until the answer began."""
    request_id: str
    key_id: str
    """Of the caller; empty for none."""


class Telemetry:
    """A listener to the engine that does nothing; `Logs`, `Metrics` and `Spans` override what they need.

    No method raises or waits. Only `observe` stands in the path of a call, and only if it wraps it.
    """

    def observe(self, complete: Complete) -> Complete:
        """`complete`, or a wrapper that measures each attempt; the model's side of every retry and limit."""
        return complete

    def run(self, run_id: str) -> AbstractContextManager[None]:
        """While this process drives a run."""
        del run_id
        return nullcontext()

    def part(self, run_id: str, part: int) -> AbstractContextManager[None]:
        """While this process drives a part of a run."""
        del run_id, part
        return nullcontext()

    def run_state(self, run_id: str, state: RunState) -> None:
        """The run came into another state."""

    def progressed(self, run_id: str, part: int, progress: Progress) -> None:
        """How far a part is by now; told with every `Progressed`, and once at its end."""

    def session_began(self, session: str) -> None:
        """A session was started, in the task that drives it."""

    def session_ended(self, session: str, reason: str | None) -> None:
        """A session ended, in the task that drove it; with the reason if its model could not be asked."""

    def waiting(self, call: Call, attempt: int, seconds: float, reason: str) -> None:
        """An attempt failed and will be repeated after `seconds`."""

    def throttled(self, line: str, at_once: int, reason: str) -> None:
        """A provider asked for less: `at_once` calls may be under way from now on."""

    def leased(self, run_id: str, wanted: int, granted: int) -> None:
        """Part of the cap was asked for and granted, in picodollars; less than wanted if little is left."""

    def taken_over(self, holder: str, parts: int) -> None:
        """The parts that worker `holder` left when it ended went back in the queue; from any thread."""

    def committed(self, rows: int, n_bytes: int, seconds: float) -> None:
        """The store wrote one group of completions; may be told from another thread."""

    def served(self, request: Served) -> None:
        """A request over HTTP was answered."""


SILENT = Telemetry()
"""Listens to nothing."""


class Several(Telemetry):
    """Tells each of several listeners, in their order."""

    def __init__(self, listeners: Sequence[Telemetry]) -> None:
        self.listeners = tuple(listeners)

    @override
    def observe(self, complete: Complete) -> Complete:
        for one in self.listeners:
            complete = one.observe(complete)
        return complete

    @override
    @contextmanager
    def run(self, run_id: str) -> Iterator[None]:
        with ExitStack() as stack:
            for one in self.listeners:
                stack.enter_context(one.run(run_id))
            yield

    @override
    @contextmanager
    def part(self, run_id: str, part: int) -> Iterator[None]:
        with ExitStack() as stack:
            for one in self.listeners:
                stack.enter_context(one.part(run_id, part))
            yield

    @override
    def run_state(self, run_id: str, state: RunState) -> None:
        for one in self.listeners:
            one.run_state(run_id, state)

    @override
    def progressed(self, run_id: str, part: int, progress: Progress) -> None:
        for one in self.listeners:
            one.progressed(run_id, part, progress)

    @override
    def session_began(self, session: str) -> None:
        for one in self.listeners:
            one.session_began(session)

    @override
    def session_ended(self, session: str, reason: str | None) -> None:
        for one in self.listeners:
            one.session_ended(session, reason)

    @override
    def waiting(self, call: Call, attempt: int, seconds: float, reason: str) -> None:
        for one in self.listeners:
            one.waiting(call, attempt, seconds, reason)

    @override
    def throttled(self, line: str, at_once: int, reason: str) -> None:
        for one in self.listeners:
            one.throttled(line, at_once, reason)

    @override
    def leased(self, run_id: str, wanted: int, granted: int) -> None:
        for one in self.listeners:
            one.leased(run_id, wanted, granted)

    @override
    def taken_over(self, holder: str, parts: int) -> None:
        for one in self.listeners:
            one.taken_over(holder, parts)

    @override
    def committed(self, rows: int, n_bytes: int, seconds: float) -> None:
        for one in self.listeners:
            one.committed(rows, n_bytes, seconds)

    @override
    def served(self, request: Served) -> None:
        for one in self.listeners:
            one.served(request)


def outcome_of(error: BaseException | None) -> str:
    """How an attempt ended, as a label: `answered`, or the kind of error in one word."""
    if error is None:
        return "answered"
    return OUTCOMES.get(type(error).__name__, "error")


OUTCOMES = {
    "TransientError": "transient",
    "RefusedRequest": "refused",
    "CancelledError": "cancelled",
    "ProviderError": "error",
}
