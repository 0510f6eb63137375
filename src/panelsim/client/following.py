"""Following a run: its events as they come, and waiting for its end.

Where no stream can be had (an old proxy, a service without events) the run is looked at now and then.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from pydantic import JsonValue

from panelsim.client.answers import RunView
from panelsim.client.errors import ConnectionFailed, UnexpectedAnswer, WaitedTooLong, error_of
from panelsim.client.flows import (
    Clock,
    Close,
    Emit,
    Flow,
    Next,
    Open,
    Pause,
    Retries,
    Told,
    _came,
    asked,
    may_repeat,
    retry_after,
)
from panelsim.client.wire import Broken, Call, Reply

E = TypeVar("E")

SILENT_S = 45.0
"""The service says something at least every 15 s, so three of its signs of life were lost."""
BEAT_S = 1.0
"""Between two looks at a run, at least."""
LAST = "run.ended"
"""The last event of a stream."""
POLL_S = 2.0
"""Between two looks where there is no stream and the service asks for no other pause."""


class RunEvent(NamedTuple):
    """Something that happened to a run."""

    name: str
    data: Mapping[str, JsonValue]
    id: str
    """Give it as `after` to go on behind it; empty if the event has no number."""


def followed(stream: Call[None], look: Call[RunView], retries: Retries, after: str) -> Flow[RunEvent, None]:
    """The events of a run until it has ended; a stream that breaks off is taken up where it was."""
    failed = 0
    while True:
        came = yield from _opened(stream, after, SILENT_S)
        pause = None
        if isinstance(came, Reply) and came.status == 204:
            return
        if isinstance(came, Reply) and came.status < 400:
            _check_is_stream(came)
            while isinstance(told := (yield Next()), Told):
                failed, after, pause = 0, told.id or after, told.retry_s
                yield Emit(RunEvent(told.name, _object(told.data), told.id))
                if told.name == LAST:
                    yield Close()
                    return
            yield Close()
            if told is None and (yield from asked(look, retries)).has_ended:
                return
        failed += 1
        yield Pause(_pause(stream, came, retries, failed, pause))


def _pause(
    stream: Call[None], came: Reply | Broken, retries: Retries, failed: int, told_s: float | None
) -> float:
    """Seconds before a stream is opened again. Raises what stands in the way of that."""
    if isinstance(came, Reply) and came.status >= 400 and not may_repeat(stream, came):
        raise error_of(came)
    asked_s = retry_after(came.headers) if isinstance(came, Reply) else None
    pause = retries.pause(failed, told_s if asked_s is None else asked_s)
    if pause is not None:
        return pause
    if isinstance(came, Reply) and came.status >= 400:
        raise error_of(came)
    reason = came.reason if isinstance(came, Broken) else "the stream ends again and again"
    raise ConnectionFailed(f"GET {stream.path}: {reason}")


def waited(
    stream: Call[None], look: Call[RunView], retries: Retries, timeout_s: float
) -> Flow[RunView, RunView]:
    """The run once it has ended; emits it as it is whenever something has happened.

    Raises `WaitedTooLong` after so many seconds; the run goes on then.
    """
    until = (yield from _now()) + timeout_s
    run = yield from asked(look, retries)
    yield Emit(run)
    while not run.has_ended:
        left = until - (yield from _now())
        if left <= 0:
            raise WaitedTooLong(f"run {run.id!r} is {run.state} after {timeout_s:g} s; it goes on")
        came = yield from _opened(stream, "", min(SILENT_S, left))
        if isinstance(came, Reply) and _is_stream(came):
            run = yield from _woken(look, retries, run, until)
            yield Close()
        if not run.has_ended:
            asked_s = retry_after(came.headers) if isinstance(came, Reply) else None
            left = until - (yield from _now())
            yield Pause(max(0.0, min(left, POLL_S if asked_s is None else asked_s)))
            run = yield from _looked(look, retries, run)
    return run


def _woken(look: Call[RunView], retries: Retries, run: RunView, until: float) -> Flow[RunView, RunView]:
    """Looks at the run when its stream says something, until it has ended, the stream has, or the time."""
    seen = yield from _now()
    while not run.has_ended:
        told = yield Next()
        now = yield from _now()
        if isinstance(told, Told) and now - seen < BEAT_S and now < until and not _tells_end(told):
            continue
        run, seen = (yield from _looked(look, retries, run)), now
        if not isinstance(told, Told) or now >= until:
            break
    return run


def _looked(look: Call[RunView], retries: Retries, before: RunView) -> Flow[RunView, RunView]:
    run = yield from asked(look, retries)
    if run != before:
        yield Emit(run)
    return run


def _tells_end(told: Told) -> bool:
    return told.name == LAST


def _opened(stream: Call[None], after: str, silent_s: float) -> Flow[E, Reply | Broken]:
    request = stream.request()
    headers = {**request.headers, "Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
    return _came((yield Open(request._replace(headers=headers), silent_s)))


def _now() -> Flow[E, float]:
    came = yield Clock()
    if isinstance(came, float):
        return came
    raise TypeError(f"a look at the clock came to {came!r}, expected seconds")


def _is_stream(reply: Reply) -> bool:
    return reply.status < 400 and reply.media_type == "text/event-stream"


def _check_is_stream(reply: Reply) -> None:
    if not _is_stream(reply):
        raise UnexpectedAnswer(f"events come as {reply.media_type or 'no type'}, expected text/event-stream")


def _object(data: str) -> Mapping[str, JsonValue]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
