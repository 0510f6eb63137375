"""Driving scripts: makes the calls they yield and sends them what was said, many sessions side by side."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, NoReturn, TypeAlias, TypeVar

from panelsim.errors import BudgetError, PanelsimError, ProviderError
from panelsim.execution.control import Cancelled, Control
from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete
from panelsim.script import Script

T = TypeVar("T")

SessionId: TypeAlias = str

ADMITTED_PER_CALL = 2
"""Sessions open for each call that may be under way: enough to keep the line busy."""
GRACE_S = 0.5
"""How long the calls under way may take to come in once a run is cancelled."""


@dataclass(frozen=True, slots=True)
class Session(Generic[T]):
    """One script to drive, not started yet."""

    id: SessionId
    lane: str
    """Sessions of one lane share a long prompt prefix (a respondent's id); they stand together."""
    start: Callable[[], Script[T]]
    questions: int = 1
    """Answers that are missing if the model cannot be asked."""


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A session that reached its end."""

    id: SessionId
    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """A session whose model could not be asked; the provider's sentence says why."""

    id: SessionId
    reason: str
    questions: int = 1
    """Answers that are missing."""


class Listener(Generic[T]):
    """What is told of sessions as they begin and end; does nothing by itself."""

    def began(self, _session: Session[T], /) -> None:
        """A session was started."""

    def ended(self, _outcome: Done[T] | Failed, /) -> None:
        """A session reached its end or could not be asked."""


async def drive(script: Script[T], complete: Complete, *, one_by_one: bool = False) -> T:
    """The value of `script`. Calls yielded together are made together, or in turn if `one_by_one`.

    If one of several calls fails the others are awaited first, because they are paid for; then the first
    error in the order of the calls is raised, one that stops the run before a `ProviderError`.
    """
    try:
        calls = next(script)
        while True:
            if len(calls) == 1:
                calls = script.send((await complete(calls[0]),))
            else:
                calls = script.send(await _said_to(calls, complete, one_by_one=one_by_one))
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        script.close()


async def _said_to(
    calls: tuple[Call, ...], complete: Complete, *, one_by_one: bool
) -> tuple[Completion, ...]:
    if one_by_one:
        return tuple([await complete(call) for call in calls])
    outcomes = await asyncio.gather(*(complete(call) for call in calls), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if errors:
        raise next((error for error in errors if not isinstance(error, ProviderError)), errors[0])
    return tuple(outcome for outcome in outcomes if not isinstance(outcome, BaseException))


async def run_sessions(
    sessions: Iterable[Session[T]],
    complete: Complete,
    listener: Listener[T],
    *,
    at_once: int,
    paced_by_lane: bool = False,
    control: Control | None = None,
) -> None:
    """Drives all `sessions` and tells `listener` of each outcome; holds only those that are open.

    Sessions are taken from the iterable as others end, at most `2 * at_once` open at a time. With
    `paced_by_lane` the sessions of a lane go one after the other, one call at a time, and `at_once` lanes go
    side by side.

    A `ProviderError` makes its session `Failed`. A `BudgetError` lets the calls under way come in (they are
    paid for), sends no more, and is raised; so does `Cancelled`, which waits half a second at most. Anything
    else, and a cancellation of the task, drops what is under way and is raised as one error, not as a group.
    """
    crew = _Crew(complete, listener, control or Control(), one_by_one=paced_by_lane)
    lanes = _lanes(sessions) if paced_by_lane else ((session,) for session in sessions)
    width = at_once if paced_by_lane else ADMITTED_PER_CALL * at_once
    await crew.work_all(lanes, width)


class _Crew(Generic[T]):
    """Workers that take lanes from one iterator until it ends or something stops the run."""

    def __init__(
        self, complete: Complete, listener: Listener[T], control: Control, *, one_by_one: bool
    ) -> None:
        self._complete = complete
        self._listener = listener
        self._control = control
        self._one_by_one = one_by_one
        self._stop: BudgetError | Cancelled | None = None

    async def work_all(self, lanes: Iterator[Iterable[Session[T]]], width: int) -> None:
        workers = asyncio.ensure_future(_all(self._work(lanes), width))
        cancelled = asyncio.ensure_future(self._control.cancelled())
        try:
            await asyncio.wait((workers, cancelled), return_when=asyncio.FIRST_COMPLETED)
            if not workers.done():
                await asyncio.wait((workers,), timeout=GRACE_S)
        finally:
            cancelled.cancel()
            workers.cancel()
            await asyncio.wait((workers, cancelled))
        if workers.cancelled():
            raise self._stop or Cancelled
        workers.result()
        if self._stop is not None:
            raise self._stop

    def _work(self, lanes: Iterator[Iterable[Session[T]]]) -> Callable[[], Coroutine[None, None, None]]:
        async def work() -> None:
            for lane in lanes:
                for session in lane:
                    if self._stop is not None:
                        return
                    self._listener.began(session)
                    try:
                        outcome = await self._outcome(session)
                    except (BudgetError, Cancelled) as stop:
                        self._stop = stop
                        return
                    self._listener.ended(outcome)

        return work

    async def _outcome(self, session: Session[T]) -> Done[T] | Failed:
        try:
            value = await drive(session.start(), self._ask, one_by_one=self._one_by_one)
        except ProviderError as error:
            return Failed(session.id, str(error), session.questions)
        return Done(session.id, value)

    async def _ask(self, call: Call) -> Completion:
        if self._stop is not None:
            raise self._stop
        if not self._control.is_open:
            await self._control.passed()
        return await self._complete(call)


def _lanes(sessions: Iterable[Session[T]]) -> Iterator[Iterable[Session[T]]]:
    """Consecutive sessions of one lane; a session without a lane stands alone."""
    numbered = enumerate(sessions)
    for _, group in groupby(numbered, key=lambda one: one[1].lane or one[0]):
        yield [session for _, session in group]


async def _all(work: Callable[[], Coroutine[None, None, None]], width: int) -> None:
    """Awaits `width` workers; the first error cancels the others and is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(width):
                group.create_task(work())
    except BaseExceptionGroup as errors:
        _raise_one(errors)


def _raise_one(errors: BaseExceptionGroup[BaseException]) -> NoReturn:
    """Raises a panelsim error out of `errors` if there is one, else the first."""
    leaves = list(_leaves(errors))
    named = [leaf for leaf in leaves if isinstance(leaf, PanelsimError)]
    raise (named or leaves)[0] from None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
