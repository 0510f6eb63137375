"""Driving scripts: makes the calls they yield, sends them what was said, keeps the order of the plan."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeAlias, TypeVar

from panelsim.errors import BudgetError, PanelsimError, ProviderError
from panelsim.execution.progress import Event, SessionDone, SessionFailed
from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete
from panelsim.script import Script

T = TypeVar("T")

SessionId: TypeAlias = str
OnEvent: TypeAlias = Callable[[Event], None]

ADMITTED_PER_CALL = 3
"""Sessions open for each call that may be under way: enough to keep the line busy."""


@dataclass(frozen=True, slots=True)
class Session(Generic[T]):
    """One script to drive, not started yet."""

    id: SessionId
    lane: str
    """Sessions of one lane share a long prompt prefix (a respondent's id)."""
    start: Callable[[], Script[T]]


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


def ignore(event: Event) -> None:
    """Listens to nothing."""


async def drive(script: Script[T], complete: Complete, *, one_by_one: bool = False) -> T:
    """The value of `script`. Calls yielded together are made together, or in turn if `one_by_one`.

    If one of several calls fails the others are awaited first, because they are paid for; then the first
    error in the order of the calls is raised, one that stops the run before a `ProviderError`.
    """
    try:
        calls = next(script)
        while True:
            calls = script.send(await _said_to(calls, complete, one_by_one=one_by_one))
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        script.close()


async def _said_to(
    calls: tuple[Call, ...], complete: Complete, *, one_by_one: bool
) -> tuple[Completion, ...]:
    if one_by_one or len(calls) == 1:
        return tuple([await complete(call) for call in calls])
    outcomes = await asyncio.gather(*(complete(call) for call in calls), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if errors:
        raise next((error for error in errors if not isinstance(error, ProviderError)), errors[0])
    return tuple(outcome for outcome in outcomes if not isinstance(outcome, BaseException))


async def run_sessions(
    sessions: Iterable[Session[T]],
    complete: Complete,
    *,
    at_once: int,
    paced_by_lane: bool = False,
    on_event: OnEvent = ignore,
) -> list[Done[T] | Failed]:
    """Drives all `sessions` and returns one outcome each, in the order in which they were given.

    Without lanes, sessions are started lazily, at most `3 * at_once` open at a time. With `paced_by_lane`,
    the sessions of a lane go one after the other, one call at a time, and `at_once` lanes go side by side.

    A `ProviderError` makes its session `Failed`. A `BudgetError` lets the calls under way come in (they are
    paid for), sends no more, and is raised. Anything else, and a cancellation, drops what is under way and
    is raised as one error, never as a group.
    """
    outcomes: dict[int, Done[T] | Failed] = {}
    stop: list[BudgetError] = []

    async def until_stopped(call: Call) -> Completion:
        if stop:
            raise stop[0]
        return await complete(call)

    async def work(lanes: Iterator[list[tuple[int, Session[T]]]]) -> None:
        for lane in lanes:
            for place, session in lane:
                if stop:
                    return
                try:
                    outcomes[place] = await _outcome(session, until_stopped, one_by_one=paced_by_lane)
                except BudgetError as error:
                    stop.append(error)
                    return
                on_event(_ended(outcomes[place]))

    width = at_once if paced_by_lane else ADMITTED_PER_CALL * at_once
    lanes = _lanes(sessions) if paced_by_lane else ([numbered] for numbered in enumerate(sessions))
    await _all([work(lanes) for _ in range(width)])
    if stop:
        raise stop[0]
    return [outcomes[place] for place in sorted(outcomes)]


async def _outcome(session: Session[T], complete: Complete, *, one_by_one: bool) -> Done[T] | Failed:
    try:
        value = await drive(session.start(), complete, one_by_one=one_by_one)
    except ProviderError as error:
        return Failed(session.id, str(error))
    return Done(session.id, value)


def _ended(outcome: Done[T] | Failed) -> Event:
    if isinstance(outcome, Failed):
        return SessionFailed(session=outcome.id, reason=outcome.reason)
    return SessionDone(session=outcome.id)


def _lanes(sessions: Iterable[Session[T]]) -> Iterator[list[tuple[int, Session[T]]]]:
    """Numbered sessions by lane, lanes in order of appearance; without a lane, a lane of its own."""
    lanes: dict[str | int, list[tuple[int, Session[T]]]] = {}
    for place, session in enumerate(sessions):
        lanes.setdefault(session.lane or place, []).append((place, session))
    return iter(list(lanes.values()))


async def _all(workers: list[Coroutine[None, None, None]]) -> None:
    """Awaits all workers; the first error cancels the others and is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for worker in workers:
                group.create_task(worker)
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
