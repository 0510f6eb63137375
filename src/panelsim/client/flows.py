"""What both clients do, without doing it: generators that yield steps and are sent what came of them.

A shell (`shells`) sends what a flow wants sent, waits when it wants to wait, and hands on what it emits. So
retries, pages, streams and waiting are written once, and can be tested without a network or a clock.
"""

import random
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from pydantic import ValidationError

from panelsim.client.errors import ConnectionFailed, UnexpectedAnswer, error_of, refusal_of
from panelsim.client.wire import Broken, Call, Page, Reply, Request

T = TypeVar("T")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may work a moment later."""


class Send(NamedTuple):
    """Send this and give back a `Reply` or `Broken`."""

    request: Request


class Pause(NamedTuple):
    """Wait so many seconds."""

    seconds: float


class Open(NamedTuple):
    """Open a stream of server-sent events; give back a `Reply` without its body, or `Broken`."""

    request: Request
    silent_s: float
    """The longest silence before the stream counts as broken."""


class Next(NamedTuple):
    """Give back the next `Told` of the stream, or None when it has ended or broken off."""


class Close(NamedTuple):
    """Close the stream."""


class Clock(NamedTuple):
    """Give back the seconds of a clock that only goes on."""


@dataclass(frozen=True)
class Emit(Generic[E_co]):
    """Hand this on to the caller."""

    value: E_co


class Told(NamedTuple):
    """One server-sent event."""

    name: str
    data: str
    id: str
    """Its number, with which a stream can be taken up again; empty if it has none."""
    retry_s: float | None
    """How long to wait before the stream is opened again, if the server says so."""


Step: TypeAlias = Send | Pause | Open | Next | Close | Clock | Emit[E]
Came: TypeAlias = Reply | Broken | Told | float | None
Flow: TypeAlias = Generator[Step[E], Came, T]
"""Emits values of E and returns a T."""


@dataclass(frozen=True)
class Retries:
    """How often, and when, a request is sent again."""

    most: int = 5
    """After the first attempt."""
    first_s: float = 0.5
    longest_s: float = 30.0
    longest_asked_s: float = 120.0
    """Of what `Retry-After` may ask for: beyond it the refusal is raised at once. A full minute of requests
    is free again after 60 s."""

    def pause(self, attempt: int, asked_s: float | None) -> float | None:
        """Seconds before the next attempt, after `attempt` of them; None: no more."""
        if attempt > self.most:
            return None
        if asked_s is not None:
            return asked_s if asked_s <= self.longest_asked_s else None
        most: float = min(self.longest_s, self.first_s * 2.0 ** (attempt - 1))
        return most * random.uniform(0.5, 1.0)  # noqa: S311 (spreads callers, keeps no secret)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a reply asks to wait for; None if it says nothing that can be read."""
    told = headers.get("retry-after", "").strip()
    if not told:
        return None
    if told.isdecimal() and len(told) < 10:
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def may_repeat(call: Call[T], came: Reply | Broken) -> bool:
    """Whether a request can be sent again: it may work then, and is not done twice."""
    is_safe = call.is_safe or call.is_keyed
    if isinstance(came, Broken):
        return is_safe or not came.was_sent
    if came.status == 429:  # refused before anything was done
        return True
    if came.status in AGAIN:
        return is_safe
    refusal = refusal_of(came)
    return refusal is not None and refusal.code == "idempotency_key_in_use"


def asked(call: Call[T], retries: Retries) -> Flow[E, T]:
    """What a call comes to. Raises `ClientError`; one Idempotency-Key is kept over all attempts."""
    key = call.key or (str(uuid.uuid4()) if call.is_keyed else "")
    reply = yield from answered(call, call.request(key), retries)
    if reply.status >= 400 or (300 <= reply.status < 400 and reply.status != 304):
        raise error_of(reply)
    return _read(call.read, reply)


def answered(call: Call[T], request: Request, retries: Retries) -> Flow[E, Reply]:
    """The last reply to a request, after as many attempts as make sense."""
    attempt = 0
    while True:
        attempt += 1
        came = _came((yield Send(request)))
        if isinstance(came, Reply) and came.status < 400:
            return came
        asked_s = retry_after(came.headers) if isinstance(came, Reply) else None
        pause = retries.pause(attempt, asked_s) if may_repeat(call, came) else None
        if pause is not None:
            yield Pause(pause)
        elif isinstance(came, Reply):
            return came
        else:
            raise ConnectionFailed(f"{request.method} {request.path}: {came.reason} (attempt {attempt})")


def paged(call: Call[Page[T]], retries: Retries) -> Flow[T, None]:
    """Emits all of a list, page by page."""
    while True:
        page = yield from asked(call, retries)
        for one in page.data:
            yield Emit(one)
        if not page.next_cursor:
            return
        call = replace(call, query={**call.query, "cursor": page.next_cursor})


def _read(read: Callable[[Reply], T], reply: Reply) -> T:
    try:
        return read(reply)
    except (ValidationError, ValueError) as error:
        raise UnexpectedAnswer(
            f"an answer of {reply.media_type or 'no type'} is not as documented"
        ) from error


def _came(came: Came) -> Reply | Broken:
    if isinstance(came, Reply | Broken):
        return came
    raise TypeError(f"a request came to {came!r}, expected a Reply or Broken")
